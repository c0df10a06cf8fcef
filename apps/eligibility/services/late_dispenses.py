"""Dispenses reported late (L-DSP-8): an outage, a paper record. Whatever happened is stored.

It counts as supply, and clears no restart unless it was made under a valid confirmation and within
every rule; each rule that it broke is a deviation.
"""

from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from apps.audit import services as audit
from apps.core import numbers
from apps.core.call import DISPENSING, PROGRAM, ActorKind, Call, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.core.withdrawing import write_withdrawal
from apps.eligibility import deciding, looking_back
from apps.eligibility.models import Decision
from apps.eligibility.services.dispensing import too_few_days
from apps.eligibility.services.late_judging import Judgment, judge
from apps.eligibility.services.late_records import (
    Case,
    LateRecord,
    Source,
    check_record,
    refuse_repeated,
    timed,
)
from apps.eligibility.services.shipping import SHIPPED_LATE
from apps.eligibility.services.verifying import NO_MATCH, check_misses, keep_miss
from apps.evidence.services.checks import one_of, refuse_own_patient, refuse_own_place
from apps.evidence.services.program import close_deviations, record_deviation
from apps.notices import services as notices
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.services import lock_kept, lock_patient, share_prescriber
from apps.prescriptions import services as ledger
from apps.prescriptions.models import Authorization, Dispense
from apps.prescriptions.signed import sign_late_report
from apps.providers import selectors as providers
from apps.providers.models import Pharmacy
from apps.rules.documents import document as program_document
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force, programs

REFUSED: Final = "late_dispense_refused"


def report_late_dispense(call: Call, *, number: str, born_on: date, record: LateRecord) -> Dispense:
    """Enter a dispense of the own pharmacy after the fact, with its real time (L-DSP-8).

    Raises NotFound alike for an unknown number and a wrong date of birth (the program's staff can
    still enter it), TooManyRequests after repeated misses, Conflict, and InvalidRequest, also for a
    technician who names a counselor: a pharmacist signs for that.
    """
    check_misses(call)
    try:
        return store_reported_dispense(call, number=number, born_on=born_on, record=record)
    except NotFound:
        keep_miss(call)
        raise
    except (Conflict, InvalidRequest):
        _keep_what_was_told(call, number=number, born_on=born_on)
        raise


def _keep_what_was_told(call: Call, *, number: str, born_on: date) -> None:
    """Keep whose record was asked for in vain: no match would have been told in other words.

    What stands against an entry tells of the patient's other dispenses, whoever made them.
    """
    found = _in_hand(number, born_on)
    if found is not None:
        audit.record_view(call, REFUSED, patient_id=found.pk)


def _in_hand(number: str, born_on: date) -> Patient | None:
    """Whose prescription a pharmacy has in hand: number and date of birth belong together."""
    return Patient.objects.filter(
        authorizations__number=numbers.normalize(number), born_on=born_on
    ).first()


@command(by=DISPENSING)
def store_reported_dispense(
    run: Run, *, number: str, born_on: date, record: LateRecord
) -> Dispense:
    """The command behind `report_late_dispense`."""
    _refuse_anothers_word(run, record)
    typed = numbers.normalize(number)
    found = _in_hand(number, born_on)
    if found is None:
        raise NotFound(
            f"{NO_MATCH} If the drug was handed out all the same, tell the program's staff: they "
            "can enter it."
        )
    patient = lock_kept(run, found.pk)
    pharmacy = _share_pharmacy(organization_id=run.actor.own_organization)
    authorization = Authorization.objects.select_related("prescriber").get(number=typed)
    # Its days are no event, but reckoned from its capsules: a slip is told at once.
    wrong = too_few_days(authorization, quantity=record.quantity, days_supply=record.days_supply)
    if wrong:
        raise InvalidRequest("The late record cannot be right.", wrong)
    source = Source(patient, authorization.program, pharmacy, "", authorization, typed)
    return _store(run, source, record)


