"""Two records of one person become one lifelong id, keeping every entry of both (L-PAT-1).

Unmerging is not offered: what was decided on the entries of both cannot be told apart again.
"""

from datetime import date
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PROGRAM
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest
from apps.evidence.models import HealthStatus
from apps.evidence.services.merged_paths import restart_if_lost
from apps.notices import services as notices
from apps.patients import selectors as patients
from apps.patients.ending_access import end_access
from apps.patients.models import CategoryAssignment, Patient, PatientMerge
from apps.patients.services import CategoryBasis, assign_category, lock_patients
from apps.prescriptions import services as prescriptions
from apps.providers import selectors as providers
from apps.rules.policy import policy_in_force, programs

MERGED = "Merged"


@command(by=PROGRAM)
def merge_patients(run: Run, *, kept_id: UUID, merged_id: UUID, reason: str) -> PatientMerge:
    """Merge a record into the one that is kept: for good, and failing closed (L-PAT-1).

    Every entry of both counts for the kept one, which gets the stricter category, and begins anew
    where either had to; what is open of either is void. The merged record takes no command any
    more. Raises InvalidRequest, NotFound or Conflict.
    """
    if kept_id == merged_id:
        raise InvalidRequest("It is one record.", {"merged_id": "Name the other record."})
    cause = required_reason(reason)
    kept, merged = lock_patients(run, [kept_id, merged_id])
    _refuse_while_pending(kept, merged)
    for patient in (kept, merged):
        prescriptions.write_overdue(run, patient)
        prescriptions.void_open_authorizations(run, patient, cause="records_merged")
        end_access(run, patient)
    merge = PatientMerge.objects.create(
        kept=kept,
        merged=merged,
        reason=cause,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    _take_stricter_category(run, kept, merged)
    _take_stricter_health(run, kept, merged)
    restart_if_lost(run, kept, merged)
    for record in [*Patient.objects.filter(merged_into=merged), merged]:
        record.merged_into = kept
        record.save(update_fields=["merged_into"])
    audit.record(
        run,
        "patients_merged",
        subject=merge,
        patient_id=kept.pk,
        patient_ids=[merged.pk],
        reason=cause,
        data={"merged": str(merged.pk)},
    )
    recipients = {
        each.prescriber_id: providers.prescriber_recipient(each.prescriber)
        for each in (kept, merged)
    }
    notices.tell(
        run,
        "records_merged",
        about=str(merge.pk),
        recipients=recipients.values(),
        patient_id=kept.pk,
    )
    return merge


def _refuse_while_pending(kept: Patient, merged: Patient) -> None:
    for patient in (kept, merged):
        if patient.category_changes.filter(state="pending").exists():
            raise Conflict("A change of category waits for one of the two: decide it first.")


def _take_stricter_category(run: Run, kept: Patient, merged: Patient) -> None:
    """The pregnancy path before none, a female category before a male one, the later menopause.

    A category that changes so needs an agreement of its own, as every other change (L-CAT-3).
    """
    policy = policy_in_force(patients.program_of(kept) or programs()[0], run.now)

    def strictness(assignment: CategoryAssignment) -> tuple[bool, bool, bool, date]:
        category = policy.categories[assignment.risk_category]
        return (
            category.pregnancy_path,
            category.female,
            assignment.basis_kind == CategoryAssignment.Basis.NATURAL_MENOPAUSE,
            assignment.basis_on or date.min,
        )

    own, other = patients.current_category(kept), patients.current_category(merged)
    if strictness(other) > strictness(own):
        basis = CategoryBasis(other.basis_kind, other.basis_on) if other.basis_on else None
        assign_category(run, kept, other.risk_category, basis, reason=MERGED)


def _take_stricter_health(run: Run, kept: Patient, merged: Patient) -> None:
    """Breastfeeding and an irregular cycle on either record hold for both (L-CON-7, L-PT-4)."""
    known = [
        status for patient in (kept, merged) if (status := _latest_health(patient)) is not None
    ]
    if not known:
        return
    cycles = [status.cycle for status in sorted(known, key=lambda each: each.recorded_at)]
    irregular = HealthStatus.Cycle.IRREGULAR
    HealthStatus.objects.create(
        patient=kept,
        cycle=irregular if irregular in cycles else cycles[-1],
        breastfeeding=any(status.breastfeeding for status in known),
        advisory_flags=sorted({flag for status in known for flag in status.advisory_flags}),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )


def _latest_health(patient: Patient) -> HealthStatus | None:
    found = HealthStatus.objects.filter(patients.about(patient.pk), withdrawn_at=None)
    return found.order_by("recorded_at").last()
