"""What the API and every form answer to sense and nonsense: the tests of `tests/fuzz`, much longer.

Prints what was answered, by kind of operation, and each defect with the request that shows it. A
run with the same seed and counts tries the same again. Uses the servers in DATABASE_URL and
DATABASE_OWNER_URL, or servers of its own.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bench.check import servers_of_run

CASES, FORMS = 20_000, 4_000
DOORS = {
    "API": "api-*.json",
    "pages": "pages.json",
    "administration, and the ways in": "office.json",
}
LARGEST_SEED = 2**31


def main(argv: list[str]) -> int:
    """Print the figures; exit status 1 when there is a defect, or the tests did not run."""
    parser = argparse.ArgumentParser(prog="python -m bench fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES, help="requests to the API")
    parser.add_argument("--forms", type=int, default=FORMS, help="forms sent, about so many")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(LARGEST_SEED))
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(argv)
    print(f"seed {chosen.seed}, repeat with: --seed {chosen.seed} --cases {chosen.cases} "
          f"--forms {chosen.forms}", flush=True)  # fmt: skip
    with servers_of_run(), tempfile.TemporaryDirectory() as folder:
        status = run(chosen, folder)
        defects = [defect for door, files in DOORS.items() for defect in told(door, folder, files)]
    print(f"\ndefects {len(defects)}")
    for defect in defects:
        print(f"\n{defect}")
    return 1 if status or defects else 0


def run(chosen: argparse.Namespace, folder: str) -> int:
    """The tests, with so many cases; pytest's exit status."""
    environment = os.environ | {
        "REMSPORTAL_ENV": "test",
        "REMS_FUZZ_CASES": str(chosen.cases),
        "REMS_FUZZ_FORMS": str(chosen.forms),
        "REMS_FUZZ_SEED": str(chosen.seed),
        "REMS_FUZZ_FIGURES": folder,
    }
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider"]
    command += ["-n", str(chosen.processes), "tests/fuzz"]
    answer = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)  # noqa: S603 - our own command
    said = answer.stdout.strip() or answer.stderr
    print(said if answer.returncode else said.splitlines()[-1])
    return answer.returncode


def told(door: str, folder: str, files: str) -> list[str]:
    """Print one door's figures; every defect found at it, with what shows it."""
    found: list[dict[str, Any]] = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(Path(folder).glob(files))
    ]
    places: dict[str, Counter[int]] = {}
    for place, status, count in (row for each in found for row in each["answers"]):
        places.setdefault(place, Counter())[status] += count
    every = sum(places.values(), Counter[int]())
    well = sum(1 for answers in places.values() if any(status < 400 for status in answers))  # noqa: PLR2004 - HTTP's
    print(
        f"\n{door}: {every.total()} answers at {len(places)} places, at {well} of them 2xx or 3xx"
    )
    for status, count in sorted(every.items()):
        print(f"  {status}  {count:7}  {count / every.total():6.1%}")
    return [f"{key}\n  {shown}" for each in found for key, shown in each["defects"].items()]
