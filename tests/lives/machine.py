"""Random lives of one patient, driven through the real commands on a real database.

Each step does something that people do, as who may do it, and tells the safety model of it. The
model alone says what must not have happened; the product is asked for nothing but its answers.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import time_machine
from django.db import transaction
from django.db.models import Model
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import replaying
from apps.eligibility import selectors as eligibility
from apps.eligibility import services as deciding
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.evidence.models import Intervention, PregnancyCase
from apps.patients.models import Agreement, Patient
from apps.patients.services import Signatures
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.providers import services as providers
from apps.rules.documents import document
from tests import builders
from tests.lives import safety
from tests.lives.safety import Life

BEGIN = datetime(2026, 2, 2, 15, tzinfo=UTC)
HOUR, DAY, TICK = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
WAITS = st.sampled_from(
    [HOUR, 5 * HOUR, 23 * HOUR, 2 * DAY, 3 * DAY, 5 * DAY, 6 * DAY, 7 * DAY, 8 * DAY, 10 * DAY,
     14 * DAY, 20 * DAY, 21 * DAY, 27 * DAY, 28 * DAY, 31 * DAY, 60 * DAY],
)  # fmt: skip
OFFSETS = st.sampled_from([-TICK, timedelta(), timedelta(), TICK])
SKIPPED = st.sampled_from(
    [None, None, None, None, "test", "first_test", "contraception", "counseling", "survey",
     "obligations"],
)  # fmt: skip
AGES = st.sampled_from([timedelta(), timedelta(), HOUR, DAY, 3 * DAY, 7 * DAY, 10 * DAY, 12 * DAY])
RARELY = st.sampled_from([False, False, False, False, False, False, True])
CATEGORIES = st.sampled_from(
    ["adult_frp", "adult_frp", "adult_frp", "adult_frp", "child_frp", "adult_fnrp", "child_fnrp",
     "adult_male", "child_male"],
)  # fmt: skip
TWO_METHODS = frozenset({"iud", "male_condom"})
LAPSES = {"contraception_lapse", "unprotected_contact"}
BLEEDINGS = {"missed_period", "menses_or_bleeding"}


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


class Lives(RuleBasedStateMachine):
    """One life: a patient is enrolled, and then anything may happen in any order."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.travel = time_machine.travel(BEGIN, tick=False)
        self.time = self.travel.start()
        self.made: list[tuple[type[Model], Any, dict[str, Any]]] = []
        self.confirmations: dict[str, tuple[Confirmation, safety.Confirmed]] = {}
        self.tests: list[tuple[Any, safety.Test]] = []
        self.attestations: list[tuple[Any, safety.Contraception]] = []
        self.reports: list[tuple[Any, safety.Given]] = []
        self.dispenses: list[tuple[Dispense, safety.Supply]] = []

    # --- the beginning and the end of a life

    @initialize(category=CATEGORIES)
    def enroll(self, category: str) -> None:
        cast = self.stage.cast
        self.patient = builders.enroll(cast.prescribing, category)
        basis = ("hysterectomy", date(2015, 1, 1)) if category == "adult_fnrp" else None
        self.life = Life(self.patient.born_on, category, basis)
        self.life.certified = {str(cast.prescriber.pk), *self.stage.counters}
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

    # --- time

    @rule(wait=WAITS)
    def wait(self, wait: timedelta) -> None:
        self.time.shift(wait)

    @rule(which=st.integers(min_value=0, max_value=9), offset=OFFSETS)
    def wait_for_a_limit(self, which: int, offset: timedelta) -> None:
        """To the very instant at which something ends, or one microsecond beside it."""
        ahead = [at for at in self._limits() if at + offset > clock.now()]
        if ahead:
            self.time.move_to(ahead[which % len(ahead)] + offset)

    # --- months in which nearly everything is done

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
        for name, done in (
            ("obligations", lambda: self.attest_obligations(is_whole=True)),
            ("counseling", lambda: self.counsel(is_whole=True)),
            ("survey", lambda: self.survey(60)),
        ):
            if skipped != name:
                done()

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

    # --- the prescriber's side

    @rule()
    def sign_a_new_agreement(self) -> None:
        now = clock.now()
        child = self.life.category.startswith("child")
        signatures = Signatures(
            signer="guardian" if child else "patient",
            signer_name="Gail Guardian" if child else "Fiona Synthetic",
            signer_relationship="mother" if child else "",
            patient_signed_at=now,
            prescriber_signed_at=now,
        )
        agreement = self._done(
            evidence.renew_agreement,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            signatures=signatures,
        )
        if agreement is not None:
            self._agreed(agreement)

    @rule(
        result=st.sampled_from(["negative"] * 12 + ["positive", "indeterminate"]),
        ago=AGES,
        is_weak=RARELY,
    )
    def test(self, result: str, ago: timedelta, *, is_weak: bool) -> None:
        at = clock.now() - ago
        sensitivity = Decimal(60) if is_weak else Decimal(25)
        made = self._done(
            evidence.record_pregnancy_test,
            patient_id=self.patient.pk,
            collected_at=at,
            resulted_at=at,
            result=result,
            sensitivity_miu_ml=sensitivity,
            specimen="serum",
        )
        if made is None:
            return
        told = safety.Test(made.collected_at, made.resulted_at, result, float(sensitivity))
        self.life.tests.append(told)
        self.tests.append((made, told))
        if result == "positive":
            self.life.cases.append(safety.Case(made.recorded_at))

    @precondition(lambda self: any(told.counts for _, told in self.tests))
    @rule()
    def withdraw_a_test(self) -> None:
        made, told = [each for each in self.tests if each[1].counts][-1]
        if self._done(evidence.withdraw_pregnancy_test, test_id=made.pk, reason="Another's"):
            made.refresh_from_db()
            told.withdrawn_at = made.withdrawn_at

    @rule(
        kind=st.sampled_from(["two"] * 8 + ["abstinence", "lapse", "inadequate"]),
        since=st.sampled_from([None, None, 0, 10, 28, 40]),
    )
    def attest_contraception(self, kind: str, since: int | None) -> None:
        now = clock.now()
        methods = {"two": TWO_METHODS, "lapse": TWO_METHODS, "inadequate": frozenset({"iud"})}
        in_use_since = None if since is None else safety.day(now) - since * DAY
        made = self._done(
            evidence.record_contraception,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            attested_at=now,
            abstinence=kind == "abstinence",
            methods=methods.get(kind, frozenset()),
            in_use_since=in_use_since,
            lapse=kind == "lapse",
        )
        if made is not None:
            self._attested(made)

    @precondition(lambda self: any(not told.withdrawn_at for _, told in self.attestations))
    @rule(really=RARELY)
    def withdraw_an_attestation(self, *, really: bool) -> None:
        if not really:
            return
        made, told = [each for each in self.attestations if not each[1].withdrawn_at][-1]
        office = self.stage.cast.staff
        if self._done(
            evidence.withdraw_contraception, office, attestation_id=made.pk, reason="Mistaken"
        ):
            made.refresh_from_db()
            told.withdrawn_at = made.withdrawn_at

    @rule(is_whole=st.sampled_from([True, True, True, True, False]))
    def attest_obligations(self, *, is_whole: bool) -> None:
        made = self._done(
            evidence.record_obligations,
            patient_id=self.patient.pk,
            attested_at=clock.now(),
            condom=True,
            abstinence=False,
            no_sperm_donation=True,
            no_blood_donation=is_whole,
            no_sharing=True,
        )
        if made is not None:
            self.life.obligations.append(safety.Given(made.attested_at, is_whole))

    @rule(is_whole=st.sampled_from([True, True, True, False]))
    def counsel(self, *, is_whole: bool) -> None:
        topics = ["contraception", "emergency_contraception"] if is_whole else ["contraception"]
        made = self._done(
            evidence.record_counseling,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            given_at=clock.now(),
            topics=topics,
        )
        if made is not None:
            self.life.counseling.append(safety.Given(made.given_at, is_whole))

    @rule(choice=st.integers(min_value=0, max_value=60))
    def survey(self, choice: int) -> None:
        category = self.life.category
        items = document(builders.PROGRAM, "patient_survey", category).items
        risky = [item for item in items if item.at_risk]
        answers = builders.safe_answers(category)
        item = risky[choice] if choice < len(risky) else None
        if item is not None:
            answers[item.code] = item.at_risk
        made = self._done(
            evidence.record_patient_survey,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            completed_at=clock.now(),
            answers=answers,
        )
        if made is None:
            return
        self.life.surveys.append(safety.Given(made.completed_at))
        if item is None:
            return
        self.life.interventions.append(safety.Open(made.recorded_at))
        at = made.recorded_at
        if item.code == "may_be_pregnant":
            self.life.cases.append(safety.Case(at))
        if item.code in BLEEDINGS:
            self.life.bleeding.append(safety.Given(at))
        if item.code in LAPSES:
            lapse = safety.Contraception(at, at, frozenset(), False, True, None)
            self.life.contraception.append(lapse)

    @rule(breastfeeding=RARELY)
    def tell_of_health(self, *, breastfeeding: bool) -> None:
        if self._done(
            evidence.record_health_status,
            patient_id=self.patient.pk,
            cycle="regular",
            breastfeeding=breastfeeding,
        ):
            self.life.breastfeeding = breastfeeding

    @rule(really=RARELY)
    def report_bleeding(self, *, really: bool) -> None:
        if not really:
            return
        made = self._done(
            evidence.report_bleeding,
            patient_id=self.patient.pk,
            reported_at=clock.now(),
            kind="abnormal_bleeding",
        )
        if made is not None:
            told = safety.Given(made.reported_at)
            self.life.bleeding.append(told)
            self.reports.append((made, told))

    @precondition(lambda self: any(not told.withdrawn_at for _, told in self.reports))
    @rule()
    def withdraw_a_report(self) -> None:
        made, told = [each for each in self.reports if not each[1].withdrawn_at][-1]
        if self._done(evidence.withdraw_bleeding_report, report_id=made.pk, reason="A nosebleed"):
            made.refresh_from_db()
            told.withdrawn_at = made.withdrawn_at

    @rule(really=RARELY, subject=st.sampled_from(["patient", "partner"]))
    def report_pregnancy(self, *, really: bool, subject: str) -> None:
        if not really:
            return
        made = self._done(
            evidence.report_pregnancy,
            patient_id=self.patient.pk,
            subject=subject,
            reported_at=clock.now(),
            source="A call",
        )
        if made is not None:
            self.life.cases.append(safety.Case(made.reported_at, subject))

    # --- the office

    @precondition(lambda self: any(not each.ended_at for each in self.life.interventions))
    @rule()
    def resolve_every_intervention(self) -> None:
        for row in Intervention.objects.filter(patient=self.patient, resolved_at=None):
            self._must(
                evidence.resolve_intervention,
                self.stage.cast.staff,
                intervention_id=row.pk,
                conclusion="counseled",
                contacted="The patient",
                outcome="Talked it over",
            )
        for each in self.life.interventions:
            each.ended_at = each.ended_at or clock.now()

    @precondition(lambda self: any(not each.closed_at for each in self.life.cases))
    @rule(
        outcome=st.sampled_from(
            ["not_pregnant", "not_pregnant", "pregnancy_ended", "lost_to_follow_up", "unknown"]
        )
    )
    def close_a_case(self, outcome: str) -> None:
        row = PregnancyCase.objects.filter(patient=self.patient, closed_at=None).earliest(
            "reported_at", "recorded_at"
        )
        closed = self._must(
            evidence.close_pregnancy_case,
            self.stage.cast.administrator,
            case_id=row.pk,
            outcome=outcome,
            reason="Adjudicated",
            waiver="The follow-up ends with the case",
        )
        told = [
            each
            for each in self.life.cases
            if not each.closed_at and each.subject == closed.subject
        ]
        first = min(told, key=lambda each: each.reported_at)
        first.closed_at, first.outcome = closed.closed_at, outcome

    @rule(really=RARELY, back=st.booleans(), whose=st.integers(min_value=0, max_value=2))
    def change_a_standing(self, *, really: bool, back: bool, whose: int) -> None:
        if not really and not back:
            return
        parties = [str(self.stage.cast.prescriber.pk), *self.stage.counters]
        party, event = parties[whose], "reinstate" if back else "suspend"
        change: Callable[..., Any] = (
            providers.change_pharmacy_standing if whose else providers.change_prescriber_standing
        )
        key = "pharmacy_id" if whose else "prescriber_id"
        if back == (party in self.life.certified):
            return
        self._must(
            change, self.stage.cast.administrator, **{key: party}, event=event, reason="A review"
        )
        if back:
            self.life.certified.add(party)
        else:
            self.life.certified.discard(party)

    # --- authorization, confirmation, dispense

    @rule(days_supply=st.sampled_from([28, 28, 28, 21, 14, 0, 29]))
    def request(self, days_supply: int) -> None:
        decision = self._must(
            deciding.request_authorization,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            risk_category=self.life.category,
            product="lenalidomide",
            strength_mg=Decimal(25),
            days_supply=days_supply,
            quantity=21,
            directions="One capsule daily on days 1 to 21 of 28",
            indication="C90.00",
            survey_answers=dict.fromkeys(
                document(builders.PROGRAM, "prescriber_survey", self.life.category).codes, "yes"
            ),
        )
        prescriber = str(self.stage.cast.prescriber.pk)
        now = self._as_of(decision)
        wrong = safety.against_authorization(self.life, now, prescriber)
        if not 1 <= days_supply <= 28:
            wrong.append("L-AUT-5")
        self._agree(decision, wrong)
        if not decision.allowed:
            return
        row = decision.authorization
        told = safety.Authorized(
            number=row.number,
            issued_at=row.issued_at,
            category=self.life.category,
            prescriber=prescriber,
            days_supply=days_supply,
            expires_at=safety.expiry(self.life, row.issued_at),
        )
        assert row.expires_at == told.expires_at
        self.life.authorizations.append(told)
        self._keep(row, but={"state", "ended_at", "ended_reason"})
        free = [p for p in range(len(self.life.surveys)) if p not in self.life.served]
        if free and self._is_surveyed_each_time():
            self.life.served[free[-1]] = row.number

    @precondition(lambda self: bool(self.life.authorizations))
    @rule(really=RARELY)
    def cancel(self, *, really: bool) -> None:
        if really:
            row = self._authorization()
            self._done(
                deciding.cancel_authorization, authorization_id=row.pk, reason="Wrong strength"
            )

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
            self._keep(confirmation, but={"state", "ended_at", "ended_reason"})
            at = confirmation.issued_at
            self.confirmations[told.number] = (
                confirmation, safety.Confirmed(pharmacy, at, handover),
            )  # fmt: skip

    @precondition(lambda self: bool(self._held()))
    @rule(counter=st.sampled_from([0, 0, 0, 1]), days=st.sampled_from([28, 28, 21, 14]))
    def dispense(self, counter: int, days: int) -> None:
        self._refresh()
        confirmation, confirmed = self.confirmations[self.life.authorizations[-1].number]
        told = self.life.authorizations[-1]
        calls = {confirmed.pharmacy: self.stage.counters[confirmed.pharmacy]}
        other = [each for each in self.stage.counters if each != confirmed.pharmacy][0]
        pharmacy = other if counter else confirmed.pharmacy
        call = calls.get(pharmacy) or self.stage.counters[pharmacy]
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
            self._keep(made)
            supply = safety.Supply(made.dispensed_at, made.days_supply, told.category)
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
        if entry is not None:
            told.returned_at = entry.returned_at

    # --- what must always hold

    @invariant()
    def every_hold_has_an_owner_and_a_way_out(self) -> None:
        if not hasattr(self, "life"):
            return
        actor = self.stage.cast.administrator.actor
        outlook = eligibility.outlook(actor, [self.patient.pk], builders.PROGRAM)[self.patient.pk]
        steps = outlook["next_actions"]
        assert all(step["who"] and step["what"] for step in steps)
        assert outlook["allowed"] or steps, "a refusal without a way out"
        open_rows = Intervention.objects.filter(patient=self.patient, resolved_at=None).count()
        open_told = [each for each in self.life.interventions if not each.ended_at]
        assert bool(open_rows) == bool(open_told)

    # --- how a step is made

    def _done(self, command: Callable[..., Any], call: Call | None = None, **given: Any) -> Any:
        """What a command made; None when it was refused in its own words."""
        try:
            return self._must(command, call, **given)
        except (Conflict, InvalidRequest, NotAllowed) as refusal:
            assert str(refusal), "a refusal without a reason"
            return None

    def _must(self, command: Callable[..., Any], call: Call | None = None, **given: Any) -> Any:
        """What a command made, by the prescriber unless somebody else is named."""
        savepoint = transaction.savepoint()
        try:
            made = command(call or self.stage.cast.prescribing, **given)
        except Exception:
            transaction.savepoint_rollback(savepoint)
            raise
        self.time.shift(SECOND)  # no two things happen at one instant here: the rules' tests do that
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
        if decision.allowed:
            assert not wrong, f"{decision.act} was allowed although the rules forbid it: {wrong}"
        else:
            assert wrong, f"{decision.act} was refused without need: {decision.document['unmet']}"

    def _agreed(self, agreement: Agreement) -> None:
        assert agreement.patient_signed_at and agreement.prescriber_signed_at
        at = max(agreement.patient_signed_at, agreement.prescriber_signed_at)
        self.life.agreements.append(
            safety.Agreed(
                at, agreement.risk_category, str(agreement.prescriber_id), agreement.signer
            )
        )

    def _attested(self, made: Any) -> None:
        told = safety.Contraception(
            made.attested_at,
            made.recorded_at,
            frozenset(made.methods),
            made.abstinence,
            made.lapse,
            made.in_use_since,
        )
        self.life.contraception.append(told)
        self.attestations.append((made, told))
        if not told.is_adequate:
            self.life.interventions.append(safety.Open(made.recorded_at))

    def _is_surveyed_each_time(self) -> bool:
        if self.life.category == "adult_fnrp":
            return False
        first = not any(each.is_dispensed for each in self.life.authorizations)
        return self.life.is_on_path or not first

    def _authorization(self) -> Authorization:
        return Authorization.objects.get(number=self.life.authorizations[-1].number)

    def _held(self) -> "tuple[Confirmation, safety.Confirmed] | None":
        if not self.life.authorizations:
            return None
        return self.confirmations.get(self.life.authorizations[-1].number)

    def _limits(self) -> list[datetime]:
        """The instants at which something that was done ends to serve."""
        limits = [safety.last_instant(safety.day(clock.now()))]
        limits += [told.at + 24 * HOUR for _, told in self.confirmations.values()]
        limits += [told.expires_at for told in self.life.authorizations]
        for at in self.life.counting()[-2:]:
            limits += [at + 24 * HOUR, safety.last_instant(safety.day(at) + 7 * DAY)]
            limits += [safety.last_instant(safety.day(at) + days * DAY) for days in (9, 14)]
        runs_out = self.life.runs_out_on(regular=False)
        if runs_out is not None:
            limits += [safety.last_instant(runs_out + days * DAY) for days in (-8, 28)]
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
