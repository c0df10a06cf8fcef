"""Random lives of one patient, driven through the real commands on a real database.

Each step does something that people do, as who may do it, and tells the safety model of it. The
model alone says what must not have happened; the product is asked for nothing but its answers.
"""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from apps.core import clock
from apps.eligibility import selectors as eligibility
from apps.oversight import selectors as oversight
from tests import builders
from tests.lives.counters import Counters
from tests.lives.course import Course
from tests.lives.living import DAY, HOUR, TICK, Stage
from tests.lives.office import Office
from tests.lives.practice import Practice

__all__ = ["Lives", "Stage"]

WAITS = st.sampled_from(
    [HOUR, 5 * HOUR, 23 * HOUR, 2 * DAY, 3 * DAY, 5 * DAY, 6 * DAY, 7 * DAY, 8 * DAY, 10 * DAY,
     14 * DAY, 20 * DAY, 21 * DAY, 27 * DAY, 28 * DAY, 31 * DAY, 60 * DAY],
)  # fmt: skip
OFFSETS = st.sampled_from([-TICK, timedelta(), timedelta(), TICK])
SKIPPED = st.sampled_from(
    [None, None, None, None, "test", "first_test", "contraception", "counseling", "survey",
     "obligations"],
)  # fmt: skip
EVERY = 5
"""After how many steps the queues and holds are looked at."""


class Lives(Practice, Course, Office, Counters):
    """Everybody acts on one patient, months and years go by, and some things must always hold."""

    @rule(wait=WAITS)
    def wait(self, wait: timedelta) -> None:
        self.time.shift(wait)

    @rule(which=st.integers(min_value=0, max_value=9), offset=OFFSETS)
    def wait_for_a_limit(self, which: int, offset: timedelta) -> None:
        """To the very instant at which something ends, or one microsecond beside it."""
        ahead = [at for at in self._limits() if at + offset > clock.now()]
        if ahead:
            self.time.move_to(ahead[which % len(ahead)] + offset)

    @rule(skipped=SKIPPED)
    def prepare(self, skipped: str | None) -> None:
        """All that a request needs, but perhaps one thing."""
        if self.life.is_on_path:
            if skipped != "contraception":
                since = None if self.life.run_began_on() else 40
                self.attest_contraception("two", since)
            if skipped != "first_test" and self.life.is_initiation(clock.now()):
                self.test("negative", 12 * DAY, is_weak=False)
            if skipped != "test":
                self.test("negative", timedelta(), is_weak=False)
        if skipped != "obligations":
            self.attest_obligations(is_whole=True)
        if skipped != "counseling":
            self.counsel(is_whole=True)
        if skipped != "survey":
            self.survey(60, differs=False)

    @rule(wait=WAITS, skipped=SKIPPED, counter=st.integers(min_value=0, max_value=1))
    def live_a_month(self, wait: timedelta, skipped: str | None, counter: int) -> None:
        """Wait, prepare, request and confirm, as a practice and a pharmacy do each month."""
        self.time.shift(wait)
        self.prepare(skipped)
        self.request(28)
        if self.life.authorizations:
            self.confirm(counter, "pickup", is_other=False)

    @rule(months=st.integers(min_value=1, max_value=3), wait=st.sampled_from([20, 21, 25, 28]))
    def live_as_planned(self, months: int, wait: int) -> None:
        """Some months in which everything goes well, and the supply is handed over."""
        for _ in range(months):
            self.live_a_month(wait * DAY, None, 0)
            if self._held():
                self.dispense(0, 28)

    @precondition(lambda self: bool(self._held()))
    @rule(wait=st.sampled_from([timedelta(), HOUR, 23 * HOUR]))
    def hand_over(self, wait: timedelta) -> None:
        self.time.shift(wait)
        self.dispense(0, 28)

    # --- what must always hold

    @invariant()
    def every_hold_has_an_owner_and_a_way_out(self) -> None:
        self.steps += 1
        if not hasattr(self, "life") or self.steps % EVERY:
            return
        actor = self.stage.cast.administrator.actor
        outlook = eligibility.outlook(actor, [self.patient.pk], builders.PROGRAM)[self.patient.pk]
        steps = outlook["next_actions"]
        assert all(step["who"] and step["what"] for step in steps)
        assert outlook["allowed"] or steps, "a refusal without a way out"
        self._waits("intervention", sum(not each.ended_at for each in self.life.interventions))
        self._waits("pregnancy_case", sum(not each.closed_at for each in self.life.cases))
        self._waits("category_change", int(self.pending is not None))
        if self.life.is_to_be_evaluated():
            self._waits("evaluation_hold", None)

    def _waits(self, kind: str, told: int | None) -> None:
        """Each is an item with an owner and a target; as many as were told of, or one at least."""
        actor, now = self.stage.cast.administrator.actor, clock.now()
        rows = list(
            oversight.waiting(actor, kind, program=builders.PROGRAM, now=now).filter(
                about_patient=self.patient.pk
            )
        )
        assert len(rows) == told if told is not None else rows, f"{kind}: {len(rows)} for {told}"
        for item in oversight.items(rows, kind, program=builders.PROGRAM, now=now):
            assert item.owner
            assert item.task
            assert item.target_at > item.opened_at
