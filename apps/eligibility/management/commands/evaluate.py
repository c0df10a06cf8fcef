"""manage.py evaluate: facts in, decision out, without a database.

Reads and prints; the rules decide. Nothing is stored.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.rules.decision import evaluate_document
from apps.rules.facts import InvalidFacts, load_document
from apps.rules.policy import PolicyFileError, use_policies

INVALID = 2


class Command(BaseCommand):
    """Evaluates facts documents; exit status 2 when one was invalid."""

    help = "Evaluate a facts document (JSON) and print the decision. Needs no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, --lines and --policies."""
        parser.add_argument("file", nargs="?", default="-", help="facts; none or -: standard input")
        parser.add_argument(
            "--lines",
            action="store_true",
            help="JSON Lines: one document a line in, one decision a line out, in order",
        )
        parser.add_argument(
            "--policies",
            metavar="FOLDER",
            type=Path,
            help="decide under the policy files of this folder, not under the served programs",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints the decisions; raises SystemExit(2) after an invalid document."""
        if options["policies"] is not None:
            _use(options["policies"])
        with _opened(options["file"]) as source:
            texts: Iterable[bytes] = source if options["lines"] else [source.read()]
            try:
                all_valid = self._evaluate_all(texts, indent=None if options["lines"] else 2)
            except BrokenPipeError:
                # The reader has gone: nothing can be said to it, and that is no error of ours.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return
        if not all_valid:
            raise SystemExit(INVALID)

    def _evaluate_all(self, texts: Iterable[bytes], indent: int | None) -> bool:
        all_valid = True
        for text in texts:
            document, is_valid = _evaluate(text)
            all_valid = all_valid and is_valid
            self.stdout.write(json.dumps(document, indent=indent))
            self.stdout.flush()
        return all_valid


def _evaluate(text: bytes) -> tuple[dict[str, Any], bool]:
    try:
        return evaluate_document(load_document(text)), True
    except InvalidFacts as error:
        return {"error": "invalid_facts", "errors": error.errors}, False


def _use(folder: Path) -> None:
    try:
        use_policies(folder)
    except (OSError, PolicyFileError) as error:
        raise CommandError(f"Policies of {folder}: {error}", returncode=INVALID) from error


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        source = Path(name).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        message = f"Cannot read {name}: {error.strerror}. Check the path and its permissions."
        raise CommandError(message, returncode=INVALID) from error
    with source:
        yield source
