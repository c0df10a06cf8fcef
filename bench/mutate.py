"""Mutation testing of the rules: changes apps/rules bit by bit and asks tests/rules to notice.

Works on a copy in .rems/mutate, with the tool in an environment of its own there; texts (reasons)
and policy files are left alone. Prints every change that no test noticed.
"""

import argparse
import json
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".rems" / "mutate"
COPY, TOOL = FOLDER / "copy", FOLDER / "tool"
MUTMUT = "mutmut==3.8.1"
TEXTS = {"reasons", "policies", "documents"}
# These read the rest of the product; the copy has none of it.
NOT_HERE = ("test_evaluate_command.py", "test_rules_page.py")
NEEDS_MANAGE = (
    "tests/rules/test_second_program.py::test_evaluate_decides_under_the_policies_of_a_folder"
)
PROPERTIES = ("--ignore=tests/rules/test_properties.py", "--ignore=tests/rules/test_what_if.py")


def main(argv: list[str]) -> int:
    """0 when every change was noticed, 1 when one was not."""
    parser = argparse.ArgumentParser(prog="python -m bench mutate")
    parser.add_argument(
        "modules", nargs="*", help="such as terms or requirements/pregnancy; none: all but texts"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--properties", action="store_true", help="with the generated cases: some times slower"
    )
    asked = parser.parse_args(argv)
    python = _tool()
    _copy(_paths(asked.modules), properties=asked.properties)
    _mutmut(python, "run", "--max-children", str(asked.processes))
    return _report(python)


def _paths(modules: list[str]) -> list[str]:
    if modules:
        return [f"apps/rules/{module.removesuffix('.py')}.py" for module in modules]
    rules = ROOT / "apps" / "rules"
    found = (path.relative_to(rules) for path in sorted(rules.rglob("*.py")))
    return [f"apps/rules/{path}" for path in found if path.parts[0] not in TEXTS]


def _tool() -> Path:
    """The Python that has mutmut and, behind it, this environment's packages."""
    python = TOOL / "bin" / "python"
    if not python.exists():
        venv.create(TOOL, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", MUTMUT]
        subprocess.run(install, check=True)  # noqa: S603 - our own command
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        link = TOOL / "lib" / version / "site-packages" / "product.pth"
        link.write_text(sysconfig.get_path("purelib") + "\n")
    return python


def _copy(paths: list[str], *, properties: bool) -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    without = shutil.ignore_patterns("__pycache__", *NOT_HERE)
    shutil.copytree(ROOT / "apps" / "rules", COPY / "apps" / "rules", ignore=without)
    shutil.copytree(ROOT / "tests" / "rules", COPY / "tests" / "rules", ignore=without)
    (COPY / "apps" / "__init__.py").touch()
    options = ["-p", "no:django", "-p", "no:cacheprovider", "--import-mode=importlib"]
    options += ["--deselect", NEEDS_MANAGE]
    tests = ["tests/rules", *(() if properties else PROPERTIES)]
    (COPY / "pyproject.toml").write_text(
        f'[tool.mutmut]\npaths_to_mutate = {json.dumps(paths)}\nalso_copy = ["apps/"]\n'
        f"pytest_add_cli_args_test_selection = {json.dumps(tests)}\n"
        f'[tool.pytest.ini_options]\naddopts = {json.dumps(options)}\npythonpath = ["."]\n'
    )


def _mutmut(python: Path, *arguments: str, told: bool = False) -> str:
    command = [str(python), "-m", "mutmut", *arguments]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=COPY, check=True, capture_output=told, text=True
    )
    return done.stdout or ""


def _report(python: Path) -> int:
    results = _mutmut(python, "results", told=True).splitlines()
    survivors = [line.split(":")[0].strip() for line in results if ": survived" in line]
    print(f"\nNot noticed: {len(survivors)}")
    for name in survivors:
        print(_mutmut(python, "show", name, told=True))
    return 1 if survivors else 0
