"""What breaks the constraints of prescribers, pharmacies and who works there."""

from uuid import uuid4

from tests.guards.breaches.breach import after_recorded, breach, double, moved

CHECKS = [
    breach("prescriber_npi", "providers_prescriber", npi="123456789X"),
    breach("prescriber_state_is_known", "providers_prescriber", state="retired"),
    breach("pharmacy_npi", "providers_pharmacy", npi="12345"),
    breach("pharmacy_state_is_known", "providers_pharmacy", state="closed"),
    breach(
        "pharmacy_enrollment_purpose_is_known", "providers_pharmacyenrollment", purpose="a gift"
    ),
    breach("training_person_is_named", "providers_stafftraining", lambda _: {"name": ""}),
    breach("training_role_is_of_paper", "providers_stafftraining", role="visitor"),
    breach(
        "training_acknowledged_before_recorded",
        "providers_stafftraining",
        after_recorded("acknowledged_at"),
    ),
    breach("succession_end_is_whole", "providers_succession", outcome=""),
    breach(
        "succession_instants_in_order",
        "providers_succession",
        lambda row: {
            "ended_at": moved(row, "recorded_at", seconds=-1),
            "outcome": "withdrawn",
        },
    ),
    breach(
        "delegation_instants_in_order",
        "providers_delegation",
        lambda row: {"ended_at": moved(row, "named_at", seconds=-1)},
    ),
    breach(
        "pharmacy_certification_has_length",
        "providers_pharmacycertification",
        lambda row: {"certified_until": row["certified_from"]},
    ),
]
UNIQUES = [
    double("delegation_named_once", "providers_delegation", ended_at=None),
    double("training_acknowledged_once", "providers_stafftraining"),
    double("succession_one_open", "providers_succession", ended_at=None, outcome=""),
]
EXCLUSIONS = [
    double(
        "pharmacy_certifications_do_not_overlap",
        "providers_pharmacycertification",
        lambda _: {"enrollment_id": str(uuid4())},
    ),
]
