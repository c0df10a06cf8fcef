"""What breaks the constraints of patients, their categories, agreements and addresses."""

from tests.guards.breaches.breach import (
    after_recorded,
    breach,
    but,
    double,
    moved,
    of_scans,
)
from tests.guards.world import Row

CHANGE = "patients_categorychange"
SPEAKS = "patients_representative"
ADDRESS = "patients_undeliverableaddress"
CORRECTION = "patients_identitycorrection"


def ended_representative(row: Row) -> Row:
    """What ends a representative."""
    return {
        "ended_at": row["recorded_at"],
        "end_reason": "Custody has changed",
        "end_operation_id": row["operation_id"],
    }


def settled_address(row: Row) -> Row:
    """What settles an address that reached nobody."""
    return {
        "resolved_at": row["recorded_at"],
        "resolution": "Right after all",
        "resolving_operation_id": row["operation_id"],
    }


CHECKS = [
    breach("merge_is_of_two", "patients_patientmerge", lambda row: {"merged_id": row["kept_id"]}),
    breach("merge_has_reason", "patients_patientmerge", reason=""),
    breach(
        "identity_correction_changes_something",
        CORRECTION,
        lambda row: {"family_name": row["family_name_before"]},
    ),
    breach("identity_correction_is_founded", CORRECTION, reason=""),
    breach("identity_correction_is_founded", CORRECTION, source_document=""),
    breach("category_change_state_is_known", CHANGE, state="perhaps"),
    breach("category_change_basis_is_whole", CHANGE, risk_category="adult_fnrp", basis_kind=""),
    breach("category_change_basis_is_whole", CHANGE, basis_kind="hysterectomy"),
    breach("category_change_has_reason", CHANGE, reason=""),
    breach("category_change_has_reason", CHANGE, said_by=""),
    breach("category_change_instants_in_order", CHANGE, after_recorded("requested_at")),
    breach("category_change_decision_is_whole", CHANGE, state="pending"),
    breach("category_change_decision_is_whole", CHANGE, assignment_id=None),
    breach("category_change_decision_is_whole", CHANGE, decided_at=None),
    breach("category_change_decision_is_whole", CHANGE, decision_operation_id=None),
    breach("category_change_decision_is_whole", CHANGE, state="refused"),
    breach(
        "category_change_decision_is_whole",
        CHANGE,
        state="withdrawn",
        assignment_id=None,
        decision_reason="",
    ),
    breach("representative_kind_is_known", SPEAKS, kind="friend"),
    breach("representative_is_named", SPEAKS, lambda _row: {"name": ""}),
    breach("representative_is_named", SPEAKS, relationship=""),
    breach("representative_instants_in_order", SPEAKS, after_recorded("named_at")),
    *(
        breach(
            "representative_end_is_whole",
            SPEAKS,
            but(ended_representative, **{lacks: value}),
        )
        for lacks, value in (("ended_at", None), ("end_reason", ""), ("end_operation_id", None))
    ),
    breach("undeliverable_kind_is_known", ADDRESS, kind="fax"),
    breach("undeliverable_is_described", ADDRESS, address=""),
    breach("undeliverable_is_described", ADDRESS, finding=""),
    breach("undeliverable_instants_in_order", ADDRESS, after_recorded("found_at")),
    *(
        breach(
            "undeliverable_resolution_is_whole",
            ADDRESS,
            but(settled_address, **{lacks: value}),
        )
        for lacks, value in (
            ("resolved_at", None),
            ("resolution", ""),
            ("resolving_operation_id", None),
        )
    ),
    breach(
        "transfer_is_to_another_prescriber",
        "patients_patienttransfer",
        lambda row: {"to_prescriber_id": row["from_prescriber_id"]},
    ),
    breach("transfer_taken_over_has_agreement", "patients_patienttransfer", agreement_id=None),
    breach("transfer_has_reason", "patients_patienttransfer", reason=""),
    breach(
        "patient_recorded_after_registered",
        "patients_patient",
        lambda row: {"latest_recorded_at": moved(row, "registered_at", seconds=-1)},
    ),
    breach("patient_has_name", "patients_patient", family_name=""),
    breach("category_is_known", "patients_categoryassignment", risk_category="adult"),
    breach(
        "category_basis_has_date",
        "patients_categoryassignment",
        risk_category="adult_fnrp",
        basis_kind="hysterectomy",
        basis_on=None,
    ),
    breach(
        "category_basis_is_known",
        "patients_categoryassignment",
        risk_category="adult_fnrp",
        basis_kind="tubal_ligation",
        basis_on="2015-01-01",
    ),
    breach(
        "category_adult_fnrp_has_basis", "patients_categoryassignment", risk_category="adult_fnrp"
    ),
    breach("category_has_reason", "patients_categoryassignment", reason=""),
    breach("agreement_category_is_known", "patients_agreement", risk_category="adult"),
    breach(
        "agreement_signer_is_known", "patients_agreement", signer="nurse", signer_relationship="x"
    ),
    breach("agreement_relationship_is_named", "patients_agreement", signer="guardian"),
    breach("agreement_signer_is_named", "patients_agreement", signer_name=""),
    breach(
        "duplicate_is_another_patient",
        "patients_duplicatedecision",
        lambda row: {"resembles_id": row["patient_id"]},
    ),
    *of_scans("agreement_scan", "patients_agreementscan"),
    breach("duplicate_decision_has_reason", "patients_duplicatedecision", reason=""),
]
UNIQUES = [
    double("identity_corrected_once_at_an_instant", CORRECTION),
    double("category_change_one_waits", CHANGE, state="pending"),
    double(
        "representative_one_at_a_time",
        SPEAKS,
        ended_at=None,
        end_reason="",
        end_operation_id=None,
    ),
    double(
        "undeliverable_one_of_a_kind",
        ADDRESS,
        resolved_at=None,
        resolution="",
        resolving_operation_id=None,
    ),
    double(
        "transfer_one_at_an_instant",
        "patients_patienttransfer",
        agreement_id=None,
        kind="handed_over",
    ),
    double("category_one_at_an_instant", "patients_categoryassignment"),
    double("duplicate_decided_once", "patients_duplicatedecision"),
]
