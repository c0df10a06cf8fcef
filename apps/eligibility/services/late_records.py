"""What a late record says (L-DSP-8): read, timed, and compared with what is recorded already.

It refuses what no record can say; it never judges: the rules do.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from apps.core.checks import one_line, required_reason
from apps.core.command import MICROSECOND
from apps.core.errors import Conflict, InvalidRequest
from apps.evidence.services.checks import not_in_future, one_of
from apps.patients import selectors as patients
from apps.patients.models import Patient, RiskCategory
from apps.prescriptions.models import Authorization, Confirmation, Dispense, Outage
from apps.providers.models import Pharmacy
from apps.rules.calendar import Calendar
from apps.rules.dates import DISPENSES_APART, Dated, least_favorable


@dataclass(frozen=True, slots=True)
class LateRecord:
    """What the paper record says. Either the instant is known, or only the day."""

    dispensed_at: datetime | None
    dispensed_on: date | None
    product: str
    strength_mg: Decimal
    days_supply: int
    quantity: int
    handover: str
    reason: str
    risk_category: str = ""
    lot_number: str = ""
    ndc: str = ""
    counselor: str = ""
    checklist: Collection[str] = ()
    medication_guide_given: bool = False
    outage_id: UUID | None = None
    is_another: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Whose record it is: the patient, the pharmacy, and the prescription as far as it is known."""

    patient: Patient
    program: str
    pharmacy: Pharmacy | None
    unknown_pharmacy: str
    authorization: Authorization | None
    stated_number: str


@dataclass(frozen=True, slots=True)
class Case:
    """A late record that was read: its source, its instant, and what it was made under.

    `at_latest` is its instant, or the end of its day where only that is known.
    """

    source: Source
    record: LateRecord
    at: datetime
    at_latest: datetime
    confirmation: Confirmation | None = None


def check_record(record: LateRecord) -> None:
    """Raises InvalidRequest for what no record can say."""
    required_reason(record.reason)
    one_line(lot_number=record.lot_number, ndc=record.ndc, counselor=record.counselor)
    one_of(record.handover, Confirmation.Handover.values, field="handover")
    if record.risk_category:
        one_of(record.risk_category, RiskCategory.values, field="risk_category")
    wrong = {
        name: "Enter a number from 1 on."
        for name in ("days_supply", "quantity")
        if getattr(record, name) < 1
    }
    if (record.dispensed_at is None) == (record.dispensed_on is None):
        wrong["dispensed_at"] = "Enter the time of the dispense, or only its day."
    if not record.product.strip():
        wrong["product"] = "This is required."
    if not record.strength_mg.is_finite() or record.strength_mg <= 0:
        wrong["strength_mg"] = "Enter the strength in mg."
    if record.outage_id and not Outage.objects.filter(pk=record.outage_id).exists():
        wrong["outage_id"] = "There is no such outage."
    if wrong:
        raise InvalidRequest("The late record cannot be read.", wrong)


def timed(source: Source, record: LateRecord, *, now: datetime, calendar: Calendar) -> Case:
    """The record with its own instant; of a day alone, the first one of that day (L-SRC-2).

    Several of one day are a minute apart; two at one instant are told apart by a microsecond.
    Raises InvalidRequest for the future, or a time before the patient was born.
    """
    if record.dispensed_at is not None:
        not_in_future(now, {"dispensed_at": record.dispensed_at})
        at, step, field = record.dispensed_at, MICROSECOND, "dispensed_at"
    else:
        day = (record.dispensed_on or date.min).toordinal()
        if day > calendar.day(now):
            raise InvalidRequest(
                "What has not happened yet cannot be recorded.",
                {"dispensed_on": "This lies in the future. Enter when it really happened."},
            )
        on = record.dispensed_on or date.min
        at = least_favorable(Dated.DISPENSE, on, calendar=calendar, now=now)
        step, field = DISPENSES_APART, "dispensed_on"
    if calendar.day(at) < source.patient.born_on.toordinal():
        raise InvalidRequest(
            "This was before the patient was born.", {field: "Enter when it really happened."}
        )
    of_person = Dispense.objects.filter(patients.about(source.patient.pk))
    taken = set(of_person.values_list("dispensed_at", flat=True))
    while at in taken:
        at += step
    at = min(at, now)
    is_timed = record.dispensed_at is not None
    latest = at if is_timed else min(calendar.end_of_day(calendar.day(at)), now)
    return Case(source, record, at, latest)


def refuse_repeated(case: Case, calendar: Calendar) -> None:
    """Raises Conflict for what looks like a dispense of that day that is recorded already."""
    if case.record.is_another:
        return
    same = Dispense.objects.filter(
        patients.about(case.source.patient.pk),
        program=case.source.program,
        product=case.record.product.strip(),
        strength_mg=case.record.strength_mg,
        quantity=case.record.quantity,
        withdrawn_at__isnull=True,
    )
    day = calendar.day
    if any(day(each) == day(case.at) for each in same.values_list("dispensed_at", flat=True)):
        raise Conflict(
            "The same product, strength and quantity is recorded already for this patient on that "
            "day. If it was dispensed twice, say that this is another dispense."
        )
