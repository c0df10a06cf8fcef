"""Random lives of one patient, driven through the real commands on a real database.

Each step does something that people do, as who may do it, and tells the safety model of it. The
model alone says what must not have happened; the product is asked for nothing but its answers.
"""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from apps.core import clock
from apps.eligibility import selectors as eligibility
from apps.oversight import selectors as oversight
from tests import builders
from tests.lives import ledger
from tests.lives.history import DAY, HOUR
from tests.lives.living import CATEGORIES, CHILDREN_BORN, RARELY, TICK
from tests.lives.remedies import BEYOND, LIMIT, NONE, PLENTY, Remedies

WAITS = st.sampled_from(
    [HOUR, 23 * HOUR, 2 * DAY, 3 * DAY, 5 * DAY, 6 * DAY, 7 * DAY, 8 * DAY, 10 * DAY, 14 * DAY,
     21 * DAY, 31 * DAY, 370 * DAY, *[None] * 20],
)  # fmt: skip
OFFSETS = st.sampled_from([-TICK, timedelta(), timedelta(), TICK])
COUNTERS = st.sampled_from([0, 0, 1])
WHICH = st.integers(min_value=0, max_value=11)
SLACKS = st.sampled_from([PLENTY] * 4 + [LIMIT, BEYOND, NONE])
HANDOVERS = st.sampled_from(["pickup", "pickup", "ship"])
MISTAKES_HERE = ("negative test", "attestation", "entry", "merge")
OBSTACLES = st.sampled_from(
    [*MISTAKES_HERE, "positive", "indeterminate", "bleeding", "pregnancy", "lapse", "risky survey",
     "breastfeeding", "standing", "nothing"],
)  # fmt: skip
FATES = st.sampled_from(["return"] * 2 + ["lost"] * 3 + ["destroyed", "handed_back"])
NEXT = 4
"""So many of the limits that come next are waited for."""
EVERY = 20
"""After how many steps all that is stored is compared with what was stored before."""


