"""A synthetic program for tests: people, patients and their history, made by the real commands."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.accounts import services as accounts
from apps.accounts.models import Membership, Organization, User
from apps.core import clock
from apps.core.call import Actor, ActorKind, Call, Channel, Role, Signing, SigningMethod
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation
from apps.providers import services as providers
from apps.providers.models import Pharmacy, Prescriber
from apps.providers.npi import is_valid
from apps.rules.calendar import date_of
from apps.rules.documents import document
from apps.rules.policy import policy_in_force

PROGRAM = "lenalidomide"
# A Monday noon in New York, with no daylight-saving change within three cycles.
START = datetime(2026, 6, 1, 16, tzinfo=UTC)
SCAN = b"%PDF-1.4 a signed paper"
PASSWORD = "correct horse battery staple"


def npi(serial: int) -> str:
    """A valid National Provider Identifier for a synthetic party."""
    stem = f"1{serial:08d}"
    for check in "0123456789":
        if is_valid(stem + check):
            return stem + check
    raise AssertionError("One of ten check digits is right.")


def call_of(actor: Actor) -> Call:
    """A call of that actor, who proved at the door to be there and may sign."""
    call = Call(actor=actor, channel=Channel.API)
    if actor.kind is not ActorKind.PERSON or actor.id is None:
        return call
    return call.signed(
        Signing(SigningMethod.ALL_COMPONENTS, user_id=actor.id, printed_name="Sam Signer")
    )


@dataclass(frozen=True)
class Cast:
    """The parties of most tests, certified and ready."""

    administrator: Call
    staff: Call
    prescriber: Prescriber
    prescribing: Call
    pharmacy: Pharmacy
    dispensing: Call


def user(email: str, given_name: str = "Robin", family_name: str = "Example") -> User:
    """A person who can sign in with PASSWORD."""
    return User.objects.create_user(email, PASSWORD, given_name=given_name, family_name=family_name)


def office_member(role: Role, email: str) -> Call:
    """Somebody of the program's office."""
    office, _ = Organization.objects.get_or_create(
        kind=Organization.Kind.PROGRAM, name="Program office"
    )
    member = user(email)
    member.is_staff = True
    member.save()
    Membership.objects.create(user=member, organization=office, role=role.value)
    return call_of(Actor(kind=ActorKind.PERSON, id=member.pk, role=role, organization_id=office.pk))


def system_of_the_office(administrator: Call) -> Call:
    """A system in the office's name, whose secret this administrator was shown."""
    client = accounts.register_api_client(
        administrator,
        organization_id=administrator.actor.own_organization,
        role=Role.ADMINISTRATOR,
        name=f"System of {administrator.actor.id}",
        secret=accounts.new_client_secret(),
    )
    return call_of(replace(administrator.actor, kind=ActorKind.CLIENT, id=client.pk))


def certified_prescriber(administrator: Call, serial: int = 1, **fields: Any) -> Prescriber:
    """A prescriber of a practice of their own (or of `practice_id`), certified."""
    defaults = {
        "npi": npi(serial),
        "given_name": "Paula",
        "family_name": f"Prescriber{serial}",
        "specialty": "Hematology",
        "phone": "212-555-0100",
        "email": f"prescriber{serial}@practice.example",
        "practice_name": f"Practice {serial}",
    }
    prescriber = providers.register_prescriber(administrator, **{**defaults, **fields})
    providers.sign_prescriber_enrollment(
        prescribing_call(prescriber),
        program=PROGRAM,
        attestations=document(PROGRAM, "prescriber_enrollment").codes,
    )
    return providers.certify_prescriber(administrator, prescriber_id=prescriber.pk)


def prescribing_call(prescriber: Prescriber) -> Call:
    """The prescriber in person."""
    return call_of(
        Actor(
            kind=ActorKind.PERSON,
            id=prescriber.user_id,
            role=Role.PRESCRIBER,
            organization_id=prescriber.practice_id,
            prescriber_id=prescriber.pk,
        )
    )


def certified_pharmacy(administrator: Call, serial: int = 1) -> Pharmacy:
    """A pharmacy whose certification runs for the policy's days."""
    pharmacy = providers.register_pharmacy(
        administrator,
        npi=npi(5000 + serial),
        ncpdp_id=f"{serial:07d}",
        name=f"Elm Street Pharmacy {serial}",
        address="1 Elm Street, Springfield",
        phone="212-555-0200",
        email=f"pharmacy{serial}@pharmacy.example",
        representative_given_name="Rita",
        representative_family_name=f"Representative{serial}",
        representative_email=f"representative{serial}@pharmacy.example",
    )
    providers.sign_pharmacy_enrollment(
        pharmacy_call(pharmacy, Role.REPRESENTATIVE, pharmacy.representative_id),
        program=PROGRAM,
        attestations=document(PROGRAM, "pharmacy_enrollment").codes,
    )
    providers.certify_pharmacy(administrator, pharmacy_id=pharmacy.pk, program=PROGRAM)
    return Pharmacy.objects.get(pk=pharmacy.pk)


