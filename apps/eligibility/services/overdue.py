"""Write the expiries that time has brought about: the sweep only tidies (L-AUT-7)."""

from uuid import UUID

from apps.core.call import Role
from apps.core.command import Run, command
from apps.patients.models import Patient
from apps.patients.services import lock
from apps.prescriptions.services import write_overdue


@command(by=frozenset({Role.SYSTEM}))
def write_overdue_expiries(run: Run, *, patient_id: UUID) -> Patient:
    """Write one patient's overdue expiries, under the lock."""
    patient = lock(run, Patient.objects.filter(pk=patient_id))
    write_overdue(run, patient)
    return patient
