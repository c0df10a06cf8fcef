"""Texts of the reasons of authorization, confirmation and dispense (L-AUT, L-DSP).

Texts only, by rule and code: a door can translate them from the code and its parameters.
"""

from typing import Final

from apps.rules.reasons.reason import Reason, by, held, lapses, waits_for

SUPPLY: Final[dict[str, dict[str, Reason]]] = {
    "L-AUT-3": {
        "NO_OPEN_AUTHORIZATION": held("No other authorization is open."),
        "AUTHORIZATION_OPEN": by(
            "prescriber",
            "An earlier authorization is open until {expires_at}.",
            "Let the pharmacy dispense it, or cancel it with a reason.",
        ),
    },
    "L-AUT-4": {
        "AUTHORIZATION_VALID": lapses(
            "prescriber",
            "The authorization is good until {until_at}.",
            "Ask for a new authorization: this one expires after {until_at}.",
        ),
        "AUTHORIZATION_EXPIRED": by(
            "prescriber",
            "The authorization expired after {until_at}.",
            "Ask for a new authorization.",
        ),
    },
    "L-AUT-5": {
        "REQUEST_FITS": held("Product, strength and days' supply can be authorized."),
        "PRODUCT_NOT_LISTED": by(
            "prescriber",
            "The requested product is not on the program's list: {products}.",
            "Request a product on the program's list.",
        ),
        "STRENGTH_NOT_LISTED": by(
            "prescriber",
            "The requested strength is not on the program's list: {strengths_mg} mg.",
            "Request one strength on the program's list.",
        ),
        "DAYS_SUPPLY_OUT_OF_RANGE": by(
            "prescriber",
            "The days' supply must be 1 to {days_max} calendar days.",
            "Request 1 to {days_max} days, planned rest days included.",
        ),
    },
    "L-AUT-7": {
        "AUTHORIZATION_IN_STATE": held("The authorization is {state}, as it must be."),
        "AUTHORIZATION_NOT_IN_STATE": by(
            "prescriber",
            "The authorization is {state}; for this step it must be {needed}.",
            "If it is void, expired or dispensed, ask for a new authorization; if another "
            "pharmacy has confirmed it, that pharmacy dispenses it or cancels its confirmation.",
        ),
    },
    "L-AUT-8": {
        "AUTHORIZATION_STANDS": held("Nothing has happened since that undoes the authorization."),
        "AUTHORIZATION_OTHER_CATEGORY": by(
            "prescriber",
            "The authorization is for another risk category than the patient's present one.",
            "Ask for a new authorization for the present category.",
        ),
        "AUTHORIZATION_BEFORE_RESTART": by(
            "prescriber",
            "Since the authorization of {issued_at} something happened after which therapy must "
            "start anew.",
            "Start anew: both tests and contraception, then ask for a new authorization.",
        ),
        "AUTHORIZATION_BEFORE_CASE_CLOSED": by(
            "prescriber",
            "A pregnancy case was closed since the authorization of {issued_at}.",
            "Collect a new pregnancy test, then ask for a new authorization.",
        ),
        "AUTHORIZATION_BEFORE_AGREEMENT": by(
            "prescriber",
            "A new agreement was completed since the authorization of {issued_at}.",
            "Ask for a new authorization under the new agreement.",
        ),
        "AUTHORIZATION_EVIDENCE_WITHDRAWN": by(
            "prescriber",
            "A test or an attestation that the authorization of {issued_at} may rest on was "
            "withdrawn.",
            "Record correct evidence, then ask for a new authorization.",
        ),
    },
    "L-DSP-3": {
        "CONFIRMATION_VALID": lapses(
            "pharmacy",
            "The confirmation is good until {until_at}.",
            "Check eligibility and confirm again: this confirmation expires after {until_at}.",
        ),
        "CONFIRMATION_OF_ANOTHER_PHARMACY": by(
            "pharmacy",
            "The confirmation belongs to another pharmacy.",
            "The pharmacy that holds the confirmation dispenses, or cancels it first.",
        ),
        "CONFIRMATION_EXPIRED": by(
            "pharmacy",
            "The confirmation expired after {until_at}.",
            "Check eligibility and confirm again.",
        ),
    },
    "L-DSP-4": {
        "PRESCRIPTION_CATEGORY_AGREES": held(
            "The risk category on the prescription is the patient's."
        ),
        "PRESCRIPTION_CATEGORY_DIFFERS": by(
            "pharmacy",
            "The risk category on the prescription is not the patient's.",
            "Read it again; if it is as you typed it, ask the prescriber for a correct "
            "prescription.",
        ),
    },
    "L-DSP-5": {
        "NO_EARLIER_SUPPLY": held("There is no earlier supply."),
        "SUPPLY_NEARLY_USED": held(
            "The earlier supply runs out on {run_out_on}: {days} days or less remain."
        ),
        "SUPPLY_LEFT": waits_for(
            "pharmacy",
            "The earlier supply lasts until {run_out_on}: {days_left} days remain. The next can be "
            "dispensed from {next_on}.",
            "Dispense when {days} days or less remain; record supply that was lost or handed back.",
        ),
    },
    "L-DSP-6": {
        "PRESCRIPTION_MATCHES": held("The prescription is within the authorization."),
        "PRESCRIPTION_PRODUCT_DIFFERS": by(
            "pharmacy",
            "The product on the prescription is not the one authorized.",
            "Read it again; if it is so, ask the prescriber for a matching prescription.",
        ),
        "PRESCRIPTION_STRENGTH_DIFFERS": by(
            "pharmacy",
            "The strength on the prescription is not the one authorized.",
            "Read it again; if it is so, ask the prescriber for a matching prescription.",
        ),
        "PRESCRIPTION_DAYS_SUPPLY_OUT_OF_RANGE": by(
            "pharmacy",
            "The days' supply on the prescription must be at least 1 and at most {days_max}.",
            "Dispense no more than the days' supply that may be dispensed, {days_max}; the rest is "
            "forfeited.",
        ),
        "AUTHORIZATION_FOR_NO_DAYS": by(
            "prescriber",
            "The authorization is for no days' supply that can be dispensed.",
            "Ask for a new authorization with a days' supply of at least 1.",
        ),
    },
    "L-DSP-9": {
        "SHIPMENT_IN_TIME": lapses(
            "pharmacy",
            "The shipment leaves on {confirmed_on}, as confirmed.",
            "Cancel the confirmation and confirm again on the day of shipment.",
        ),
        "SHIPMENT_TOO_LATE": by(
            "pharmacy",
            "A shipment must leave on the day of its confirmation, {confirmed_on}.",
            "Cancel the confirmation and confirm again on the day of shipment.",
        ),
    },
}
