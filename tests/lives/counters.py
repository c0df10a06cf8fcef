"""What pharmacies do in a random life, and what they tell the safety model of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import NotFound
from apps.eligibility import services as deciding
from apps.eligibility.facts import Prescription
from tests import builders
from tests.lives import history, safety
from tests.lives.history import DAY
from tests.lives.living import RARELY, Living


class Counters(Living):
    """Verify, confirm, dispense; reverse, ship, take back, and what is lost."""

    def _counter(self, place: int) -> tuple[str, Call]:
        pharmacy = list(self.stage.counters)[place]
        return pharmacy, self.stage.counters[pharmacy]

    @precondition(lambda self: bool(self.life.authorizations))
    @rule(
        what=st.sampled_from(["verify", "confirm", "dispense", "dispense", "reverse"]),
        counter=st.sampled_from([0, 0, 0, 1]),
        days=st.sampled_from([28, 28, 28, 21, 14, 29]),
        ships=st.booleans(),
        is_other=RARELY,
    )
    def come_to_a_counter(
        self, what: str, counter: int, days: int, *, ships: bool, is_other: bool
    ) -> None:
        self._step("come to a counter")
        handover = "ship" if ships else "pickup"
        acts: dict[str, Callable[[], None]] = {
            "verify": lambda: self.check(counter, days),
            "confirm": lambda: self.confirm(counter, handover, is_other=is_other),
            "dispense": lambda: self.dispense(days, at_another=counter == 1),
            "reverse": self.reverse,
        }
        if what in {"verify", "confirm"} or self._held():
            acts[what]()

    def check(self, counter: int, days: int) -> None:
        pharmacy, call = self._counter(counter)
        told = self.life.authorizations[-1]
        answer = deciding.verify(
            call,
            pharmacy_id=pharmacy,  # type: ignore[arg-type]
            number=told.number,
            born_on=self.patient.born_on,
            prescription=Prescription(risk_category=self.life.category, days_supply=days),
        )
        now = datetime.fromisoformat(answer.decision["as_of"])
        wrong = safety.against_dispense(
            self.life, now, told, pharmacy, category=self.life.category, days_supply=days
        )
        allowed, unmet = answer.decision["allowed"], answer.decision["unmet"]
        assert allowed == (not wrong), f"verified {allowed}: {wrong} and {unmet}"
        self.tally.answered("verify", allowed=allowed, unmet=unmet)

    def confirm(self, counter: int, handover: str, *, is_other: bool = False) -> None:
        pharmacy, call = self._counter(counter)
        told = self.life.authorizations[-1]
        category = "adult_male" if is_other else self.life.category
        decision = deciding.confirm(
            call,
            number=told.number,
            born_on=self.patient.born_on,
            prescription=Prescription(risk_category=category),
            handover=handover,
        )
        now = self._as_of(decision)
        wrong = safety.against_dispense(
            self.life, now, told, pharmacy, category=category, days_supply=told.days_supply
        )
        self._agree(decision, wrong)
        if decision.allowed:
            confirmation = decision.confirmation
            assert confirmation is not None
            self.confirmations[told.number] = confirmation
            self.life.confirmed[told.number] = history.Confirmed(
                pharmacy, confirmation.issued_at, handover
            )
        self.time.shift(timedelta(seconds=1))

    def dispense(self, days: int = 28, *, at_another: bool = False) -> None:
        held = self._held()
        assert held is not None
        confirmation, confirmed = held
        told = self.life.authorizations[-1]
        other = next(each for each in self.stage.counters if each != confirmed.pharmacy)
        pharmacy = other if at_another else confirmed.pharmacy
        days = min(days, told.days_supply) if days == 28 else days
        try:
            decision = builders.dispense(
                self.stage.counters[pharmacy], confirmation, days_supply=days
            )
        except NotFound:
            assert at_another, "its own confirmation"
            return
        now, category = self._as_of(decision), confirmation.authorization.risk_category
        wrong = safety.against_dispense(
            self.life, now, told, pharmacy,
            category=category, days_supply=days, confirmed=confirmed,
        )  # fmt: skip
        self._agree(decision, wrong)
        if decision.allowed:
            made = decision.dispense
            assert made is not None
            supply = history.Supply(made.dispensed_at, made.days_supply, told.category)
            supply.is_excepted = safety.is_early(self.life, history.day(now))
            self.life.supplies.append(supply)
            self.dispenses.append((made, supply))
            told.is_dispensed, confirmed.is_over = True, True
            if pharmacy != next(iter(self.stage.counters)):
                self._happened("dispense by the second pharmacy")
        self.time.shift(timedelta(seconds=1))

    def reverse(self) -> None:
        """Back to issued, as long as the confirmation holds (L-DSP-7)."""
        confirmation, confirmed = self._held()  # type: ignore[misc]
        now, told = clock.now(), self.life.authorizations[-1]
        holds = self.life.state(told, now) == "confirmed"
        made = self._done(
            deciding.reverse_confirmation,
            self.stage.counters[confirmed.pharmacy],
            confirmation_id=confirmation.pk,
            reason="No stock",
        )
        assert (made is not None) == holds, "L-DSP-7: reversed"
        if made is not None:
            confirmed.is_over = True
            self._happened("confirmation reversed")

    # --- what becomes of a supply

    def miss_a_supply(self, fate: str, *, at_once: bool) -> None:
        standing = [each for each in self.dispenses if not each[1].is_gone and each[0].pharmacy_id]
        if not standing:
            return
        made, told = standing[-1]
        shipped = made.handover == "ship" and not made.reported_late
        if shipped and fate == "lost":
            self.ship_and_lose(made, told)
        elif fate == "return":
            self.return_to_stock(made, told)
        else:
            self.stop_a_supply(made, told, fate, at_once=at_once)

    def return_to_stock(self, made: deciding.Package | object, told: history.Supply) -> None:
        """What never left the premises, until 14 days after (L-DSP-7)."""
        entry = self._done(
            deciding.return_to_stock,
            self.stage.counters[str(made.pharmacy_id)],  # type: ignore[union-attr]
            dispense_id=made.pk,  # type: ignore[union-attr]
            never_left_premises=True,
            reason="Never collected",
        )
        too_late = history.day(clock.now()) > history.day(told.at) + 14 * DAY
        assert (entry is None) == too_late, "L-DSP-7: returned to stock"
        if entry is not None:
            told.returned_at = entry.returned_at
            self._happened("returned to stock")

    def stop_a_supply(
        self, made: object, told: history.Supply, kind: str, *, at_once: bool
    ) -> None:
        """A pharmacy records a first loss; a second within six months the staff (L-DSP-5)."""
        on = history.day(told.at) if at_once else history.day(clock.now())
        given = {
            "dispense_id": made.pk,  # type: ignore[attr-defined]
            "kind": kind,
            "stopped_on": on,
            "reason": "They called",
        }
        call = self.stage.counters[str(made.pharmacy_id)]  # type: ignore[attr-defined]
        entry = self._done(deciding.stop_supply, call, **given)
        is_second = kind == "lost" and self.life.was_lost_shortly_before(on)
        assert (entry is None) == is_second, "L-DSP-5: who records a loss"
        if entry is None:
            self._must(deciding.stop_supply, self.stage.cast.staff, **given)
            self._happened("second loss")
        told.stopped_on, told.is_lost = on, kind == "lost"
        self._happened("supply stopped")

    def ship_and_lose(self, made: object, told: history.Supply) -> None:
        """A carrier took it, and it never came: of no use from the day on which it left."""
        call = self.stage.counters[str(made.pharmacy_id)]  # type: ignore[attr-defined]
        key = made.pk  # type: ignore[attr-defined]
        was_lost = self.life.was_lost_shortly_before(history.day(told.at))
        self._must(
            deciding.record_shipment,
            call,
            dispense_id=key,
            carrier="Carrier",
            tracking_number="1Z",
            left_at=told.at,
        )
        self._happened("shipped")
        self._must(
            deciding.record_shipment_outcome,
            call,
            dispense_id=key,
            outcome="lost",
            happened_at=clock.now(),
        )
        if was_lost:
            self._must(
                deciding.stop_supply,
                self.stage.cast.staff,
                dispense_id=key,
                kind="lost",
                stopped_on=history.day(told.at),
                reason="The carrier",
            )
        told.stopped_on, told.is_lost = history.day(told.at), True
        self._happened("shipment lost")
