"""Checks of form that the commands on evidence share. They never judge: the rules do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Membership, User
from apps.accounts.selectors import people_behind
from apps.core.call import PROGRAM, TOLD
from apps.core.checks import EARLIEST
from apps.core.command import Run
from apps.core.errors import InvalidRequest, NotAllowed
from apps.patients.models import Patient, Representative
from apps.patients.selectors import about, program_of
from apps.providers.models import Prescriber
from apps.providers.selectors import covered_by
from apps.rules.calendar import Calendar, date_of
from apps.rules.dates import Dated, least_favorable
from apps.rules.documents import Document
from apps.rules.policy import policy_in_force, programs

UNBORN: Final = "This was before the patient was born."
CHECK_YEAR: Final = "Check the year. Enter when it really happened."


@dataclass(frozen=True, slots=True)
class When:
    """When something happened; with `date_only` the least favorable instant of a day (L-SRC-2)."""

    at: datetime
    date_only: bool


def when(
    run: Run,
    patient: Patient,
    kind: Dated,
    *,
    field: str,
    at: datetime | None,
    on: date | None,
) -> When:
    """When it happened, of `{field}_at` or `{field}_on`: the day is one of the patient's program.

    Raises InvalidRequest unless exactly one of the two is given, and for what lies in the future or
    before the patient was born.
    """
    if (at is None) == (on is None):
        raise InvalidRequest(
            "Say when it happened.",
            {f"{field}_at": f"Give the instant or, where only the day is known, {field}_on."},
        )
    calendar = policy_in_force(program_of(patient) or programs()[0], run.now).calendar
    if at is not None:
        not_in_future(run.now, {f"{field}_at": at})
        not_before_birth(patient, calendar, {f"{field}_at": at})
        return When(at, date_only=False)
    if on is not None and on < patient.born_on:
        raise InvalidRequest(UNBORN, {f"{field}_on": CHECK_YEAR})
    on = on or date_of(calendar.day(run.now))
    instant = least_favorable(kind, on, calendar=calendar, now=run.now)
    not_in_future(run.now, {f"{field}_on": instant})
    return When(instant, date_only=True)


def refuse_own_patient(run: Run, patient: Patient, *others: Prescriber) -> None:
    """Raises NotAllowed for somebody of the office who would judge as one who prescribes.

    As the patient's prescriber, as one who covers for them, as a delegate of either; also as one of
    `others`, who asked for it or signed it; also through a system whose credentials they hold.
    What lifts a hold or asks less of a patient is decided by somebody else than who wishes to
    prescribe.
    """
    people = people_behind(run.actor.kind, run.actor.id)
    acts_for = Prescriber.objects.filter(
        Q(user_id__in=people)
        | Q(delegations__delegate_id__in=people, delegations__ended_at__isnull=True)
    ).distinct()
    for each in acts_for:
        theirs = Patient.objects.filter(covered_by(each.pk), pk=patient.pk)
        if each in others or theirs.exists():
            raise NotAllowed(
                "You prescribe for this patient yourself: somebody else of the program must decide."
            )


def refuse_themselves(run: Run, patient: Patient) -> None:
    """Raises NotAllowed for the patient, or who speaks for them, by the address on record."""
    speak = Representative.objects.filter(about(patient.pk), ended_at__isnull=True)
    addresses = {patient.email, *speak.values_list("email", flat=True)} - {""}
    people = people_behind(run.actor.kind, run.actor.id)
    own = User.objects.filter(pk__in=people).values_list("email", flat=True)
    if addresses & {email.strip().lower() for email in own}:
        raise NotAllowed(
            "You are this patient, or speak for them: somebody else of the program must do this."
        )


def refuse_own_place(run: Run, organization_id: UUID | None) -> None:
    """Raises NotAllowed for somebody of the office who works in this practice or pharmacy, too.

    Also through a system whose credentials they hold.
    """
    if organization_id is None:
        return
    works_there = Membership.objects.filter(
        user_id__in=people_behind(run.actor.kind, run.actor.id),
        organization_id=organization_id,
        ended_at__isnull=True,
    )
    if works_there.exists():
        raise NotAllowed("You work where this happened: somebody else of the program must do it.")


def is_staff_alone(run: Run) -> bool:
    """Whether the staff enter this on their own: not what a second person accepted (L-SRC-1)."""
    return run.actor.role in PROGRAM and run.call.channel not in TOLD


def not_before_birth(
    patient: Patient, calendar: Calendar, instants: Mapping[str, datetime | None]
) -> None:
    """Raises InvalidRequest, naming each field whose instant lies before the patient was born."""
    born_at = calendar.start_of_day(patient.born_on.toordinal())
    early = {
        name: CHECK_YEAR
        for name, instant in instants.items()
        if instant is not None and instant < born_at
    }
    if early:
        raise InvalidRequest(UNBORN, early)


def not_in_future(now: datetime, instants: Mapping[str, datetime | None]) -> None:
    """Raises InvalidRequest, naming each field whose instant lies after `now`, or before 1900.

    A slip in the year would stay among the facts for good, and no rule could read them any more.
    """
    early = {
        name: CHECK_YEAR
        for name, instant in instants.items()
        if instant is not None and instant < EARLIEST
    }
    if early:
        raise InvalidRequest("This is too long ago.", early)
    late = {
        name: "This lies in the future. Enter when it really happened."
        for name, instant in instants.items()
        if instant is not None and instant > now
    }
    if late:
        raise InvalidRequest("What has not happened yet cannot be recorded.", late)


def one_of(code: str, codes: Collection[str], *, field: str) -> str:
    """The code. Raises InvalidRequest, naming the field, for one that is not in the list."""
    if code not in codes:
        raise InvalidRequest("Unknown code.", {field: f"One of: {', '.join(sorted(codes))}."})
    return code


def complete_answers(document: Document, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers in the document's order. Raises InvalidRequest unless each is yes or no."""
    wrong = {
        f"answers.{item.code}": "Answer yes or no."
        for item in document.items
        if answers.get(item.code) not in {"yes", "no"}
    }
    wrong |= {
        f"answers.{code}": "This survey does not ask that."
        for code in answers
        if code not in document.codes
    }
    if wrong:
        raise InvalidRequest("The survey is not complete.", wrong)
    return {item.code: answers[item.code] for item in document.items}
