"""Dispenses that come to be known late, during an outage or from paper, in a random life."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.eligibility import services as deciding
from tests import builders
from tests.lives import history, safety
from tests.lives.counters import Counters
from tests.lives.history import HOUR


class Lateness(Counters):
    """What happened is stored and counts; it is regular only if it broke no rule (L-DSP-8)."""

    def report_what_was_confirmed(
        self, after: timedelta, later: timedelta, *, is_whole: bool, in_an_outage: bool
    ) -> None:
        """Handed out under a confirmation, in time or not."""
        told = self.life.authorizations[-1]
        self.time.shift(after)
        _, confirmed = self._held()  # type: ignore[misc]
        at, category = clock.now(), self.life.category
        wrong = safety.against_dispense(
            self.life, at, told, confirmed.pharmacy,
            category=told.category, days_supply=told.days_supply, confirmed=confirmed,
        )  # fmt: skip
        self.time.shift(later)
        outage = self._outage(at) if in_an_outage else None
        made = self._must(
            deciding.report_late_dispense,
            self.stage.counters[confirmed.pharmacy],
            number=told.number,
            born_on=self.patient.born_on,
            record=_record(
                told, at, is_whole=is_whole, handover=confirmed.handover, outage_id=outage
            ),
        )
        allowed = not wrong and is_whole
        assert made.authorized == allowed, f"late: {made.authorized}, {wrong}, {is_whole}"
        assert made.dispensed_at == at
        self.tally.answered("late", allowed=allowed, unmet=wrong)
        self._happened("late, authorized" if allowed else "late, not authorized")
        self._supplied(made, category, is_allowed=not wrong)
        told.is_dispensed, confirmed.is_over = True, True

    def report_what_nobody_authorized(self, ago: timedelta) -> None:
        """It happened, so it is stored and counts as supply; and it clears nothing."""
        at = clock.now() - ago
        made = self._must(
            deciding.enter_late_dispense,
            self.stage.cast.staff,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            unknown_pharmacy="A pharmacy abroad",
            record=_record(None, at, is_whole=False, handover="pickup", outage_id=None),
        )
        assert not made.authorized
        self._happened("nobody authorized")
        self._supplied(made, made.risk_category)

    def _supplied(self, made: Any, category: str, *, is_allowed: bool = False) -> None:
        supply = history.Supply(made.dispensed_at, made.days_supply, category)
        supply.is_excepted = is_allowed and safety.is_early(self.life, history.day(supply.at))
        supply.is_regular = made.authorized
        self.life.supplies.append(supply)
        self.dispenses.append((made, supply))

    def _outage(self, began_at: datetime) -> UUID:
        """Declared afterwards; nothing expired later because of it."""
        outage = self._must(
            deciding.declare_outage,
            self.stage.cast.administrator,
            from_at=began_at - HOUR,
            parts=["confirmations"],
            description="No network",
        )
        self._must(
            deciding.end_outage,
            self.stage.cast.administrator,
            outage_id=outage.pk,
            until_at=clock.now(),
        )
        self._happened("outage")
        return outage.pk  # type: ignore[no-any-return]


def _record(
    told: history.Authorized | None,
    at: datetime,
    *,
    is_whole: bool,
    handover: str,
    outage_id: UUID | None,
) -> deciding.LateRecord:
    return deciding.LateRecord(
        dispensed_at=at,
        dispensed_on=None,
        product="lenalidomide",
        strength_mg=Decimal(25),
        days_supply=told.days_supply if told else 14,
        quantity=21,
        handover=handover,
        reason="The program could not be reached",
        risk_category=told.category if told else "",
        lot_number="LOT-2",
        ndc="59572-0425-21",
        counselor="Phil Pharmacist" if is_whole else "",
        checklist=builders.checklist(told.category) if told else (),  # type: ignore[arg-type]
        medication_guide_given=True,
        outage_id=outage_id,
        is_another=True,
    )
