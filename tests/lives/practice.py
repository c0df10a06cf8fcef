"""What the prescriber's side does in a random life, and what it tells the safety model of it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from apps.core import clock
from apps.core.call import Call
from apps.eligibility import services as deciding
from apps.evidence import services as evidence
from apps.rules.documents import document
from tests import builders
from tests.lives import history, ledger, safety
from tests.lives.history import DAY, HOUR
from tests.lives.living import RARELY, Living

AGES = st.sampled_from([timedelta(), timedelta(), HOUR, DAY, 3 * DAY, 7 * DAY, 10 * DAY, 12 * DAY])
TWO_METHODS = frozenset({"iud", "male_condom"})
METHODS = {"two": TWO_METHODS, "lapse": TWO_METHODS, "inadequate": frozenset({"iud"})}
LAPSES = {"contraception_lapse", "unprotected_contact", "uses_two_methods"}
BLEEDINGS = {"missed_period", "unusual_bleeding", "menses_or_bleeding"}


class Practice(Living):
    """Attestations, tests, surveys; and the request for an authorization."""

    # --- evidence

    @rule(
        result=st.sampled_from(["negative"] * 10 + ["indeterminate"]),
        ago=AGES,
        is_weak=RARELY,
        only_day=st.sampled_from([False, False, True]),
    )
    def test(self, result: str, ago: timedelta, *, is_weak: bool, only_day: bool) -> None:
        self._step("test")
        self.record_test(result, ago, is_weak=is_weak, only_day=only_day)

    def record_test(
        self,
        result: str = "negative",
        ago: timedelta = timedelta(),
        *,
        is_weak: bool = False,
        only_day: bool = False,
    ) -> None:
        """Of a day alone, the least favorable instant counts (L-SRC-2)."""
        now = clock.now()
        at, sensitivity = now - ago, 60 if is_weak else 25
        told = history.Test(at, at, result, sensitivity)
        given: dict[str, Any] = {"collected_at": at, "resulted_at": at}
        if only_day:
            on = history.day(at)
            last = min(history.last_instant(on), now)
            first = history.first_instant(on)
            told = history.Test(first if result != "indeterminate" else last, last, result)
            told.sensitivity = sensitivity
            given = {"collected_on": on, "resulted_on": on}
        made = self._done(
            evidence.record_pregnancy_test,
            patient_id=self.patient.pk,
            result=result,
            sensitivity_miu_ml=Decimal(sensitivity),
            specimen="serum",
            voids=result == "positive",
            **given,
        )
        if made is None:
            assert result == "negative", "a test refused without need"
            assert self.carer not in self.life.certified, "a test refused without need"
            return
        assert (made.collected_at, made.resulted_at) == (told.collected_at, told.resulted_at)
        self._tested(made, told)
        if only_day:
            self._happened("date-only test")
        if is_weak:
            self._happened("weak test")

    def _tested(self, made: Any, told: history.Test) -> None:
        self.life.tests.append(told)
        self.tests.append((made, told))
        self._happened(f"{told.result} test")
        if told.result == "positive":
            self.life.cases.append(history.Case(made.recorded_at))

    @rule(
        kind=st.sampled_from(
            ["two"] * 3 + ["abstinence", "obligations", "counseling", "survey", "survey"]
        ),
        days=st.sampled_from([0, 0, 0, 10, 28, 30, 31]),
        since=st.sampled_from([None, None, 0, 10, 28, 40]),
        is_whole=st.sampled_from([True, True, False]),
    )
    def attest(self, kind: str, days: int, since: int | None, *, is_whole: bool) -> None:
        """Something that must be fresh, so many days ago."""
        self._step("attest")
        ago = days * DAY
        if kind == "obligations":
            self.attest_obligations(ago, is_whole=is_whole)
        elif kind == "counseling":
            self.counsel(ago, is_whole=is_whole)
        elif kind == "survey":
            self.survey(ago, differs=not is_whole)
        else:
            self.attest_contraception(kind, since, ago)

    def attest_contraception(
        self, kind: str, since: int | None, ago: timedelta = timedelta()
    ) -> None:
        at = clock.now() - ago
        is_inadequate = kind in {"lapse", "inadequate"}
        if since is None and not is_inadequate and self._differs(kind, at):
            since = 0  # Other methods are taken with the day they were taken up (L-CON-2).
        made = self._must(
            evidence.record_contraception,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            attested_at=at,
            abstinence=kind == "abstinence",
            methods=METHODS.get(kind, frozenset()),
            in_use_since=None if since is None else history.day(at) - since * DAY,
            lapse=kind == "lapse",
            voids=is_inadequate,
        )
        self._attested(made)
        if is_inadequate:
            self.life.interventions.append(history.Open(made.recorded_at))
            self._happened("contraception inadequate")

    def _differs(self, kind: str, at: datetime) -> bool:
        """Whether the last attestation that stands was sound, and of other methods."""
        before = [
            each for each in self.life.contraception
            if each.attested_at <= at and not each.withdrawn_at
        ]  # fmt: skip
        if not before:
            return False
        last = max(before, key=lambda each: (each.attested_at, each.recorded_at))
        return last.is_adequate and last.abstinence != (kind == "abstinence")

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

    def attest_obligations(self, ago: timedelta = timedelta(), *, is_whole: bool = True) -> None:
        made = self._must(
            evidence.record_obligations,
            patient_id=self.patient.pk,
            attested_at=clock.now() - ago,
            condom=True,
            abstinence=False,
            no_sperm_donation=True,
            no_blood_donation=is_whole,
            no_sharing=True,
        )
        told = history.Given(made.attested_at, is_whole)
        self.life.obligations.append(told)
        self.entries.append(("obligations", made, told))

    def counsel(self, ago: timedelta = timedelta(), *, is_whole: bool = True) -> None:
        topics = ["contraception", "emergency_contraception"] if is_whole else ["contraception"]
        made = self._must(
            evidence.record_counseling,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            given_at=clock.now() - ago,
            topics=topics,
        )
        told = history.Given(made.given_at, is_whole)
        self.life.counseling.append(told)
        self.entries.append(("counseling", made, told))

    def survey(
        self, ago: timedelta = timedelta(), *, risky: int | None = None, differs: bool = False
    ) -> None:
        """With one risky answer, or with one that the prescriber's answers will contradict."""
        category, at = self.life.category, clock.now() - ago
        items = [
            item
            for item in document(builders.PROGRAM, "patient_survey", category).items
            if item.at_risk
        ]
        answers = builders.safe_answers(category)
        item = None if risky is None else items[risky % len(items)]
        if item is not None:
            answers[item.code] = item.at_risk or ""
        if differs:
            answers["counseled"] = "no"
        voids = item is not None and (item.code in LAPSES or item.code == "may_be_pregnant")
        made = self._must(
            evidence.record_patient_survey,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            completed_at=at,
            answers=answers,
            voids=voids,
        )
        told = history.Answered(
            made.completed_at, is_whole=not differs, is_of_path=self.life.is_on_path
        )
        self.life.surveys.append(told)
        self.entries.append(("patient_survey", made, told))
        if item is not None:
            self._happened("survey at risk")
            self._answered_at_risk(item.code, at, made.recorded_at)

    def _answered_at_risk(self, code: str, at: datetime, recorded_at: datetime) -> None:
        life = self.life
        life.interventions.append(history.Open(recorded_at))
        if code == "may_be_pregnant":
            life.cases.append(history.Case(recorded_at))
        if code == "partner_may_be_pregnant":
            life.cases.append(history.Case(recorded_at, "partner"))
        if code in BLEEDINGS:
            life.bleeding.append(history.Given(at))
        if code in LAPSES:
            life.contraception.append(
                history.Contraception(at, recorded_at, frozenset(), False, True, None)
            )

    def say_of_health(self, *, breastfeeding: bool) -> None:
        self._must(
            evidence.record_health_status,
            patient_id=self.patient.pk,
            cycle="regular",
            breastfeeding=breastfeeding,
        )
        self.life.breastfeeding = breastfeeding

    # --- the request

    def _asking(self, by: str) -> tuple[str, Call]:
        """For whom it is asked, and who asks: the carer, their delegate, or one who covers."""
        stage, carer = self.stage, self.carer
        if by == "colleague" and carer in stage.colleagues:
            (colleague,) = stage.colleagues[carer]
            if colleague in self.life.certified:
                return colleague, stage.prescribers[colleague]
        if by == "delegate" and carer == stage.own:
            return carer, stage.delegate
        return carer, stage.prescribers[carer]

    def request(self, days_supply: int = 28, by: str = "prescriber") -> None:
        prescriber, call = self._asking(by)
        category = self.life.category
        decision = self._done(
            deciding.request_authorization,
            call,
            patient_id=self.patient.pk,
            program=builders.PROGRAM,
            risk_category=category,
            product="lenalidomide",
            strength_mg=Decimal(25),
            days_supply=days_supply,
            quantity=21,
            directions="One capsule daily on days 1 to 21 of 28",
            indication="C90.00",
            survey_answers=dict.fromkeys(
                document(builders.PROGRAM, "prescriber_survey", category).codes, "yes"
            ),
        )
        assert (decision is None) == self.life.is_over(), "requests end with the therapy"
        if decision is None:
            return
        now = self._as_of(decision)
        opened = sum(not each.ended_at for each in self.life.interventions)
        if ledger.counts(self.records).interventions > opened:
            assert self.life.differing(), "a mismatch of answers that do not differ"
            self.life.interventions.append(history.Open(now))
            self.life.settled = len(self.life.surveys)
            self._happened("surveys differ")
        wrong = safety.against_authorization(self.life, now, prescriber)
        if not 1 <= days_supply <= 28:
            wrong.append("L-AUT-5")
        self._agree(decision, wrong)
        if decision.allowed:
            if by != "prescriber":
                self._happened(f"requested by a {by}")
            self._issued(decision.authorization, prescriber)

    def _issued(self, row: Any, prescriber: str) -> None:
        free = self.life.free_surveys(row.issued_at)
        is_first = not any(each.is_dispensed for each in self.life.authorizations)
        if not is_first and self.life.is_initiation(row.issued_at):
            self._happened("re-initiation")
        told = history.Authorized(
            number=row.number,
            issued_at=row.issued_at,
            category=self.life.category,
            prescriber=prescriber,
            days_supply=row.days_supply,
            expires_at=safety.expiry(self.life, row.issued_at),
        )
        assert row.expires_at == told.expires_at, "L-AUT-4"
        self.life.authorizations.append(told)
        asks_each_time = self.life.is_on_path or not is_first
        if free and asks_each_time and self.life.category != "adult_fnrp":
            self.life.served.setdefault(free[-1], set()).add(row.number)

    def cancel_it(self) -> None:
        """By the prescriber of now; only what is open can be cancelled (L-AUT-9)."""
        row, told, now = self._authorization(), self.life.authorizations[-1], clock.now()
        is_open = self.life.is_open(told, now)
        made = self._done(
            deciding.cancel_authorization,
            authorization_id=row.pk,
            reason="Wrong strength",
            voids=is_open,
        )
        assert (made is not None) == is_open, "L-AUT-9"
        if made is not None:
            self._happened("authorization cancelled")
