"""The lists of a prescriber and of a pharmacy as CSV: all of each, as the pages show them.

Whoever may see the list may keep it; that somebody did stands in the trail, with every row.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http.response import HttpResponseBase

from apps.core import clock, numbers
from apps.core.call import Actor
from apps.eligibility import selectors as eligibility
from apps.patients import selectors as patients
from apps.patients.models import Patient, RiskCategory
from apps.portal import agenda
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.exporting import exported
from apps.portal.patient_record import effective_state, strength, supply_state
from apps.portal.program import PROGRAM, present_policy
from apps.portal.urgencies import most_urgent_first
from apps.portal.views.dispensing import PHARMACY
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Confirmation, Dispense

PATIENTS = ("Family name", "Given name", "Born", "Risk category", "State", "What is next",
            "From", "Until")  # fmt: skip
CONFIRMATIONS = ("Confirmation", "State", "Issued", "Until", "How", "Authorization", "Dispensed")
DISPENSES = ("Dispensed", "Product", "Strength", "Quantity", "Days’ supply", "Lot", "NDC",
             "Confirmation", "Authorization", "How", "Counseled by", "State")  # fmt: skip


@page(*PRESCRIBER_SIDE)
def my_patients(request: PortalRequest) -> HttpResponseBase:
    """All patients of the prescriber, the most urgent first."""
    actor = request.call.actor
    found = patients.registered_to(actor)
    people, _ = most_urgent_first(actor, found, present_policy())
    return exported(
        request,
        "patients",
        PATIENTS,
        found,
        lambda rows: _patients(actor, rows),
        patient="pk",
        order=[each.pk for each in people],
    )


@page(*PHARMACY)
def confirmations(request: PortalRequest) -> HttpResponseBase:
    """All confirmations of the pharmacy, the latest first."""
    own = prescriptions.confirmations_visible_to(request.call.actor)
    return exported(
        request,
        "confirmations",
        CONFIRMATIONS,
        own.prefetch_related("dispenses").order_by("-issued_at", "pk"),
        _confirmations,
        patient="authorization__patient_id",
    )


@page(*PHARMACY)
def dispenses(request: PortalRequest) -> HttpResponseBase:
    """All dispenses of the pharmacy, the latest first."""
    own = prescriptions.dispenses_visible_to(request.call.actor)
    return exported(
        request,
        "dispenses",
        DISPENSES,
        own.prefetch_related("returns", "stops").order_by("-dispensed_at", "pk"),
        lambda rows: map(_dispense, rows),
        patient="patient_id",
    )


def _patients(actor: Actor, people: Sequence[Patient]) -> Iterator[list[Any]]:
    plans = eligibility.plans(actor, people, PROGRAM)
    calendar = present_policy().calendar
    for person in people:
        plan = plans.get(person.pk)
        line = agenda.line(plan, calendar) if plan else agenda.UNREADABLE
        yield [
            person.family_name,
            person.given_name,
            person.born_on.isoformat(),
            RiskCategory(plan.risk_category).label if plan else "",
            line.label,
            line.text,
            line.from_at,
            line.until,
        ]


def _confirmations(rows: Sequence[Confirmation]) -> Iterator[list[Any]]:
    now = clock.now()
    for each in rows:
        yield [
            numbers.grouped(each.number),
            effective_state(each, now),
            each.issued_at,
            each.expires_at,
            each.get_handover_display(),
            numbers.grouped(each.authorization.number),
            each.dispense.dispensed_at if each.dispense else None,
        ]


def _dispense(each: Dispense) -> list[Any]:
    return [
        each.dispensed_at,
        each.product,
        strength(each.strength_mg),
        each.quantity,
        each.days_supply,
        *prescriptions.package_of(each).values(),
        numbers.grouped(each.confirmation.number) if each.confirmation else "",
        numbers.grouped(each.authorization.number) if each.authorization else "",
        each.get_handover_display(),
        each.counselor,
        supply_state(each),
    ]
