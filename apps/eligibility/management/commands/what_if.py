"""manage.py what_if: from when an authorization is possible, as a dated plan.

Reads a patient's record, or a facts document, and prints; nothing is stored but who looked.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from apps.audit import services as audit
from apps.core.call import SYSTEM_CALL
from apps.core.errors import InvalidRequest, NotFound
from apps.eligibility import selectors
from apps.rules import what_if
from apps.rules.facts import InvalidFacts, load_document, parse_facts
from apps.rules.policy import programs
from apps.rules.what_if import Assumptions, Plan

INVALID = 2


class Command(BaseCommand):
    """Prints a dated plan for one patient."""

    help = "When could this patient have an authorization? A dated plan; nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose plan, and what is supposed."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--patient", type=_id, help="a patient's id")
        whose.add_argument("--facts", help="a facts document of the question authorize (JSON)")
        parser.add_argument("--program", choices=programs(), default=programs()[0])
        parser.add_argument("--first-test-on", type=_day, help="suppose the first test on this day")
        parser.add_argument(
            "--contraception-since", type=_day, help="suppose contraception from this day on"
        )
        parser.add_argument("--json", action="store_true", help="print the plan as JSON")

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints the plan. Raises CommandError for what cannot be read or found."""
        assumptions = Assumptions(options["first_test_on"], options["contraception_since"])
        if options["facts"]:
            made = _of_facts(options["facts"], assumptions)
        else:
            made = _of_patient(options["patient"], options["program"], assumptions)
        if options["json"]:
            self.stdout.write(json.dumps(made.to_document(), indent=2))
            return
        for line in _lines(made):
            self.stdout.write(line)


def _of_patient(patient_id: UUID, program: str, assumptions: Assumptions) -> Plan:
    try:
        made = selectors.authorization_plan(SYSTEM_CALL.actor, patient_id, program, assumptions)
    except (NotFound, InvalidRequest) as error:
        told = " ".join([str(error), *getattr(error, "fields", {}).values()])
        raise CommandError(told, returncode=INVALID) from error
    audit.record_view(SYSTEM_CALL, "authorization_planned", patient_id=patient_id)
    return made


def _of_facts(name: str, assumptions: Assumptions) -> Plan:
    try:
        facts = parse_facts(load_document(Path(name).read_bytes()))
    except OSError as error:
        raise CommandError(f"Cannot read {name}: {error.strerror}.", returncode=INVALID) from error
    except InvalidFacts as error:
        wrong = "\n".join(f"{each['pointer'] or '/'}: {each['message']}" for each in error.errors)
        raise CommandError(f"{name} holds no valid facts.\n{wrong}", returncode=INVALID) from error
    if facts.question != "authorize":
        raise CommandError(
            f"{name} asks “{facts.question}”: a plan needs facts of the question authorize.",
            returncode=INVALID,
        )
    return what_if.plan(facts, assumptions)


def _lines(made: Plan) -> list[str]:
    lines = [_headline(made)]
    if made.possible_from is not None and made.steps:
        lines += ["", "To be done until then:"]
        lines += [
            f"  {_between(s.not_before, s.not_after)}: {s.what} ({s.who})" for s in made.steps
        ]
    if made.obstacles:
        earlier = "Why not earlier:" if made.possible_from else "What stands in the way:"
        lines += ["", earlier]
        lines += [f"  {each.rule}: {each.message} ({each.who})" for each in made.obstacles]
    if made.instead is not None:
        lines += ["", "Without these assumptions:", *(f"  {line}" for line in _lines(made.instead))]
    return lines


def _headline(made: Plan) -> str:
    if made.possible_from is None:
        return f"No authorization is possible within {what_if.HORIZON_DAYS} days under this plan."
    if made.possible_until is None:
        return f"An authorization is possible from {_shown(made.possible_from)} on."
    return f"An authorization is possible {_between(made.possible_from, made.possible_until)}."


def _between(first: date, last: date) -> str:
    if first == last:
        return f"on {_shown(first)}"
    return f"from {_shown(first)} until {_shown(last)}"


def _shown(on: date) -> str:
    return date_format(on, "j F Y")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"{text} is not a patient's id.", returncode=INVALID) from None


def _day(text: str) -> date:
    try:
        on = parse_date(text)
    except ValueError:
        on = None
    if on is None:
        raise CommandError(f"{text} is not a day: write it like 2026-12-01.", returncode=INVALID)
    return on
