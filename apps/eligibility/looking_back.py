"""What would have been asked about a dispense at an instant of the past. Reads only.

Of today's record, only what was so at that instant: the rules ignore what came later, and the
standings that bear no date are looked up as they were then.
"""

from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from apps.audit.models import RowChange
from apps.core.models import Operation
from apps.eligibility import facts
from apps.evidence.models import HealthStatus
from apps.patients.models import CategoryAssignment, Patient
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.calendar import utc_text

Number = TypeVar("Number", Authorization, Confirmation)

NOT_IN_THE_PROGRAM = {"id": "not in the program", "status": "pending", "certified_until": None}


@dataclass(frozen=True, slots=True)
class Supply:
    """What a late record says was dispensed, and on which category's prescription."""

    risk_category: str
    product: str
    strength_mg: Decimal
    days_supply: int


def category_at(patient: Patient, at: datetime) -> CategoryAssignment:
    """The risk category at an instant; before the first one was recorded, the first."""
    categories = patient.categories.order_by("recorded_at")
    found = categories.filter(recorded_at__lte=at).last() or categories.first()
    if found is None:
        raise RuntimeError("A patient without a risk category cannot have been enrolled.")
    return found


def confirmation_at(
    authorization: Authorization, pharmacy: Pharmacy, at: datetime
) -> Confirmation | None:
    """The pharmacy's confirmation under which a dispense at `at` was made, if it had one.

    The one that was valid then; else the latest issued before. One that a dispense rests on
    already is none.
    """
    used = Dispense.objects.filter(authorization=authorization, withdrawn_at__isnull=True)
    rows = authorization.confirmations.filter(pharmacy=pharmacy, issued_at__lte=at)
    free = rows.exclude(pk__in=used.exclude(confirmation=None).values("confirmation"))
    held = [before_mistake(each) for each in free.order_by("-issued_at")]
    return next((each for each in held if was_valid(each, at)), next(iter(held), None))


def before_mistake(number: Number) -> Number:
    """The number as it was before a late entry used it up that was withdrawn since (L-SRC-3).

    Not to be saved: in the ledger it stays used. Itself where a dispense of it stands.
    """
    if number.state != "dispensed" or number.dispenses.filter(withdrawn_at__isnull=True).exists():
        return number
    changes = RowChange.objects.filter(table_name=number._meta.db_table, row_id=str(number.pk))
    used_up = changes.filter(after__state="dispensed").order_by("pk").first()
    was = used_up.before if used_up else None
    if was is None:
        return number
    found = copy(number)
    found.state = was["state"]
    found.ended_at = datetime.fromisoformat(was["ended_at"]) if was["ended_at"] else None
    return found


def was_valid(confirmation: Confirmation, at: datetime) -> bool:
    """Whether a confirmation was valid at an instant, as far as its row tells."""
    until = min(filter(None, (confirmation.ended_at, confirmation.expires_at)))
    return confirmation.issued_at <= at <= until


def dispense_document(
    *,
    patient: Patient,
    program: str,
    at: datetime,
    now: datetime,
    supply: Supply,
    pharmacy: Pharmacy | None,
    authorization: Authorization | None,
    confirmation: Confirmation | None,
) -> facts.Document:
    """The facts for the question `dispense` as of `at`.

    Without an authorization one is supposed that fits the supply: so that what is asked about the
    patient and the parties can still be judged.
    """
    prescriber = authorization.prescriber if authorization else patient.prescriber
    document = facts.for_authorize(
        [patient.pk], program=program, now=now, prescriber=prescriber.pk
    )[patient.pk]
    document |= {
        "question": "dispense",
        "as_of": utc_text(at),
        "pharmacy": _pharmacy(pharmacy, at),
        "authorization": _authorization(authorization, confirmation, supply, at),
        "confirmation": _confirmation(confirmation),
        "prescription": {
            "risk_category": supply.risk_category,
            "product": supply.product,
            "strength_mg": _plain(supply.strength_mg),
            "days_supply": supply.days_supply,
        },
    }
    document["prescriber"]["status"] = standing_at(prescriber, at)
    _as_the_patient_was(document["patient"], patient, at)
    return document


def standing_at(party: Prescriber | Pharmacy, at: datetime) -> str:
    """The state of a prescriber or pharmacy at an instant, from the history of its row."""
    changes = RowChange.objects.filter(
        table_name=party._meta.db_table, row_id=str(party.pk), action=RowChange.Action.UPDATE
    ).order_by("pk")
    performed = dict(
        Operation.objects.filter(pk__in=changes.values("operation_id")).values_list(
            "pk", "performed_at"
        )
    )
    for change in changes:
        when = performed.get(change.operation_id or UUID(int=0)) or change.changed_at
        before = change.before or {}
        if when > at and before["state"] != change.after["state"]:
            return str(before["state"])
    return str(party.state)


def _as_the_patient_was(entry: dict[str, Any], patient: Patient, at: datetime) -> None:
    category = category_at(patient, at)
    entry["risk_category"] = category.risk_category
    entry["category_basis"] = (
        {"kind": category.basis_kind, "on": str(category.basis_on)} if category.basis_kind else None
    )
    health = (
        HealthStatus.objects.filter(patient=patient, recorded_at__lte=at, withdrawn_at__isnull=True)
        .order_by("recorded_at")
        .last()
    )
    if health is not None:
        entry["breastfeeding"] = health.breastfeeding


def _pharmacy(pharmacy: Pharmacy | None, at: datetime) -> dict[str, Any]:
    if pharmacy is None:
        return NOT_IN_THE_PROGRAM
    latest = pharmacy.certifications.filter(certified_from__lte=at).order_by("last_day_on").last()
    return {
        "id": str(pharmacy.pk),
        "status": standing_at(pharmacy, at),
        "certified_until": str(latest.last_day_on) if latest else None,
    }


def _authorization(
    authorization: Authorization | None,
    confirmation: Confirmation | None,
    supply: Supply,
    at: datetime,
) -> dict[str, Any]:
    if authorization is None:
        return {
            "issued_at": utc_text(at),
            "expires_at": utc_text(at),
            "state": "issued",
            "risk_category": supply.risk_category,
            "product": supply.product,
            "strength_mg": _plain(supply.strength_mg),
            "days_supply": supply.days_supply,
        }
    return {
        "issued_at": utc_text(authorization.issued_at),
        "expires_at": utc_text(authorization.expires_at),
        "state": _state_at(authorization, confirmation, at),
        "risk_category": authorization.risk_category,
        "product": authorization.product,
        "strength_mg": _plain(authorization.strength_mg),
        "days_supply": authorization.days_supply,
    }


def _state_at(authorization: Authorization, confirmation: Confirmation | None, at: datetime) -> str:
    """The state at an instant: an end that came later had not come yet."""
    if authorization.state == Authorization.State.DISPENSED:
        return authorization.state
    if authorization.ended_at is not None and authorization.ended_at < at:
        return authorization.state
    if confirmation is not None and was_valid(confirmation, at):
        return Authorization.State.CONFIRMED.value
    return Authorization.State.ISSUED.value


def _confirmation(confirmation: Confirmation | None) -> dict[str, Any] | None:
    if confirmation is None:
        return None
    until = min(filter(None, (confirmation.ended_at, confirmation.expires_at)))
    return {
        "pharmacy": str(confirmation.pharmacy_id),
        "issued_at": utc_text(confirmation.issued_at),
        "expires_at": utc_text(until),
        "handover": confirmation.handover,
    }


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
