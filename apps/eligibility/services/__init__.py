"""The commands that decide: authorize, verify, confirm, dispense, return."""

from apps.eligibility.services.authorizing import cancel_authorization, request_authorization
from apps.eligibility.services.dispensing import (
    Package,
    confirm,
    dispense,
    reverse_confirmation,
)
from apps.eligibility.services.late_dispenses import (
    enter_late_dispense,
    report_late_dispense,
    withdraw_late_dispense,
)
from apps.eligibility.services.late_records import LateRecord
from apps.eligibility.services.outages import check_outage_entry, declare_outage, end_outage
from apps.eligibility.services.overdue import write_overdue_expiries
from apps.eligibility.services.packages import correct_package
from apps.eligibility.services.shipping import (
    correct_shipment,
    record_shipment,
    record_shipment_outcome,
)
from apps.eligibility.services.supplies import return_to_stock, stop_supply, withdraw_supply_end
from apps.eligibility.services.verifying import Verification, verify

__all__ = [
    "LateRecord",
    "Package",
    "Verification",
    "cancel_authorization",
    "check_outage_entry",
    "confirm",
    "correct_package",
    "correct_shipment",
    "declare_outage",
    "dispense",
    "end_outage",
    "enter_late_dispense",
    "record_shipment",
    "record_shipment_outcome",
    "report_late_dispense",
    "request_authorization",
    "return_to_stock",
    "reverse_confirmation",
    "stop_supply",
    "verify",
    "withdraw_late_dispense",
    "withdraw_supply_end",
    "write_overdue_expiries",
]
