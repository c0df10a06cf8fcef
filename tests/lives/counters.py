"""What pharmacies do in a random life, and what they tell the safety model of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import NotFound
from apps.eligibility import services as deciding
from apps.eligibility.facts import Prescription
from tests import builders
from tests.lives import history, safety
from tests.lives.living import DAY, HOUR, RARELY, Living


class Counters(Living):
    """Verify, confirm, dispense; and what becomes of a supply, also of one reported late."""

    @precondition(lambda self: bool(self.life.authorizations))
    @rule(counter=st.integers(min_value=0, max_value=1), days=st.sampled_from([28, 21, 29]))
    def check(self, counter: int, days: int) -> None:
        self._refresh()
        pharmacy, call = self._counter(counter)
        told, row = self.life.authorizations[-1], self._authorization()
        answer = deciding.verify(
            call,
            pharmacy_id=pharmacy,  # type: ignore[arg-type]
            number=row.number,
            born_on=self.patient.born_on,
            prescription=Prescription(risk_category=self.life.category, days_supply=days),
        )
        now = datetime.fromisoformat(answer.decision["as_of"])
        wrong = safety.against_dispense(
            self.life, now, told, pharmacy, category=self.life.category, days_supply=days
        )
        confirmed = row.state == "confirmed" and answer.decision["unmet"] == ["L-AUT-7"]
        assert answer.decision["allowed"] == (not wrong) or confirmed, (
            wrong, answer.decision["unmet"],
        )  # fmt: skip

    @precondition(lambda self: bool(self.life.authorizations))
    @rule(
        counter=st.integers(min_value=0, max_value=1),
        handover=st.sampled_from(["pickup", "ship"]),
        is_other=RARELY,
    )
    def confirm(self, counter: int, handover: str, *, is_other: bool) -> None:
        self._refresh()
        pharmacy, call = self._counter(counter)
        told, row = self.life.authorizations[-1], self._authorization()
        category = "adult_male" if is_other else self.life.category
        decision = deciding.confirm(
            call,
            number=row.number,
            born_on=self.patient.born_on,
            prescription=Prescription(risk_category=category),
            handover=handover,
        )
        now = self._as_of(decision)
        wrong = safety.against_dispense(
            self.life, now, told, pharmacy, category=category, days_supply=told.days_supply
        )
        held = self.confirmations.get(told.number)
        if held and not held[1].is_over and now <= held[1].at + 24 * HOUR:
            wrong.append("L-AUT-7")
        self._agree(decision, wrong)
        if decision.allowed:
            confirmation = decision.confirmation
            assert confirmation is not None
            self._keep(confirmation, but={"state", "ended_at", "ended_reason"})
            at = confirmation.issued_at
            self.confirmations[told.number] = (
                confirmation, history.Confirmed(pharmacy, at, handover),
            )  # fmt: skip

    @precondition(lambda self: bool(self._held()))
    @rule(counter=st.sampled_from([0, 0, 0, 1]), days=st.sampled_from([28, 28, 21, 14]))
    def dispense(self, counter: int, days: int) -> None:
        self._refresh()
        confirmation, confirmed = self.confirmations[self.life.authorizations[-1].number]
        told = self.life.authorizations[-1]
        other = next(each for each in self.stage.counters if each != confirmed.pharmacy)
        pharmacy = other if counter else confirmed.pharmacy
        call = self.stage.counters[pharmacy]
        days = min(days, told.days_supply) if days == 28 else days
        try:
            decision = builders.dispense(call, confirmation, days_supply=days)
        except NotFound:
            assert pharmacy != confirmed.pharmacy
            return
        now = self._as_of(decision)
        wrong = safety.against_dispense(
            self.life,
            now,
            told,
            pharmacy,
            category=confirmation.authorization.risk_category,
            days_supply=days,
            confirmed=confirmed,
        )
        self._agree(decision, wrong)
        if decision.allowed:
            made = decision.dispense
            assert made is not None
            self._keep(made)
            supply = history.Supply(made.dispensed_at, made.days_supply, told.category)
            self.life.supplies.append(supply)
            self.dispenses.append((made, supply))
            told.is_dispensed, confirmed.is_over = True, True

    @precondition(lambda self: bool(self._held()))
    @rule(really=RARELY)
    def reverse(self, *, really: bool) -> None:
        if not really:
            return
        confirmation, confirmed = self._held()  # type: ignore[misc]
        call = self.stage.counters[confirmed.pharmacy]
        if self._done(
            deciding.reverse_confirmation, call, confirmation_id=confirmation.pk, reason="No stock"
        ):
            confirmed.is_over = True

    @precondition(lambda self: any(not told.returned_at for _, told in self.dispenses))
    @rule(really=RARELY)
    def return_to_stock(self, *, really: bool) -> None:
        if not really:
            return
        made, told = [each for each in self.dispenses if not each[1].returned_at][-1]
        call = self.stage.counters[str(made.pharmacy_id)]
        entry = self._done(
            deciding.return_to_stock,
            call,
            dispense_id=made.pk,
            never_left_premises=True,
            reason="Never collected",
        )
        too_late = history.day(clock.now()) > history.day(told.at) + 14 * DAY
        assert (entry is None) == (bool(told.stopped_on) or too_late), "L-DSP-7"
        if entry is not None:
            told.returned_at = entry.returned_at

    @precondition(lambda self: any(not told.is_gone for _, told in self.dispenses))
    @rule(
        really=RARELY,
        kind=st.sampled_from(["lost", "lost", "destroyed", "handed_back"]),
        at_once=st.booleans(),
    )
    def stop_a_supply(self, *, really: bool, kind: str, at_once: bool) -> None:
        """A pharmacy records a first loss; a second within six months the staff (L-DSP-5)."""
        if not really:
            return
        made, told = [each for each in self.dispenses if not each[1].is_gone][-1]
        on = history.day(told.at) if at_once else history.day(clock.now())
        given = {"dispense_id": made.pk, "kind": kind, "stopped_on": on, "reason": "They called"}
        call = self.stage.counters[str(made.pharmacy_id)]
        entry = self._done(deciding.stop_supply, call, **given)
        is_second = kind == "lost" and self.life.was_lost_shortly_before(on)
        assert (entry is None) == is_second, "L-DSP-5: who records a loss"
        if entry is None:
            self._must(deciding.stop_supply, self.stage.cast.staff, **given)
        told.stopped_on, told.is_lost = on, kind == "lost"

    @precondition(lambda self: bool(self._held()))
    @rule(really=RARELY, is_whole=st.booleans(), wait=st.sampled_from([HOUR, 2 * DAY]))
    def report_late(self, *, really: bool, is_whole: bool, wait: timedelta) -> None:
        """Handed out under the confirmation while the program could not be reached (L-DSP-8)."""
        if not really:
            return
        self.time.shift(wait)
        self._refresh()
        _, confirmed = self._held()  # type: ignore[misc]
        told, now = self.life.authorizations[-1], clock.now()
        wrong = safety.against_dispense(
            self.life,
            now,
            told,
            confirmed.pharmacy,
            category=told.category,
            days_supply=told.days_supply,
            confirmed=confirmed,
        )
        made = self._done_late(
            deciding.report_late_dispense,
            self.stage.counters[confirmed.pharmacy],
            number=told.number,
            born_on=self.patient.born_on,
            record=self._late_record(told, now, is_whole=is_whole, handover=confirmed.handover),
        )
        assert made.authorized == (not wrong and is_whole), (wrong, is_whole)
        supply = history.Supply(made.dispensed_at, made.days_supply, self.life.category)
        supply.is_regular = made.authorized
        self.life.supplies.append(supply)
        self.dispenses.append((made, supply))
        told.is_dispensed, confirmed.is_over = True, True

    @rule(really=RARELY, ago=st.sampled_from([HOUR, DAY, 5 * DAY, 20 * DAY]))
    def report_what_nobody_authorized(self, *, really: bool, ago: timedelta) -> None:
        """It happened, so it is stored and counts as supply; and it clears nothing (L-DSP-8)."""
        if not really:
            return
        at = clock.now() - ago
        made = self._done_late(
            deciding.enter_late_dispense,
            self.stage.cast.staff,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            unknown_pharmacy="A pharmacy abroad",
            record=self._late_record(None, at, is_whole=False, handover="pickup"),
        )
        assert not made.authorized
        supply = history.Supply(made.dispensed_at, made.days_supply, made.risk_category)
        supply.is_regular = False
        self.life.supplies.append(supply)

    def _done_late(self, command: Any, call: Call, **given: Any) -> Any:
        made = self._must(command, call, **given)
        self.answers["late", made.authorized] += 1
        return made

    def _late_record(
        self, told: history.Authorized | None, at: datetime, *, is_whole: bool, handover: str
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
            is_another=True,
        )
