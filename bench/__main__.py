"""Runs one benchmark by its name."""

import importlib
import sys
from pathlib import Path

NAMES = {
    "check": "eligibility checks over HTTP",
    "pages": "what the pages ask of people, networks and the database",
    "evaluate": "evaluations, text to text",
    "imports": "imports of patients with a year of history",
    "validation": "the package of what a run of the tests shows",
    "fuzz": "sense and nonsense at the API and in every form",
    "mutate": "changes to the rules that no test notices",
    "catalog": "the translations, brought in step with the pages",
    "faults": "journeys under load while one part after another breaks",
}
USAGE = 2


def main(argv: list[str]) -> int:
    """The benchmark's exit status; 2, with the names, for anything else than a name."""
    name = argv[0] if argv else ""
    if name not in NAMES or not (Path(__file__).parent / f"{name}.py").is_file():
        print("Usage: python -m bench NAME [ARGUMENTS]", file=sys.stderr)
        for known, what in NAMES.items():
            print(f"  {known:10} {what}", file=sys.stderr)
        return USAGE
    status: int = importlib.import_module(f"bench.{name}").main(argv[1:])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
