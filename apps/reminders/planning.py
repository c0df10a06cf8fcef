"""Planning: the outbox is brought in line with what each patient owes. It never sends.

A planner holds the patient's plan locked and reads the record after that, so two of them never
work on one patient at the same time; planning twice changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from apps.core import clock
from apps.core.call import SYSTEM_CALL
from apps.notices import services as notices
from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.patients.models import Patient
from apps.reminders import selectors, services
from apps.reminders.ladder import Ladder, Step, obligation_key
from apps.reminders.models import Plan
from apps.reminders.selectors import Owed
from apps.rules.calendar import TICK

logger = structlog.get_logger(__name__)

SOON = timedelta(minutes=1)


class NotPlanned(RuntimeError):
    """A patient's reminders could not be worked out; it says whose, and the kind of failure."""


@dataclass(slots=True)
class Draft:
    """What one patient's outbox should hold."""

    patient: Patient
    owed: Sequence[Owed]
    steps: Mapping[str, Step]
    now: datetime
    unwished: list[Notice] = field(default_factory=list)
    new: list[Notice] = field(default_factory=list)

    def obligation_keys(self) -> set[str]:
        """The obligations that stand."""
        return {
            obligation_key(self.patient, owed.policy, obligation)
            for owed in self.owed
            for obligation in owed.obligations
        }


def plan(patient_ids: Sequence[UUID]) -> int:
    """Plan for some patients and record what they missed; returns how many were planned.

    Patients whom another planner has in hand are left to it. Raises NotPlanned, after the work for
    all others, when a patient's record could not be worked out.
    """
    _begin_plans(patient_ids)
    now = clock.now()
    with transaction.atomic(durable=True):
        ours = Plan.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        plans = list(ours.filter(pk__in=selectors.stale(now).filter(pk__in=patient_ids)))
        missed, failed = _plan(plans, now)
    for patient_id in missed:
        services.record_missed_tests(SYSTEM_CALL, patient_id=patient_id)
    for patient_id, error in failed.items():
        raise _not_planned(patient_id, error)
    return len(plans) - len(failed)


def bring_up_to_date(patient_id: UUID) -> None:
    """Lock a patient's plan and renew it if it is stale; inside a transaction.

    Until that ends no other planner cancels what this plan wishes for. Raises NotPlanned.
    """
    now = clock.now()
    locked = Plan.objects.select_for_update().get(pk=patient_id)
    if selectors.stale(now).filter(pk=patient_id).exists():
        _, failed = _plan([locked], now)
        for error in failed.values():
            raise _not_planned(patient_id, error)


def _not_planned(patient_id: UUID, error: Exception) -> NotPlanned:
    """The error without its words: they may hold what is known of the patient."""
    kind = type(error).__name__
    logger.error("reminders_not_planned", patient=str(patient_id), kind=kind)
    return NotPlanned(f"{patient_id}: {kind}").with_traceback(error.__traceback__)


def _begin_plans(patient_ids: Iterable[UUID]) -> None:
    """Make the rows that planners lock, for patients who have none: stale from the start."""
    unplanned = Patient.objects.filter(pk__in=patient_ids, reminder_plan__isnull=True)
    now = clock.now()
    Plan.objects.bulk_create(
        [
            Plan(patient=each, planned_for=each.registered_at, planned_at=now, replan_at=now)
            for each in unplanned
        ],
        ignore_conflicts=True,
    )


def _plan(plans: Sequence[Plan], now: datetime) -> tuple[list[UUID], dict[UUID, Exception]]:
    """Plan for the patients of locked plans: who has an unrecorded missed test, and who failed."""
    ids = [each.pk for each in plans]
    # Read before the facts: what is recorded in between leaves the plan stale, never unnoticed.
    patients = Patient.objects.select_related("prescriber").in_bulk(ids)
    owed = selectors.owed_by(ids, now)
    staff = selectors.staff_recipients()
    drafts = {
        patient_id: _draft(patients[patient_id], found, staff, now)
        for patient_id, found in owed.known.items()
    }
    _compare(drafts)
    in_hand = _write(list(drafts.values()), now)
    missed = _unrecorded(drafts.values())
    done = [each for each in plans if each.pk in drafts]
    for each in done:
        draft = drafts[each.pk]
        each.planned_for = draft.patient.latest_recorded_at
        each.planned_at = now
        each.replan_at = now if each.pk in missed else _changes_at(draft)
        if each.pk in in_hand and each.replan_at is not None:
            each.replan_at = min(each.replan_at, now + SOON)
    Plan.objects.bulk_update(done, ["planned_for", "planned_at", "replan_at"])
    return missed, owed.failed


