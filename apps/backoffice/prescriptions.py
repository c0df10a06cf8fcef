"""Admin pages of authorizations, confirmations, dispenses and what came back: read-only."""

from django.contrib import admin

from apps.backoffice.naming import NAMES
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link, number
from apps.backoffice.supplies import ON_A_DISPENSE
from apps.prescriptions.models import (
    Authorization,
    Confirmation,
    Dispense,
    DispenseReturn,
    Shipment,
    SupplyStop,
)

BY_NUMBER = (
    "An authorization or confirmation number, with or without its separators; the patient's name; "
    "an NPI."
)


@admin.register(Authorization)
class AuthorizationAdmin(RecordAdmin[Authorization]):
    """The prescribers' numbers."""

    patient = "patient_id"
    list_display = (
        number("number", "number"),
        "state",
        link("patient", "patient"),
        link("prescriber", "prescriber"),
        "risk_category",
        "issued_at",
        "expires_at",
    )
    list_select_related = ("patient", "prescriber")
    list_filter = ("state", "risk_category", "issued_at")
    date_hierarchy = "issued_at"
    ordering = ("-issued_at",)
    search_fields = NAMES
    numbered = ("number", "confirmations__number", "prescriber__npi")
    ids = ("patient__id",)
    search_help_text = BY_NUMBER
    instead = {"number": number("number", "number")}


@admin.register(Confirmation)
class ConfirmationAdmin(RecordAdmin[Confirmation]):
    """The pharmacies' numbers."""

    patient = "authorization.patient_id"
    list_display = (
        number("number", "number"),
        "state",
        link("authorization", "authorization"),
        link("pharmacy", "pharmacy"),
        link("authorization.patient", "patient"),
        "issued_at",
        "expires_at",
    )
    list_select_related = ("authorization__patient", "pharmacy")
    list_filter = ("state", "handover", "issued_at")
    date_hierarchy = "issued_at"
    ordering = ("-issued_at",)
    search_fields = (
        "authorization__patient__given_name",
        "authorization__patient__family_name",
        "pharmacy__name",
    )
    numbered = ("number", "authorization__number", "pharmacy__npi")
    ids = ("authorization__patient__id",)
    search_help_text = BY_NUMBER
    instead = {"number": number("number", "number")}


@admin.register(Dispense)
class DispenseAdmin(RecordAdmin[Dispense]):
    """What left a pharmacy for a patient."""

    patient = "patient_id"
    list_display = (
        "dispensed_at",
        link("patient", "patient"),
        link("pharmacy", "pharmacy"),
        link("confirmation", "confirmation"),
        "days_supply",
        "authorized",
        "reported_late",
    )
    list_select_related = ("patient", "pharmacy", "confirmation")
    list_filter = (
        "authorized",
        "reported_late",
        ("withdrawn_at", admin.EmptyFieldListFilter),
        "risk_category",
        "handover",
        "dispensed_at",
    )
    date_hierarchy = "dispensed_at"
    ordering = ("-dispensed_at",)
    search_fields = (
        *NAMES, "pharmacy__name", "lot_number", "ndc", "corrected_lot_number", "corrected_ndc",
    )  # fmt: skip
    numbered = ("authorization__number", "confirmation__number", "pharmacy__npi")
    ids = ("patient__id",)
    search_help_text = f"{BY_NUMBER} Lot number or NDC."
    record_actions = ON_A_DISPENSE


@admin.register(DispenseReturn)
class DispenseReturnAdmin(RecordAdmin[DispenseReturn]):
    """Dispenses that went back to stock."""

    patient = "dispense.patient_id"
    list_display = (
        "returned_at",
        link("dispense", "dispense"),
        link("dispense.patient", "patient"),
        link("dispense.pharmacy", "pharmacy"),
        "reason",
        "withdrawn_at",
    )
    list_select_related = ("dispense__patient", "dispense__pharmacy")
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "returned_at")
    date_hierarchy = "returned_at"
    ordering = ("-returned_at",)
    search_fields = ("dispense__patient__given_name", "dispense__patient__family_name", "reason")
    numbered = ("dispense__authorization__number", "dispense__confirmation__number")
    ids = ("dispense__patient__id",)
    search_help_text = BY_NUMBER


@admin.register(SupplyStop)
class SupplyStopAdmin(RecordAdmin[SupplyStop]):
    """Supplies of which the rest was destroyed, lost or handed back."""

    patient = "dispense.patient_id"
    list_display = (
        "stopped_on",
        link("dispense", "dispense"),
        link("dispense.patient", "patient"),
        "kind",
        "reason",
        "withdrawn_at",
    )
    list_select_related = ("dispense__patient",)
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "kind", "stopped_on")
    ordering = ("-stopped_on",)
    search_fields = ("dispense__patient__given_name", "dispense__patient__family_name", "reason")
    numbered = ("dispense__authorization__number", "dispense__confirmation__number")
    ids = ("dispense__patient__id",)
    search_help_text = BY_NUMBER


@admin.register(Shipment)
class ShipmentAdmin(RecordAdmin[Shipment]):
    """What carriers took, and how that ended."""

    patient = "dispense.patient_id"
    list_display = (
        "left_at",
        link("dispense", "dispense"),
        link("dispense.patient", "patient"),
        "carrier",
        "tracking_number",
        "delivered_at",
        "lost_at",
        "came_back_at",
    )
    list_select_related = ("dispense__patient",)
    list_filter = ("carrier", ("outcome_operation", admin.EmptyFieldListFilter), "left_at")
    date_hierarchy = "left_at"
    ordering = ("-left_at",)
    search_fields = (
        "dispense__patient__given_name",
        "dispense__patient__family_name",
        "carrier",
        "tracking_number",
    )
    numbered = ("dispense__authorization__number", "dispense__confirmation__number")
    ids = ("dispense__patient__id",)
    search_help_text = f"{BY_NUMBER} A tracking number."
