"""How a step of a random life is made: the patient, the time, and what is remembered of each row.

It holds no rule of the program: what must not happen is said by `safety`, from the page alone.
"""

import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import time_machine
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.eligibility import replaying
from apps.eligibility.models import Decision
from apps.patients import services as patients
from apps.patients.models import Agreement, CategoryChange
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from tests import builders
from tests.lives import history, ledger
from tests.lives.history import DAY, HOUR
from tests.lives.life import Life
from tests.lives.stage import BEGIN, Stage
from tests.lives.tally import Tally

TICK, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
RARELY = st.sampled_from([False] * 9 + [True])
CATEGORIES = st.sampled_from(
    ["adult_frp"] * 5 + ["child_frp"] * 2 + ["adult_fnrp", "child_fnrp", "adult_male", "child_male"]
)
# A child comes of age during some lives; one was born on a leap day.
CHILDREN_BORN = st.sampled_from(
    [date(2008, 2, 29), date(2008, 4, 1), date(2008, 6, 15), date(2008, 9, 30), date(2014, 1, 15)]
)
ADULTS_BORN = date(1986, 4, 5)
HYSTERECTOMY = ("hysterectomy", date(2015, 1, 1))


class Living(RuleBasedStateMachine):
    """One life: a patient is enrolled, and then anything may happen in any order."""

    stage: ClassVar[Stage]
    tally: ClassVar[Tally]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        # The commands insist on a transaction of their own; this one is only to undo the life.
        self.atomic._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001
        self.atomic.__enter__()
        self.travel = time_machine.travel(BEGIN, tick=False)
        self.time = self.travel.start()
        self.confirmations: dict[str, Confirmation] = {}
        self.tests: list[tuple[Any, history.Test]] = []
        self.attestations: list[tuple[Any, history.Contraception]] = []
        self.reports: list[tuple[Any, history.Given]] = []
        self.dispenses: list[tuple[Dispense, history.Supply]] = []
        self.entries: list[tuple[str, Any, history.Given | history.Agreed]] = []
        self.ends: list[tuple[Any, history.Ended]] = []
        self.intakes: list[tuple[Any, history.Test]] = []
        self.pending: tuple[CategoryChange, history.Agreed, history.Basis | None] | None = None
        self.kept_rows: ledger.Rows = {}
        self.steps = 0
        self.handled = sys.exc_info()[1]

    def enroll(self, category: str, child_born_on: date) -> None:
        self.born_on = child_born_on if category.startswith("child") else ADULTS_BORN
        basis = HYSTERECTOMY if category == "adult_fnrp" else None
        self.carer = self.stage.own
        self.life = Life(self.born_on, category, basis)
        self.life.certified = {*self.stage.prescribers, *self.stage.counters}
        self.life.certified_until = dict(self.stage.certified_until)
        self.life.colleagues = self.stage.colleagues
        self.patient = self._enrolled(self.carer, category, basis)
        self.records = [self.patient.pk]
        self.time.shift(SECOND)
        self._agreed(Agreement.objects.get(patient=self.patient))

    def _enrolled(
        self, prescriber: str, category: str, basis: history.Basis | None, **given: Any
    ) -> Any:
        return patients.enroll_patient(
            self.stage.prescribers[prescriber],
            program=builders.PROGRAM,
            identity=patients.Identity(
                given_name="Fiona",
                family_name="Synthetic",
                born_on=self.born_on,
                postal_code="10001",
                phone="212-555-0300",
                email="fiona@patients.example",
            ),
            risk_category=category,
            basis=patients.CategoryBasis(*basis) if basis else None,
            signatures=self._signatures(category),
            **given,
        )

    def teardown(self) -> None:
        try:
            # A life that broke off says why by itself.
            if self.steps and sys.exc_info()[1] is self.handled:
                self.nothing_has_disappeared()
                self.every_decision_replays()
                connection.check_constraints()
                self.tally.lives += 1
        finally:
            self.travel.stop()
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def nothing_has_disappeared(self) -> None:
        rows = ledger.rows(self.records)
        lost = ledger.lost(self.kept_rows, rows)
        assert not lost, f"recorded, and gone or changed silently: {lost}"
        self.kept_rows = rows

    def every_decision_replays(self) -> None:
        decisions = Decision.objects.filter(patient__in=self.records).select_related("facts")
        for decision in decisions:
            assert not replaying.difference(decision)

    # --- commands

    @property
    def prescribing(self) -> Call:
        return self.stage.prescribers[self.carer]

    def _done(self, command: Callable[..., Any], call: Call | None = None, **given: Any) -> Any:
        """What a command made; None when it was refused in its own words."""
        try:
            return self._must(command, call, **given)
        except (Conflict, InvalidRequest, NotAllowed) as error:
            refusal = str(error)
        assert refusal, "a refusal without a reason"
        return None

    def _must(
        self,
        command: Callable[..., Any],
        call: Call | None = None,
        *,
        voids: bool = False,
        **given: Any,
    ) -> Any:
        """What a command made, by the prescriber unless somebody else is named."""
        at = clock.now()
        made = command(call or self.prescribing, **given)
        if voids:
            self.life.void_open(at)
        self.time.shift(SECOND)  # no two things at one instant here: the rules' tests do that
        return made

    def _happened(self, event: str) -> None:
        self.tally.events[event] += 1

    def _step(self, name: str) -> None:
        self.tally.steps[name] += 1

    # --- answers

    def _agree(self, decision: Decision, wrong: list[str]) -> None:
        """The answer is yes exactly when the rules page forbids nothing; a no says what to do."""
        unmet = decision.document["unmet"]
        self.tally.answered(decision.act, allowed=decision.allowed, unmet=unmet)
        if decision.allowed:
            assert not wrong, f"{decision.act} was allowed although the rules forbid it: {wrong}"
        else:
            assert wrong, f"{decision.act} was refused without need: {unmet}"
            steps = decision.document["next_actions"]
            assert steps, f"a refusal without a way out: {unmet}"
            assert all(step["who"] and step["what"] for step in steps)

    @staticmethod
    def _as_of(decision: Decision) -> datetime:
        return datetime.fromisoformat(decision.document["as_of"])

    # --- agreements

    def _agreed(self, agreement: Agreement) -> None:
        told = self._agreement_told(agreement)
        self.life.agreements.append(told)
        self.entries.append(("agreement", agreement, told))

    @staticmethod
    def _agreement_told(agreement: Agreement) -> history.Agreed:
        assert agreement.patient_signed_at
        assert agreement.prescriber_signed_at
        at = max(agreement.patient_signed_at, agreement.prescriber_signed_at)
        return history.Agreed(
            at, agreement.risk_category, str(agreement.prescriber_id), agreement.signer
        )

    def _signatures(self, category: str) -> patients.Signatures:
        child, now = category.startswith("child"), clock.now()
        return patients.Signatures(
            signer="guardian" if child else "patient",
            signer_name="Gail Guardian" if child else "Fiona Synthetic",
            signer_relationship="mother" if child else "",
            patient_signed_at=now,
            prescriber_signed_at=now,
        )

    # --- what there is

    def _authorization(self) -> Authorization:
        return Authorization.objects.get(number=self.life.authorizations[-1].number)

    def _held(self) -> "tuple[Confirmation, history.Confirmed] | None":
        """The latest confirmation of the latest authorization, valid or not."""
        if not self.life.authorizations:
            return None
        number = self.life.authorizations[-1].number
        if number not in self.confirmations:
            return None
        return self.confirmations[number], self.life.confirmed[number]

    def _limits(self) -> list[datetime]:
        """The instants at which something that was done ends to serve."""
        limits = [history.last_instant(history.day(clock.now()))]
        limits += [told.at + 24 * HOUR for told in self.life.confirmed.values()]
        limits += [told.expires_at for told in self.life.authorizations]
        for at in self.life.counting()[-2:]:
            limits += [at + 24 * HOUR, history.last_instant(history.day(at) + 7 * DAY)]
            limits += [history.last_instant(history.day(at) + days * DAY) for days in (9, 14)]
        runs_out = self.life.runs_out_on(regular=False)
        if runs_out is not None:
            limits += [history.last_instant(runs_out + days * DAY) for days in (-8, 28)]
        limits += [history.last_instant(on) for on in self.life.certified_until.values()]
        if not self.life.is_adult(history.day(clock.now())):
            born = self.life.born_on
            limits.append(history.last_instant(history.months_after(born, 18 * 12) - DAY))
        return sorted(limits)
