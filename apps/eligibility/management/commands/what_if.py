"""manage.py what_if: from when an authorization is possible, as a dated plan.

Reads a patient's record, or a facts document, and prints; nothing is stored but who looked.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.formats import date_format

from apps.audit import services as audit
from apps.core.call import SYSTEM_CALL
from apps.core.errors import InvalidRequest, NotFound
from apps.core.options import WRONG, day_of, refused
from apps.eligibility import selectors
from apps.rules import what_if
from apps.rules.facts import InvalidFacts, load_document, parse_facts
from apps.rules.policy import policy_in_force, programs
from apps.rules.what_if import Assumptions, Plan

WHERE_IDS_STAND = (
    "The id stands in the address of the patient's page, in the portal and in the administration."
)


class Command(BaseCommand):
    """Prints a dated plan for one patient."""

    help = "When could this patient have an authorization? A dated plan; nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose plan, and what is supposed."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument(
            "--patient",
            metavar="ID",
            help="a patient's id, as in the address of their page",
        )
        whose.add_argument(
            "--facts", metavar="FILE", help="a facts document of the question authorize (JSON)"
        )
        parser.add_argument("--program", choices=programs(), default=programs()[0])
        parser.add_argument(
            "--first-test-on", metavar="DAY", help="suppose the first test on this day"
        )
        parser.add_argument(
            "--contraception-since", metavar="DAY", help="suppose contraception from this day on"
        )
        parser.add_argument("--json", action="store_true", help="print the plan as JSON")

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints the plan. Raises CommandError for what cannot be read or found."""
        assumptions = Assumptions(
            _day(options["first_test_on"], "--first-test-on"),
            _day(options["contraception_since"], "--contraception-since"),
        )
        if options["facts"]:
            made = _of_facts(options["facts"], assumptions)
        else:
            made = _of_patient(_id(options["patient"]), options["program"], assumptions)
        if options["json"]:
            self.stdout.write(json.dumps(made.to_document(), indent=2))
            return
        zone = policy_in_force(made.program, made.as_of).time_zone
        days = f"Days of the program's calendar ({zone}), as known at {_instant(made.as_of)}."
        for line in [*_lines(made), "", days]:
            self.stdout.write(line)


def _of_patient(patient_id: UUID, program: str, assumptions: Assumptions) -> Plan:
    try:
        made = selectors.authorization_plan(SYSTEM_CALL.actor, patient_id, program, assumptions)
    except NotFound as error:
        raise CommandError(
            f"There is no patient {patient_id}. {WHERE_IDS_STAND}",
            returncode=WRONG,
        ) from error
    except InvalidRequest as error:
        raise refused(error) from error
    audit.record_view(SYSTEM_CALL, "authorization_planned", patient_id=patient_id)
    return made


def _of_facts(name: str, assumptions: Assumptions) -> Plan:
    try:
        facts = parse_facts(load_document(Path(name).read_bytes()))
    except OSError as error:
        raise CommandError(f"Cannot read {name}: {error.strerror}.", returncode=WRONG) from error
    except InvalidFacts as error:
        wrong = "\n".join(f"{each['pointer'] or '/'}: {each['message']}" for each in error.errors)
        raise CommandError(f"{name} holds no valid facts.\n{wrong}", returncode=WRONG) from error
    if facts.question != "authorize":
        raise CommandError(
            f"{name} asks “{facts.question}”: a plan needs facts of the question authorize.",
            returncode=WRONG,
        )
    return what_if.plan(facts, assumptions)


def _lines(made: Plan) -> list[str]:
    lines = [_headline(made)]
    if made.possible_from is not None and made.steps:
        steps = sorted(made.steps, key=lambda step: (step.not_before, step.not_after))
        rows = [(_between(s.not_before, s.not_after), s.who, s.what) for s in steps]
        lines += ["", f"To be done for a request on {_shown(made.possible_from)}:", *_table(rows)]
    if made.obstacles:
        earlier = "Why not earlier:" if made.possible_from else "What stands in the way:"
        lines += ["", earlier, *_table([(o.rule, o.who, o.message) for o in made.obstacles])]
    if made.instead is not None:
        instead = [f"  {line}".rstrip() for line in _lines(made.instead)]
        lines += ["", "Without these assumptions:", *instead]
    return lines


def _table(rows: list[tuple[str, str, str]]) -> list[str]:
    """Lines with aligned columns; the second one says who acts."""
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"  {what:{first}}  {who:{second}}  {told}" for what, who, told in rows]


def _headline(made: Plan) -> str:
    if made.possible_from is None:
        supposed = "as the record stands"
        if made.assumptions != Assumptions():
            supposed = "under these assumptions"
        return f"No authorization is possible within {what_if.HORIZON_DAYS} days {supposed}."
    if made.possible_until is None:
        return f"An authorization is possible from {_shown(made.possible_from)} on."
    return f"An authorization is possible {_between(made.possible_from, made.possible_until)}."


def _between(first: date, last: date) -> str:
    if first == last:
        return f"on {_shown(first)}"
    return f"from {_shown(first)} until {_shown(last)}"


def _shown(on: date) -> str:
    return date_format(on, "j F Y")


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(
            f"--patient {text}: this is not a patient's id. {WHERE_IDS_STAND}",
            returncode=WRONG,
        ) from None


def _day(text: str | None, option: str) -> date | None:
    return None if text is None else day_of(text, option)
