"""The assessment report (rules §13): what happened in a program over a period. Reads only.

It counts; it names nobody.
"""

from datetime import date, datetime
from itertools import chain

from apps.core.call import PROGRAM, Actor, Role
from apps.core.errors import InvalidRequest, NotAllowed
from apps.oversight.assessment import parties, patients, supply
from apps.oversight.assessment.shapes import Cell, Period, Report, Section
from apps.rules.calendar import date_of
from apps.rules.policy import policy_in_force

__all__ = ["Cell", "Period", "Report", "Section", "assessment"]

ORDER = (
    "enrollment",
    "deviations",
    "pregnancy_tests",
    "tests_in_window",
    "decisions",
    "refusals",
    "authorizations",
    "dispenses",
    "pregnancy_cases",
    "interventions",
    "surveys",
    "certifications",
)
READERS = PROGRAM | {Role.AUDITOR, Role.SYSTEM}


def assessment(
    actor: Actor, *, program: str, from_on: date, last_on: date, now: datetime
) -> Report:
    """The report on the days from `from_on` to `last_on`, both included, in the program's zone.

    A fixed number of statements. Raises NotAllowed for everybody but the program's office,
    InvalidRequest for days that make no period or are not over yet.
    """
    if actor.role not in READERS:
        raise NotAllowed("Only the program's office sees assessment reports.")
    policy = policy_in_force(program, now)
    today = date_of(policy.calendar.day(now))
    wrong = {}
    if last_on < from_on:
        wrong["last_on"] = f"Choose {from_on.isoformat()} or a later day."
    elif last_on > today:
        wrong["last_on"] = f"Choose {today.isoformat()} or an earlier day: the rest is to come."
    if wrong:
        raise InvalidRequest("These days make no period that can be assessed.", wrong)
    period = Period(policy, from_on, last_on)
    counted = (patients.sections(period), supply.sections(period), parties.sections(period))
    by_code = {section.code: section for section in chain(*counted)}
    return Report(
        program=program,
        title=policy.title,
        policy_version=policy.version,
        time_zone=policy.time_zone,
        from_on=from_on,
        last_on=last_on,
        made_at=now,
        sections=tuple(by_code[code] for code in ORDER),
    )
