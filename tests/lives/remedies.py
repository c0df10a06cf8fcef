"""A careful practice and pharmacy: whatever the rules forbid now is put right, as people would.

What is missing is read off the safety model, so each refusal is proven to have a way out.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from apps.core import clock
from tests.lives import history, safety
from tests.lives.course import Course
from tests.lives.history import DAY, HOUR
from tests.lives.lateness import Lateness
from tests.lives.living import SECOND, TICK
from tests.lives.office import Office
from tests.lives.reports import Reports

PLENTY, LIMIT, BEYOND, NONE = "plenty", "limit", "beyond", "none"
# How long before the request each thing is done: with time to spare, at its limit, beyond it.
DAYS_BEFORE = {
    "first_test": {PLENTY: 12, LIMIT: 14, BEYOND: 15},
    "late_first_test": {PLENTY: 12, LIMIT: 10, BEYOND: 9},
    "recent_test": {PLENTY: 0, LIMIT: 7, BEYOND: 8},
    "run": {PLENTY: 40, LIMIT: 28, BEYOND: 27},
    "attestation": {PLENTY: 0, LIMIT: 30, BEYOND: 31},
    "survey": {PLENTY: 0, LIMIT: 30, BEYOND: 31},
    "counseling": {PLENTY: 0, LIMIT: 30, BEYOND: 31},
    "obligations": {PLENTY: 0, LIMIT: 365, BEYOND: 367},
    "supply_left": {PLENTY: 4, LIMIT: 7, BEYOND: 8},
    "gap": {PLENTY: -4, LIMIT: -28, BEYOND: -29},
}
# What can be done too late, or not at all, about a rule that forbids a request as yet.
THINGS = {
    "L-PT-1": ("first_test", "late_first_test"),
    "L-PT-2": ("second_test",),
    "L-PT-3": ("recent_test",),
    "L-CON-1": ("attestation",),
    "L-CON-2": ("run",),
    "L-CON-3": ("attestation",),
    "L-CON-6": ("obligations",),
    "L-SUR-2": ("survey",),
    "L-SUR-4": ("counseling",),
}
AT_A_COUNTER = ("expiry", "supply_left", "certification", "recent_test")


class Remedies(Reports, Course, Office, Lateness):
    """The next sensible step in a therapy, with one thing done at or beyond its limit."""

    thing, slack, which = "", PLENTY, 0

    def go_on(
        self,
        slack: str = PLENTY,
        which: int = 0,
        counter: int = 0,
        handover: str = "pickup",
        **asked: Any,
    ) -> None:
        """Dispense, confirm, or prepare and request: what is next, and first what is in its way."""
        self.thing, self.slack, self.which = "", slack, which
        if self.life.is_over():
            self._begin_anew()
        elif self._is_open_now():
            self._go_on_at_the_counter(counter, handover)
        else:
            self._renew_in_time(counter)
            self._prepare_and_request(**asked)

    def _is_open_now(self) -> bool:
        authorizations = self.life.authorizations
        return bool(authorizations) and self.life.is_open(authorizations[-1], clock.now())

    def _is_confirmed_now(self) -> bool:
        return self._is_open_now() and (
            self.life.state(self.life.authorizations[-1], clock.now()) == "confirmed"
        )

    def _renew_in_time(self, counter: int) -> None:
        """The first pharmacy forgets it; the second renews before its certification ends."""
        pharmacy, _ = self._counter(counter)
        left = (self.life.certified_until[pharmacy] - history.day(clock.now())).days
        if counter and 0 <= left < 60 and pharmacy in self.life.certified:
            self.renew_a_certification(counter)

    def _begin_anew(self) -> None:
        """A death on record was another's; after any other end a new agreement is signed."""
        if any(each.kind == "died" and not each.withdrawn_at for each in self.life.ends):
            self.withdraw_an_end()
        elif self.carer not in self.life.certified:
            self._regain(self.carer)
        else:
            self.sign_a_new_agreement()

    # --- at the counter

    def _go_on_at_the_counter(self, counter: int, handover: str) -> None:
        told, held = self.life.authorizations[-1], self._held()
        if self._is_confirmed_now():
            assert held is not None
            self._come_near(self._end_of(held[1], told))
            self.dispense(29 if self.slack == NONE else 28)
            return
        self.thing = AT_A_COUNTER[self.which % len(AT_A_COUNTER)]
        pharmacy, _ = self._counter(counter)
        if handover == "ship":
            self.check(counter, 28)
        if self.thing == "expiry":
            self._come_near(told.expires_at)
        self._clear_the_way(pharmacy)
        if "L-AUT-8" in self._against_confirming(pharmacy):
            self.cancel_it()
        else:
            self.confirm(counter, handover)

    def _clear_the_way(self, pharmacy: str) -> None:
        wrong = self._against_confirming(pharmacy)
        if "L-ENR-2" in wrong and not self._is_careless("certification"):
            self._recertify(pharmacy)
        if "L-DSP-5" in wrong and not self._is_careless("supply_left"):
            self._wait_for_the_supply()
        wrong = self._against_confirming(pharmacy)
        for rule_id, remedy in self._remedies().items():
            if rule_id in wrong:
                remedy()

    def _against_confirming(self, pharmacy: str) -> list[str]:
        told = self.life.authorizations[-1]
        return safety.against_dispense(
            self.life, clock.now(), told, pharmacy,
            category=self.life.category, days_supply=told.days_supply,
        )  # fmt: skip

    def _end_of(self, confirmed: history.Confirmed, told: history.Authorized) -> datetime:
        """Of the day of a shipment, of the 24 hours, of the authorization."""
        ends = [confirmed.at + 24 * HOUR, told.expires_at]
        if self.life.is_on_path and confirmed.handover == "ship":
            ends.append(history.last_instant(history.day(confirmed.at)))
        return min(ends)

    def _recertify(self, pharmacy: str) -> None:
        if pharmacy not in self.life.certified:
            self._regain(pharmacy)
        if history.day(clock.now()) > self.life.certified_until[pharmacy]:
            self._happened("pharmacy lapsed")
            self.renew_a_certification(list(self.stage.counters).index(pharmacy))

    def _regain(self, party: str) -> None:
        self.change_a_standing([*self.stage.prescribers, *self.stage.counters].index(party))

    # --- in the practice

    def _prepare_and_request(self, **asked: Any) -> None:
        self.thing = ("supply_left", "gap")[self.which % 2]
        self._wait_for_the_supply()
        skipped = self._choose()
        for rule_id, remedy in self._remedies().items():
            if rule_id in self._against_requesting() and rule_id != skipped:
                remedy()
        self.request(**asked)

    def _choose(self) -> str:
        """Which of the things that are wanting is not done well; or the rule that is ignored."""
        wrong = self._against_requesting()
        wanting = [rule_id for rule_id in self._remedies() if rule_id in wrong]
        if self.slack != NONE:
            wanting = [rule_id for rule_id in wanting if rule_id in THINGS] or wanting
        if not wanting:
            return ""
        rule_id = wanting[self.which % len(wanting)]
        things = THINGS.get(rule_id, ("",))
        self.thing = things[self.which % len(things)]
        return rule_id if self.slack == NONE or self._is_careless("") else ""

    def _against_requesting(self) -> list[str]:
        # A second later: what holds until just now does not help a request that comes next.
        return safety.against_authorization(self.life, clock.now() + SECOND, self.carer)

    def _remedies(self) -> dict[str, Callable[[], None]]:
        """Holds first, then what takes time, then what must be fresh."""
        return {
            "L-ENR-1": lambda: self._regain(self.carer),
            "L-CAT-1": self.come_of_age_or_not,
            "L-SUR-3": self.resolve_every_intervention,
            "L-PRG-1": self._close_every_case,
            "L-PT-5": self._close_every_case,
            "L-CON-7": lambda: self.say_of_health(breastfeeding=False),
            "L-ENR-3": self.sign_a_new_agreement,
            "L-ENR-4": self.sign_a_new_agreement,
            "L-ENR-5": self.sign_a_new_agreement,
            "L-CON-1": self._use_contraception,
            "L-CON-2": self._use_contraception,
            "L-CON-3": self._use_contraception,
            "L-PT-6": self._test_again,
            "L-PT-8": self._evaluate,
            "L-PT-1": self._do_the_first_test,
            "L-CON-6": lambda: self._do("obligations", self.attest_obligations),
            "L-SUR-2": lambda: self._do("survey", self.survey),
            "L-SUR-4": lambda: self._do("counseling", self.counsel),
            "L-PT-3": lambda: self._do("recent_test", lambda ago: self.record_test(ago=ago)),
            "L-PT-2": self._do_the_second_test,
        }

    def come_of_age_or_not(self) -> None:
        """A category whose age does not fit any more: with a new agreement (L-CAT-1)."""
        if self.life.is_adult(history.day(clock.now())):
            self.decide_on_the_category(approves=False)
            self._happened("18th birthday")
            self.come_of_age()

    def _close_every_case(self) -> None:
        while any(not each.closed_at for each in self.life.cases):
            self.close_a_case("not_pregnant")
        if {"L-PRG-1", "L-PT-5"} & set(self._against_requesting()):
            self.report_pregnancy("patient", 0)
            self.close_a_case("not_pregnant")

    def _use_contraception(self) -> None:
        """In use for four weeks before an initiation, counted from the last break (L-CON-2)."""
        broken_at = max(self.life.restarts(), default=None)
        days = DAYS_BEFORE["run"][self._slack_of("run")]
        if broken_at is not None:
            days = min(days, (history.day(clock.now()) - history.day(broken_at)).days)
        since = days if self.life.run_began_on() is None else None
        if "L-CON-2" in self._against_requesting() and self.life.run_began_on() is not None:
            self._wait_for_the_run()
        if self._is_wanting({"L-CON-1", "L-CON-2", "L-CON-3"}):
            self._do("attestation", lambda ago: self.attest_contraception("two", since, ago))
        if "L-CON-2" in self._against_requesting() and self.slack != BEYOND:
            self._wait_for_the_run()

    def _wait_for_the_run(self) -> None:
        began = self.life.run_began_on()
        if began is not None:
            waited = (history.day(clock.now()) - began).days
            self.time.shift(max(28 - waited, 0) * DAY)

    def _is_wanting(self, rules: set[str]) -> bool:
        return bool(rules & set(self._against_requesting()))

    def _test_again(self) -> None:
        self.time.shift(48 * HOUR if self.slack != BEYOND else 48 * HOUR - TICK)
        self.record_test()

    def _evaluate(self) -> None:
        """A test and counseling on the pregnancy path, else a new agreement (L-PT-8)."""
        if self.life.is_on_path:
            self.record_test()
            self.counsel()
        else:
            self.sign_a_new_agreement()

    def _do_the_first_test(self) -> None:
        """Ten to fourteen days before: looked up in the chart, or waited for after a restart."""
        if self._is_skipped("first_test") or self._is_skipped("late_first_test"):
            return
        name = "late_first_test" if self.thing == "late_first_test" else "first_test"
        ago = DAYS_BEFORE[name][self._slack_of(name)] * DAY
        restarted_at = max(self.life.restarts(), default=None)
        if restarted_at is not None and restarted_at >= clock.now() - ago:
            self.record_test()
            self.time.shift(ago)
        else:
            self.record_test(ago=ago)

    def _do_the_second_test(self) -> None:
        """The last thing before the request, which comes a second later (L-PT-2)."""
        ages = {PLENTY: timedelta(), LIMIT: 24 * HOUR - SECOND, BEYOND: 24 * HOUR - SECOND + TICK}
        if not self._is_skipped("second_test"):
            self.record_test(ago=ages[self._slack_of("second_test")])

    # --- how well each thing is done

    def _slack_of(self, thing: str) -> str:
        return self.slack if self.thing == thing and self.slack != NONE else PLENTY

    def _is_skipped(self, thing: str) -> bool:
        return self.thing == thing and self.slack == NONE

    def _is_careless(self, thing: str) -> bool:
        return self.thing == thing and self.slack in {BEYOND, NONE}

    def _do(self, thing: str, act: Callable[[timedelta], None]) -> None:
        if not self._is_skipped(thing):
            act(DAYS_BEFORE[thing][self._slack_of(thing)] * DAY)

    def _come_near(self, end: datetime) -> None:
        """To the last instant, or one microsecond too late."""
        if self.slack in {LIMIT, BEYOND}:
            at = end if self.slack == LIMIT else end + TICK
            if at > clock.now():
                self.time.move_to(at)

    def _wait_for_the_supply(self) -> None:
        """Until so few days are left that the next supply is due (L-DSP-5)."""
        runs_out = self.life.runs_out_on(regular=False)
        if runs_out is None:
            return
        name = "gap" if self.thing == "gap" else "supply_left"
        due = runs_out - DAYS_BEFORE[name][self._slack_of(name)] * DAY
        at = history.first_instant(due) + 12 * HOUR
        if at > clock.now():
            self.time.move_to(at)
