"""The command of the reminders: what was missed becomes a deviation. Planning is `planning`."""

from uuid import UUID

from apps.core.call import Role
from apps.core.command import Run, command
from apps.evidence.services.program import record_deviation
from apps.patients.models import Patient
from apps.patients.services import lock
from apps.reminders import selectors


@command(by=frozenset({Role.SYSTEM}))
def record_missed_tests(run: Run, *, patient_id: UUID) -> Patient:
    """Record each scheduled test that a patient missed, once, as known under the lock (L-PT-4)."""
    patient = lock(run, Patient.objects.filter(pk=patient_id))
    found = selectors.owed_by([patient.pk], run.now)
    for error in found.failed.values():
        raise error
    for owed in found.known[patient.pk]:
        for occurrence, obligation in owed.missed_tests().items():
            record_deviation(
                run,
                patient,
                policy=owed.policy,
                kind=selectors.MISSED_TEST,
                occurrence=occurrence,
                occurred_at=obligation.due_at or run.now,
            )
    return patient
