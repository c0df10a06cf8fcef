"""The pharmacy's side under the lock: confirm, dispense, cancel a confirmation."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.audit import services as audit
from apps.core import numbers
from apps.core.call import DISPENSING, Call
from apps.core.checks import one_line, required_reason
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotFound
from apps.eligibility import deciding, facts
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.eligibility.services.verifying import (
    NO_MATCH,
    check_misses,
    check_prescription,
    keep_miss,
)
from apps.patients.models import Patient
from apps.patients.services import lock, share_prescriber
from apps.prescriptions import services as ledger
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.prescriptions.signed import sign_checklist
from apps.providers import services as providers
from apps.providers.models import Pharmacy
from apps.rules.documents import document as program_document
from apps.rules.policy import Policy, policy_in_force


@dataclass(frozen=True, slots=True)
class Package:
    """What is handed over and how the patient was counseled (L-DSP-6)."""

    days_supply: int
    quantity: int
    lot_number: str
    ndc: str
    counselor: str
    checklist: Collection[str]
    medication_guide_given: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the rules said, of which facts, under which policy."""

    facts: facts.Document
    decision: dict[str, Any]
    policy: Policy


def confirm(
    call: Call, *, number: str, born_on: date, prescription: Prescription, handover: str
) -> Decision:
    """Re-check everything under the lock and issue a confirmation number (L-DSP-2, L-DSP-3).

    The result is the stored decision: its `confirmation` when allowed. Raises NotFound alike for
    an unknown number and a wrong date of birth, TooManyRequests after repeated misses.
    """
    check_misses(call)
    try:
        return issue_confirmation(
            call, number=number, born_on=born_on, prescription=prescription, handover=handover
        )
    except NotFound:
        keep_miss(call)
        raise


@command(by=DISPENSING)
def issue_confirmation(
    run: Run, *, number: str, born_on: date, prescription: Prescription, handover: str
) -> Decision:
    """The command behind `confirm`: of two simultaneous ones exactly one wins (L-DSP-2)."""
    check_prescription(prescription)
    if handover not in Confirmation.Handover.values:
        raise InvalidRequest("Unknown way of handing over.", {"handover": "ship or pickup."})
    typed = numbers.normalize(number)
    patient = _lock_patient_of(run, Patient.objects.filter(
        authorizations__number=typed, born_on=born_on
    ))  # fmt: skip
    pharmacy, authorization = _lock_rest(run, Authorization.objects.get(number=typed))
    providers.require_training(run.actor, pharmacy, authorization.program)
    answer = _decide(run, patient, pharmacy, authorization, prescription=prescription)
    confirmation = None
    if answer.decision["allowed"]:
        confirmation = Confirmation.objects.create(
            authorization=authorization,
            pharmacy=pharmacy,
            number=numbers.new_number(numbers.CONFIRMATION),
            handover=handover,
            days_supply=answer.facts["prescription"]["days_supply"],
            issued_at=run.now,
            expires_at=datetime.fromisoformat(answer.decision["expires_at"]),
            recorded_at=run.now,
            operation_id=run.operation_id,
        )
        ledger.move_authorization(run, authorization, "confirm", role=run.actor.role.value)
    return _keep(
        run,
        answer,
        Decision.Act.CONFIRM,
        authorization=authorization,
        confirmation=confirmation,
    )


@command(by=DISPENSING)
def dispense(run: Run, *, confirmation_id: UUID, risk_category: str, package: Package) -> Decision:
    """The final check, and the dispense if it passes (L-DSP-4, L-DSP-6, L-DSP-9).

    The result is the stored decision: its `dispense` when allowed. Raises NotFound for another
    pharmacy's confirmation, InvalidRequest for an incomplete package or checklist, or without the
    signature of who counseled: a pharmacist of this pharmacy who was trained.
    """
    prescription = Prescription(risk_category=risk_category, days_supply=package.days_supply)
    check_prescription(prescription)
    confirmation = _own_confirmation(run, confirmation_id)
    patient = _lock_patient_of(
        run, Patient.objects.filter(pk=confirmation.authorization.patient_id)
    )
    pharmacy, authorization = _lock_rest(run, confirmation.authorization)
    providers.require_training(run.actor, pharmacy, authorization.program)
    confirmation.refresh_from_db()
    answer = _decide(
        run,
        patient,
        pharmacy,
        authorization,
        prescription=prescription,
        confirmation=confirmation,
    )
    _check_package(authorization, package)
    providers.require_counselor(run.call.signing, pharmacy, authorization.program)
    made = None
    if answer.decision["allowed"]:
        made = _hand_over(
            run,
            package,
            pharmacy=pharmacy,
            authorization=authorization,
            confirmation=confirmation,
        )
    return _keep(
        run,
        answer,
        Decision.Act.DISPENSE,
        authorization=authorization,
        confirmation=confirmation,
        dispense=made,
    )


@command(by=DISPENSING)
def reverse_confirmation(run: Run, *, confirmation_id: UUID, reason: str) -> Confirmation:
    """Cancel an undispensed confirmation; the authorization is issued again (L-DSP-7, L-AUT-7)."""
    confirmation = _own_confirmation(run, confirmation_id)
    cause = required_reason(reason)
    _lock_patient_of(run, Patient.objects.filter(pk=confirmation.authorization.patient_id))
    _, authorization = _lock_rest(run, confirmation.authorization)
    confirmation.refresh_from_db()
    ledger.move_confirmation(run, confirmation, "reverse", role=run.actor.role.value, reason=cause)
    ledger.move_authorization(run, authorization, "release", role=ledger.SYSTEM)
    return confirmation