class Lives(Remedies):
    """Everybody acts on one patient, months and years go by, and some things must always hold."""

    holds: tuple[int, int, bool, bool] = (0, 0, False, False)

    @initialize(
        category=CATEGORIES,
        child_born_on=CHILDREN_BORN,
        months=st.sampled_from([0, 1, 1, 2]),
        counter=COUNTERS,
    )
    def begin(self, category: str, child_born_on: date, months: int, counter: int) -> None:
        """Enrolled, and mostly on therapy for some months already."""
        self.enroll(category, child_born_on)
        for _ in range(3 * months):
            self.go_on(counter=counter)

    @rule(
        days_supply=st.sampled_from([28, 28, 28, 21, 14, 1, 0, 29]),
        by=st.sampled_from(["prescriber", "colleague", "delegate"]),
        slack=SLACKS,
        which=WHICH,
        cancels=RARELY,
    )
    def ask(self, days_supply: int, by: str, slack: str, which: int, *, cancels: bool) -> None:
        """For some days' supply, by whoever may; or take the last authorization back."""
        self._step("ask")
        if cancels and self.life.authorizations:
            self.cancel_it()
        elif self._is_open_now() and which % 4 == 0:
            self.request(days_supply, by)
        else:
            self.go_on(slack, which, days_supply=days_supply, by=by)

    @rule(wait=WAITS, which=st.integers(min_value=0, max_value=9), offset=OFFSETS)
    def wait(self, wait: timedelta | None, which: int, offset: timedelta) -> None:
        """For so long; or to the very instant at which something ends, or a microsecond beside."""
        self._step("wait")
        ahead = [at for at in self._limits() if at + offset > clock.now()]
        if wait is not None:
            self.time.shift(wait)
        elif ahead:
            self.time.move_to(ahead[which % min(len(ahead), NEXT)] + offset)

    @rule(slack=SLACKS, which=WHICH, counter=COUNTERS, handover=HANDOVERS)
    def live_on(self, slack: str, which: int, counter: int, handover: str) -> None:
        """What is next is done, mostly well."""
        self._step("live on")
        self.go_on(slack, which, counter, handover)

    @rule(which=WHICH, counter=COUNTERS, handover=HANDOVERS)
    def live_on_to_the_limit(self, which: int, counter: int, handover: str) -> None:
        """What is next is done, one thing as late as may be."""
        self._step("live on to the limit")
        self.go_on(LIMIT, which, counter, handover)

    @rule(
        slack=st.sampled_from([BEYOND, BEYOND, NONE]),
        which=WHICH,
        counter=COUNTERS,
        handover=HANDOVERS,
    )
    def live_on_carelessly(self, slack: str, which: int, counter: int, handover: str) -> None:
        """What is next is done, one thing just too late, or not at all."""
        self._step("live on carelessly")
        self.go_on(slack, which, counter, handover)

    @rule(
        fate=FATES,
        times=st.integers(min_value=0, max_value=2),
        handover=HANDOVERS,
        at_once=st.booleans(),
    )
    def lose_a_supply(self, fate: str, times: int, handover: str, *, at_once: bool) -> None:
        """One that was just dispensed, or an older one."""
        self._step("lose a supply")
        before = len(self.dispenses)
        for _ in range(times):
            if len(self.dispenses) == before:
                self.go_on(handover=handover)
        self.miss_a_supply(fate, at_once=at_once)

    @rule(
        after=st.sampled_from([timedelta(), HOUR, 23 * HOUR, 25 * HOUR]),
        later=st.sampled_from([HOUR, DAY, 5 * DAY]),
        times=st.integers(min_value=0, max_value=2),
        is_whole=st.sampled_from([True, True, False]),
        in_an_outage=st.booleans(),
        nobody_authorized=RARELY,
    )
    def report_late(
        self,
        after: timedelta,
        later: timedelta,
        times: int,
        *,
        is_whole: bool,
        in_an_outage: bool,
        nobody_authorized: bool,
    ) -> None:
        """What happened while the program could not be reached, or where nobody asked it."""
        self._step("report late")
        if nobody_authorized:
            self.report_what_nobody_authorized(later)
            return
        for _ in range(times):
            if not self._is_confirmed_now():
                self.go_on()
        if self._held() and not self.life.authorizations[-1].is_dispensed:
            self.report_what_was_confirmed(
                after, later, is_whole=is_whole, in_an_outage=in_an_outage
            )

    @rule(
        what=OBSTACLES,
        which=st.integers(min_value=0, max_value=15),
        counter=COUNTERS,
        handover=HANDOVERS,
    )
    def be_stopped(self, what: str, which: int, counter: int, handover: str) -> None:
        """Something comes between an authorization or a confirmation and what it was for."""
        self._step("be stopped")
        if not self._is_open_now():
            self.go_on(counter=counter)
        if what == "standing":
            self.change_a_standing(which % 5)
        elif what in MISTAKES_HERE:
            self.correct_something(what, which % 4, which % 7)
        elif what != "nothing":
            self.suffer_something(what, which, which % 4)
        if self._held():
            self.dispense()
        elif self.life.authorizations:
            self.confirm(counter, handover)

    # --- what must always hold

    @invariant()
    def what_is_stored_is_what_was_told(self) -> None:
        """After each step: no dispense that nobody answered for, each state as the page has it."""
        if not hasattr(self, "records"):
            return
        self.steps += 1
        now, life = clock.now(), self.life
        states = ledger.states(self.records, now)
        told = {each.number: life.state(each, now) for each in life.authorizations}
        assert states == told, "L-AUT-7: the states of the authorizations"
        assert sum(each in {"issued", "confirmed"} for each in told.values()) <= 1, "L-AUT-3"
        counts = ledger.counts(self.records)
        assert counts.dispenses == {made.pk for made, _ in self.dispenses}
        assert counts.interventions == sum(not each.ended_at for each in life.interventions)
        assert counts.cases == sum(not each.closed_at for each in life.cases)
        if self.steps % EVERY == 0:
            self.nothing_has_disappeared()
        holds = counts.interventions, counts.cases, bool(self.pending), life.is_to_be_evaluated()
        if holds != self.holds:
            self.holds = holds
            self.every_hold_has_an_owner_and_a_way_out()

    def every_hold_has_an_owner_and_a_way_out(self) -> None:
        """Asked whenever one came or went."""
        interventions, cases, is_pending, is_to_be_evaluated = self.holds
        actor = self.stage.cast.administrator.actor
        outlook = eligibility.outlook(actor, [self.patient.pk], builders.PROGRAM)[self.patient.pk]
        steps = outlook["next_actions"]
        assert all(step["who"] and step["what"] for step in steps)
        assert outlook["allowed"] or steps, "a refusal without a way out"
        self._waits("intervention", interventions)
        self._waits("pregnancy_case", cases)
        self._waits("category_change", int(is_pending))
        if is_to_be_evaluated:
            self._waits("evaluation_hold", None)

    def _waits(self, kind: str, told: int | None) -> None:
        """Each is an item with an owner and a target; as many as were told of, or one at least."""
        if told == 0:
            return
        actor, now = self.stage.cast.administrator.actor, clock.now()
        rows = [
            row
            for row in oversight.waiting(actor, kind, program=builders.PROGRAM, now=now)
            if row.about_patient in self.records
        ]
        assert len(rows) == told if told is not None else rows, f"{kind}: {len(rows)} for {told}"
        for item in oversight.items(rows, kind, program=builders.PROGRAM, now=now):
            assert item.owner
            assert item.task
            assert item.target_at > item.opened_at
