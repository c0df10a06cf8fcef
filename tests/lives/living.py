"""How a step of a random life is made: the patient, the time, and what is remembered of each row.

It holds no rule of the program: what must not happen is said by `safety`, from the page alone.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

import time_machine
from django.db import transaction
from django.db.models import Model
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.eligibility import replaying
from apps.eligibility import services as deciding
from apps.eligibility.models import Decision
from apps.patients.models import Agreement, CategoryChange, Patient
from apps.patients.services import Signatures
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from tests import builders
from tests.lives import history
from tests.lives.history import Life

BEGIN = datetime(2026, 2, 2, 15, tzinfo=UTC)
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
RARELY = st.sampled_from([False, False, False, False, False, False, True])
CATEGORIES = st.sampled_from(
    ["adult_frp", "adult_frp", "adult_frp", "adult_frp", "child_frp", "adult_fnrp", "child_fnrp",
     "adult_male", "child_male"],
)  # fmt: skip


class Stage:
    """The people of the program: made once, used by every life."""

    def __init__(self) -> None:
        with time_machine.travel(BEGIN - DAY, tick=False):
            self.cast = builders.cast()
            administrator = self.cast.administrator
            self.other_prescriber = builders.certified_prescriber(administrator, 2)
            other = builders.certified_pharmacy(administrator, 2)
            self.counters: dict[str, Call] = {
                str(self.cast.pharmacy.pk): self.cast.dispensing,
                str(other.pk): builders.pharmacist_call(administrator, other),
            }


class Living(RuleBasedStateMachine):
    """One life: a patient is enrolled, and then anything may happen in any order."""

    stage: ClassVar[Stage]
    answers: ClassVar[Counter[tuple[str, bool]]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.travel = time_machine.travel(BEGIN, tick=False)
        self.time = self.travel.start()
        self.made: list[tuple[type[Model], Any, dict[str, Any]]] = []
        self.confirmations: dict[str, tuple[Confirmation, history.Confirmed]] = {}
        self.tests: list[tuple[Any, history.Test]] = []
        self.attestations: list[tuple[Any, history.Contraception]] = []
        self.reports: list[tuple[Any, history.Given]] = []
        self.dispenses: list[tuple[Dispense, history.Supply]] = []
        self.entries: list[tuple[str, Any, history.Given]] = []
        self.pending: tuple[CategoryChange, history.Agreed, history.Basis | None] | None = None
        self.steps = 0

    @initialize(category=CATEGORIES)
    def enroll(self, category: str) -> None:
        cast = self.stage.cast
        self.patient = builders.enroll(cast.prescribing, category)
        basis = ("hysterectomy", date(2015, 1, 1)) if category == "adult_fnrp" else None
        self.life = Life(self.patient.born_on, category, basis)
        self.life.certified = {str(cast.prescriber.pk), *self.stage.counters}
        self.life.pharmacies_certified_on = history.day(BEGIN - DAY)
        agreement = Agreement.objects.get(patient=self.patient)
        self._agreed(agreement)

    def teardown(self) -> None:
        try:
            if hasattr(self, "patient"):
                self.nothing_has_disappeared()
                self.every_decision_replays()
        finally:
            self.travel.stop()
            transaction.savepoint_rollback(self.savepoint)

    def nothing_has_disappeared(self) -> None:
        for model, key, values in self.made:
            now = model._default_manager.filter(pk=key).values(*values).first()
            assert now is not None, f"a row of {model.__name__} is gone"
            changed = {name for name in values if now[name] != values[name]}
            assert not changed, f"{model.__name__}: {changed} changed silently"

    def every_decision_replays(self) -> None:
        decisions = Decision.objects.filter(patient=self.patient).select_related("facts")
        for decision in decisions:
            assert not replaying.difference(decision)

    def _done(self, command: Callable[..., Any], call: Call | None = None, **given: Any) -> Any:
        """What a command made; None when it was refused in its own words."""
        try:
            return self._must(command, call, **given)
        except (Conflict, InvalidRequest, NotAllowed) as error:
            refusal = str(error)
        assert refusal, "a refusal without a reason"
        return None

    def _must(self, command: Callable[..., Any], call: Call | None = None, **given: Any) -> Any:
        """What a command made, by the prescriber unless somebody else is named."""
        savepoint = transaction.savepoint()
        try:
            made = command(call or self.stage.cast.prescribing, **given)
        except Exception:
            transaction.savepoint_rollback(savepoint)
            raise
        self.time.shift(SECOND)  # no two things at one instant here: the rules' tests do that
        if command is not deciding.request_authorization:
            closing = {
                field.attname
                for field in made._meta.concrete_fields
                if field.null or field.attname in {"state", "withdrawal_reason", "outcome"}
                or field.attname.endswith(("_reason", "reason"))
            }  # fmt: skip
            self._keep(made, but=closing)
        return made

    def _keep(self, made: Model, but: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """Remember a row as it was made: all of it must be there at the end."""
        names = [f.attname for f in made._meta.concrete_fields if f.attname not in but]
        if isinstance(made, Patient):
            return
        stored = type(made)._default_manager.filter(pk=made.pk).values(*names).get()
        self.made.append((type(made), made.pk, stored))

    def _agree(self, decision: Decision, wrong: list[str]) -> None:
        """The answer is yes exactly when the rules page forbids nothing."""
        self.answers[decision.act, decision.allowed] += 1
        if decision.allowed:
            assert not wrong, f"{decision.act} was allowed although the rules forbid it: {wrong}"
        else:
            assert wrong, f"{decision.act} was refused without need: {decision.document['unmet']}"

    def _agreed(self, agreement: Agreement) -> None:
        self.life.agreements.append(self._agreement_told(agreement))

    @staticmethod
    def _agreement_told(agreement: Agreement) -> history.Agreed:
        assert agreement.patient_signed_at
        assert agreement.prescriber_signed_at
        at = max(agreement.patient_signed_at, agreement.prescriber_signed_at)
        return history.Agreed(
            at, agreement.risk_category, str(agreement.prescriber_id), agreement.signer
        )

    def _signatures(self, category: str) -> Signatures:
        child, now = category.startswith("child"), clock.now()
        return Signatures(
            signer="guardian" if child else "patient",
            signer_name="Gail Guardian" if child else "Fiona Synthetic",
            signer_relationship="mother" if child else "",
            patient_signed_at=now,
            prescriber_signed_at=now,
        )

    def _authorization(self) -> Authorization:
        return Authorization.objects.get(number=self.life.authorizations[-1].number)

    def _held(self) -> "tuple[Confirmation, history.Confirmed] | None":
        if not self.life.authorizations:
            return None
        return self.confirmations.get(self.life.authorizations[-1].number)

    def _limits(self) -> list[datetime]:
        """The instants at which something that was done ends to serve."""
        limits = [history.last_instant(history.day(clock.now()))]
        limits += [told.at + 24 * HOUR for _, told in self.confirmations.values()]
        limits += [told.expires_at for told in self.life.authorizations]
        for at in self.life.counting()[-2:]:
            limits += [at + 24 * HOUR, history.last_instant(history.day(at) + 7 * DAY)]
            limits += [history.last_instant(history.day(at) + days * DAY) for days in (9, 14)]
        runs_out = self.life.runs_out_on(regular=False)
        if runs_out is not None:
            limits += [history.last_instant(runs_out + days * DAY) for days in (-8, 28)]
        return sorted(limits)

    def _counter(self, place: int) -> tuple[str, Call]:
        pharmacy = list(self.stage.counters)[place]
        return pharmacy, self.stage.counters[pharmacy]

    def _refresh(self) -> None:
        """What the program voided is void for the model: it forbids more, never less."""
        for told in self.life.authorizations:
            state = Authorization.objects.values_list("state", flat=True).get(number=told.number)
            told.is_void = state == "void"
            if told.is_void:
                self.life.served = {
                    place: number
                    for place, number in self.life.served.items()
                    if number != told.number
                }

    @staticmethod
    def _as_of(decision: Decision) -> datetime:
        return datetime.fromisoformat(decision.document["as_of"])
