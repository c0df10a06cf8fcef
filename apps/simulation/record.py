"""A patient's record, written down as verbs: each plans one real command on the evidence."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from apps.core.call import Call
from apps.evidence import services as evidence
from apps.evidence.models import PregnancyCase, PregnancyTest, RuleException
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.rules.documents import document
from apps.simulation.cast import PROGRAM, Cast
from apps.simulation.moments import Moment, later
from apps.simulation.patient import Person, basis_of, identity_of
from apps.simulation.people import ADMINISTRATOR, SECOND_STAFF, STAFF, Doctor
from apps.simulation.story import Act, Story

TOPICS = ("contraception", "emergency_contraception")
TWO_METHODS = ("iud", "male_condom")
LATEST_SHIFT = 25
RESULT_MINUTES = 30


@dataclass(slots=True)
class Record:
    """A person in the program; what came of each step is kept for the next one."""

    person: Person
    story: Story
    cast: Cast
    random: Random
    patient: Patient = field(init=False)
    test: PregnancyTest = field(init=False)
    case: PregnancyCase = field(init=False)
    shift: timedelta = field(init=False)
    cycle: str = field(init=False, default="")

    def __post_init__(self) -> None:
        # A small shift of a whole life: people do not all come at the full hour, and order stays.
        self.shift = timedelta(minutes=self.random.randint(0, LATEST_SHIFT))

    def enrolls(self, when: Moment, *, patient_signs: bool = True) -> None:
        """Enrolled by the prescriber; the agreement signed by both, or not by the patient yet."""
        at = self.instant(when)

        def enroll() -> None:
            self.patient = patients.enroll_patient(
                self.cast.prescribing(self.person.doctor),
                program=PROGRAM,
                identity=identity_of(self.person, self.story.today, self.random),
                risk_category=self.person.risk_category,
                basis=basis_of(self.person, self.story.today),
                signatures=self.person.signatures(at, patient_signs=patient_signs),
            )

        self.plan(when, enroll)

    def has_health(
        self, when: Moment, *, cycle: str = "", breastfeeding: bool = False, flags: str = ""
    ) -> None:
        """Cycle, breastfeeding and advisory flags as they are from now on."""
        self.cycle = cycle
        self.plan(
            when,
            lambda: evidence.record_health_status(
                self.clinic(),
                patient_id=self.patient.pk,
                cycle=cycle,
                breastfeeding=breastfeeding,
                advisory_flags=flags.split(),
            ),
        )

    def attests_contraception(
        self,
        when: Moment,
        *,
        methods: Iterable[str] = TWO_METHODS,
        since: int | None = None,
        lapse: bool = False,
        by: Doctor | None = None,
    ) -> None:
        """Attests the methods in use; `since`: the day they were begun; None: unchanged."""
        at = self.instant(when)
        self.plan(
            when,
            lambda: evidence.record_contraception(
                self.clinic(by),
                patient_id=self.patient.pk,
                program=PROGRAM,
                attested_at=at,
                abstinence=False,
                methods=tuple(methods),
                in_use_since=None if since is None else self.story.today.date(since),
                lapse=lapse,
            ),
        )

    def attests_abstinence(self, when: Moment, *, since: int | None = None) -> None:
        """Attests continuous abstinence; `since`: the day from which it is promised."""
        at = self.instant(when)
        self.plan(
            when,
            lambda: evidence.record_contraception(
                self.clinic(),
                patient_id=self.patient.pk,
                program=PROGRAM,
                attested_at=at,
                abstinence=True,
                methods=(),
                in_use_since=None if since is None else self.story.today.date(since),
                lapse=False,
            ),
        )

    def promises(self, when: Moment) -> None:
        """Attests the obligations: no donation, no sharing; for a male, condoms."""
        at = self.instant(when)
        self.plan(
            when,
            lambda: evidence.record_obligations(
                self.clinic(),
                patient_id=self.patient.pk,
                attested_at=at,
                condom=self.person.is_male,
                abstinence=False,
                no_sperm_donation=self.person.is_male,
                no_blood_donation=True,
                no_sharing=True,
            ),
        )

    def is_counseled(self, when: Moment, *, by: Doctor | None = None) -> None:
        """Counseling for one supply, with all topics."""
        at = self.instant(when)
        self.plan(
            when,
            lambda: evidence.record_counseling(
                self.clinic(by),
                patient_id=self.patient.pk,
                program=PROGRAM,
                given_at=at,
                topics=TOPICS,
            ),
        )

    def answers_survey(
        self, when: Moment, *, at_risk: tuple[str, ...] = (), by_phone: bool = False
    ) -> None:
        """The patient survey: true and safe answers, but at-risk ones to the questions named."""
        at = self.instant(when)
        answers = {
            item.code: "yes" if (item.at_risk == "yes") == (item.code in at_risk) else "no"
            for item in document(PROGRAM, "patient_survey", self.person.risk_category).items
        }
        if "regular_periods" in answers and self.cycle in {"irregular", "none"}:
            answers["regular_periods"] = "no"
        self.plan(
            when,
            lambda: evidence.record_patient_survey(
                self.cast.by_phone(STAFF) if by_phone else self.clinic(),
                patient_id=self.patient.pk,
                program=PROGRAM,
                completed_at=at,
                answers=answers,
            ),
        )

    def is_tested(
        self, when: Moment, result: str = "negative", *, by: Doctor | None = None
    ) -> None:
        """A pregnancy test collected at `when`; its result comes half an hour later."""
        at = self.instant(when)

        def record() -> None:
            self.test = evidence.record_pregnancy_test(
                self.clinic(by),
                patient_id=self.patient.pk,
                collected_at=at,
                resulted_at=at + timedelta(minutes=RESULT_MINUTES),
                result=result,
                sensitivity_miu_ml=Decimal(25),
                specimen=self.random.choice(("serum", "urine")),
                laboratory="Synthetic Laboratories",
            )
            if result == "positive":
                self.case = self.test.cases.get()

        self.plan(later(when, minutes=RESULT_MINUTES), record)

    def reports_bleeding(self, when: Moment, kind: str) -> None:
        """A missed period or abnormal bleeding: an evaluation hold (L-PT-8)."""
        at = self.instant(when)
        self.plan(
            when,
            lambda: evidence.report_bleeding(
                self.clinic(), patient_id=self.patient.pk, reported_at=at, kind=kind
            ),
        )

    def partner_may_be_pregnant(self, when: Moment) -> None:
        """A man reports that his partner may be pregnant (L-PRG-1)."""
        at = self.instant(when)
        self.plan(
            when,
            lambda: evidence.report_pregnancy(
                self.clinic(),
                patient_id=self.patient.pk,
                subject="partner",
                reported_at=at,
                source="The patient, by telephone",
            ),
        )

    def has_case_closed(self, when: Moment, outcome: str, reason: str, *, waiver: str = "") -> None:
        """An administrator closes the pregnancy case (L-PRG-3)."""
        self.plan(
            when,
            lambda: evidence.close_pregnancy_case(
                self.cast.of_office(ADMINISTRATOR),
                case_id=self.case.pk,
                outcome=outcome,
                reason=reason,
                waiver=waiver,
            ),
        )

    def is_sent_a_code(self, when: Moment) -> None:
        """A one-time code for the patient's own pages, by e-mail to the address on record."""
        self.plan(
            when,
            lambda: evidence.issue_patient_code(
                self.clinic(),
                patient_id=self.patient.pk,
                purpose="enter",
                way="email",
                identified="on_record",
            ),
        )

    def has_test_withdrawn(self, when: Moment, reason: str) -> None:
        """The latest test was a mistake (L-PT-7)."""
        self.plan(
            when,
            lambda: evidence.withdraw_pregnancy_test(
                self.clinic(), test_id=self.test.pk, reason=reason
            ),
        )

    def is_excepted(self, when: Moment, rule: str, reason: str, *, hours: int) -> None:
        """One of the staff asks for an exception for so many hours, another grants (L-DSP-10)."""
        at = self.instant(when)

        def grant() -> RuleException:
            request = evidence.request_exception(
                self.cast.of_office(STAFF),
                patient_id=self.patient.pk,
                program=PROGRAM,
                rule=rule,
                expires_at=at + timedelta(hours=hours),
                reason=reason,
            )
            return evidence.grant_exception(
                self.cast.of_office(SECOND_STAFF), request_id=request.pk, reason=reason
            )

        self.plan(when, grant)

    def clinic(self, doctor: Doctor | None = None) -> Call:
        """Who enters evidence: the prescriber, a covering colleague, or the delegate."""
        if self.person.is_kept_by_delegate:
            return self.cast.assisting(doctor or self.person.doctor)
        return self.cast.prescribing(doctor or self.person.doctor)

    def instant(self, when: Moment) -> datetime:
        """The instant of a moment in this life."""
        return when(self.story.today) - self.shift

    def plan(self, when: Moment, act: Act) -> None:
        """Let `act` happen at `when` in this life."""
        self.story.plan(lambda _: self.instant(when), act)
