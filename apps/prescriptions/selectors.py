"""Questions about authorizations, confirmations and dispenses. Reads only."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core import numbers
from apps.core.call import DISPENSING, PRESCRIBING, Actor, Role
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.prescriptions.models import (
    Authorization,
    Confirmation,
    Dispense,
    DispenseReturn,
    Outage,
    Shipment,
    SupplyStop,
)
from apps.providers.models import Pharmacy
from apps.rules.policy import policy_in_force

OPEN = ("issued", "confirmed")
SHIPS_THE_SAME_DAY: Final = "L-DSP-9"


def open_authorization(patient_id: UUID, program: str) -> Authorization | None:
    """The authorization that is written as open; time may have ended it already."""
    return Authorization.objects.filter(
        patient_id=patient_id, program=program, state__in=OPEN
    ).first()


def authorizations_visible_to(actor: Actor) -> QuerySet[Authorization]:
    """Those of the patients that the actor may see, or were issued to before they moved."""
    return Authorization.objects.filter(
        Q(patient__in=patients.visible_to(actor)) | patients.entered_before_moving(actor)
    ).select_related("patient", "prescriber")


def supplies_of(patient_id: UUID, program: str) -> QuerySet[Dispense]:
    """What one person was dispensed and did not come back: of merged records, too."""
    back = DispenseReturn.objects.filter(dispense=OuterRef("pk"), withdrawn_at__isnull=True)
    return Dispense.objects.filter(
        ~Exists(back), patients.about(patient_id), program=program, withdrawn_at__isnull=True
    )


def under_way_to(patient_id: UUID, now: datetime) -> list[Dispense]:
    """What may be with a carrier still: shipped, and how that ended is not on record (L-DSP-9).

    Also what was to be shipped and nobody recorded that it left, until its days have passed.
    """
    found = without_an_end(Dispense.objects.filter(patients.about(patient_id)))
    return [
        made
        for made in found.select_related("pharmacy", "shipment")
        if hasattr(made, "shipment") or now < made.dispensed_at + timedelta(days=made.days_supply)
    ]


def without_an_end(dispenses: QuerySet[Dispense]) -> QuerySet[Dispense]:
    """Those that were or are to be shipped, where nobody recorded how that ended (L-DSP-9)."""
    ended = SupplyStop.objects.filter(dispense=OuterRef("pk"), withdrawn_at__isnull=True)
    back = DispenseReturn.objects.filter(dispense=OuterRef("pk"), withdrawn_at__isnull=True)
    return dispenses.filter(
        ~Exists(ended),
        ~Exists(back),
        Q(shipment__isnull=False) | Q(handover=Confirmation.Handover.SHIP),
        withdrawn_at__isnull=True,
        shipment__outcome_operation__isnull=True,
    )


def traced_by(shipment: Shipment | None) -> dict[str, str]:
    """By what a shipment can be traced, by column; nothing where none is recorded."""
    names = ("carrier", "tracking_number")
    return {name: getattr(shipment, name) if shipment else "" for name in names}


def package_of(made: Dispense) -> dict[str, str]:
    """By what a recall finds a dispense, as it is right, by name."""
    return {name: getattr(made, f"corrected_{name}") or getattr(made, name)
            for name in ("lot_number", "ndc")}  # fmt: skip


def patients_served_by(organization_id: UUID) -> QuerySet[Patient]:
    """The patients for whom a pharmacy ever held a confirmation or dispensed."""
    held = Confirmation.objects.filter(pharmacy__organization_id=organization_id)
    dispensed = Dispense.objects.filter(pharmacy__organization_id=organization_id)
    served = Patient.objects.filter(
        Q(pk__in=held.values("authorization__patient_id"))
        | Q(pk__in=dispensed.values("patient_id"))
    )
    # Whoever was served under a record that was merged is the one whose record is kept.
    return Patient.objects.filter(
        Q(pk__in=served.values("pk")) | Q(pk__in=served.values("merged_into_id"))
    )


def confirmations_visible_to(actor: Actor) -> QuerySet[Confirmation]:
    """A pharmacy's people see their own pharmacy's; the program's people all."""
    confirmations = Confirmation.objects.select_related("authorization", "pharmacy")
    if actor.role in patients.SEES_ALL:
        return confirmations
    if actor.role in DISPENSING | {Role.REPRESENTATIVE}:
        return confirmations.filter(pharmacy__organization_id=actor.own_organization)
    return confirmations.none()


def is_still_confirmed(authorization: Authorization, as_of: datetime) -> bool:
    """Whether a pharmacy holds a confirmation of it then; one that is over is written later."""
    held = authorization.confirmations.filter(state="valid", expires_at__gte=as_of)
    return authorization.state == "confirmed" and held.exists()


def good_until(confirmation: Confirmation) -> datetime:
    """Until when something is handed over or shipped on it: a shipment may have less time than the
    confirmation itself, on the pregnancy path the day on which it was issued (L-DSP-9).
    """
    issued = confirmation.authorization
    policy = policy_in_force(issued.program, confirmation.issued_at)
    if (
        confirmation.handover != Confirmation.Handover.SHIP
        or SHIPS_THE_SAME_DAY not in policy.rules
        or not policy.categories[issued.risk_category].pregnancy_path
    ):
        return confirmation.expires_at
    calendar = policy.calendar
    return min(confirmation.expires_at, calendar.end_of_day(calendar.day(confirmation.issued_at)))


def dispenses_visible_to(actor: Actor) -> QuerySet[Dispense]:
    """A pharmacy's people see their own pharmacy's, a prescriber's side their patients'."""
    dispenses = Dispense.objects.select_related("pharmacy", "authorization", "confirmation")
    if actor.role in patients.SEES_ALL:
        return dispenses
    if actor.role in DISPENSING | {Role.REPRESENTATIVE}:
        return dispenses.filter(pharmacy__organization_id=actor.own_organization)
    if actor.role in PRESCRIBING:
        return dispenses.filter(patient__in=patients.visible_to(actor))
    return dispenses.none()


def confirmations_numbered(
    confirmations: QuerySet[Confirmation], typed: str
) -> QuerySet[Confirmation]:
    """Those of `confirmations` that bear a number or rest on it, however it was typed."""
    number = numbers.normalize(typed)
    return confirmations.filter(Q(number=number) | Q(authorization__number=number))


def dispenses_numbered(dispenses: QuerySet[Dispense], typed: str) -> QuerySet[Dispense]:
    """Those of `dispenses` that rest on a number, however it was typed, or are of that lot."""
    number = numbers.normalize(typed)
    return dispenses.filter(
        Q(confirmation__number=number)
        | Q(authorization__number=number)
        | Q(lot_number__iexact=typed.strip())
        | Q(corrected_lot_number__iexact=typed.strip())
        | ~Q(stated_number="") & Q(stated_number__iexact=typed.strip())
    )


def beside_dispenses(
    dispenses: QuerySet[Dispense],
) -> tuple[QuerySet[DispenseReturn], QuerySet[SupplyStop], QuerySet[Pharmacy]]:
    """What belongs to dispenses: their returns, the ends of their supply, and the pharmacies."""
    ids = dispenses.values("pk")
    return (
        DispenseReturn.objects.filter(dispense__in=ids),
        SupplyStop.objects.filter(dispense__in=ids),
        Pharmacy.objects.filter(pk__in=dispenses.values("pharmacy")),
    )


def outages() -> QuerySet[Outage]:
    """Every outage: each pharmacy and practice may name the one in which something happened."""
    return Outage.objects.all()