@command(by=PROGRAM)
def enter_late_dispense(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    record: LateRecord,
    pharmacy_id: UUID | None = None,
    unknown_pharmacy: str = "",
    number: str = "",
) -> Dispense:
    """Enter a dispense after the fact for any pharmacy, also one outside the program (L-DSP-8).

    A number that is no authorization of this patient is kept as it was read. Raises NotFound,
    InvalidRequest or Conflict.
    """
    one_of(program, programs(), field="program")
    patient = lock_patient(run, patient_id)
    if (pharmacy_id is None) == (not unknown_pharmacy.strip()):
        raise InvalidRequest(
            "One pharmacy is needed.",
            {"pharmacy_id": "Choose the pharmacy, or name one that is not in the program."},
        )
    pharmacy = _share_pharmacy(pharmacy_id=pharmacy_id) if pharmacy_id else None
    authorization = (
        Authorization.objects.select_related("prescriber")
        .filter(patients.about(patient.pk), number=numbers.normalize(number), program=program)
        .first()
    )
    source = Source(
        patient, program, pharmacy, unknown_pharmacy.strip(), authorization, number.strip()
    )
    return _store(run, source, record)


@command(by=PROGRAM)
def withdraw_late_dispense(run: Run, *, dispense_id: UUID, reason: str) -> Dispense:
    """Withdraw a late entry that was a mistake: it is no supply any more (L-SRC-3).

    The authorization that it named stays used, but for the right entry of the same dispense. What
    it broke was never broken: its deviations are closed, with the same reason, or left under review
    for an administrator. Raises NotFound, Conflict, or NotAllowed for who prescribes for the
    patient or works in the pharmacy.
    """
    cause = required_reason(reason)
    found = Dispense.objects.filter(pk=dispense_id).first()
    if found is None:
        raise NotFound("There is no such dispense.")
    patient = lock_kept(run, found.patient_id)
    refuse_own_patient(run, patient)
    made = Dispense.objects.select_related("pharmacy").get(pk=found.pk)
    refuse_own_place(run, made.pharmacy.organization_id if made.pharmacy else None)
    if not made.reported_late:
        raise Conflict(
            "This dispense was checked and made in the program: it happened. What came of it is "
            "recorded as returned to stock, or as a supply that stopped."
        )
    write_withdrawal(run, made, cause)
    audit.record(run, "late_dispense_withdrawn", subject=made, patient_id=patient.pk, reason=cause)
    close_deviations(run, patient, of=made.pk, cause=cause)
    return made


def _store(run: Run, source: Source, record: LateRecord) -> Dispense:
    """Everything after the patient's lock: when it was, what the rules say, what follows."""
    check_record(record)
    policy = policy_in_force(source.program, run.now)
    case = timed(source, record, now=run.now, calendar=policy.calendar)
    refuse_repeated(case, policy.calendar)
    case = _made_under(run, case)
    judgment = judge(case, now=run.now, is_counters_own=_is_counters_own(run))
    made = _write(run, case, is_authorized=not judgment.broken)
    sign_late_report(run, made)
    ledger.use_up(run, made)
    _record_deviations(run, case, made, judgment, policy)
    _keep(run, made, judgment)
    _tell(run, made, record)
    return made


def _made_under(run: Run, case: Case) -> Case:
    """The case with its authorization locked and its confirmation found.

    An authorization that was issued only afterwards cannot be what it was made under.
    """
    source, authorization = case.source, case.source.authorization
    if authorization is None:
        return case
    share_prescriber(authorization.prescriber_id)
    ledger.write_overdue(run, source.patient)
    if authorization.issued_at > case.at_latest:
        return replace(case, source=replace(source, authorization=None))
    locked = (
        Authorization.objects.select_for_update(of=("self",), no_key=True)
        .select_related("prescriber", "patient")
        .get(pk=authorization.pk)
    )
    confirmation = None
    if source.pharmacy is not None:
        confirmation = looking_back.confirmation_at(locked, source.pharmacy, case.at_latest)
    source = replace(source, authorization=locked)
    return replace(case, source=source, confirmation=confirmation)


