"""What breaks the constraints of the trail's seals, and of legal holds."""

from tests.guards.breaches.breach import breach, moved

CHECKS = [
    breach("seal_first_has_no_previous", "audit_seal", number=2, previous_digest=""),
    breach("seal_ranges_go_forward", "audit_seal", events_after=7, events_upto=6),
    breach("seal_signatures_go_forward", "audit_seal", signatures_after=7, signatures_upto=6),
    breach(
        "legal_hold_is_on_one",
        "audit_legalhold",
        patient_id="7f3b8f0e-95a0-4f3c-9d0f-0f6f3a4f3a11",
    ),
    breach("legal_hold_says_why", "audit_legalhold", authority=""),
    breach("legal_hold_is_lifted_whole", "audit_legalhold", lifted_at="2100-01-01Z"),
    breach(
        "legal_hold_is_lifted_later",
        "audit_legalhold",
        lambda row: {
            "lifted_at": moved(row, "recorded_at", seconds=-1),
            "lift_authority": "Court",
            "lift_reason": "Settled",
            "lift_operation_id": row["operation_id"],
        },
    ),
]
