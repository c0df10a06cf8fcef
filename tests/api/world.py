"""A small world with something at every address, and one system of each kind that may call."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.core import clock
from apps.core.call import Role
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import Intake, Intervention
from apps.evidence.services.intakes import Source
from apps.patients import reaching
from apps.patients.models import Patient
from apps.patients.services import CategoryBasis, Identity, Signatures
from apps.prescriptions.models import Authorization, Confirmation, Dispense, Outage
from apps.providers import services as providers
from apps.providers.models import Delegation
from apps.rules.documents import document
from apps.rules.policy import policy_in_force
from tests import builders
from tests.api import office
from tests.api.clients import System, system
from tests.builders import PROGRAM

ISSUED = Identity("Ida", "Issued", date(1981, 5, 6), "20001")
WAITING = Identity("Wanda", "Waitman", date(1982, 6, 7), "30001")


@dataclass
class Contents:
    """What is there: the ids in addresses, what is sent to each, and what strangers never see."""

    paths: dict[str, str]
    bodies: dict[str, Any]
    secrets: list[str]


@dataclass
class World(Contents):
    """Who calls, where, and with what."""

    systems: dict[str, System]


def world() -> World:
    """One practice's patient with a history, another one's authorization, and all who may call."""
    cast = builders.cast()
    found = contents(cast)
    return World(found.paths, found.bodies, found.secrets, systems=_systems(cast))


def contents(cast: builders.Cast) -> Contents:
    """Something at every address, all of one practice and one pharmacy."""
    patient = _patient_with_history(cast)
    issued = builders.request(
        cast.prescribing, builders.ready_frp(cast.prescribing, ISSUED), "adult_frp"
    ).authorization
    waiting = builders.request(
        cast.prescribing, builders.ready_frp(cast.prescribing, WAITING), "adult_frp"
    ).authorization
    assert issued is not None
    assert waiting is not None
    confirmation = builders.confirm(cast.dispensing, waiting).confirmation
    assert confirmation is not None
    paths = _paths(cast, patient, issued, confirmation)
    bodies = _bodies(cast, patient, issued, confirmation)
    office.add_work(cast, patient, paths, bodies)
    secrets = [str(row.pk) for row in (patient, issued, confirmation)]
    return Contents(paths, bodies, secrets)


def _patient_with_history(cast: builders.Cast) -> Patient:
    """Dispensed once; then everything that can be reported, resolved and withdrawn."""
    authorization = builders.authorized_frp(cast)
    confirmed = builders.confirm(cast.dispensing, authorization)
    assert confirmed.confirmation is not None
    builders.dispense(cast.dispensing, confirmed.confirmation)
    patient, now = authorization.patient, clock.now()
    evidence.report_bleeding(
        cast.prescribing, patient_id=patient.pk, reported_at=now, kind="missed_period"
    )
    evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        reported_at=now,
        source="The patient called",
    )
    builders.contraception(cast.prescribing, patient, lapse=True)
    evidence.record_health_status(
        cast.prescribing, patient_id=patient.pk, cycle="regular", breastfeeding=False
    )
    eligibility.declare_outage(
        cast.administrator, from_at=now, parts=["pages"], description="Nobody can sign in"
    )
    _standing(cast, patient)
    evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        signatures=Signatures(signer="patient", signer_name="Fiona Synthetic"),
    )
    return patient


def _standing(cast: builders.Cast, patient: Patient) -> None:
    """A change of category that waits, an interruption, a representative, a failing address."""
    now = clock.now()
    evidence.change_category(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        risk_category="adult_fnrp",
        basis=CategoryBasis(kind="hysterectomy", on=date(2020, 1, 1)),
        reason="Operated on",
        said_by="The surgeon's letter",
        signatures=Signatures(
            signer="patient",
            signer_name="Fiona Synthetic",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )
    evidence.interrupt_therapy(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        happened_on=builders.program_day(now),
        reason="Neutrophils are low",
        said_by="Dr. Prescriber",
    )
    reaching.name_representative(
        cast.prescribing,
        patient_id=patient.pk,
        kind="representative",
        name="Rob Relative",
        relationship="brother",
    )
    reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="email", finding="The mail server refused it"
    )


def _systems(cast: builders.Cast) -> dict[str, System]:
    colleague = builders.certified_prescriber(
        cast.administrator, serial=2, practice_id=cast.prescriber.practice_id
    )
    other = builders.certified_prescriber(cast.administrator, serial=3)
    site = builders.certified_pharmacy(cast.administrator, serial=2)
    office = cast.administrator.actor.own_organization
    practice, pharmacy = cast.prescriber.practice_id, cast.pharmacy.organization_id
    return {
        "owner": system(practice, Role.PRESCRIBER, cast.prescriber.pk),
        "colleague": system(practice, Role.PRESCRIBER, colleague.pk),
        "other": system(other.practice_id, Role.PRESCRIBER, other.pk),
        "pharmacy": system(pharmacy, Role.PHARMACIST),
        "representative": system(pharmacy, Role.REPRESENTATIVE),
        "other pharmacy": system(site.organization_id, Role.PHARMACIST),
        "staff": system(office, Role.STAFF),
        "administrator": system(office, Role.ADMINISTRATOR),
        "auditor": system(office, Role.AUDITOR),
    }


def _paths(
    cast: builders.Cast, patient: Patient, issued: Authorization, confirmation: Confirmation
) -> dict[str, str]:
    """What each address of the URLconf is here: every id is one that exists."""
    made = Dispense.objects.get(patient=patient)
    ids = {
        "prescriber_id": cast.prescriber.pk,
        "pharmacy_id": cast.pharmacy.pk,
        "practice_id": cast.prescriber.practice_id,
        "delegation_id": _delegation(cast).pk,
        "patient_id": patient.pk,
        "agreement_id": patient.agreements.latest("recorded_at").pk,
        "authorization_id": issued.pk,
        "confirmation_id": confirmation.pk,
        "dispense_id": made.pk,
        "decision_id": issued.decisions.get().pk,
        "outage_id": Outage.objects.get().pk,
        "kind": "agreement",
    }
    entries = {
        "intake-scan": _intake(cast, patient),
        "obligations-withdrawal": patient.obligationsattestation_set.latest("recorded_at"),
        "counseling-withdrawal": patient.counseling_set.latest("recorded_at"),
        "health-status-withdrawal": patient.healthstatus_set.latest("recorded_at"),
        "patient-survey-withdrawal": patient.patientsurvey_set.latest("recorded_at"),
        "agreement-withdrawal": patient.agreements.latest("recorded_at"),
        "pregnancy-test-withdrawal": patient.pregnancytest_set.latest("collected_at"),
        "contraception-withdrawal": patient.contraceptionattestation_set.latest("recorded_at"),
        "bleeding-report-withdrawal": patient.bleedingreport_set.get(),
        "pregnancy-case-closure": patient.pregnancycase_set.get(),
        "pregnancy-case-details": patient.pregnancycase_set.get(),
        "pregnancy-case-steps": patient.pregnancycase_set.get(),
        "case-step-completion": patient.pregnancycase_set.get().steps.get(kind="birth"),
        "case-step-waiver": patient.pregnancycase_set.get().steps.get(kind="birth"),
        "category-change-decision": patient.category_changes.get(),
        "category-change-withdrawal": patient.category_changes.get(),
        "therapy-event-withdrawal": patient.therapyevent_set.get(),
        "representative-end": patient.representatives.get(),
        "undeliverable-settlement": patient.undeliverable_addresses.get(),
        "intervention-resolution": Intervention.objects.get(patient=patient),
    }
    fixed = {name: str(value) for name, value in ids.items()}
    return {**fixed, **{name: str(entry.pk) for name, entry in entries.items()}}


def _intake(cast: builders.Cast, patient: Patient) -> Intake:
    """A faxed form with its scan, which waits."""
    return evidence.enter_intake(
        cast.staff,
        patient_id=patient.pk,
        kind="health_status",
        content={"cycle": "regular", "breastfeeding": False},
        source=Source(
            channel="fax",
            told_by="patient",
            told_by_name="Fiona Synthetic",
            verification="known_sender",
        ),
        scan=b"%PDF-1.7 a synthetic form",
    )


def _delegation(cast: builders.Cast) -> Delegation:
    return providers.name_delegate(
        cast.prescribing, email="dana@practice.example", given_name="Dana", family_name="Delegate"
    )


def _moving(cast: builders.Cast, patient: Patient, now: str) -> dict[str, Any]:
    """What those endpoints get that move patients and representatives."""
    reason = {"reason": "Retired"}
    other = builders.certified_prescriber(cast.administrator, serial=8)
    return {
        "pharmacy-representatives": {
            "given_name": "Nina",
            "family_name": "New",
            "email": "nina@pharmacy.example",
            **reason,
        },
        "successor-confirmation": reason,
        "delegation-end": reason,
        "coverage": {"members_cover_each_other": True, "reason": "Their letter"},
        "transfers": {
            "program": PROGRAM,
            "given_name": patient.given_name,
            "family_name": patient.family_name,
            "born_on": patient.born_on.isoformat(),
            "postal_code": patient.postal_code,
            "risk_category": "adult_frp",
            "signer": "patient",
            "signer_name": "Fiona Synthetic",
            "patient_signed_at": now,
            "prescriber_signed_at": now,
            **reason,
        },
        "hand-overs": {
            "from_prescriber_id": str(cast.prescriber.pk),
            "to_prescriber_id": str(other.pk),
            **reason,
        },
    }


def _bodies(
    cast: builders.Cast, patient: Patient, issued: Authorization, confirmation: Confirmation
) -> dict[str, Any]:
    now = clock.now().isoformat()
    codes = {kind: sorted(document(PROGRAM, kind).codes) for kind in
             ("prescriber_enrollment", "pharmacy_enrollment")}  # fmt: skip
    reason = {"reason": "Entered on the wrong patient"}
    signed = {"patient_signed_at": now, "prescriber_signed_at": now}
    prescription = {
        "number": issued.number,
        "born_on": issued.patient.born_on.isoformat(),
        "risk_category": "adult_frp",
    }
    person = {
        "given_name": "Nora",
        "family_name": "Newcomer",
        "phone": "212-555-0400",
        "email": "nora@practice.example",
    }
    return {
        "prescribers": {
            **person,
            "npi": builders.npi(77),
            "specialty": "Hematology",
            "practice_name": "New practice",
        },
        "prescriber-enrollments": {
            "program": PROGRAM,
            "attestations": codes["prescriber_enrollment"],
        },
        "prescriber-standings": {"event": "suspend", "reason": "An audit"},
        "pharmacies": {
            "npi": builders.npi(5077),
            "name": "New pharmacy",
            "address": "2 Oak Street, Springfield",
            "phone": "212-555-0500",
            "email": "new@pharmacy.example",
            "representative_given_name": "Rene",
            "representative_family_name": "Newcomer",
            "representative_email": "rene@pharmacy.example",
        },
        "pharmacy-enrollments": {
            "program": PROGRAM,
            "attestations": codes["pharmacy_enrollment"],
        },
        "pharmacy-certifications": {"program": PROGRAM},
        "pharmacy-standings": {"event": "suspend", "reason": "An audit"},
        **_moving(cast, patient, now),
        "patients": {
            **person,
            **signed,
            "program": PROGRAM,
            "born_on": "1970-01-01",
            "postal_code": "40001",
            "risk_category": "adult_frp",
            "signer": "patient",
            "signer_name": "Nora Newcomer",
        },
        "agreements": {**signed, "program": PROGRAM, "signer": "patient", "signer_name": "Fiona"},
        "agreement-signatures": signed,
        "category-changes": {
            **signed,
            "program": PROGRAM,
            "risk_category": "adult_male",
            "reason": "A mistake at enrollment",
            "said_by": "The patient",
            "signer": "patient",
            "signer_name": "Fiona",
        },
        "category-change-decision": {"decision": "approve", "reason": "Letter checked"},
        "category-change-withdrawal": reason,
        "therapy-events": {
            "kind": "withdrew",
            "program": PROGRAM,
            "happened_on": builders.program_day(clock.now()).isoformat(),
            "reason": "Moves abroad",
            "said_by": "The patient",
        },
        "therapy-event-withdrawal": reason,
        "representatives": {"kind": "representative", "name": "Rita", "relationship": "sister"},
        "representative-end": reason,
        "contact": {
            "postal_code": "10002",
            "phone": "212-555-0999",
            "email": "fiona.new@patients.example",
            "time_zone": "America/Chicago",
        },
        "undeliverable-addresses": {"kind": "phone", "finding": "Nobody answers"},
        "undeliverable-settlement": reason,
        "pregnancy-tests": {
            "collected_at": now,
            "resulted_at": now,
            "result": "indeterminate",
            "sensitivity_miu_ml": 25,
            "specimen": "urine",
        },
        "intakes": {
            "kind": "pregnancy_report",
            "content": {"subject": "patient", "source": "A call", "reported_at": now},
            "channel": "phone",
            "told_by": "patient",
            "told_by_name": "Fiona Synthetic",
            "verification": "identifiers",
        },
        "obligations-withdrawal": reason,
        "counseling-withdrawal": reason,
        "health-status-withdrawal": reason,
        "patient-survey-withdrawal": reason,
        "agreement-withdrawal": reason,
        "entry-moves": {
            **reason,
            "kind": "obligations",
            "entry_id": str(patient.obligationsattestation_set.latest("recorded_at").pk),
            "to_patient_id": str(issued.patient_id),
        },
        "identity-corrections": {
            **reason,
            "given_name": patient.given_name,
            "family_name": "Corrected",
            "born_on": patient.born_on.isoformat(),
            "source_document": "Passport, seen",
        },
        "merges": {**reason, "merged_id": str(issued.patient_id)},
        "duplicate-decisions": {**reason, "resembles_id": str(issued.patient_id)},
        "pregnancy-test-withdrawal": reason,
        "contraception": {
            "program": PROGRAM,
            "attested_at": now,
            "abstinence": True,
            "methods": [],
            "in_use_since": builders.program_day(clock.now()).isoformat(),
            "lapse": False,
        },
        "contraception-withdrawal": reason,
        "obligations": {
            "attested_at": now,
            "condom": False,
            "abstinence": True,
            "no_sperm_donation": True,
            "no_blood_donation": True,
            "no_sharing": True,
        },
        "counseling": {"program": PROGRAM, "given_at": now, "topics": ["contraception"]},
        "health-statuses": {"cycle": "regular", "breastfeeding": False},
        "patient-surveys": {
            "program": PROGRAM,
            "completed_at": now,
            "answers": builders.safe_answers("adult_frp"),
        },
        "bleeding-reports": {"reported_at": now, "kind": "abnormal_bleeding"},
        "bleeding-report-withdrawal": reason,
        "pregnancy-cases": {"subject": "patient", "reported_at": now, "source": "A call"},
        "pregnancy-case-closure": {"outcome": "not_pregnant", "reason": "Adjudicated"},
        "pregnancy-case-details": {"conceived_on": "2026-01-01", "notes": "By ultrasound"},
        "case-step-completion": {"note": "A healthy child"},
        "case-step-waiver": reason,
        "intervention-resolution": {
            "conclusion": "counseled",
            "contacted": "The patient, by telephone",
            "outcome": "Counseled again",
        },
        "authorizations": {
            "patient_id": str(patient.pk),
            "program": PROGRAM,
            "risk_category": "adult_frp",
            "product": "lenalidomide",
            "strength_mg": 25,
            "days_supply": 28,
            "quantity": 21,
            "directions": "Daily",
            "answers": dict.fromkeys(
                document(PROGRAM, "prescriber_survey", "adult_frp").codes, "yes"
            ),
        },
        "authorization-cancellation": reason,
        "eligibility-checks": prescription,
        "confirmations": {**prescription, "handover": "ship"},
        "confirmation-cancellation": reason,
        "dispenses": {
            "confirmation_id": str(confirmation.pk),
            "risk_category": "adult_frp",
            "days_supply": 28,
            "quantity": 21,
            "lot_number": "LOT-2",
            "ndc": "59572-0425-21",
            "counselor": "Phil Pharmacist",
            "checklist": builders.checklist("adult_frp"),
            "medication_guide_given": True,
        },
        "dispense-return": {**reason, "never_left_premises": True},
        "supply-stop": {**reason, "kind": "destroyed", "stopped_on": _today()},
        "supply-end-withdrawal": reason,
        "shipment": {"carrier": "A carrier", "tracking_number": "T-1", "left_at": now},
        "package-correction": {**reason, "lot_number": "LOT-8", "ndc": "59572-0410-28"},
        "shipment-correction": {**reason, "carrier": "Another carrier", "tracking_number": "T-2"},
        "shipment-outcome": {"outcome": "delivered", "happened_at": now},
        "late-dispense-withdrawal": reason,
        "late-dispenses": {
            **_late_record(now),
            "number": issued.number,
            "born_on": issued.patient.born_on.isoformat(),
        },
        "patient-late-dispenses": {
            **_late_record(now),
            "program": PROGRAM,
            "pharmacy_id": str(cast.pharmacy.pk),
            "is_another": True,
        },
        "outages": {"from_at": now, "parts": ["api"], "description": "No answer"},
        "outage-end": {"until_at": now},
        "evaluations": {},
    }


def _today() -> str:
    calendar = policy_in_force(PROGRAM, clock.now()).calendar
    return date.fromordinal(calendar.day(clock.now())).isoformat()


def _late_record(at: str) -> dict[str, Any]:
    return {
        "dispensed_at": at,
        "product": "lenalidomide",
        "strength_mg": 25,
        "days_supply": 28,
        "quantity": 21,
        "handover": "pickup",
        "reason": "On paper in an outage",
    }
