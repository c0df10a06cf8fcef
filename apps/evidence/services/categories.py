"""Changing a patient's risk category (L-CAT-3): asked for, decided, in effect; and what it voids.

Less monitoring waits for an administrator; the rest takes effect with both signatures.
"""

from datetime import datetime
from uuid import UUID

from apps.accounts.selectors import people_behind
from apps.accounts.signed import sign_for_organization
from apps.audit import services as audit
from apps.audit.models import Meaning
from apps.core.call import PRESCRIBING, SCANNED, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence.services.checks import one_of, refuse_own_patient
from apps.evidence.signed import category_decision
from apps.notices import services as notices
from apps.notices.services import Recipient
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import Agreement, CategoryAssignment, CategoryChange, Patient
from apps.patients.services import (
    CategoryBasis,
    Signatures,
    add_agreement,
    assign_category,
    certified_prescriber,
    check_category,
    check_signatures,
    lock_patient,
)
from apps.prescriptions import selectors as ledger
from apps.prescriptions import services as prescriptions
from apps.providers import selectors as providers
from apps.rules.categories import asks_less, basis_asks_less
from apps.rules.edition import Policy
from apps.rules.lifecycle import CATEGORY_CHANGE
from apps.rules.policy import policy_in_force

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
NO_CHANGE = "There is no such change of category among those that you may see."


@command(by=PRESCRIBING)
def change_category(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    risk_category: str,
    basis: CategoryBasis | None,
    reason: str,
    said_by: str,
    signatures: Signatures,
) -> CategoryChange:
    """Ask for another category, with the agreement for it, a reason and who said so (L-CAT-3).

    It takes effect at once where both have signed and it does not ask less of the patient; then it
    voids what is open. Raises InvalidRequest for what cannot be right or changes nothing, Conflict
    while another change waits.
    """
    cause, who = required_reason(reason), required_reason(said_by, field="said_by")
    patient = lock_patient(run, patient_id)
    prescriber = certified_prescriber(run)
    policy = policy_in_force(program, run.now)
    signatures = signatures.in_time(policy, run.now)
    check_category(policy, patient.born_on, risk_category, basis, now=run.now)
    check_signatures(run, policy, risk_category, signatures, born_on=patient.born_on)
    before = patients.current_category(patient)
    _refuse_no_change(before, risk_category, basis)
    if standing.pending_change(patient.pk) is not None:
        raise Conflict("Another change of category waits for this patient: withdraw it first.")
    prescriptions.write_overdue(run, patient)
    needs_approval = waits_for_administrator(policy, before, risk_category, basis)
    change = CategoryChange.objects.create(
        patient=patient,
        risk_category=risk_category,
        basis_kind=basis.kind if basis else "",
        basis_on=basis.on if basis else None,
        reason=cause,
        said_by=who,
        requested_at=run.now,
        needs_approval=needs_approval,
        agreement=add_agreement(
            run,
            patient,
            prescriber=prescriber,
            program=program,
            risk_category=risk_category,
            signatures=signatures,
        ),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run, "category_change_requested", subject=change, patient_id=patient.pk, reason=cause
    )
    go_on_with(run, patient, change)
    if not needs_approval:
        # What was issued under fewer precautions is worthless, also while a signature is missing.
        prescriptions.void_open_authorizations(run, patient, cause="category_changed")
    return change


@command(by=ADMINISTRATOR)
def decide_category_change(
    run: Run, *, change_id: UUID, decision: str, reason: str
) -> CategoryChange:
    """Approve or refuse a change towards less monitoring: never one's own (L-CAT-3).

    `decision` is `approve` or `refuse`. A refused one leaves the category as it is; the prescriber
    is told, and reads why. Raises Conflict for one that does not wait for a decision.
    """
    one_of(decision, ("approve", "refuse"), field="decision")
    cause = required_reason(reason)
    found = CategoryChange.objects.select_related("operation").filter(pk=change_id).first()
    if found is None:
        raise NotFound(NO_CHANGE)
    asked = people_behind(found.operation.actor_kind, found.operation.actor_id)
    if asked & people_behind(run.actor.kind, run.actor.id):
        raise NotAllowed("Another administrator must decide on what you asked for yourself.")
    patient = lock_patient(run, patients.kept(found.patient_id))
    change = CategoryChange.objects.select_related("agreement__prescriber").get(pk=change_id)
    refuse_own_patient(run, patient, change.agreement.prescriber)
    if decision == "approve":
        _check_may_be_approved(change)
        prescriptions.write_overdue(run, patient)
        _take_effect(run, patient, change, "approve", cause)
        _sign(run, change)
        return change
    _move(run, change, "refuse", cause)
    _sign(run, change)
    notices.tell(
        run,
        "category_change_refused",
        about=str(change.pk),
        recipients=_prescribers(patient, change),
        patient_id=patient.pk,
    )
    return change


@command(by=PRESCRIBING)
def withdraw_category_change(run: Run, *, change_id: UUID, reason: str) -> CategoryChange:
    """Take back a change that still waits; the category stays as it is."""
    cause = required_reason(reason)
    found = standing.category_changes_visible_to(run.actor).filter(pk=change_id).first()
    if found is None:
        raise NotFound(NO_CHANGE)
    lock_patient(run, patients.kept(found.patient_id))
    change = CategoryChange.objects.get(pk=change_id)
    _move(run, change, "withdraw", cause)
    return change


