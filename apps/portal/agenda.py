"""My patients by urgency: what is next for each, in one line, and until when.

It words and sorts what the rules said; it decides nothing.
"""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.eligibility.selectors import Plan
from apps.portal.answers import holds_until, instant
from apps.portal.words import OBLIGATIONS
from apps.rules.calendar import Calendar
from apps.rules.obligation import AUTHORIZATION_EXPIRES, SUPPLY_ENDS, Obligation
from apps.rules.therapy import DIED, DISCONTINUED, WITHDREW

HOLDS = ("L-PT-5", "L-PRG-1", "L-PT-8", "L-SUR-3", "L-PT-6", "L-CON-7", "L-CAT-1", "L-ENR-1")
# What can be put right at any time, whatever else must wait for its day.
FORMALITIES = ("L-ENR-3", "L-ENR-4", "L-ENR-5", "L-CAT-2")
DUE_WITHIN_DAYS = 7


class Urgency(enum.IntEnum):
    """The groups of the list, the most urgent first."""

    HOLD = 0
    TODAY = 1
    DUE = 2
    UPCOMING = 3
    WELL = 4


LABELS = {
    Urgency.HOLD: "On hold",
    Urgency.TODAY: "Closes today or overdue",
    Urgency.DUE: "Due now",
    Urgency.UPCOMING: "Upcoming",
    Urgency.WELL: "All well",
}
# How components/status.html draws each group.
KINDS = {
    Urgency.HOLD: "denied",
    Urgency.TODAY: "waiting",
    Urgency.DUE: "waiting",
    Urgency.UPCOMING: "waiting",
    Urgency.WELL: "eligible",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What is next for one patient. `from_at`: it cannot be done before; `until`: nor after."""

    urgency: Urgency
    text: str
    from_at: datetime | None = None
    until: datetime | None = None
    overdue: bool = False

    @property
    def is_due(self) -> bool:
        """Whether it is for now where no day is said: of a patient who is well, nothing is."""
        return self.urgency is not Urgency.WELL

    @property
    def label(self) -> str:
        """The name of its group."""
        return LABELS[self.urgency]

    @property
    def kind(self) -> str:
        """How its state is drawn."""
        return KINDS[self.urgency]

    def order(self) -> tuple[int, float]:
        """The most urgent group first; in a group, what closes or opens first."""
        at = self.until or self.from_at
        return self.urgency, at.timestamp() if at else float("inf")


ENDED = {
    DISCONTINUED: "Therapy is discontinued",
    WITHDREW: "The patient withdrew from the program",
    DIED: "The patient died",
}
TOO_EARLY = "The open authorization ends before the supply that is left lets a pharmacy dispense it"
UNREADABLE = Line(
    Urgency.HOLD,
    "This record cannot be evaluated, so nothing can be authorized: call the program’s staff",
)


def line(plan: Plan, calendar: Calendar) -> Line:
    """What is next for the patient of this plan."""
    if plan.therapy.is_over:
        owed = [_line(each, plan.as_of, calendar) for each in plan.obligations]
        return min(owed, key=Line.order, default=Line(Urgency.WELL, ENDED[plan.therapy.status]))
    held = _hold(plan.decision)
    if held:
        return held
    if plan.first:
        return Line(Urgency.DUE, plan.first)
    lines = [_line(each, plan.as_of, calendar, plan.supply_opens_at) for each in plan.obligations]
    open_authorization = any(each.kind == AUTHORIZATION_EXPIRES for each in plan.obligations)
    if plan.decision["allowed"]:
        until = holds_until(plan.decision)
        lines.append(
            Line(_closing(until, plan.as_of, calendar), "Request the authorization", None, until)
        )
    elif not open_authorization:
        lines.extend(_missing(plan.decision, is_supplied=_is_supplied(plan)))
    urgent = min(lines, key=Line.order, default=None)
    return urgent or Line(Urgency.WELL, "Nothing is due")


def dispensable_from(plan: Plan, authorization: Obligation) -> datetime | None:
    """From when a pharmacy may dispense an open authorization; None where it may not at all.

    A hold stops what is authorized, too (L-DSP-4); supply that is left makes it wait (L-DSP-5).
    """
    if is_held(plan):
        return None
    opens, until = plan.supply_opens_at or plan.as_of, authorization.due_at
    return None if until and until < opens else opens


def is_held(plan: Plan) -> bool:
    """Whether a hold stands, whatever else is missing."""
    return _hold(plan.decision) is not None


def _hold(decision: dict[str, Any]) -> Line | None:
    for rule in HOLDS:
        for requirement in decision["requirements"]:
            if requirement["rule"] == rule and not requirement["met"]:
                return Line(Urgency.HOLD, requirement["message"], instant(requirement["opens_at"]))
    return None


def _line(
    each: Obligation, now: datetime, calendar: Calendar, supply_opens_at: datetime | None = None
) -> Line:
    text = OBLIGATIONS[each.kind]
    until = each.closes_at or each.due_at
    if each.due_at and each.closes_at:
        until = each.due_at
    if until and until < now:
        return Line(Urgency.TODAY, text, None, until, overdue=True)
    if each.opens_at and each.opens_at > now:
        return Line(Urgency.UPCOMING, text, each.opens_at, until)
    if each.kind == AUTHORIZATION_EXPIRES:
        is_today = until and calendar.day(until) == calendar.day(now)
        if supply_opens_at is None:
            return Line(Urgency.TODAY if is_today else Urgency.UPCOMING, text, None, until)
        if until and until < supply_opens_at:
            return Line(Urgency.TODAY if is_today else Urgency.DUE, TOO_EARLY, None, until)
        return Line(Urgency.UPCOMING, text, supply_opens_at, until)
    return Line(_closing(until, now, calendar), text, None, until)


def _closing(until: datetime | None, now: datetime, calendar: Calendar) -> Urgency:
    if until is None:
        return Urgency.DUE
    days = calendar.day(until) - calendar.day(now)
    if days <= 0:
        return Urgency.TODAY
    return Urgency.DUE if days <= DUE_WITHIN_DAYS else Urgency.UPCOMING


def _is_supplied(plan: Plan) -> bool:
    """Whether so much supply is left that the next one need not be prepared yet (L-DSP-5)."""
    return any(
        each.kind == SUPPLY_ENDS and each.opens_at is not None and each.opens_at > plan.as_of
        for each in plan.obligations
    )


def _missing(decision: dict[str, Any], *, is_supplied: bool) -> list[Line]:
    """What can be done at once towards the next authorization, where nothing falls due for it."""
    for requirement in decision["requirements"]:
        if requirement["rule"] in FORMALITIES and not requirement["met"]:
            return [Line(Urgency.DUE, requirement["message"])]
    if is_supplied:
        return []
    waits = [r for r in decision["requirements"] if not r["met"] and r["opens_at"]]
    for action in decision["next_actions"]:
        if action["who"] == "prescriber" and not action["not_before"] and not waits:
            return [Line(Urgency.DUE, action["what"], None, instant(action["not_after"]))]
    if waits:
        first = max(waits, key=lambda requirement: str(requirement["opens_at"]))
        return [Line(Urgency.UPCOMING, first["message"], instant(first["opens_at"]))]
    return []


@dataclass(frozen=True, slots=True)
class Status:
    """What stands on top of a patient's page."""

    kind: str
    headline: str
    detail: str
    until_label: str = ""
    until: datetime | None = None
    is_open: bool = False


def _stopped(plan: Plan) -> Status | None:
    """What stands in the way of everything else."""
    if plan.therapy.is_over:
        return Status("waiting", ENDED[plan.therapy.status], "Nothing can be requested.")
    held = _hold(plan.decision)
    if held:
        return Status("denied", "On hold", held.text)
    return Status("waiting", "Not ready yet", plan.first) if plan.first else None


def _open(authorization: Obligation, supply_opens_at: datetime | None) -> Status:
    """That an authorization is open, and whether a pharmacy can dispense it now (L-DSP-5)."""
    headline, until = "Authorization is open", authorization.due_at
    if supply_opens_at is None:
        return Status(
            "confirmed", headline, "The pharmacy can dispense it.", "Until", until, is_open=True
        )
    if until and until < supply_opens_at:
        return Status(
            "waiting", headline, f"{TOO_EARLY}. Ask for another one then.",
            "The next supply can be dispensed from", supply_opens_at, is_open=True,
        )  # fmt: skip
    return Status(
        "waiting", headline, "Too much supply is left now: no pharmacy can dispense it yet.",
        "It can be dispensed from", supply_opens_at, is_open=True,
    )  # fmt: skip


def status(plan: Plan) -> Status:
    """The state of one patient in a few words."""
    stopped = _stopped(plan)
    if stopped:
        return stopped
    for each in plan.obligations:
        if each.kind == AUTHORIZATION_EXPIRES:
            return _open(each, plan.supply_opens_at)
    if plan.decision["allowed"]:
        return Status(
            "eligible", "An authorization can be requested", "", "Now, until",
            holds_until(plan.decision),
        )  # fmt: skip
    for each in plan.obligations:
        if _is_supplied(plan) and each.kind == SUPPLY_ENDS:
            return Status(
                "waiting", "On therapy", "What the next supply needs is listed below.",
                "The next supply can be prepared from", each.opens_at,
            )  # fmt: skip
    opens = [instant(each["opens_at"]) for each in plan.decision["requirements"]
             if not each["met"] and each["opens_at"]]  # fmt: skip
    later = max((at for at in opens if at), default=None)
    missing = len(plan.decision["unmet"])
    requirements = "1 requirement is" if missing == 1 else f"{missing} requirements are"
    return Status(
        "waiting", "Not ready yet", f"{requirements} not met.",
        "An authorization is not possible before" if later else "", later,
    )  # fmt: skip
