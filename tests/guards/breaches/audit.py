"""What breaks the constraints of signatures."""

from tests.guards.breaches.breach import breach, moved

SIGNATURE = "audit_signature"

CHECKS = [
    breach("signature_meaning_is_known", SIGNATURE, meaning="autograph"),
    breach("signature_method_is_known", SIGNATURE, method="rubber_stamp"),
    breach("signature_has_name", SIGNATURE, printed_name=""),
    breach(
        "signature_instants_in_order",
        SIGNATURE,
        lambda row: {"signed_at": moved(row, "recorded_at", seconds=1)},
    ),
    breach(
        "signature_with_components_has_account",
        SIGNATURE,
        method="all_components",
        user_id=None,
    ),
    breach("signature_digest_fits_content", SIGNATURE, content='{"other": "content"}'),
]
