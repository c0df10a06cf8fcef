"""Questions about plans: whose is stale, what a patient owes, what was missed. Reads only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from apps.accounts import selectors as accounts
from apps.accounts.models import User
from apps.core import clock
from apps.core.call import Role
from apps.eligibility import selectors as eligibility
from apps.evidence import history, therapies
from apps.evidence.models import CaseStep, Deviation, TherapyEvent
from apps.notices.models import Notice
from apps.patients.models import Patient, Representative, UndeliverableAddress
from apps.patients.standing import speaks_for
from apps.providers import selectors as providers
from apps.providers.models import (
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Prescriber,
)
from apps.reminders.contacts import Contact, of_patient, of_person, of_pharmacy, of_prescriber
from apps.reminders.models import ReminderPreference
from apps.rules.duties import case_follow_up, certification_renewal
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
    began_at: datetime | None = None
    """When the patient was first enrolled in the program."""

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


def stale_pharmacies(now: datetime) -> QuerySet[Pharmacy]:
    """The pharmacies whose plan is missing, behind their latest form, or changed by time."""
    latest = OuterRef("reminder_plan__planned_for")
    return Pharmacy.objects.filter(
        Q(reminder_plan__isnull=True)
        | Q(reminder_plan__replan_at__lte=now)
        | Exists(PharmacyEnrollment.objects.filter(pharmacy=OuterRef("pk"), recorded_at__gt=latest))
        | Exists(
            PharmacyCertification.objects.filter(pharmacy=OuterRef("pk"), recorded_at__gt=latest)
        )
    )


def stale_batches() -> Iterator[list[UUID]]:
    """The stale patients, some at a time; one who stays stale does not come again."""
    return _batches(stale(clock.now()))


def stale_batches_of_pharmacies() -> Iterator[list[UUID]]:
    """The stale pharmacies, some at a time."""
    return _batches(stale_pharmacies(clock.now()))


def _batches(owners: QuerySet[Any]) -> Iterator[list[UUID]]:
    ids = owners.order_by("pk").values_list("pk", flat=True)
    batch = list(ids[:BATCH])
    while batch:
        yield batch
        batch = list(ids.filter(pk__gt=batch[-1])[:BATCH])


def owed_by(patient_ids: Iterable[UUID], now: datetime) -> OwedByPatient:
    """What the patients owe in every program in which they have an agreement.

    And what the program owes of their cases. Some statements for each program. One patient's
    failure does not hide the others.
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
        for patient_id, steps in _case_steps(ids, policy).items():
            found.known[patient_id].append(Owed(policy, now, tuple(steps)))
    for patient_id in found.failed:
        del found.known[patient_id]
    return found


def _case_steps(patient_ids: Sequence[UUID], policy: Policy) -> dict[UUID, list[Obligation]]:
    """The open steps of the patients' cases, merged records' too (L-PRG-2)."""
    steps = CaseStep.objects.filter(
        Q(case__patient_id__in=patient_ids) | Q(case__patient__merged_into_id__in=patient_ids),
        program=policy.program,
        ended_at=None,
    ).select_related("case__patient")
    found: dict[UUID, list[Obligation]] = {}
    for step in steps.order_by("due_on", "pk"):
        person = step.case.patient.merged_into_id or step.case.patient_id
        if person in patient_ids:
            owed = case_follow_up(str(step.pk), due_on=step.due_on, policy=policy)
            found.setdefault(person, []).append(owed)
    return found


def owed_by_pharmacies(pharmacy_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Owed]]:
    """The certifications that the pharmacies have to renew now (L-ENR-2).

    A certification is of the site, not of a program: the first program's numbers count.
    """
    program = programs()[0]
    policy = policy_in_force(program, now)
    days = policy.parameters.pharmacy_renewal_notice_days
    found = {pharmacy_id: [Owed(policy, now, ())] for pharmacy_id in pharmacy_ids}
    due = providers.certifications_to_renew(days, program=program).filter(pk__in=pharmacy_ids)
    running = PharmacyCertification.objects.filter(pharmacy__in=due).order_by("certified_until")
    for pharmacy_id, last_day_on in running.values_list("pharmacy_id", "last_day_on"):
        renewal = certification_renewal(last_day_on=last_day_on, policy=policy)
        found[pharmacy_id] = [Owed(policy, now, (renewal,))]
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
    return [Owed(policy, facts.as_of, due, tuple(missed), _began_at(facts))]


def _began_at(facts: Facts) -> datetime | None:
    """When the first agreement that both signed was complete."""
    completed = [
        max(each.patient_signed_at, each.prescriber_signed_at)
        for each in facts.agreements
        if each.patient_signed_at and each.prescriber_signed_at
    ]
    return min(completed, default=None)


