"""Planning: the outbox is brought in line with what each patient or pharmacy owes. It never sends.

A planner holds the owner's plan locked and reads the record after that, so two of them never
work on one plan at the same time; planning twice changes nothing.
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
from apps.patients.models import Patient
from apps.providers.models import Pharmacy
from apps.reminders import selectors, services
from apps.reminders.ladder import Failed, Ladder, Owner, Step, obligation_key, overtaken
from apps.reminders.models import Plan
from apps.reminders.selectors import Owed
from apps.rules.calendar import TICK

logger = structlog.get_logger(__name__)

SOON = timedelta(minutes=1)


class NotPlanned(RuntimeError):
    """Somebody's reminders could not be worked out; it says whose, and the kind of failure."""


@dataclass(slots=True)
class Draft:
    """What one patient's or pharmacy's outbox should hold."""

    owner: UUID
    recorded_at: datetime
    owed: Sequence[Owed]
    steps: Mapping[str, Step]
    now: datetime
    unwished: list[Notice] = field(default_factory=list)
    new: list[Notice] = field(default_factory=list)

    def obligation_keys(self) -> set[str]:
        """The obligations that stand."""
        return {
            obligation_key(self.owner, owed.policy, obligation)
            for owed in self.owed
            for obligation in owed.obligations
        }


@dataclass(slots=True)
class Drafts:
    """The drafts by owner, and whose record could not be worked out."""

    known: dict[UUID, Draft] = field(default_factory=dict)
    failed: dict[UUID, Exception] = field(default_factory=dict)


def plan(owner_ids: Sequence[UUID]) -> int:
    """Plan for some patients or pharmacies and record what was missed; returns for how many.

    Those whom another planner has in hand are left to it. Raises NotPlanned, after the work for
    all others, when a patient's record could not be worked out.
    """
    _begin_plans(owner_ids)
    now = clock.now()
    with transaction.atomic(durable=True):
        ours = Plan.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        plans = list(ours.filter(_is_stale(now), pk__in=owner_ids))
        missed, failed = _plan(plans, now)
    for patient_id in missed:
        services.record_missed_tests(SYSTEM_CALL, patient_id=patient_id)
    for owner_id, error in failed.items():
        raise _not_planned(owner_id, error)
    return len(plans) - len(failed)


def bring_up_to_date(owner_id: UUID) -> None:
    """Lock a plan and renew it if it is stale; inside a transaction.

    Until that ends no other planner cancels what this plan wishes for. A pharmacy's plan is always
    renewed: its standing may have changed without a form. Raises NotPlanned.
    """
    now = clock.now()
    locked = Plan.objects.select_for_update(of=("self",)).get(pk=owner_id)
    if locked.pharmacy_id or Plan.objects.filter(_is_stale(now), pk=owner_id).exists():
        _, failed = _plan([locked], now)
        for error in failed.values():
            raise _not_planned(owner_id, error)


def _is_stale(now: datetime) -> Q:
    """Whether a plan is."""
    return Q(patient__in=selectors.stale(now)) | Q(pharmacy__in=selectors.stale_pharmacies(now))


def _not_planned(owner_id: UUID, error: Exception) -> NotPlanned:
    """The error without its words: they may hold what is known of the patient."""
    kind = type(error).__name__
    logger.error("reminders_not_planned", owner=str(owner_id), kind=kind)
    return NotPlanned(f"{owner_id}: {kind}").with_traceback(error.__traceback__)


def _begin_plans(owner_ids: Iterable[UUID]) -> None:
    """Make the rows that planners lock, for those who have none: stale from the start."""
    now = clock.now()
    patients = Patient.objects.filter(pk__in=owner_ids, reminder_plan__isnull=True)
    pharmacies = Pharmacy.objects.filter(pk__in=owner_ids, reminder_plan__isnull=True)
    begun = [Plan(pk=each.pk, patient=each, planned_for=each.registered_at) for each in patients]
    begun += [
        Plan(pk=each.pk, pharmacy=each, planned_for=each.registered_at) for each in pharmacies
    ]
    for each in begun:
        each.planned_at = each.replan_at = now
    Plan.objects.bulk_create(begun, ignore_conflicts=True)


