"""The ledger's tables: authorization, confirmation, dispense, what became of a supply; outages."""

from apps.prescriptions.models.dispenses import Dispense
from apps.prescriptions.models.ledger import (
    MAX_DAYS_SUPPLY,
    MAX_HOURS,
    NUMBER,
    Authorization,
    Confirmation,
)
from apps.prescriptions.models.outages import Outage, OutageCheck
from apps.prescriptions.models.supplies import DispenseReturn, Shipment, SupplyStop

__all__ = [
    "MAX_DAYS_SUPPLY",
    "MAX_HOURS",
    "NUMBER",
    "Authorization",
    "Confirmation",
    "Dispense",
    "DispenseReturn",
    "Outage",
    "OutageCheck",
    "Shipment",
    "SupplyStop",
]