def recorded_missed_tests(patient_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Which missed tests are deviations already: patient and occurrence."""
    recorded = Deviation.objects.filter(kind=MISSED_TEST, patient_id__in=list(patient_ids))
    return {(each.patient_id, each.occurrence) for each in recorded if each.patient_id}


def office() -> dict[str, Sequence[Contact]]:
    """Those on the office's rungs: the staff, and the administrators; these where there is none."""
    administrators, staff = (
        [of_person(user) for user in accounts.people_with_role(role).order_by("pk")]
        for role in (Role.ADMINISTRATOR, Role.STAFF)
    )
    return {"staff": staff or administrators, "administrator": administrators}


def rungs_of_patients(of: Iterable[Patient]) -> dict[UUID, dict[str, Sequence[Contact]]]:
    """Each patient with whoever speaks for them, and the prescriber; with the office above."""
    people = list(of)
    above = office()
    named = Representative.objects.filter(patient__in=people, ended_at=None).exclude(email="")
    now = clock.now()
    speaking = {
        each.patient_id: each.email
        for each in named.select_related("patient")
        if speaks_for(each, each.patient, now)
    }
    fails: dict[UUID, set[str]] = {}
    failing = UndeliverableAddress.objects.filter(patient__in=people, resolved_at=None)
    for patient_id, address in failing.values_list("patient_id", "address"):
        fails.setdefault(patient_id, set()).add(address)
    wishes = _wishes(each.pk for one in people for each in (one, one.prescriber))
    return {
        each.pk: {
            "patient": [
                of_patient(
                    each,
                    speaks=speaking.get(each.pk),
                    fails=fails.get(each.pk, ()),
                    wishes=wishes.get(each.pk),
                )
            ],
            "prescriber": [of_prescriber(each.prescriber, wishes.get(each.prescriber_id))],
            **above,
        }
        for each in people
    }


def rungs_of_pharmacies(of: Iterable[Pharmacy]) -> dict[UUID, dict[str, Sequence[Contact]]]:
    """Each pharmacy's representative, with the office above."""
    above, sites = office(), list(of)
    wishes = _wishes(each.pk for each in sites)
    return {
        each.pk: {"pharmacy": [of_pharmacy(each, wishes.get(each.pk))], **above} for each in sites
    }


def _wishes(owner_ids: Iterable[UUID]) -> dict[UUID, ReminderPreference]:
    return ReminderPreference.objects.in_bulk(list(owner_ids))


def patients() -> QuerySet[Patient]:
    """Patients with those who care for them."""
    return Patient.objects.select_related("prescriber__user")


def pharmacies() -> QuerySet[Pharmacy]:
    """Pharmacies with those who represent them."""
    return Pharmacy.objects.select_related("representative")


def latest_forms(pharmacy_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When each pharmacy's latest form or certification was recorded."""
    dated = Pharmacy.objects.filter(pk__in=list(pharmacy_ids)).annotate(
        latest_at=Greatest(
            "registered_at", Max("enrollments__recorded_at"), Max("certifications__recorded_at")
        )
    )
    return dict(dated.values_list("pk", "latest_at"))


def wishes_of(owner_id: UUID) -> ReminderPreference:
    """What a patient, prescriber or pharmacy wishes for; an empty row where nothing was said."""
    said = ReminderPreference.objects.filter(pk=owner_id).first()
    return said or ReminderPreference(pk=owner_id)


def reminders_of(owner_ids: Iterable[UUID]) -> QuerySet[Notice]:
    """Every reminder of what these patients and pharmacies owe, whatever became of it."""
    ids = list(owner_ids)
    of_theirs = Q(patient_id__in=ids) | Q(pharmacy_id__in=ids)
    return Notice.objects.filter(of_theirs, purpose=Notice.Purpose.REMINDER)


def failed_ways(owner_ids: Iterable[UUID]) -> dict[str, set[tuple[str, str]]]:
    """By the key of a reminder, the channels and addresses on which it did not arrive."""
    found: dict[str, set[tuple[str, str]]] = {}
    lost = reminders_of(owner_ids).filter(state="undeliverable")
    for key, channel, address in lost.values_list("key", "channel", "address"):
        found.setdefault(key, set()).add((channel, address))
    return found


def contact_of(notice: Notice) -> Contact:
    """The recipient of a reminder, as they are reached today."""
    kind, pk = notice.recipient_kind, notice.recipient_id
    if pk is None:
        raise ValueError(f"Reminder {notice.pk} names no recipient.")
    if kind == Notice.RecipientKind.PATIENT:
        patient = patients().get(pk=pk)
        (contact,) = rungs_of_patients([patient])[patient.pk]["patient"]
        return contact
    if kind == Notice.RecipientKind.PRESCRIBER:
        prescriber = Prescriber.objects.select_related("user").get(pk=pk)
        return of_prescriber(prescriber, _wishes([pk]).get(pk))
    if kind == Notice.RecipientKind.PHARMACY:
        return of_pharmacy(pharmacies().get(pk=pk), _wishes([pk]).get(pk))
    return of_person(User.objects.get(pk=pk))
