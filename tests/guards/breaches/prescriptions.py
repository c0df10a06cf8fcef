"""What breaks the constraints of authorizations, confirmations, dispenses and outages."""

from uuid import uuid4

from tests.guards.breaches.breach import WITHDRAWN_EARLY, after_recorded, breach, double, moved

A = "prescriptions_authorization"
C = "prescriptions_confirmation"
D = "prescriptions_dispense"

CHECKS = [
    breach("authorization_state_is_known", A, state="lost"),
    breach("authorization_number", A, number="IIIIOOOOLLLL"),
    breach("authorization_days_supply", A, days_supply=29),
    breach("authorization_quantity_is_positive", A, quantity=0),
    breach("authorization_strength_is_positive", A, strength_mg=0),
    breach(
        "authorization_expires_after_issue",
        A,
        lambda row: {"expires_at": moved(row, "issued_at", microseconds=-1)},
    ),
    breach("authorization_category_is_known", A, risk_category="adult"),
    breach("authorization_is_complete", A, directions=""),
    breach("authorization_end_is_whole", A, state="void", ended_at=None, ended_reason="positive"),
    breach("authorization_end_is_whole", A, state="void", ended_at="2100-01-01Z"),
    breach("authorization_end_is_whole", A, state="void", ended_at="2001-01-01Z", ended_reason="x"),
    breach("authorization_end_is_whole", A, state="issued", ended_at="2100-01-01Z"),
    breach(
        "confirmation_state_is_known", C, state="lost", ended_at="2100-01-01Z", ended_reason="x"
    ),
    breach("confirmation_handover_is_known", C, handover="drone"),
    breach("confirmation_number", C, number="short"),
    breach(
        "confirmation_expires_after_issue",
        C,
        lambda row: {"expires_at": moved(row, "issued_at", microseconds=-1)},
    ),
    breach(
        "confirmation_lasts_a_day",
        C,
        lambda row: {"expires_at": moved(row, "issued_at", hours=24, microseconds=1)},
    ),
    breach("confirmation_days_supply", C, days_supply=0),
    breach("confirmation_end_is_whole", C, state="reversed", ended_at="2100-01-01Z"),
    breach("confirmation_end_is_whole", C, state="expired", ended_at=None, ended_reason="x"),
    breach("confirmation_end_is_whole", C, state="dispensed", ended_at="2100-01-01Z"),
    breach("dispense_days_supply_is_positive", D, days_supply=0),
    breach("dispense_authorized_has_confirmation", D, confirmation_id=None),
    breach("dispense_authorized_is_complete", D, lot_number=""),
    breach("dispense_amount_is_positive", D, quantity=0),
    breach("dispense_category_is_known", D, risk_category="adult"),
    breach("dispense_handover_is_known", D, handover="drone"),
    breach("dispense_recorded_after_dispensed", D, after_recorded("dispensed_at")),
    breach("return_has_reason", "prescriptions_dispensereturn", reason=""),
    breach(
        "return_instants_in_order", "prescriptions_dispensereturn", after_recorded("returned_at")
    ),
    *(
        each
        for name in ("dispensereturn", "supplystop")
        for table in (f"prescriptions_{name}",)
        for each in (
            breach(f"{name}_withdrawal_is_whole", table, withdrawn_at="2100-01-01Z"),
            breach(f"{name}_withdrawn_after_recorded", table, WITHDRAWN_EARLY),
        )
    ),
    breach("supply_stop_has_reason", "prescriptions_supplystop", reason=""),
    breach("supply_stop_kind_is_known", "prescriptions_supplystop", kind="eaten"),
    breach("return_never_left_premises", "prescriptions_dispensereturn", never_left_premises=False),
    breach("dispense_names_its_pharmacy", D, unknown_pharmacy="Another"),
    breach("dispense_names_its_pharmacy", D, pharmacy_id=None, authorized=False),
    breach("dispense_names_its_pharmacy", D, pharmacy_id=None, unknown_pharmacy="Another"),
    *(
        breach("dispense_outside_the_rules_is_reported_late", D, reported_late=False, **late)
        for late in (
            {"authorized": False},
            {"only_day_is_known": True},
            {"stated_number": "K7QM"},
            {"outage_id": str(uuid4())},
            {"withdrawn_at": "2100-01-01Z"},
        )
    ),
    breach("dispense_authorized_has_its_time", D, only_day_is_known=True, reported_late=True),
    breach("dispense_lot_was_another", D, lambda row: {"corrected_lot_number": row["lot_number"]}),
    breach("dispense_ndc_was_another", D, lambda row: {"corrected_ndc": row["ndc"]}),
    breach("dispense_withdrawal_is_whole", D, withdrawn_at="2100-01-01Z"),
    breach("dispense_withdrawn_after_recorded", D, WITHDRAWN_EARLY),
    breach("shipment_can_be_traced", "prescriptions_shipment", carrier=""),
    breach("shipment_can_be_traced", "prescriptions_shipment", tracking_number=""),
    breach("shipment_recorded_after_it_left", "prescriptions_shipment", after_recorded("left_at")),
    breach(
        "shipment_has_one_outcome",
        "prescriptions_shipment",
        lambda row: {"delivered_at": row["left_at"], "lost_at": row["left_at"]},
    ),
    breach("shipment_has_one_outcome", "prescriptions_shipment", lost_at=None),
    breach("shipment_has_one_outcome", "prescriptions_shipment", outcome_operation_id=None),
    breach("shipment_has_one_outcome", "prescriptions_shipment", lost_at="2001-01-01Z"),
    breach("outage_is_described", "prescriptions_outage", description=""),
    breach("outage_parts_are_known", "prescriptions_outage", parts=["coffee"]),
    breach("outage_parts_are_known", "prescriptions_outage", parts=[]),
    breach("outage_recorded_after_it_began", "prescriptions_outage", after_recorded("from_at")),
    breach("outage_end_is_whole", "prescriptions_outage", until_at="2100-01-01Z"),
    breach(
        "outage_end_is_whole",
        "prescriptions_outage",
        lambda row: {"ending_operation_id": row["operation_id"]},
    ),
    breach(
        "outage_end_is_whole",
        "prescriptions_outage",
        lambda row: {"until_at": row["from_at"], "ending_operation_id": row["operation_id"]},
    ),
    breach("outage_check_has_note", "prescriptions_outagecheck", note=""),
    breach(
        "outage_entry_checked_by_another",
        "prescriptions_outagecheck",
        lambda row: {"entered_by_id": row["checked_by_id"]},
    ),
]
UNIQUES = [
    double("authorization_one_open", A, state="issued"),
    double("confirmation_one_winner", C, state="valid"),
    double("dispense_one_at_an_instant", D, confirmation_id=None, authorized=False),
    double(
        "dispense_one_of_a_confirmation",
        D,
        # Not at one instant: that is refused for itself.
        lambda row: {"dispensed_at": moved(row, "dispensed_at", seconds=-int(row["id"][:6], 16))},
        authorized=False,
    ),
    double("outage_entry_checked_once", "prescriptions_outagecheck"),
    double("return_one_stands", "prescriptions_dispensereturn"),
    double("supply_stop_one_stands", "prescriptions_supplystop"),
]