def _draft(
    patient: Patient, owed: Sequence[Owed], staff: Sequence[Recipient], now: datetime
) -> Draft:
    steps = {
        step.key: step
        for each in owed
        for step in Ladder(each.policy, patient, staff, now).steps(each.obligations)
    }
    return Draft(patient, owed, steps, now)


def _compare(drafts: Mapping[UUID, Draft]) -> None:
    """Find what is planned but no longer wished for, and what is wished for but not planned."""
    keys = [key for draft in drafts.values() for key in draft.steps]
    known = Notice.objects.filter(
        Q(state="scheduled") | Q(state__in=["sent", "undeliverable"], key__in=keys),
        patient_id__in=drafts,
        purpose=Notice.Purpose.REMINDER,
    )
    settled: dict[UUID, set[str]] = {patient_id: set() for patient_id in drafts}
    for notice in known:
        if notice.patient_id is None:
            continue
        draft = drafts[notice.patient_id]
        if _settles(notice, draft):
            settled[notice.patient_id].add(notice.key)
        elif notice.state == "scheduled":
            draft.unwished.append(notice)
    for patient_id, draft in drafts.items():
        draft.new = [
            step.notice
            for step in draft.steps.values()
            if step.key not in settled[patient_id] and not _is_overtaken(step, draft)
        ]


def _settles(notice: Notice, draft: Draft) -> bool:
    """Whether the notice leaves nothing to plan for its step.

    One that never arrived does so only while the address is the same; one that waits, while its
    address and time are still right. Once its time has come, its time no longer matters.
    """
    step = draft.steps.get(notice.key)
    if step is None:
        return False
    if notice.state == "sent":
        return True
    if notice.address != step.recipient.address:
        return False
    is_timely = step.at <= draft.now or notice.due_at == step.awake_at
    return notice.state == "undeliverable" or is_timely


def _is_overtaken(step: Step, draft: Draft) -> bool:
    """Whether the recipient would learn of the same obligation twice in one moment.

    Of several steps whose time had passed before they could be planned, the last one goes out.
    """
    return step.at <= draft.now and any(
        step.at < other.at <= draft.now
        for other in draft.steps.values()
        if (other.obligation_key, other.recipient.id) == (step.obligation_key, step.recipient.id)
    )


def _write(drafts: Sequence[Draft], now: datetime) -> set[UUID]:
    """Cancel and add; returns the patients of whom something is just being handed over."""
    unwished = [notice for draft in drafts for notice in draft.unwished]
    standing = {key for draft in drafts for key in draft.obligation_keys()}
    changed = [each.pk for each in unwished if _obligation_of(each) in standing]
    ended = [each.pk for each in unwished if _obligation_of(each) not in standing]
    cancelled = 0
    for reason, ids in (("changed", changed), ("no_longer_due", ended)):
        if ids:
            found = Notice.objects.filter(pk__in=ids)
            cancelled += notices.cancel(found, reason=reason, at=now)
    notices.plan(notice for draft in drafts for notice in draft.new)
    if cancelled == len(unwished):
        return set()
    left = Notice.objects.filter(pk__in=[each.pk for each in unwished], state="scheduled")
    return {each.patient_id for each in left if each.patient_id}


def _obligation_of(notice: Notice) -> str:
    """The obligation's part of a reminder's key."""
    return notice.key.rsplit(":", 3)[0]


def _unrecorded(drafts: Iterable[Draft]) -> list[UUID]:
    """The patients with a missed test that is not a deviation yet."""
    missed = {
        draft.patient.pk: set(owed.missed_tests())
        for draft in drafts
        for owed in draft.owed
        if owed.missed_tests()
    }
    if not missed:
        return []
    recorded = selectors.recorded_missed_tests(missed)
    return [
        patient_id
        for patient_id, occurrences in missed.items()
        if any((patient_id, occurrence) not in recorded for occurrence in occurrences)
    ]


def _changes_at(draft: Draft) -> datetime | None:
    """When the obligations change by themselves: an instant has passed, or a day has begun."""
    instants = []
    for owed in draft.owed:
        calendar = owed.policy.calendar
        instants.append(calendar.start_of_day(calendar.day(owed.as_of) + 1))
        instants += [
            limit + TICK
            for obligation in owed.obligations
            for limit in (obligation.due_at, obligation.closes_at)
            if limit is not None and limit >= owed.as_of
        ]
    return min(instants, default=None)