def _lock_patient_of(run: Run, patients: Any) -> Patient:
    try:
        # A number of a merged record is still answered: through the void of its authorization.
        patient = lock(run, patients, merged_too=True)
    except NotFound:
        raise NotFound(NO_MATCH) from None
    ledger.write_overdue(run, patient)
    return patient


def _lock_rest(run: Run, authorization: Authorization) -> tuple[Pharmacy, Authorization]:
    """The published order: the patient is locked; prescriber and pharmacy for share; then it."""
    share_prescriber(authorization.prescriber_id)
    rows = Pharmacy.objects.raw(
        "SELECT * FROM providers_pharmacy WHERE organization_id = %s FOR SHARE",
        [run.actor.own_organization],
    )
    for pharmacy in rows:
        locked = Authorization.objects.select_for_update(of=("self",), no_key=True).get(
            pk=authorization.pk
        )
        return pharmacy, locked
    raise NotFound("You act for no pharmacy.")


def _own_confirmation(run: Run, confirmation_id: UUID) -> Confirmation:
    confirmation = (
        Confirmation.objects.select_related("authorization")
        .filter(pk=confirmation_id, pharmacy__organization_id=run.actor.own_organization)
        .first()
    )
    if confirmation is None:
        raise NotFound("There is no such confirmation of this pharmacy.")
    return confirmation


def _decide(
    run: Run,
    patient: Patient,
    pharmacy: Pharmacy,
    authorization: Authorization,
    *,
    prescription: Prescription,
    confirmation: Confirmation | None = None,
) -> Answer:
    found = facts.for_dispense(
        number=authorization.number,
        born_on=patient.born_on,
        pharmacy=pharmacy.pk,
        organization=pharmacy.organization_id,
        prescription=prescription,
        now=run.now,
        confirmation=confirmation.pk if confirmation else None,
    )
    if found is None:
        raise RuntimeError("A locked authorization has no facts.")
    policy = policy_in_force(authorization.program, run.now)
    return Answer(found.document, deciding.ask(found.document, policy), policy)


def _check_package(authorization: Authorization, package: Package) -> None:
    """Raises InvalidRequest for what is missing in the package or its checklist (L-DSP-6)."""
    one_line(lot_number=package.lot_number, ndc=package.ndc, counselor=package.counselor)
    wrong = {
        name: "This is required."
        for name in ("lot_number", "ndc", "counselor")
        if not getattr(package, name).strip()
    }
    if not 1 <= package.quantity <= authorization.quantity:
        wrong["quantity"] = f"From 1 to the {authorization.quantity} capsules authorized."
    wrong |= too_few_days(authorization, quantity=package.quantity, days_supply=package.days_supply)
    if not package.medication_guide_given:
        wrong["medication_guide_given"] = "Give the Medication Guide with each dispense."
    checklist = program_document(authorization.program, "checklist", authorization.risk_category)
    missing = [item.text for item in checklist.items if item.code not in package.checklist]
    if missing or set(package.checklist) - checklist.codes:
        wrong["checklist"] = "Complete the checklist: " + " ".join(missing)
    if wrong:
        raise InvalidRequest("The dispense is not complete.", wrong)


def too_few_days(
    authorization: Authorization, *, quantity: int, days_supply: int
) -> dict[str, str]:
    """What is wrong with these days for all that was authorized, by field (L-AUT-5).

    A slip that nobody could correct: the next supply would be due early, and therapy seem
    interrupted.
    """
    if quantity != authorization.quantity or not 1 <= days_supply < authorization.days_supply:
        return {}
    return {
        "days_supply": f"All {quantity} capsules cover {authorization.days_supply} days, rest days "
        "included. Enter these days, or fewer capsules."
    }


def _hand_over(
    run: Run,
    package: Package,
    *,
    pharmacy: Pharmacy,
    authorization: Authorization,
    confirmation: Confirmation,
) -> Dispense:
    category = authorization.risk_category
    checklist = program_document(authorization.program, "checklist", category)
    guide = program_document(authorization.program, "medication_guide")
    made = Dispense.objects.create(
        program=authorization.program,
        patient_id=authorization.patient_id,
        pharmacy=pharmacy,
        authorization=authorization,
        confirmation=confirmation,
        dispensed_at=run.now,
        risk_category=authorization.risk_category,
        authorized=True,
        product=authorization.product,
        strength_mg=authorization.strength_mg,
        days_supply=package.days_supply,
        quantity=package.quantity,
        lot_number=package.lot_number.strip(),
        ndc=package.ndc.strip(),
        counselor=package.counselor.strip(),
        checklist=sorted(package.checklist),
        medication_guide_given=package.medication_guide_given,
        checklist_version=checklist.version,
        medication_guide_version=guide.version,
        text_language=checklist.language,
        handover=confirmation.handover,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    sign_checklist(run, made)
    role = run.actor.role.value
    ledger.move_confirmation(run, confirmation, "dispense", role=role)
    ledger.move_authorization(run, authorization, "dispense", role=role)
    return made


def _keep(run: Run, answer: Answer, act: Decision.Act, **about: Any) -> Decision:
    stored = deciding.keep(
        run,
        act=act,
        patient_id=about["authorization"].patient_id,
        facts=answer.facts,
        decision=answer.decision,
        policy=answer.policy,
        **about,
    )
    outcome = {"confirm": "confirmed", "dispense": "dispensed"}[act]
    audit.record(
        run,
        outcome if stored.allowed else f"{act}_refused",
        subject=stored,
        patient_id=stored.patient_id,
    )
    return stored
