"""How urgent each of many patients is, remembered from page to page: for order and counts only.

What a page says of a patient is worked out anew each time; nothing is decided from this memory. It
is this process's own: it may be lost at any moment, and leaves no patient's data anywhere else.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from apps.core import clock
from apps.core.call import Actor
from apps.eligibility import selectors as eligibility
from apps.patients.models import Patient
from apps.portal import agenda
from apps.portal.answers import instant
from apps.portal.program import PROGRAM
from apps.rules.calendar import TICK, Calendar
from apps.rules.edition import Policy

MOST: Final = 50_000
"""How many patients are remembered; who was looked at longest ago is forgotten first."""
LONGEST: Final = timedelta(hours=1)
"""After so long even what no instant has changed is worked out anew: a prescriber's standing."""

Order = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Remembered:
    """The order of one patient, the record that it came from, and while it is right."""

    recorded_at: datetime
    edition: str
    since: datetime
    until: datetime
    order: Order


@dataclass(frozen=True, slots=True)
class Known:
    """The order of each patient, and the plans that were made to find it out."""

    orders: Mapping[UUID, Order]
    plans: Mapping[UUID, eligibility.Plan]


_memory: OrderedDict[tuple[UUID | None, UUID], Remembered] = OrderedDict()
_lock = Lock()


def most_urgent_first(
    actor: Actor, found: QuerySet[Patient], policy: Policy
) -> tuple[list[Patient], Known]:
    """These patients by urgency, then by name; no more of each is read than that takes."""
    rows = found.order_by("family_name", "given_name", "pk")
    people = list(rows.only("given_name", "family_name", "latest_recorded_at"))
    known = urgencies(actor, people, policy)
    return sorted(people, key=lambda each: known.orders[each.pk]), known


def urgencies(actor: Actor, people: Sequence[Patient], policy: Policy) -> Known:
    """How urgent each of these patients is; what is not remembered, or changed, is worked out."""
    now = clock.now()
    orders = _recalled(actor, people, policy, now)
    unknown = [each for each in people if each.pk not in orders]
    made = eligibility.plans(actor, unknown, PROGRAM) if unknown else {}
    found = []
    for person in unknown:
        plan = made.get(person.pk)
        if plan is None:
            orders[person.pk] = agenda.UNREADABLE.order()
            continue
        order = agenda.line(plan, policy.calendar).order()
        orders[person.pk] = order
        until = min(plan.as_of + LONGEST, changes_at(plan, policy.calendar))
        told = Remembered(person.latest_recorded_at, policy.version, plan.as_of, until, order)
        found.append(((actor.prescriber_id, person.pk), told))
    _remember(found)
    return Known(orders, made)


def changes_at(plan: eligibility.Plan, calendar: Calendar) -> datetime:
    """The next instant at which time alone may change how urgent a patient is.

    An instant of the plan passes, its day begins, or the day from which it is due soon.
    """
    instants = [*_of_obligations(plan), *_of_decision(plan.decision)]
    days = {calendar.day(at) for at in instants}
    starts = (calendar.start_of_day(day) for day in days)
    soon = (calendar.start_of_day(day - agenda.DUE_WITHIN_DAYS) for day in days)
    after = (at + TICK for at in instants)
    later = [at for at in (*instants, *after, *starts, *soon) if at > plan.as_of]
    return min(later, default=plan.as_of + LONGEST)


def _of_obligations(plan: eligibility.Plan) -> Iterable[datetime]:
    for each in plan.obligations:
        yield from (at for at in (each.opens_at, each.due_at, each.closes_at) if at)


def _of_decision(decision: Mapping[str, Any]) -> Iterable[datetime]:
    told = [decision["expires_at"]]
    for requirement in decision["requirements"]:
        told += [requirement["opens_at"], requirement["closes_at"]]
    for action in decision["next_actions"]:
        told += [action["not_before"], action["not_after"]]
    yield from (at for each in told if (at := instant(each)))


def _recalled(
    actor: Actor, people: Iterable[Patient], policy: Policy, now: datetime
) -> dict[UUID, Order]:
    orders = {}
    with _lock:
        for person in people:
            kept = _memory.get((actor.prescriber_id, person.pk))
            if (
                kept is not None
                and kept.recorded_at == person.latest_recorded_at
                and kept.edition == policy.version
                and kept.since <= now < kept.until
            ):
                orders[person.pk] = kept.order
    return orders


def _remember(found: Iterable[tuple[tuple[UUID | None, UUID], Remembered]]) -> None:
    with _lock:
        for key, told in found:
            _memory[key] = told
            _memory.move_to_end(key)
        while len(_memory) > MOST:
            _memory.popitem(last=False)
