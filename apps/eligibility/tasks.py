"""The sweep that writes overdue expiries. One service call a patient, nothing else."""

from apps.core import clock
from apps.core.call import SYSTEM_CALL
from apps.core.sweeps import sweep
from apps.eligibility import selectors, services

BATCH = 200


@sweep("eligibility.write_overdue")
def write_overdue() -> int:
    """Write what time has ended; returns how many patients were tidied."""
    patients = selectors.patients_with_overdue(clock.now(), limit=BATCH)
    for patient_id in patients:
        services.write_overdue_expiries(SYSTEM_CALL, patient_id=patient_id)
    return len(patients)
