"""What goes wrong in a random life, and what was entered by mistake: reports and corrections."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from apps.core import clock
from apps.eligibility import services as deciding
from apps.evidence import services as evidence
from apps.patients.services import NotDuplicate
from tests import builders
from tests.lives import history
from tests.lives.course import LESS, OTHERS
from tests.lives.history import DAY, FEMALE, PREGNANCY_PATH
from tests.lives.practice import Practice

MISHAPS = st.sampled_from(
    ["positive", "indeterminate", "bleeding", "bleeding", "pregnancy", "partner", "lapse",
     "inadequate", "risky survey", "risky survey", "breastfeeding"],
)  # fmt: skip
MISTAKES = st.sampled_from(
    ["negative test", "negative test", "positive test", "attestation", "entry", "entry",
     "report", "report", "end", "end", "late dispense", "merge"],
)  # fmt: skip


class Reports(Practice):
    """A positive test, bleeding, a lapse, a pregnancy; withdrawals, and records that are merged."""

    @rule(what=MISHAPS, which=st.integers(min_value=0, max_value=15), days=st.integers(0, 3))
    def suffer(self, what: str, which: int, days: int) -> None:
        self._step("suffer")
        self.suffer_something(what, which, days)

    def suffer_something(self, what: str, which: int, days: int) -> None:
        acts: dict[str, Callable[[], None]] = {
            "positive": lambda: self.record_test("positive", days * DAY, only_day=which % 4 == 0),
            "indeterminate": lambda: self.record_test("indeterminate", only_day=which % 4 == 0),
            "bleeding": lambda: self.report_bleeding(days * DAY),
            "pregnancy": lambda: self.report_pregnancy("patient", which),
            "partner": lambda: self.report_pregnancy("partner", which),
            "lapse": lambda: self.attest_contraception("lapse", None, days * DAY),
            "inadequate": lambda: self.attest_contraception("inadequate", None),
            "risky survey": lambda: self.survey(risky=which),
            "breastfeeding": self.report_breastfeeding,
        }
        acts[what]()

    def report_bleeding(self, ago: timedelta) -> None:
        made = self._done(
            evidence.report_bleeding,
            patient_id=self.patient.pk,
            reported_at=clock.now() - ago,
            kind="abnormal_bleeding",
        )
        assert (made is not None) == (self.life.category in FEMALE)
        if made is not None:
            told = history.Given(made.reported_at)
            self.life.bleeding.append(told)
            self.reports.append((made, told))
            self._happened("bleeding reported")

    def report_pregnancy(self, subject: str, which: int) -> None:
        """By whoever takes part: the prescriber, or the staff (L-PRG-1)."""
        made = self._done(
            evidence.report_pregnancy,
            self.stage.cast.staff if which % 2 else None,
            patient_id=self.patient.pk,
            subject=subject,
            reported_at=clock.now(),
            source="A call",
            voids=subject == "patient",
        )
        if made is None:
            assert subject == "partner"
            assert self.life.category in FEMALE
            return
        self.life.cases.append(history.Case(made.reported_at, subject))
        self._happened("partner pregnant" if subject == "partner" else "pregnancy reported")

    def report_breastfeeding(self) -> None:
        made = self._done(evidence.report_breastfeeding, patient_id=self.patient.pk)
        assert (made is not None) == (self.life.category in FEMALE)
        if made is not None:
            self.life.breastfeeding = True
            self._happened("breastfeeding")

    # --- what was entered by mistake (L-SRC-3)

    @rule(what=MISTAKES, which=st.integers(min_value=0, max_value=3), found=st.integers(0, 6))
    def correct(self, what: str, which: int, found: int) -> None:
        """Withdraw the latest of a kind, or one shortly before it; or merge a second record."""
        self._step("correct")
        self.correct_something(what, which, found)

    def correct_something(self, what: str, which: int, found: int) -> None:
        acts: dict[str, Callable[[], None]] = {
            "negative test": lambda: self.withdraw_a_test("negative"),
            "positive test": lambda: self.withdraw_a_test("positive"),
            "attestation": self.withdraw_an_attestation,
            "entry": lambda: self.withdraw_an_entry(which),
            "report": self.withdraw_a_report,
            "end": self.withdraw_an_end,
            "late dispense": self.withdraw_a_late_dispense,
            "merge": lambda: self.merge_a_second_record(found),
        }
        acts[what]()

    def withdraw_a_test(self, result: str) -> None:
        """A positive result only by an administrator, after adjudication (L-PT-7)."""
        standing = [
            each for each in self.tests if each[1].result == result and not each[1].withdrawn_at
        ]
        if not standing:
            return
        made, told = standing[-1]
        given = {"test_id": made.pk, "reason": "Another's"}
        if result == "positive":
            assert not self._done(evidence.withdraw_pregnancy_test, **given), "L-PT-7"
        withdrawn = self._must(
            evidence.withdraw_pregnancy_test,
            self.stage.cast.administrator,
            voids=result == "negative",
            **given,
        )
        told.withdrawn_at = withdrawn.withdrawn_at
        self._happened(f"withdrawn: {result} test")

    def withdraw_an_attestation(self) -> None:
        standing = [each for each in self.attestations if not each[1].withdrawn_at]
        if standing:
            made, told = standing[-1]
            withdrawn = self._must(
                evidence.withdraw_contraception,
                self.stage.cast.staff,
                attestation_id=made.pk,
                reason="Mistaken",
                voids=True,
            )
            told.withdrawn_at = withdrawn.withdrawn_at
            self._happened("withdrawn: attestation")

    def withdraw_an_entry(self, which: int) -> None:
        standing = [each for each in self.entries if not each[2].withdrawn_at]
        if not standing:
            return
        kind, made, told = standing[-1 - which % len(standing)]
        withdrawn = self._must(
            evidence.withdraw_entry,
            self.stage.cast.staff,
            kind=kind,
            entry_id=made.pk,
            reason="Mistaken",
            voids=True,
        )
        told.withdrawn_at = withdrawn.withdrawn_at
        self._happened("agreement withdrawn" if kind == "agreement" else "withdrawn: entry")

    def withdraw_a_report(self) -> None:
        standing = [each for each in self.reports if not each[1].withdrawn_at]
        if standing:
            made, told = standing[-1]
            withdrawn = self._must(
                evidence.withdraw_bleeding_report,
                self.stage.cast.staff,
                report_id=made.pk,
                reason="A nosebleed",
            )
            told.withdrawn_at = withdrawn.withdrawn_at
            self._happened("withdrawn: report")

    def withdraw_an_end(self) -> None:
        standing = [each for each in self.ends if not each[1].withdrawn_at]
        if standing:
            made, told = standing[-1]
            withdrawn = self._must(
                evidence.withdraw_therapy_event,
                self.stage.cast.staff,
                event_id=made.pk,
                reason="Another's",
            )
            told.withdrawn_at = withdrawn.withdrawn_at
            self._happened("death withdrawn" if told.kind == "died" else "end withdrawn")

    def withdraw_a_late_dispense(self) -> None:
        """It is no supply any more; what it used up stays used."""
        standing = [
            each for each in self.dispenses if each[0].reported_late and not each[1].withdrawn_at
        ]
        if standing:
            made, told = standing[-1]
            withdrawn = self._must(
                deciding.withdraw_late_dispense,
                self.stage.cast.staff,
                dispense_id=made.pk,
                reason="Another's",
            )
            told.withdrawn_at = withdrawn.withdrawn_at
            self._happened("late, withdrawn")

    # --- the same person twice (L-PAT-1)

    def merge_a_second_record(self, found: int) -> None:
        """Another prescriber enrolled her again; what stood there counts for the one record."""
        stage, life = self.stage, self.life
        prescriber = stage.other
        may_enroll = prescriber in life.certified and not life.is_over() and not self.pending
        fits = life.is_adult(history.day(clock.now())) == life.category.startswith("adult")
        if not may_enroll or not fits or len(self.records) > 1:
            return
        category = OTHERS.get(life.category, life.category) if found == 0 else life.category
        basis = LESS.get(category) if category.startswith("adult") else None
        twin = self._enrolled(
            prescriber,
            category,
            basis,
            not_duplicates=(NotDuplicate(self.patient.pk, "A cousin"),),
        )
        self.time.shift(timedelta(seconds=1))
        self.records.append(twin.pk)
        agreement = twin.agreements.get()
        self._say_on(twin, found)
        self._must(
            evidence.merge_patients,
            stage.cast.staff,
            kept_id=self.patient.pk,
            merged_id=twin.pk,
            reason="The same person",
            voids=True,
        )
        self._agreed(agreement)
        if category in PREGNANCY_PATH and not life.is_on_path:
            life.category, life.basis = category, None
        elif category == life.category == "adult_fnrp" and basis and life.basis:
            life.basis = max(life.basis, basis, key=lambda each: each[1])
        self._happened("records merged")

    def _say_on(self, twin: object, found: int) -> None:
        """Something is recorded about the second record before anybody knows."""
        call, at = self.stage.prescribers[self.stage.other], clock.now()
        twin_id = twin.pk  # type: ignore[attr-defined]
        if found in {1, 2}:
            result = ("negative", "positive")[found - 1]
            made = builders.pregnancy_test(call, twin, result=result)  # type: ignore[arg-type]
            told = history.Test(made.collected_at, made.resulted_at, result)
            self._tested(made, told)
        elif found == 3:
            lapse = builders.contraception(call, twin, lapse=True)  # type: ignore[arg-type]
            self._attested(lapse)
            self.life.interventions.append(history.Open(lapse.recorded_at))
        elif found == 4:
            obligations = builders.obligations(call, twin)  # type: ignore[arg-type]
            promised = history.Given(obligations.attested_at)
            self.life.obligations.append(promised)
            self.entries.append(("obligations", obligations, promised))
        elif found == 5 and self.life.category in FEMALE:
            evidence.report_breastfeeding(call, patient_id=twin_id)
            self.life.breastfeeding = True
        self.time.shift(history.HOUR)
        assert clock.now() > at
