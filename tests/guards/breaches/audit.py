"""What breaks the constraints of signatures and of the texts' ledger."""

from tests.guards.breaches.breach import breach, double, moved

SIGNATURE, TEXT = "audit_signature", "audit_textversion"
CODE = "00000000-0000-4000-8000-000000000003"

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
    breach("signature_by_code_names_it", SIGNATURE, method="one_time_code", user_id=None),
    breach("signature_by_code_names_it", SIGNATURE, code_id=CODE),
    breach("signature_digest_fits_content", SIGNATURE, content='{"other": "content"}'),
    breach("text_version_is_named", TEXT, version=""),
    breach("text_version_is_named", TEXT, title=""),
]
UNIQUES = [
    double("signature_of_code_is_one", SIGNATURE, code_id=CODE),
    double("text_version_has_one_text", TEXT, version="agreement-2026-02"),
]
