"""Questions about plans: whose is stale, what a patient owes, what was missed. Reads only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from apps.accounts import selectors as accounts
from apps.core import clock
from apps.core.call import Role
from apps.eligibility import selectors as eligibility
from apps.evidence import history, therapies
from apps.evidence.models import Deviation, TherapyEvent
from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.patients.models import Patient
from apps.rules.edition import Policy
from apps.rules.facts import Facts, InvalidFacts
from apps.rules.missed_tests import missed_tests
from apps.rules.obligation import Obligation
from apps.rules.policy import policy_in_force, programs
from apps.rules.therapy import therapy_of

BATCH = 50
MISSED_TEST = "missed_test"


@dataclass(frozen=True, slots=True)
class Owed:
    """What falls due for one patient in one program, as known at `as_of`."""

    policy: Policy
    as_of: datetime
    obligations: tuple[Obligation, ...]
    missed: tuple[Obligation, ...] = ()

    def missed_tests(self) -> dict[str, Obligation]:
        """The scheduled tests whose day has passed (L-PT-4), by the name of the occurrence.

        All of the history: also those that nobody was reminded of, in an outage, say.
        """
        return {f"{self.policy.program}:{each.anchor}": each for each in self.missed}


@dataclass(frozen=True, slots=True)
class OwedByPatient:
    """What each patient owes; and whose record could not be worked out, with the reason."""

    known: dict[UUID, list[Owed]] = field(default_factory=dict)
    failed: dict[UUID, Exception] = field(default_factory=dict)


def stale(now: datetime) -> QuerySet[Patient]:
    """The patients whose plan is missing, behind their latest record, or changed by time."""
    return Patient.objects.filter(
        Q(reminder_plan__isnull=True)
        | Q(reminder_plan__planned_for__lt=F("latest_recorded_at"))
        | Q(reminder_plan__replan_at__lte=now)
    )


def stale_batches() -> Iterator[list[UUID]]:
    """The stale patients, some at a time; one who stays stale does not come again."""
    ids = stale(clock.now()).order_by("pk").values_list("pk", flat=True)
    batch = list(ids[:BATCH])
    while batch:
        yield batch
        batch = list(ids.filter(pk__gt=batch[-1])[:BATCH])


def owed_by(patient_ids: Iterable[UUID], now: datetime) -> OwedByPatient:
    """What the patients owe in every program in which they have an agreement.

    Some statements for each program. One patient's failure does not hide the others.
    """
    ids = list(patient_ids)
    found = OwedByPatient({patient_id: [] for patient_id in ids})
    for program in programs():
        policy = policy_in_force(program, now)
        facts_of = eligibility.facts_of(ids, program=program, now=now)
        said = therapies.said_by_patient(ids, program)
        cycles = history.cycles_of(ids, policy.calendar)
        ends = history.ends_of_therapy(ids, program)
        for patient_id, facts in facts_of.items():
            try:
                found.known[patient_id] += _owed(
                    facts,
                    policy,
                    said.get(patient_id, ()),
                    cycles.get(patient_id, ()),
                    ends.get(patient_id, ()),
                )
            except Exception as error:  # noqa: BLE001 - the planner raises it after its work
                found.failed[patient_id] = error
    for patient_id in found.failed:
        del found.known[patient_id]
    return found


def _owed(
    facts: Facts | InvalidFacts,
    policy: Policy,
    said: Sequence[TherapyEvent],
    cycles: Sequence[tuple[date, str | None]],
    ended_on: Sequence[date],
) -> list[Owed]:
    if isinstance(facts, InvalidFacts):
        raise facts
    if not facts.agreements:
        return []
    due = tuple(eligibility.owed_under(therapy_of(facts, said, policy), facts, policy))
    missed = missed_tests(facts, policy, cycles=cycles, ended_on=ended_on)
    return [Owed(policy, facts.as_of, due, tuple(missed))]


def recorded_missed_tests(patient_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Which missed tests are deviations already: patient and occurrence."""
    recorded = Deviation.objects.filter(kind=MISSED_TEST, patient_id__in=list(patient_ids))
    return {(each.patient_id, each.occurrence) for each in recorded if each.patient_id}


def staff_recipients() -> list[Recipient]:
    """How the program's staff are told; where there are none, its administrators."""
    for role in (Role.STAFF, Role.ADMINISTRATOR):
        people = accounts.people_with_role(role).order_by("pk")
        if people:
            return [Recipient(Notice.RecipientKind.STAFF, user.pk, user.email) for user in people]
    return []
