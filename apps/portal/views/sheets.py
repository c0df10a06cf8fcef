"""The lists of a prescriber and of a pharmacy as CSV: all of each, as the pages show them.

Whoever may see the list may keep it; that somebody did stands in the trail, with every row.
"""

from datetime import datetime
from typing import Any

from django.http import HttpResponse

from apps.core import numbers
from apps.eligibility import selectors as eligibility
from apps.patients import selectors as patients
from apps.patients.models import RiskCategory
from apps.patients.selectors import patients_on
from apps.portal import agenda
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.patient_record import effective_state, strength, supply_state
from apps.portal.printing import printing, table
from apps.portal.program import PROGRAM, newest_policy
from apps.portal.templatetags.portal import instant_text
from apps.portal.views.dispensing import PHARMACY
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Confirmation, Dispense

PATIENTS = ("Family name", "Given name", "Born", "Risk category", "State", "What is next",
            "From", "Until")  # fmt: skip
CONFIRMATIONS = ("Confirmation", "State", "Issued", "Until", "How", "Authorization", "Dispensed")
DISPENSES = ("Dispensed", "Product", "Strength", "Quantity", "Days’ supply", "Lot", "NDC",
             "Confirmation", "Authorization", "How", "Counseled by", "State")  # fmt: skip


@page(*PRESCRIBER_SIDE)
def my_patients(request: PortalRequest) -> HttpResponse:
    """All patients of the prescriber, the most urgent first."""
    actor = request.call.actor
    found = list(patients.registered_to(actor).order_by("family_name", "given_name", "pk"))
    plans = eligibility.plans(actor, found, PROGRAM)
    calendar = newest_policy().calendar
    listed = []
    for person in found:
        plan = plans.get(person.pk)
        line = agenda.line(plan, calendar) if plan else agenda.UNREADABLE
        listed.append((person, plan, line))
    listed.sort(key=lambda each: (each[2].order(), each[0].family_name))
    saw(request, "patients_exported", patient_ids=[each.pk for each in found])
    rows = [
        [
            person.family_name,
            person.given_name,
            person.born_on.isoformat(),
            RiskCategory(plan.risk_category).label if plan else "",
            line.label,
            line.text,
            _at(line.from_at),
            _at(line.until),
        ]
        for person, plan, line in listed
    ]
    return table(PATIENTS, rows, "patients")


@page(*PHARMACY)
def confirmations(request: PortalRequest) -> HttpResponse:
    """All confirmations of the pharmacy, the latest first."""
    own = prescriptions.confirmations_visible_to(request.call.actor)
    found = list(own.prefetch_related("dispenses").order_by("-issued_at"))
    now = printing().at
    _exported(request, "confirmations_exported", found)
    rows = [
        [
            numbers.grouped(each.number),
            effective_state(each, now),
            _at(each.issued_at),
            _at(each.expires_at),
            each.get_handover_display(),
            numbers.grouped(each.authorization.number),
            _at(each.dispense.dispensed_at) if each.dispense else "",
        ]
        for each in found
    ]
    return table(CONFIRMATIONS, rows, "confirmations")


@page(*PHARMACY)
def dispenses(request: PortalRequest) -> HttpResponse:
    """All dispenses of the pharmacy, the latest first."""
    own = prescriptions.dispenses_visible_to(request.call.actor)
    found = list(own.prefetch_related("returns", "stops").order_by("-dispensed_at"))
    _exported(request, "dispenses_exported", found)
    return table(DISPENSES, map(_dispense, found), "dispenses")


def _dispense(each: Dispense) -> list[Any]:
    return [
        _at(each.dispensed_at),
        each.product,
        strength(each.strength_mg),
        each.quantity,
        each.days_supply,
        each.lot_number,
        each.ndc,
        numbers.grouped(each.confirmation.number) if each.confirmation else "",
        numbers.grouped(each.authorization.number) if each.authorization else "",
        each.get_handover_display(),
        each.counselor,
        supply_state(each),
    ]


def _at(value: datetime | None) -> str:
    """With its zone, as the pages write it."""
    return instant_text(value.astimezone(newest_policy().calendar.zone)) if value else ""


def _exported(request: PortalRequest, code: str, rows: list[Confirmation] | list[Dispense]) -> None:
    ids = [str(each.pk) for each in rows]
    saw(request, code, patient_ids=patients_on(rows), data={"ids": ids})
