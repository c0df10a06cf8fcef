"""What the prescriber's side does in a random life, and what it tells the safety model of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from apps.core import clock
from apps.eligibility import services as deciding
from apps.evidence import services as evidence
from apps.evidence.models import Intervention
from apps.rules.documents import document
from tests import builders
from tests.lives import history, safety
from tests.lives.living import DAY, HOUR, RARELY, Living

AGES = st.sampled_from([timedelta(), timedelta(), HOUR, DAY, 3 * DAY, 7 * DAY, 10 * DAY, 12 * DAY])
TWO_METHODS = frozenset({"iud", "male_condom"})
LAPSES = {"contraception_lapse", "unprotected_contact", "uses_two_methods"}
BLEEDINGS = {"missed_period", "unusual_bleeding", "menses_or_bleeding"}


class Practice(Living):
    """Attestations, tests, surveys, reports; and the request for an authorization."""

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
        told = history.Test(made.collected_at, made.resulted_at, result, float(sensitivity))
        self.life.tests.append(told)
        self.tests.append((made, told))
        if result == "positive":
            self.life.cases.append(history.Case(made.recorded_at))

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
        in_use_since = None if since is None else history.day(now) - since * DAY
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

    def _attested(self, made: Any) -> None:
        told = history.Contraception(
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
            self.life.interventions.append(history.Open(made.recorded_at))

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
            told = history.Given(made.attested_at, is_whole)
            self.life.obligations.append(told)
            self.entries.append(("obligations", made, told))

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
            told = history.Given(made.given_at, is_whole)
            self.life.counseling.append(told)
            self.entries.append(("counseling", made, told))

    @rule(choice=st.integers(min_value=0, max_value=60), differs=RARELY)
    def survey(self, choice: int, *, differs: bool) -> None:
        """Seldom with a risky answer, or with one that the prescriber's answers will contradict."""
        category = self.life.category
        items = document(builders.PROGRAM, "patient_survey", category).items
        risky = [item for item in items if item.at_risk]
        answers = builders.safe_answers(category)
        item = risky[choice] if choice < len(risky) else None
        if item is not None:
            answers[item.code] = item.at_risk or ""
        if differs:
            answers["counseled"] = "no"
        made = self._done(
            evidence.record_patient_survey,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            completed_at=clock.now(),
            answers=answers,
        )
        if made is None:
            return
        told = history.Given(made.completed_at, is_whole=not differs)
        self.life.surveys.append(told)
        self.entries.append(("patient_survey", made, told))
        if item is not None:
            self._answered_at_risk(item.code, made.recorded_at)

    def _answered_at_risk(self, code: str, at: datetime) -> None:
        self.life.interventions.append(history.Open(at))
        if code == "may_be_pregnant":
            self.life.cases.append(history.Case(at))
        if code == "partner_may_be_pregnant":
            self.life.cases.append(history.Case(at, "partner"))
        if code in BLEEDINGS:
            self.life.bleeding.append(history.Given(at))
        if code in LAPSES:
            lapse = history.Contraception(at, at, frozenset(), False, True, None)
            self.life.contraception.append(lapse)

    @precondition(lambda self: any(not told.withdrawn_at for _, _, told in self.entries))
    @rule(really=RARELY, which=st.integers(min_value=0, max_value=2))
    def withdraw_an_entry(self, *, really: bool, which: int) -> None:
        if not really:
            return
        standing = [each for each in self.entries if not each[2].withdrawn_at]
        kind, made, told = standing[-1 - which % len(standing)]
        if self._must(evidence.withdraw_entry, kind=kind, entry_id=made.pk, reason="Mistaken"):
            made.refresh_from_db()
            told.withdrawn_at = made.withdrawn_at

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
            told = history.Given(made.reported_at)
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
            self.life.cases.append(history.Case(made.reported_at, subject))

    @rule(days_supply=st.sampled_from([28, 28, 28, 21, 14, 0, 29]))
    def request(self, days_supply: int) -> None:
        self._refresh()
        opened = Intervention.objects.filter(patient=self.patient, cause="mismatch")
        before = opened.count()
        decision = self._done(
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
        assert (decision is None) == self.life.is_over(), "requests end with the therapy"
        if decision is None:
            return
        prescriber = str(self.stage.cast.prescriber.pk)
        now = self._as_of(decision)
        if opened.count() > before:
            assert self.life.differing(), "a mismatch of answers that do not differ"
            self.life.interventions.append(history.Open(now))
            self.life.settled = len(self.life.surveys)
        wrong = safety.against_authorization(self.life, now, prescriber)
        if not 1 <= days_supply <= 28:
            wrong.append("L-AUT-5")
        self._agree(decision, wrong)
        if not decision.allowed:
            return
        row = decision.authorization
        told = history.Authorized(
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
        free = self.life.free_surveys()
        if free and self._is_surveyed_each_time():
            self.life.served[free[-1]] = row.number

    def _is_surveyed_each_time(self) -> bool:
        if self.life.category == "adult_fnrp":
            return False
        first = not any(each.is_dispensed for each in self.life.authorizations)
        return self.life.is_on_path or not first

    @precondition(lambda self: bool(self.life.authorizations))
    @rule(really=RARELY)
    def cancel(self, *, really: bool) -> None:
        if really:
            row = self._authorization()
            self._done(
                deciding.cancel_authorization, authorization_id=row.pk, reason="Wrong strength"
            )
