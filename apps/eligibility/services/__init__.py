"""The commands that decide: authorize, verify, confirm, dispense, return."""

from apps.eligibility.services.authorizing import cancel_authorization, request_authorization
from apps.eligibility.services.dispensing import (
    Package,
    confirm,
    dispense,
    return_to_stock,
    reverse_confirmation,
)
from apps.eligibility.services.overdue import write_overdue_expiries
from apps.eligibility.services.verifying import Verification, verify

__all__ = [
    "Package",
    "Verification",
    "cancel_authorization",
    "confirm",
    "dispense",
    "request_authorization",
    "return_to_stock",
    "reverse_confirmation",
    "verify",
    "write_overdue_expiries",
]
