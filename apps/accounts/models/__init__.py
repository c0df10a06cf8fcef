"""People, organizations, memberships; systems that call the API; what sign-ins leave."""

from apps.accounts.models.clients import ApiClient, ClientKeys, EarlierSecret, UsedAssertion
from apps.accounts.models.people import (
    ROLE_CODES,
    ROLES,
    Accounts,
    Membership,
    Organization,
    User,
)
from apps.accounts.models.sign_ins import EarlierPassword, SignIn, WrongCode

__all__ = [
    "ROLES",
    "ROLE_CODES",
    "Accounts",
    "ApiClient",
    "ClientKeys",
    "EarlierPassword",
    "EarlierSecret",
    "Membership",
    "Organization",
    "SignIn",
    "UsedAssertion",
    "User",
    "WrongCode",
]
