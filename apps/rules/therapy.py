"""Where a therapy stands: worked out from supplies, agreements and what was said (L-END-1). Pure.

It never decides whether something may be authorized or dispensed: decision.py does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol, TypeVar

from apps.rules.calendar import Calendar, Day, date_of
from apps.rules.edition import Policy
from apps.rules.entries import Facts
from apps.rules.known import known_at
from apps.rules.schedule import therapy_started_on
from apps.rules.terms import run_out

NOT_STARTED: Final = "not_started"
ON_THERAPY: Final = "on_therapy"
INTERRUPTED: Final = "interrupted"
DISCONTINUED: Final = "discontinued"
DIED: Final = "died"
WITHDREW: Final = "withdrew"
RESUMED: Final = "resumed"

ENDS: Final = frozenset({DISCONTINUED, DIED, WITHDREW})
"""What ends a therapy; but for a death, a new agreement begins another one."""


class Said(Protocol):
    """One thing that was said of a therapy and was not withdrawn; a stored row has it too."""

    @property
    def kind(self) -> str: ...
    @property
    def happened_on(self) -> date: ...
    @property
    def recorded_at(self) -> datetime: ...


S = TypeVar("S", bound=Said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Therapy:
    """The status of one patient in one program, with the days that belong to it.

    `since_on`: the first day of the status. `obligations_until_on`: the last day on which the
    obligations are in force, once therapy has an end; while it lasts there is none (L-CON-5).
    """

    status: str
    since_on: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    obligations_until_on: date | None = None
    obligations_in_force: bool = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is authorized before a new agreement; after a death, never again."""
        return self.status in ENDS


def standing_ends(said: Iterable[S], agreed_at: Iterable[datetime]) -> list[S]:
    """What ended the therapy, as recorded; empty where it goes on or began anew.

    A complete agreement of which both signatures are later than the record of an end re-enrolls: a
    signature of before does not say that somebody wishes to begin anew. After a death, none does.
    `agreed_at`: the earlier signature of each complete agreement.
    """
    last_agreed_at = max(agreed_at, default=None)
    return sorted(
        (
            each
            for each in said
            if each.kind in ENDS
            and (each.kind == DIED or last_agreed_at is None or each.recorded_at >= last_agreed_at)
        ),
        key=lambda each: (each.kind == DIED, each.kind == WITHDREW, each.recorded_at),
    )


def therapy_of(facts: Facts, said: Sequence[Said], policy: Policy) -> Therapy:
    """Where the therapy stands at the facts' `as_of`, by what stands of what was said."""
    known = known_at(facts)
    today = policy.calendar.day(facts.as_of)
    ends = standing_ends(said, [each.first_signed_at for each in known.agreements])
    if ends:
        # Who discontinued and then withdrew stopped the drug on the first of these days.
        ended_on = min(each.happened_on for each in ends)
        return _over(ends[-1].kind, ended_on, bool(known.dispenses), today, policy)
    earlier_ends = [each for each in said if each.kind in ENDS]
    begun_at = max((each.recorded_at for each in earlier_ends), default=None)
    supplies = [
        each for each in known.dispenses if begun_at is None or each.dispensed_at > begun_at
    ]
    run_out_on = run_out(supplies, today, policy.calendar)
    if run_out_on is None:
        return _enrolled(earlier_ends, bool(known.dispenses), today, policy)
    started_on = therapy_started_on(facts, policy)
    paused_on = _paused_on(said, supplies[-1].dispensed_at, policy.calendar, begun_at)
    if paused_on is None and today >= run_out_on:
        paused_on = date_of(run_out_on)
    return Therapy(
        status=ON_THERAPY if paused_on is None else INTERRUPTED,
        since_on=started_on if paused_on is None else paused_on,
        started_on=started_on,
        obligations_in_force=True,
    )


def last_day_of_obligations(ended_on: date, policy: Policy) -> date:
    """Obligations stay in force for so many days after the end (L-CON-5)."""
    return date_of(ended_on.toordinal() + policy.parameters.obligations_after_end_days)


def _over(status: str, ended_on: date, was_supplied: bool, today: Day, policy: Policy) -> Therapy:
    """Whoever never had the drug has no obligations that outlive it; nor has who died."""
    until_on = None
    if was_supplied and status != DIED:
        until_on = last_day_of_obligations(ended_on, policy)
    return Therapy(
        status=status,
        since_on=ended_on,
        ended_on=ended_on,
        obligations_until_on=until_on,
        obligations_in_force=until_on is not None and today <= until_on.toordinal(),
    )


def _enrolled(
    earlier_ends: Iterable[Said], was_supplied: bool, today: Day, policy: Policy
) -> Therapy:
    """No supply yet; who enrolled anew soon after an end still has the obligations of before."""
    ended_on = max((each.happened_on for each in earlier_ends), default=None)
    if ended_on is not None and was_supplied:
        until_on = last_day_of_obligations(ended_on, policy)
        if today <= until_on.toordinal():
            return Therapy(
                status=NOT_STARTED, obligations_until_on=until_on, obligations_in_force=True
            )
    return Therapy(status=NOT_STARTED)


def goes_on_since(interruption: Said, dispensed_at: datetime, calendar: Calendar) -> bool:
    """Whether a dispense came after an interruption: a later day, or that day once it was said."""
    day, paused_on = calendar.day(dispensed_at), interruption.happened_on.toordinal()
    return day > paused_on or (day == paused_on and dispensed_at > interruption.recorded_at)


def _paused_on(
    said: Iterable[Said], dispensed_at: datetime, calendar: Calendar, begun_at: datetime | None
) -> date | None:
    """The day of an interruption that stands: not resumed, and nothing was dispensed after it."""
    told = [
        each
        for each in said
        if each.kind in {INTERRUPTED, RESUMED} and (begun_at is None or each.recorded_at > begun_at)
    ]
    latest = max(told, key=lambda one: (one.happened_on, one.recorded_at), default=None)
    if latest is None or latest.kind != INTERRUPTED:
        return None
    return None if goes_on_since(latest, dispensed_at, calendar) else latest.happened_on
