"""What breaks the constraints of patients' one-time codes and visits."""

from tests.guards.breaches.breach import breach, double, moved
from tests.guards.world import Row

CODE, VISIT = "patients_patientcode", "patients_patientvisit"
OPEN: Row = {"ended_at": None, "ended_how": "", "used_at": None, "wrong_attempts": 0}


def used(row: Row, column: str = "issued_at", **by: int) -> Row:
    """What uses a code up, so long after it was issued, or expires."""
    return {**OPEN, "used_at": moved(row, column, **by)}


CHECKS = [
    breach("patient_code_is_described", CODE, purpose="peek"),
    breach("patient_code_is_described", CODE, way="fax"),
    breach("patient_code_is_described", CODE, identified="rumor"),
    breach("patient_code_goes_to_whom_is_identified", CODE, way="shown", identified="on_record"),
    breach("patient_code_is_kept_as_digests", CODE, code_digest="12345678"),
    breach("patient_code_is_kept_as_digests", CODE, reference_digest="K7QM2XRT9HW4"),
    breach("patient_code_expires_soon", CODE, lambda row: {"expires_at": row["issued_at"]}),
    breach(
        "patient_code_expires_soon",
        CODE,
        lambda row: {"expires_at": moved(row, "issued_at", days=7, seconds=1)},
    ),
    breach("patient_code_is_not_guessed_freely", CODE, attempts_allowed=11),
    breach("patient_code_is_not_guessed_freely", CODE, attempts_allowed=0, wrong_attempts=0),
    breach("patient_code_is_not_guessed_freely", CODE, attempts_allowed=5, wrong_attempts=6),
    breach("patient_code_is_used_in_time", CODE, lambda row: used(row, seconds=-1)),
    breach("patient_code_is_used_in_time", CODE, lambda row: used(row, "expires_at", seconds=0)),
    breach(
        "patient_code_is_used_in_time",
        CODE,
        lambda row: {**used(row, seconds=1), "attempts_allowed": 5, "wrong_attempts": 5},
    ),
    breach("patient_code_end_is_whole", CODE, ended_at=None, ended_how="ended"),
    breach("patient_code_end_is_whole", CODE, ended_at="2100-01-01Z", ended_how=""),
    breach("patient_code_end_is_whole", CODE, ended_at="2100-01-01Z", ended_how="bored"),
    breach(
        "patient_code_end_is_whole",
        CODE,
        used_at="2100-01-01Z",
        ended_at="2100-01-01Z",
        ended_how="ended",
    ),
    breach("patient_visit_ends_whole", VISIT, ended_at="2100-01-01Z", ended_how="left"),
    breach(
        "patient_visit_instants_in_order",
        VISIT,
        lambda row: {"last_seen_at": moved(row, "began_at", seconds=-1)},
    ),
]
UNIQUES = [double("patient_code_one_is_open", CODE, **OPEN)]