def pharmacy_call(pharmacy: Pharmacy, role: Role, user_id: UUID | None) -> Call:
    """Somebody of that pharmacy."""
    return call_of(
        Actor(
            kind=ActorKind.PERSON,
            id=user_id,
            role=role,
            organization_id=pharmacy.organization_id,
        )
    )


def pharmacist_call(administrator: Call, pharmacy: Pharmacy) -> Call:
    """A new pharmacist of that pharmacy."""
    membership = accounts.invite_member(
        administrator,
        organization_id=pharmacy.organization_id,
        role=Role.PHARMACIST,
        email=f"pharmacist.{pharmacy.npi}@pharmacy.example",
        given_name="Phil",
        family_name="Pharmacist",
    )
    call = pharmacy_call(pharmacy, Role.PHARMACIST, membership.user_id)
    train(call)
    return call


def person_of(call: Call) -> User:
    """The account of the person who makes this call."""
    assert call.actor.id is not None
    return User.objects.get(pk=call.actor.id)


def train(call: Call) -> None:
    """Somebody of a pharmacy acknowledges the present training."""
    providers.acknowledge_training(
        call, program=PROGRAM, attestations=document(PROGRAM, "staff_training").codes
    )


def cast() -> Cast:
    """An administrator, a member of staff, a certified prescriber and pharmacy."""
    administrator = office_member(Role.ADMINISTRATOR, "administrator@program.example")
    pharmacy = certified_pharmacy(administrator)
    prescriber = certified_prescriber(administrator)
    return Cast(
        administrator=administrator,
        staff=office_member(Role.STAFF, "staff@program.example"),
        prescriber=prescriber,
        prescribing=prescribing_call(prescriber),
        pharmacy=pharmacy,
        dispensing=pharmacist_call(administrator, pharmacy),
    )


IDENTITY = patients.Identity(
    given_name="Fiona",
    family_name="Synthetic",
    born_on=date(1986, 4, 5),
    postal_code="10001",
    phone="212-555-0300",
    email="fiona@patients.example",
)


