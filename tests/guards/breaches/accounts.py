"""What breaks the constraints of operations, people, organizations and clients."""

from tests.guards.breaches.breach import breach, double, moved

CHECKS = [
    breach("operation_actor_is_named", "core_operation", actor_kind="person", actor_id=None),
    breach("operation_key_is_whole", "core_operation", scope="client:route", key=None),
    breach("demo_clock_is_single", "core_democlock", id=2),
    breach("organization_kind_is_known", "accounts_organization", kind="clinic"),
    breach("user_email_is_lower_case", "accounts_user", email="Robin@people.example"),
    breach("membership_role_is_known", "accounts_membership", role="janitor"),
    breach("client_role_is_known", "accounts_apiclient", role="system"),
    breach("client_scopes_are_known", "accounts_apiclient", scopes=["everything"]),
    breach(
        "earlier_secret_ends_after_it_was",
        "accounts_earliersecret",
        lambda row: {"ends_at": moved(row, "replaced_at", seconds=-1)},
    ),
    breach("client_keys_are_here_or_there", "accounts_clientkeys", jwks_uri="https://keys.example"),
    breach("sign_in_ends_whole", "accounts_signin", ended_at="2100-01-01Z"),
]
UNIQUES = [
    double(
        "operation_key_used_once", "core_operation", scope="client:route", key="k", body_digest="d"
    ),
    double("membership_held_once", "accounts_membership", ended_at=None),
    double("assertion_used_once", "accounts_usedassertion", jti="b" * 64),
]
