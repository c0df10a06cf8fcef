"""The operator's validation package: each requirement, where it is met, its tests, their results.

Reads the tables of three documents and the results of one run of the tests; judges nothing itself.
`./rems validation` runs the tests first.
"""

import argparse
import csv
import hashlib
import json
import platform
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES, CONTROLS, THREATS = "docs/rules.md", "docs/controls.md", "docs/threat-model.md"
DOCUMENTS = {
    RULES: "The rules of the program",
    CONTROLS: "Clauses of 21 CFR Part 11 and of the HIPAA Security Rule",
    THREATS: "Threats",
}
RESULTS, TRACE, PAGE, PARTS = "results.xml", "requirements.csv", "index.html", "sbom.cdx.json"
LOCK = "requirements.txt"
TEST = re.compile(r"`(tests/[\w/]+\.py::\w+)`")
ID = re.compile(r"^(L-[A-Z]+-\d+|11\.\d+\S*|164\.\d+\S*|T-\d+)$")
COLUMNS = 5
PROCEDURE = "the operator's procedure"
PASSED, FAILED, NOT_RUN = "passed", "failed", "not run"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of a document: what must hold, where it is met, and the tests that show it."""

    document: str
    id: str
    what: str
    source: str
    where: str
    tests: tuple[str, ...]

    def outcome(self, results: Mapping[str, str]) -> str:
        """The worst of its tests; a row without a test is met by a procedure of the operator's."""
        if not self.tests:
            return PROCEDURE
        found = {results.get(test, NOT_RUN) for test in self.tests}
        return next(each for each in (FAILED, NOT_RUN, PASSED) if each in found)


def main(argv: list[str]) -> int:
    """Write the package beside the results; exit status 1 when something is not shown by them."""
    parser = argparse.ArgumentParser(prog="python -m bench validation", description=__doc__)
    parser.add_argument("folder", type=Path, help=f"where {RESULTS} (pytest --junitxml) lies")
    folder = parser.parse_args(argv).folder
    if not (folder / RESULTS).is_file():
        print(f"There is no {RESULTS} in {folder}: run ./rems validation.", file=sys.stderr)
        return 2
    results = results_of(folder / RESULTS)
    rows = [(each, each.outcome(results)) for name in DOCUMENTS for each in requirements(name)]
    write_trace(folder / TRACE, rows, results)
    write_parts(folder / PARTS)
    for name in DOCUMENTS:
        shutil.copy(ROOT / name, folder)
    about = particulars(results)
    (folder / PAGE).write_text(page(about, rows))
    write_manifest(folder, about)
    missing = [each.id for each, outcome in rows if outcome in {FAILED, NOT_RUN}]
    print(f"{len(rows)} requirements, {len(missing)} not shown {' '.join(missing)}".rstrip())
    return 1 if missing else 0


def requirements(name: str) -> Iterator[Requirement]:
    """The rows of a document's tables whose first cell is an id."""
    for line in (ROOT / name).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == COLUMNS and ID.match(cells[0]):
            key, what, source, where, tests = cells
            yield Requirement(name, key, what, source, where, tuple(TEST.findall(tests)))


def results_of(path: Path) -> dict[str, str]:
    """What became of each test function: failed when one of its cases failed or was skipped."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for case in ET.parse(path).getroot().iter("testcase"):  # noqa: S314 - we wrote it ourselves
        file = case.get("classname", "").replace(".", "/")
        name = case.get("name", "").partition("[")[0]
        spoiled = any(child.tag in {"failure", "error", "skipped"} for child in case)
        found[f"{file}.py::{name}"].add(FAILED if spoiled else PASSED)
    return {test: FAILED if FAILED in seen else PASSED for test, seen in found.items()}


def write_trace(
    path: Path, rows: list[tuple[Requirement, str]], results: Mapping[str, str]
) -> None:
    """One line for each requirement and test, as a spreadsheet reads it."""
    with path.open("w", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["document", "id", "requirement", "source", "where", "test", "result"])
        for each, outcome in rows:
            said = [each.document, each.id, each.what, each.source, _plain(each.where)]
            for test in each.tests:
                writer.writerow([*said, test, results.get(test, NOT_RUN)])
            if not each.tests:
                writer.writerow([*said, "", outcome])


def write_parts(path: Path) -> None:
    """The software bill of materials of what production installs (CycloneDX)."""
    program = Path(sys.executable).with_name("cyclonedx-py")
    command = [str(program), "requirements", LOCK, "--of", "JSON", "-o", str(path.resolve())]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own environment's


def particulars(results: Mapping[str, str]) -> dict[str, str]:
    """What was tested, when, on what; and how many tests there were."""
    counted = Counter(results.values())
    return {
        "Made at": datetime.now(UTC).isoformat(timespec="seconds"),
        "Source": _commit(),
        "Python": platform.python_version(),
        "Machine": platform.platform(),
        "Test functions": ", ".join(f"{count} {outcome}" for outcome, count in counted.items()),
    }


def _commit() -> str:
    said = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--tags"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return said.stdout.strip() or "not a checkout"


def page(about: Mapping[str, str], rows: list[tuple[Requirement, str]]) -> str:
    """Everything on one page that can be printed and signed."""
    facts = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in about.items())
    tables = "".join(_table(name, [row for row in rows if row[0].document == name])
                     for name in DOCUMENTS)  # fmt: skip
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Validation package</title>'
        "<style>body{font:11pt sans-serif;margin:2em}table{border-collapse:collapse;width:100%}"
        "th,td{border:1px solid #888;padding:.3em;text-align:left;vertical-align:top}"
        ".bad{font-weight:bold}</style><h1>Validation package of remsportal</h1>"
        f"<table>{facts}</table>{tables}<h2>Reviewed</h2>"
        "<p>Name, signature, date: ______________________________________________</p></html>"
    )


def _table(name: str, rows: list[tuple[Requirement, str]]) -> str:
    lines = "".join(
        f"<tr><td>{escape(each.id)}</td><td>{escape(_plain(each.what))}</td>"
        f"<td>{escape(_plain(each.where))}</td><td>{'<br>'.join(map(escape, each.tests))}</td>"
        f'<td class="{"bad" if outcome in {FAILED, NOT_RUN} else "good"}">{escape(outcome)}</td>'
        "</tr>"
        for each, outcome in rows
    )
    return (
        f"<h2>{escape(DOCUMENTS[name])}</h2><table><tr><th>Id</th><th>Requirement</th>"
        f"<th>Where it is met</th><th>Tests</th><th>Result of this run</th></tr>{lines}</table>"
    )


def _plain(cell: str) -> str:
    return cell.replace("<br>", ", ").replace("`", "")


def write_manifest(folder: Path, about: Mapping[str, str]) -> None:
    """What the package holds, with digests: who gets it can tell that it is whole."""
    files = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != "manifest.json"
    }
    said = {"about": dict(about), "sha256": files}
    (folder / "manifest.json").write_text(json.dumps(said, indent=2) + "\n")