def enroll(
    call: Call,
    risk_category: str = "adult_frp",
    identity: patients.Identity = IDENTITY,
    **fields: Any,
) -> Patient:
    """A patient with a complete agreement, signed now."""
    now = clock.now()
    child = risk_category.startswith("child")
    basis = patients.CategoryBasis(kind="hysterectomy", on=date(2015, 1, 1))
    defaults = {
        "program": PROGRAM,
        "risk_category": risk_category,
        "basis": basis if risk_category == "adult_fnrp" else None,
        "signatures": patients.Signatures(
            signer="guardian" if child else "patient",
            signer_name="Gail Guardian" if child else "Fiona Synthetic",
            signer_relationship="mother" if child else "",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    }
    if child:
        identity = replace(identity, born_on=date(now.year - 12, 1, 15))
    return patients.enroll_patient(call, identity=identity, **{**defaults, **fields})


def negative_test(call: Call, patient: Patient, *, ago: timedelta = timedelta(0)) -> Any:
    """A counting test, collected that long ago."""
    return pregnancy_test(call, patient, ago=ago, result="negative")


def pregnancy_test(
    call: Call, patient: Patient, *, result: str, ago: timedelta = timedelta(0)
) -> Any:
    """A serum test with a sensitivity of 25 mIU/mL, resulted when collected."""
    at = clock.now() - ago
    return evidence.record_pregnancy_test(
        call,
        patient_id=patient.pk,
        collected_at=at,
        resulted_at=at,
        result=result,
        sensitivity_miu_ml=Decimal(25),
        specimen="serum",
    )


def contraception(call: Call, patient: Patient, *, since: date | None = None, **fields: Any) -> Any:
    """Two methods, without a lapse, attested now."""
    defaults: dict[str, Any] = {
        "abstinence": False,
        "methods": ["iud", "male_condom"],
        "in_use_since": since,
        "lapse": False,
        "attested_at": clock.now(),
    }
    return evidence.record_contraception(
        call, patient_id=patient.pk, program=PROGRAM, **{**defaults, **fields}
    )


def obligations(call: Call, patient: Patient) -> Any:
    """Everything promised, attested now."""
    return evidence.record_obligations(
        call,
        patient_id=patient.pk,
        attested_at=clock.now(),
        condom=True,
        abstinence=False,
        no_sperm_donation=True,
        no_blood_donation=True,
        no_sharing=True,
    )


def counseling(call: Call, patient: Patient) -> Any:
    """Counseling with all topics, given now."""
    return evidence.record_counseling(
        call,
        patient_id=patient.pk,
        program=PROGRAM,
        given_at=clock.now(),
        topics=["contraception", "emergency_contraception"],
    )


def safe_answers(risk_category: str) -> dict[str, str]:
    """A patient survey without an at-risk answer."""
    return {
        item.code: "no" if item.at_risk == "yes" else "yes"
        for item in document(PROGRAM, "patient_survey", risk_category).items
    }


def survey(call: Call, patient: Patient, risk_category: str) -> Any:
    """A patient survey without an at-risk answer, completed now."""
    return evidence.record_patient_survey(
        call,
        patient_id=patient.pk,
        program=PROGRAM,
        completed_at=clock.now(),
        answers=safe_answers(risk_category),
    )


def request(call: Call, patient: Patient, risk_category: str, **fields: Any) -> Decision:
    """Ask for 28 days of 25 mg."""
    answers = dict.fromkeys(document(PROGRAM, "prescriber_survey", risk_category).codes, "yes")
    defaults: dict[str, Any] = {
        "product": "lenalidomide",
        "strength_mg": Decimal(25),
        "days_supply": 28,
        "quantity": 21,
        "directions": "One capsule daily on days 1 to 21 of 28",
        "indication": "C90.00",
        "survey_answers": answers,
    }
    return eligibility.request_authorization(
        call,
        patient_id=patient.pk,
        program=PROGRAM,
        risk_category=risk_category,
        **{**defaults, **fields},
    )


def prepare(call: Call, patient: Patient, risk_category: str) -> None:
    """Everything that a request needs but tests and contraception."""
    obligations(call, patient)
    counseling(call, patient)
    survey(call, patient, risk_category)


def ready_frp(call: Call, identity: patients.Identity = IDENTITY) -> Patient:
    """A woman on the pregnancy path who could be authorized now: tests, contraception, all."""
    patient = enroll(call, "adult_frp", identity=identity)
    make_ready_frp(call, patient)
    return patient


def make_ready_frp(call: Call, patient: Patient) -> None:
    """All that an enrolled woman on the pregnancy path needs for her first authorization."""
    contraception(call, patient, since=today() - timedelta(days=40))
    negative_test(call, patient, ago=timedelta(days=11))
    negative_test(call, patient, ago=timedelta(hours=2))
    prepare(call, patient, "adult_frp")


def authorized_frp(cast: Cast) -> Authorization:
    """An authorization just issued to such a woman."""
    patient = ready_frp(cast.prescribing)
    decision = request(cast.prescribing, patient, "adult_frp")
    assert decision.authorization is not None, decision.document["unmet"]
    return decision.authorization


def confirm(call: Call, authorization: Authorization, **fields: Any) -> Decision:
    """The pharmacy asks for a confirmation, to be picked up."""
    return eligibility.confirm(
        call,
        number=fields.pop("number", authorization.number),
        born_on=fields.pop("born_on", authorization.patient.born_on),
        prescription=Prescription(
            **{"risk_category": authorization.risk_category, **fields.pop("prescription", {})}
        ),
        handover=fields.pop("handover", "pickup"),
    )


def dispense(call: Call, confirmation: Confirmation, **fields: Any) -> Decision:
    """The pharmacy hands over what the authorization says."""
    authorization = confirmation.authorization
    is_part = 0 < fields.get("days_supply", authorization.days_supply) < authorization.days_supply
    defaults: dict[str, Any] = {
        "days_supply": authorization.days_supply,
        "quantity": 1 if is_part else authorization.quantity,
        "lot_number": "LOT-1",
        "ndc": "59572-0425-21",
        "counselor": "Phil Pharmacist",
        "checklist": checklist(authorization.risk_category),
        "medication_guide_given": True,
    }
    return eligibility.dispense(
        call,
        confirmation_id=confirmation.pk,
        risk_category=fields.pop("risk_category", authorization.risk_category),
        package=eligibility.Package(**{**defaults, **fields}),
    )


def exception(cast: Cast, patient: Patient, *, rule: str = "L-DSP-5", days: int = 1) -> Any:
    """An exception that a member of staff requests and the administrator grants."""
    request = evidence.request_exception(
        cast.staff,
        patient_id=patient.pk,
        program=PROGRAM,
        rule=rule,
        expires_at=clock.now() + timedelta(days=days),
        reason="Travel",
    )
    return evidence.grant_exception(cast.administrator, request_id=request.pk, reason="Agreed")


def program_day(at: datetime) -> date:
    """The calendar day of an instant in the program's zone."""
    return date_of(policy_in_force(PROGRAM, at).calendar.day(at))


def today() -> date:
    """The program's day: behind UTC's in the first hours of that."""
    return program_day(clock.now())


def checklist(risk_category: str) -> Iterable[str]:
    """Every item of a category's checklist, ticked."""
    return sorted(document(PROGRAM, "checklist", risk_category).codes)