def _write(run: Run, case: Case, *, is_authorized: bool) -> Dispense:
    source, record = case.source, case.record
    category = looking_back.category_at(source.patient, case.at).risk_category
    return Dispense.objects.create(
        program=source.program,
        # On the record that the authorization stands on, should that have been merged since.
        patient=source.authorization.patient if source.authorization else source.patient,
        pharmacy=source.pharmacy,
        unknown_pharmacy=source.unknown_pharmacy,
        authorization=source.authorization,
        confirmation=case.confirmation,
        dispensed_at=case.at,
        risk_category=category,
        authorized=is_authorized,
        product=record.product.strip(),
        strength_mg=record.strength_mg,
        days_supply=record.days_supply,
        quantity=record.quantity,
        lot_number=record.lot_number.strip(),
        ndc=record.ndc.strip(),
        counselor=record.counselor.strip(),
        checklist=sorted(record.checklist),
        medication_guide_given=record.medication_guide_given,
        handover=record.handover,
        reported_late=True,
        only_day_is_known=record.dispensed_at is None,
        stated_number=source.stated_number,
        outage_id=record.outage_id,
        recorded_at=run.now,
        operation_id=run.operation_id,
        **(_texts(source.program, category) if is_authorized else {}),
    )


def _texts(program: str, category: str) -> dict[str, str]:
    """Which texts the checklist and the guide were, as far as today's program knows."""
    checklist = program_document(program, "checklist", category)
    guide = program_document(program, "medication_guide")
    return {
        "checklist_version": checklist.version,
        "medication_guide_version": guide.version,
        "text_language": checklist.language,
    }


def _record_deviations(
    run: Run, case: Case, made: Dispense, judgment: Judgment, policy: Policy
) -> None:
    pharmacy = case.source.pharmacy
    for kind, rule in judgment.broken:
        record_deviation(
            run,
            case.source.patient,
            policy=policy,
            kind=kind,
            rule=rule,
            occurrence=str(made.pk) if kind == SHIPPED_LATE else f"{made.pk}:{rule}",
            occurred_at=case.at,
            organization_id=pharmacy.organization_id if pharmacy else None,
        )


def _refuse_anothers_word(run: Run, record: LateRecord) -> None:
    """Raises InvalidRequest for a technician who says for a pharmacist that they counseled.

    Nobody would have signed for the counseling, in time or late (L-DSP-6).
    """
    is_technician = run.actor.kind is ActorKind.PERSON and run.actor.role is Role.TECHNICIAN
    if is_technician and record.counselor.strip():
        raise InvalidRequest(
            "A pharmacist answers for the counseling, also in a late entry.",
            {
                "counselor": "Let a pharmacist of this pharmacy enter this dispense, or leave this "
                "empty: then it is kept as incomplete, and the program's staff look into it."
            },
        )


def _is_counters_own(run: Run) -> bool:
    """Whether a person of the pharmacy reports: at the counter, a pharmacist would have signed."""
    return run.actor.role in DISPENSING and run.actor.kind is ActorKind.PERSON


def _keep(run: Run, made: Dispense, judgment: Judgment) -> None:
    """Keep the decision where a real one was asked: of an authorization and a confirmation."""
    if judgment.decision is None or made.authorization is None or made.confirmation is None:
        return
    deciding.keep(
        run,
        act=Decision.Act.DISPENSE,
        patient_id=made.patient_id,
        facts=judgment.facts,
        decision=judgment.decision,
        policy=judgment.policy,
        authorization=made.authorization,
        confirmation=made.confirmation,
        dispense=made if judgment.decision["allowed"] else None,
    )


def _tell(run: Run, made: Dispense, record: LateRecord) -> None:
    prescriber = made.authorization.prescriber if made.authorization else made.patient.prescriber
    recipients = [providers.prescriber_recipient(prescriber)]
    if not made.authorized:
        recipients.extend(providers.administrator_recipients())
    notices.tell(
        run,
        "late_dispense_recorded",
        about=str(made.pk),
        recipients=recipients,
        patient_id=made.patient_id,
    )
    audit.record(
        run,
        "late_dispense_recorded",
        subject=made,
        patient_id=made.patient_id,
        reason=record.reason.strip(),
        data={"authorized": made.authorized},
    )


def _share_pharmacy(
    *, organization_id: UUID | None = None, pharmacy_id: UUID | None = None
) -> Pharmacy:
    """Lock a pharmacy for share, in whatever standing: what it did is stored. Raises NotFound."""
    rows = Pharmacy.objects.raw(
        "SELECT * FROM providers_pharmacy WHERE organization_id = %s OR id = %s FOR SHARE",
        [organization_id, pharmacy_id],
    )
    for pharmacy in rows:
        return pharmacy
    raise NotFound("There is no such pharmacy.")