def _plan(plans: Sequence[Plan], now: datetime) -> tuple[list[UUID], dict[UUID, Exception]]:
    """Plan for the owners of locked plans: who has an unrecorded missed test, and who failed."""
    drafts = Drafts()
    failed_ways = selectors.failed_ways(each.pk for each in plans)
    _draft_patients([each.pk for each in plans if each.patient_id], now, failed_ways, drafts)
    _draft_pharmacies([each.pk for each in plans if each.pharmacy_id], now, failed_ways, drafts)
    _compare(drafts.known)
    in_hand = _write(list(drafts.known.values()), now)
    missed = _unrecorded(drafts.known.values())
    done = [each for each in plans if each.pk in drafts.known]
    for each in done:
        draft = drafts.known[each.pk]
        each.planned_for = draft.recorded_at
        each.planned_at = now
        each.replan_at = now if each.pk in missed else _changes_at(draft)
        if each.pk in in_hand and each.replan_at is not None:
            each.replan_at = min(each.replan_at, now + SOON)
    Plan.objects.bulk_update(done, ["planned_for", "planned_at", "replan_at"])
    return missed, drafts.failed


def _draft_patients(ids: Sequence[UUID], now: datetime, failed: Failed, drafts: Drafts) -> None:
    if not ids:
        return
    # Read before the facts: what is recorded in between leaves the plan stale, never unnoticed.
    patients = selectors.patients().in_bulk(ids)
    rungs = selectors.rungs_of_patients(patients.values())
    owed = selectors.owed_by(ids, now)
    drafts.failed |= owed.failed
    for pk, found in owed.known.items():
        whose = Owner(Notice.RecipientKind.PATIENT, pk, rungs[pk], failed)
        recorded_at = patients[pk].latest_recorded_at
        drafts.known[pk] = Draft(pk, recorded_at, found, _steps(whose, found, now), now)


def _draft_pharmacies(ids: Sequence[UUID], now: datetime, failed: Failed, drafts: Drafts) -> None:
    if not ids:
        return
    # Read first, as with patients.
    recorded_at = selectors.latest_forms(ids)
    pharmacies = selectors.pharmacies().in_bulk(ids)
    rungs = selectors.rungs_of_pharmacies(pharmacies.values())
    for pk, found in selectors.owed_by_pharmacies(ids, now).items():
        whose = Owner(Notice.RecipientKind.PHARMACY, pk, rungs[pk], failed)
        drafts.known[pk] = Draft(pk, recorded_at[pk], found, _steps(whose, found, now), now)


def _steps(whose: Owner, owed: Iterable[Owed], now: datetime) -> dict[str, Step]:
    return {
        step.key: step
        for each in owed
        for step in Ladder(whose, each.policy, now, each.began_at).steps(each.obligations)
    }


def _compare(drafts: Mapping[UUID, Draft]) -> None:
    """Find what is planned but no longer wished for, and what is wished for but not planned."""
    keys = [key for draft in drafts.values() for key in draft.steps]
    known = selectors.reminders_of(drafts).filter(
        Q(state="scheduled") | Q(state="sent", key__in=keys)
    )
    settled: dict[UUID, set[str]] = {owner: set() for owner in drafts}
    for notice in known:
        owner = notice.patient_id or notice.pharmacy_id
        if owner is None:
            continue
        draft = drafts[owner]
        if _settles(notice, draft):
            settled[owner].add(notice.key)
        elif notice.state == "scheduled":
            draft.unwished.append(notice)
    for owner, draft in drafts.items():
        late = overtaken(draft.steps.values(), draft.now)
        draft.new = [
            step.notice
            for step in draft.steps.values()
            if step.key not in settled[owner] and step.key not in late
        ]


def _settles(notice: Notice, draft: Draft) -> bool:
    """Whether the notice leaves nothing to plan for its step.

    One that waits does so only while its way and its time are still right. Once its time has come,
    its time no longer matters. One that never arrived leaves its step to another way.
    """
    step = draft.steps.get(notice.key)
    if step is None:
        return False
    if notice.state == "sent":
        return True
    new = step.notice
    is_same = (notice.channel, notice.address, notice.language) == (
        new.channel,
        new.address,
        new.language,
    )
    return is_same and (step.at <= draft.now or notice.due_at == step.awake_at)


def _write(drafts: Sequence[Draft], now: datetime) -> set[UUID]:
    """Cancel and add; returns the owners of whom something is just being handed over."""
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
    return {owner for each in left if (owner := each.patient_id or each.pharmacy_id)}


def _obligation_of(notice: Notice) -> str:
    """The obligation's part of a reminder's key."""
    return notice.key.rsplit(":", 3)[0]


def _unrecorded(drafts: Iterable[Draft]) -> list[UUID]:
    """The patients with a missed test that is not a deviation yet."""
    missed = {
        draft.owner: set(owed.missed_tests())
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
