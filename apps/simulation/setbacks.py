"""What goes otherwise than planned in a life, as verbs: losses, paper, duplicates, approvals.

Each plans one real command, like the verbs of a record.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.services.intakes import Source
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.patients.services import CategoryBasis, Identity
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.rules.documents import document
from apps.simulation.cast import PROGRAM
from apps.simulation.moments import Moment
from apps.simulation.patient import basis_of
from apps.simulation.people import ADMINISTRATOR, CORNER, SECOND_STAFF, STAFF, Doctor, Site
from apps.simulation.record import RESULT_MINUTES, Record

SUPPLY_DAYS, CAPSULES = 28, 21
NDC = "99999-0425-21"


@dataclass(slots=True)
class Setbacks(Record):
    """A record, and what may go wrong with it; also with the supplies that came of it."""

    authorization: Authorization = field(init=False)
    confirmation: Confirmation = field(init=False)
    supply: Dispense = field(init=False)
    second_record: Patient = field(init=False)

    def receives_on_paper(
        self, at: Moment, *, entered: Moment, in_outage: str, site: Site = CORNER
    ) -> None:
        """Handed over at `at` while the program was away; the pharmacy enters it later (L-DSP-8).

        `in_outage` says why it was on paper.
        """
        dispensed_at = self.instant(at)

        def enter() -> None:
            record = eligibility.LateRecord(
                dispensed_at=dispensed_at,
                dispensed_on=None,
                product="lenalidomide",
                strength_mg=Decimal(self.person.strength_mg),
                days_supply=SUPPLY_DAYS,
                quantity=CAPSULES,
                handover="pickup",
                reason=in_outage,
                risk_category=self.person.risk_category,
                lot_number=f"LOT-{self.random.randint(1000, 9999)}",
                ndc=NDC,
                counselor="Philip Anders",
                checklist=sorted(document(PROGRAM, "checklist", self.person.risk_category).codes),
                medication_guide_given=True,
                outage_id=self.cast.outage.pk,
            )
            self.supply = eligibility.report_late_dispense(
                self.cast.dispensing(site),
                number=self.authorization.number,
                born_on=self.patient.born_on,
                record=record,
            )

        self.plan(entered, enter)

    def loses_supply(self, when: Moment, reason: str, *, on: int, at: Site = CORNER) -> None:
        """What was left of the latest supply was lost on a day; the pharmacy records it."""
        self.plan(
            when,
            lambda: eligibility.stop_supply(
                self.cast.dispensing(at),
                dispense_id=self.supply.pk,
                kind="lost",
                stopped_on=self.story.today.date(on),
                reason=reason,
            ),
        )

    def is_interrupted(self, when: Moment, reason: str, *, on: int) -> None:
        """The prescriber interrupts the therapy from a day on (L-END-1)."""
        self.plan(
            when,
            lambda: evidence.interrupt_therapy(
                self.clinic(),
                patient_id=self.patient.pk,
                program=PROGRAM,
                happened_on=self.story.today.date(on),
                reason=reason,
                said_by=str(self.person.doctor),
            ),
        )

    def asks_for_category(
        self, when: Moment, risk_category: str, basis: CategoryBasis | None, *, reason: str
    ) -> None:
        """Prescriber and patient sign for another category; less monitoring waits (L-CAT-3)."""
        at = self.instant(when)
        self.plan(
            when,
            lambda: evidence.change_category(
                self.clinic(),
                patient_id=self.patient.pk,
                program=PROGRAM,
                risk_category=risk_category,
                basis=basis,
                reason=reason,
                said_by=f"Dr. {self.person.doctor}",
                signatures=self.person.signatures(at),
            ),
        )

    def asks_for_exception(self, when: Moment, rule: str, reason: str, *, until: int) -> None:
        """One of the staff asks for an exception; another has to decide (L-DSP-10)."""
        self.plan(
            when,
            lambda: evidence.request_exception(
                self.cast.of_office(STAFF),
                patient_id=self.patient.pk,
                program=PROGRAM,
                rule=rule,
                expires_at=self.story.today.calendar.end_of_day(
                    self.story.today.date(until).toordinal()
                ),
                reason=reason,
                asked_by=f"Dr. {self.person.doctor}",
            ),
        )

    def is_tested_elsewhere(self, when: Moment, *, told: Moment, caller: str) -> None:
        """A negative test, told by telephone: a second person checks it (L-SRC-1)."""
        at = self.instant(when)
        collected = at.isoformat()
        resulted = (at + timedelta(minutes=RESULT_MINUTES)).isoformat()
        self.plan(
            told,
            lambda: evidence.enter_intake(
                self.cast.of_office(STAFF),
                patient_id=self.patient.pk,
                kind="pregnancy_test",
                content={
                    "collected_at": collected,
                    "resulted_at": resulted,
                    "result": "negative",
                    "sensitivity_miu_ml": "25",
                    "specimen": "serum",
                    "laboratory": "Synthetic Laboratories",
                },
                source=Source(
                    channel="phone",
                    told_by="prescriber",
                    told_by_name=caller,
                    prescriber_id=self.cast.prescribers[self.person.doctor].pk,
                    verification="called_back",
                ),
            ),
        )

    def is_registered_again(self, when: Moment, *, family_name: str, by: Doctor) -> None:
        """Another practice enrolls the same person under another name and address (L-PAT-1)."""
        at = self.instant(when)

        def enroll() -> None:
            signed = self.person.signatures(at)
            name = signed.signer_name.replace(self.person.family_name, family_name)
            self.second_record = patients.enroll_patient(
                self.cast.prescribing(by),
                program=PROGRAM,
                identity=Identity(
                    given_name=self.person.given_name,
                    family_name=family_name,
                    born_on=self.patient.born_on,
                    postal_code="73301",
                ),
                risk_category=self.person.risk_category,
                basis=basis_of(self.person, self.story.today),
                signatures=replace(signed, signer_name=name),
            )

        self.plan(when, enroll)

    def gives_same_address(self, when: Moment, *, to: Doctor) -> None:
        """The other practice gets the true address: now both records resemble each other."""
        self.plan(
            when,
            lambda: patients.correct_contact(
                self.cast.prescribing(to),
                patient_id=self.second_record.pk,
                postal_code=self.patient.postal_code,
                phone=self.patient.phone,
                email=self.patient.email,
                time_zone=self.patient.time_zone,
            ),
        )

    def is_merged(self, when: Moment, reason: str) -> None:
        """The staff merge the second record into the first one."""
        self.plan(
            when,
            lambda: evidence.merge_patients(
                self.cast.of_office(SECOND_STAFF),
                kept_id=self.patient.pk,
                merged_id=self.second_record.pk,
                reason=reason,
            ),
        )

    def has_case_followed_up(self, when: Moment, details: evidence.Details, *done: str) -> None:
        """What is known of the pregnancy case, and the steps of its follow-up that are done."""
        notes = {
            "specialist_referral": "Seen by Dr. Abel, maternal-fetal medicine.",
            "medwatch_report": "Report sent; its receipt is on file.",
        }

        def follow_up() -> None:
            call = self.cast.of_office(ADMINISTRATOR)
            evidence.record_case_details(call, case_id=self.case.pk, details=details)
            for step in self.case.steps.filter(kind__in=done, ended_at=None):
                evidence.complete_case_step(call, step_id=step.pk, note=notes[step.kind])

        self.plan(when, follow_up)
