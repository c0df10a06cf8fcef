"""What the program and its pharmacies owe: steps of case follow-ups, certifications to renew.

Days become obligations here. What patients owe is schedule.py's.
"""

from datetime import date

from apps.rules import obligation as kinds
from apps.rules.calendar import date_of
from apps.rules.edition import Policy
from apps.rules.obligation import Obligation


def case_follow_up(occurrence: str, *, due_on: date, policy: Policy) -> Obligation:
    """A step of a pregnancy case's follow-up, to be ended by its day (L-PRG-2).

    `occurrence` names the step with its day: one that is given another day is another occurrence.
    """
    return Obligation(
        kind=kinds.CASE_FOLLOW_UP,
        rule="L-PRG-2",
        anchor=occurrence,
        who="staff",
        due_at=policy.calendar.end_of_day(due_on.toordinal()),
        params={"due_on": due_on},
    )


def certification_renewal(*, last_day_on: date, policy: Policy) -> Obligation:
    """A pharmacy's certification, to be renewed by its last day (L-ENR-2)."""
    calendar, last_day = policy.calendar, last_day_on.toordinal()
    opens_on = last_day - policy.parameters.pharmacy_renewal_notice_days
    return Obligation(
        kind=kinds.CERTIFICATION_RENEWAL,
        rule="L-ENR-2",
        anchor=last_day_on.isoformat(),
        who="pharmacy",
        opens_at=calendar.start_of_day(opens_on),
        due_at=calendar.end_of_day(last_day),
        params={"last_day_on": last_day_on, "renews_from": date_of(opens_on)},
    )
