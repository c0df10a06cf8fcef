"""Commands on who speaks for a patient, and on addresses that reach nobody (L-CAT-4, L-END-3).

A signature is never among them: who signs an agreement is named in it.
"""

from datetime import datetime
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM, Role
from apps.core.checks import EARLIEST, one_line, required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.patients import selectors, standing
from apps.patients.ending_access import end_access
from apps.patients.models import Patient, Representative, UndeliverableAddress
from apps.patients.services import lock_patient

FOR_THE_RECORD = "Say it, for the record."
OF_AGE = "The patient has come of age."


@command(by=PRESCRIBING | PROGRAM)
def name_representative(
    run: Run,
    *,
    patient_id: UUID,
    kind: str,
    name: str,
    relationship: str,
    phone: str = "",
    email: str = "",
) -> Representative:
    """Name a minor's guardian, or who represents an adult who cannot consent (L-CAT-4).

    Raises InvalidRequest for what is missing or a guardian of an adult, Conflict while somebody
    else is named. A guardian of before the patient came of age does not stand in the way.
    """
    missing = {
        field: "This is required."
        for field, typed in (("name", name), ("relationship", relationship))
        if not typed.strip()
    }
    if kind not in Representative.Kind.values:
        missing["kind"] = "Choose guardian or representative."
    if missing:
        raise InvalidRequest("Some of the entries are missing.", missing)
    one_line(name=name, relationship=relationship, phone=phone)
    patient = lock_patient(run, patient_id)
    if kind == Representative.Kind.GUARDIAN and standing.is_of_age(patient, run.now):
        raise InvalidRequest(
            "An adult has no guardian.",
            {"kind": "The patient is of age: choose representative, if they cannot consent."},
        )
    if standing.representative_of(patient) is not None:
        raise Conflict("Somebody speaks for this patient already: end that first.")
    _end_guardian(run, patient)
    named = Representative.objects.create(
        patient=patient,
        kind=kind,
        name=name.strip(),
        relationship=relationship.strip(),
        phone=phone.strip(),
        email=email.strip().lower(),
        named_at=run.now,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "representative_named", subject=named, patient_id=patient.pk)
    return named


def _end_guardian(run: Run, patient: Patient) -> None:
    """Write the end of a guardian who speaks no more, for the patient has come of age."""
    for former in Representative.objects.filter(selectors.about(patient.pk), ended_at=None):
        end_access(run, patient)
        _end(run, former, OF_AGE)


def _end(run: Run, named: Representative, cause: str) -> None:
    named.ended_at, named.end_reason = run.now, cause
    named.end_operation_id = run.operation_id
    named.save(update_fields=["ended_at", "end_reason", "end_operation"])
    audit.record(
        run, "representative_ended", subject=named, patient_id=named.patient_id, reason=cause
    )


@command(by=PRESCRIBING | PROGRAM)
def end_representative(run: Run, *, representative_id: UUID, reason: str) -> Representative:
    """End somebody's speaking for a patient, with a reason. Raises NotFound or Conflict."""
    cause = required_reason(reason, hint=FOR_THE_RECORD)
    visible = standing.representatives_visible_to(run.actor)
    found = visible.filter(pk=representative_id).first()
    if found is None:
        raise NotFound("There is no such representative of a patient whom you may see.")
    patient = lock_patient(run, selectors.kept(found.patient_id))
    end_access(run, patient)
    named = Representative.objects.get(pk=representative_id)
    if named.ended_at is not None:
        raise Conflict("This person does not speak for the patient any more.")
    _end(run, named, cause)
    return named


@command(by=PROGRAM | {Role.SYSTEM})
def record_undeliverable(
    run: Run, *, patient_id: UUID, kind: str, finding: str, found_at: datetime | None = None
) -> UndeliverableAddress:
    """Record that a patient's present address of a kind reaches nobody (L-END-3).

    It waits on a person's list until another address is on record. Recorded again, it is the same
    entry. Raises InvalidRequest where no such address is on record.
    """
    how = required_reason(finding, field="finding", hint=FOR_THE_RECORD)
    if kind not in UndeliverableAddress.Kind.values:
        raise InvalidRequest("Unknown kind.", {"kind": "Choose email, phone or post."})
    patient = lock_patient(run, patient_id)
    if found_at is not None and not EARLIEST <= found_at <= run.now:
        raise InvalidRequest("It was not found then.", {"found_at": "Say when it was found."})
    return undeliverable(run, patient, kind=kind, finding=how, found_at=found_at or run.now)


def undeliverable(
    run: Run, patient: Patient, *, kind: str, finding: str, found_at: datetime
) -> UndeliverableAddress:
    """The entry of an address that reached nobody, once for each kind; inside a command."""
    waiting = patient.undeliverable_addresses.filter(kind=kind, resolved_at__isnull=True).first()
    if waiting is not None:
        return waiting
    address = selectors.address_of(patient, kind)
    if not address:
        raise InvalidRequest("No such address is on record.", {"kind": "There is none to fail."})
    entry = UndeliverableAddress.objects.create(
        patient=patient,
        kind=kind,
        address=address,
        found_at=found_at,
        finding=finding,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "address_undeliverable", subject=entry, patient_id=patient.pk)
    return entry


@command(by=PRESCRIBING | PROGRAM)
def resolve_undeliverable(run: Run, *, undeliverable_id: UUID, reason: str) -> UndeliverableAddress:
    """Settle an address that is right after all, with a reason. Raises NotFound or Conflict."""
    cause = required_reason(reason, hint=FOR_THE_RECORD)
    visible = standing.undeliverable_visible_to(run.actor)
    found = visible.filter(pk=undeliverable_id).first()
    if found is None:
        raise NotFound("There is no such entry of a patient whom you may see.")
    lock_patient(run, selectors.kept(found.patient_id))
    entry = UndeliverableAddress.objects.get(pk=undeliverable_id)
    if entry.resolved_at is not None:
        raise Conflict("This is settled already.")
    entry.resolved_at, entry.resolution = run.now, cause
    entry.resolving_operation_id = run.operation_id
    entry.save(update_fields=["resolved_at", "resolution", "resolving_operation"])
    audit.record(run, "address_settled", subject=entry, patient_id=entry.patient_id, reason=cause)
    return entry