def waits_for_administrator(
    policy: Policy, before: CategoryAssignment, risk_category: str, basis: CategoryBasis | None
) -> bool:
    """Whether a change from what holds now asks less of the patient (L-CAT-3)."""
    present, wanted = policy.categories[before.risk_category], policy.categories[risk_category]
    return asks_less(present, wanted) or basis_asks_less(_basis_of(before), basis)


def _basis_of(said: CategoryAssignment | CategoryChange) -> CategoryBasis | None:
    return CategoryBasis(kind=said.basis_kind, on=said.basis_on) if said.basis_on else None


def go_on_with(run: Run, patient: Patient, change: CategoryChange) -> None:
    """Carry a waiting change as far as its signatures let it; inside a command.

    Unsigned, it waits; signed, it takes effect or waits for an administrator, who is told.
    """
    if not _is_signed(change.agreement):
        return
    if not change.needs_approval:
        _take_effect(run, patient, change, "take_effect", "Both have signed.")
        return
    notices.tell(
        run,
        "category_change_waits",
        about=str(change.pk),
        recipients=providers.administrator_recipients(),
        patient_id=patient.pk,
    )


def _refuse_no_change(
    before: CategoryAssignment, risk_category: str, basis: CategoryBasis | None
) -> None:
    kind, on = (basis.kind, basis.on) if basis else ("", None)
    if (before.risk_category, before.basis_kind, before.basis_on) == (risk_category, kind, on):
        raise InvalidRequest(
            "The patient has this category already.",
            {"risk_category": "To reaffirm it, sign a new agreement for the present category."},
        )


def _check_may_be_approved(change: CategoryChange) -> None:
    if not change.needs_approval:
        raise Conflict("This change needs no approval: it waits for a signature only.")
    if not _is_signed(change.agreement):
        raise Conflict("The agreement for the new category is not signed by both yet.")


def _take_effect(
    run: Run, patient: Patient, change: CategoryChange, event: str, reason: str
) -> None:
    """The new category, and nothing left of what was issued before: in one transaction."""
    policy = policy_in_force(change.agreement.program, run.now)
    basis = _basis_of(change)
    check_category(policy, patient.born_on, change.risk_category, basis, now=run.now)
    _check_still_right(patient, change, policy)
    change.assignment = assign_category(
        run, patient, change.risk_category, basis, reason=change.reason
    )
    _move(run, change, event, reason)
    prescriptions.void_open_authorizations(run, patient, cause="category_changed")
    notices.tell(
        run,
        "category_changed",
        about=str(change.pk),
        recipients=_prescribers(patient, change),
        patient_id=patient.pk,
    )


def _check_still_right(patient: Patient, change: CategoryChange, policy: Policy) -> None:
    """Raises Conflict where the record has gone on since the agreement was signed."""
    agreement = change.agreement
    if agreement.withdrawn_at is not None:
        raise Conflict("The agreement for the new category was withdrawn.")
    present = patients.current_category(patient)
    wanted = policy.categories[change.risk_category]
    waits = waits_for_administrator(policy, present, change.risk_category, _basis_of(change))
    if waits and not change.needs_approval:
        raise Conflict("The category has changed since: withdraw this change and ask anew.")
    completed_at = _completed_at(agreement)
    for other in standing.agreements_in_effect(patient.pk, agreement.program):
        if other.pk != agreement.pk and _completed_at(other) >= completed_at:
            raise Conflict(
                "A later agreement is on record: the one for the new category must be signed anew."
            )
    # Its agreement must come after the last supply: else a later return onto the pregnancy path
    # would not be seen as one (L-AUT-1), and therapy would go on without the two tests.
    supplied_since = ledger.supplies_of(patient.pk, agreement.program).filter(
        dispensed_at__gte=completed_at
    )
    if not wanted.pregnancy_path and supplied_since.exists():
        raise Conflict(
            "A supply was dispensed after the agreement for the new category was signed: both must "
            "sign it anew."
        )


def _move(run: Run, change: CategoryChange, event: str, reason: str) -> None:
    """Move a change along its table, once. Raises Conflict when it does not wait any more."""
    # What came on paper is the prescriber's word, whoever of the staff entered it (L-SRC-1).
    role = Role.PRESCRIBER if run.call.channel in SCANNED else run.actor.role
    target = CATEGORY_CHANGE.target(event=event, state=change.state, role=role.value)
    if target is None:
        raise Conflict(f"This change is {change.get_state_display().lower()}: nothing is to do.")
    change.state, change.decided_at, change.decision_reason = target, run.now, reason
    change.decision_operation_id = run.operation_id
    change.save(
        update_fields=[
            "state",
            "decided_at",
            "decision_reason",
            "decision_operation",
            "assignment",
        ]
    )
    audit.record(
        run,
        {"approved": "category_changed"}.get(target, f"category_change_{target}"),
        subject=change,
        patient_id=change.patient_id,
        reason=reason,
    )


def _sign(run: Run, change: CategoryChange) -> None:
    sign_for_organization(
        run,
        meaning=Meaning.CATEGORY_DECISION,
        subject=change,
        content=category_decision(change),
        patient_id=change.patient_id,
    )


def _prescribers(patient: Patient, change: CategoryChange) -> list[Recipient]:
    """Who asked for it and who cares for the patient, each once."""
    told = {each.pk: each for each in (change.agreement.prescriber, patient.prescriber)}
    return [providers.prescriber_recipient(each) for each in told.values()]


def _is_signed(agreement: Agreement) -> bool:
    return agreement.patient_signed_at is not None and agreement.prescriber_signed_at is not None


def _completed_at(agreement: Agreement) -> datetime:
    signed = (agreement.patient_signed_at, agreement.prescriber_signed_at)
    return max(at for at in signed if at is not None)
