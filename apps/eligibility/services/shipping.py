"""Shipments: what a carrier took, and how that ended (L-DSP-9). Nothing that happened is refused.

A late shipment is a deviation; one that never arrives ends the supply.
"""

from datetime import datetime
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import DISPENSING, PROGRAM
from apps.core.checks import one_line, required_reason, what_changes
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest
from apps.core.overtaken import refuse_overtaken
from apps.eligibility.services.supplies import lock_dispense, loss_shortly_before, write_stop
from apps.evidence.services.checks import not_in_future, one_of
from apps.evidence.services.program import record_deviation
from apps.notices import services as notices
from apps.prescriptions.models import Dispense, Shipment, SupplyStop
from apps.prescriptions.selectors import traced_by
from apps.providers import selectors as providers
from apps.rules.calendar import date_of
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force
from apps.rules.texts import instant_text

DELIVERED, LOST, CAME_BACK = "delivered", "lost", "came_back"
OUTCOMES = {DELIVERED: "delivered_at", LOST: "lost_at", CAME_BACK: "came_back_at"}
SHIPPED_LATE = "shipped_late"
WITHOUT_CONFIRMATION = "dispense_without_confirmation"


@command(by=DISPENSING | PROGRAM)
def record_shipment(
    run: Run, *, dispense_id: UUID, carrier: str, tracking_number: str, left_at: datetime
) -> Shipment:
    """Record that a carrier took a dispense away (L-DSP-9).

    A shipment that left before its confirmation, or on the pregnancy path not on its day, is a
    deviation; it is stored all the same. Raises NotFound, InvalidRequest or Conflict.
    """
    _check_traceable(carrier=carrier, tracking_number=tracking_number)
    made = lock_dispense(run, dispense_id)
    not_in_future(run.now, {"left_at": left_at})
    if made.withdrawn_at is not None:
        raise Conflict("This dispense was withdrawn: it was entered by mistake.")
    if hasattr(made, "shipment"):
        raise Conflict(f"Its shipment is recorded already: {made.shipment}.")
    if made.return_entry is not None:
        raise Conflict(
            "This dispense is recorded as returned to stock: it never left. If it did, call the "
            "program's staff."
        )
    policy = policy_in_force(made.program, run.now)
    _refuse_before(made, left_at, policy)
    shipment = Shipment.objects.create(
        dispense=made,
        carrier=carrier.strip(),
        tracking_number=tracking_number.strip(),
        left_at=left_at,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "shipment_recorded", subject=shipment, patient_id=made.patient_id)
    if left_late(made, left_at, policy):
        record_late_shipment(run, made, left_at, policy)
    if _left_unconfirmed(made, left_at):
        _deviate(run, made, left_at, policy, kind=WITHOUT_CONFIRMATION)
    return shipment


@command(by=DISPENSING | PROGRAM)
def correct_shipment(
    run: Run,
    *,
    dispense_id: UUID,
    carrier: str,
    tracking_number: str,
    reason: str,
    seen: str = "",
) -> Shipment:
    """Set right which carrier took a dispense, under which number (L-DSP-9); when it left, stays.

    What stood there stays in the row's history. `seen` is the mark of what the sender saw. Raises
    NotFound, InvalidRequest without a reason or a change, Conflict, or Overtaken.
    """
    cause = required_reason(reason)
    _check_traceable(carrier=carrier, tracking_number=tracking_number)
    shipment = _shipment_of(lock_dispense(run, dispense_id))
    before = traced_by(shipment)
    refuse_overtaken(seen, before)
    shipment.carrier, shipment.tracking_number = carrier.strip(), tracking_number.strip()
    changed = what_changes(before, traced_by(shipment))
    shipment.save(update_fields=changed)
    audit.record(
        run, "shipment_corrected", subject=shipment, patient_id=shipment.dispense.patient_id,
        reason=cause, data={"changed": changed},
    )  # fmt: skip
    return shipment


def _check_traceable(**values: str) -> None:
    """Raises InvalidRequest, by field, for what is missing or no line of text."""
    wrong = {name: "This is required." for name, value in values.items() if not value.strip()}
    if wrong:
        raise InvalidRequest("A shipment can be traced.", wrong)
    one_line(**values)


def _shipment_of(made: Dispense) -> Shipment:
    shipment: Shipment | None = getattr(made, "shipment", None)
    if shipment is None:
        raise Conflict("No shipment of this dispense is recorded. Record first that it left.")
    return shipment


@command(by=DISPENSING | PROGRAM)
def record_shipment_outcome(
    run: Run, *, dispense_id: UUID, outcome: str, happened_at: datetime
) -> Shipment:
    """Record once that a shipment was delivered, lost, or brought back by the carrier (L-DSP-9).

    Lost or brought back, nothing of it reached the patient: its supply stops on the day on which
    it left. A loss counts towards the second-loss rule (L-DSP-5): where only the staff may record
    the stop, they are told. Raises NotFound, InvalidRequest or Conflict.
    """
    one_of(outcome, OUTCOMES, field="outcome")
    made = lock_dispense(run, dispense_id)
    not_in_future(run.now, {"happened_at": happened_at})
    shipment = _shipment_of(made)
    if shipment.outcome_operation_id is not None:
        raise Conflict("How this shipment ended is recorded already.")
    if happened_at < shipment.left_at:
        raise InvalidRequest(
            "It cannot have ended before it left.", {"happened_at": "Enter a time after it left."}
        )
    setattr(shipment, OUTCOMES[outcome], happened_at)
    shipment.outcome_operation_id = run.operation_id
    shipment.save(update_fields=[OUTCOMES[outcome], "outcome_operation"])
    audit.record(
        run, "shipment_ended", subject=shipment, patient_id=made.patient_id,
        data={"outcome": outcome},
    )  # fmt: skip
    if outcome != DELIVERED and made.stop_entry is None:
        _stop(run, made, shipment, outcome)
    return shipment


def left_late(made: Dispense, left_at: datetime, policy: Policy) -> bool:
    """Whether a shipment on the pregnancy path left on another day than its confirmation's."""
    day = policy.calendar.day
    return policy.categories[made.risk_category].pregnancy_path and day(left_at) != day(
        _confirmed_at(made)
    )


def record_late_shipment(run: Run, made: Dispense, left_at: datetime, policy: Policy) -> None:
    """Record the deviation of L-DSP-9 once; inside a command."""
    _deviate(run, made, left_at, policy, kind=SHIPPED_LATE)


def _left_unconfirmed(made: Dispense, left_at: datetime) -> bool:
    """Whether it left before anybody had said that it may; times are typed to the minute (L-DSP-2).

    It may have left before it was recorded as dispensed, but not before its confirmation.
    """
    if made.confirmation is None:
        return False
    return left_at < made.confirmation.issued_at.replace(second=0, microsecond=0)


def _deviate(run: Run, made: Dispense, left_at: datetime, policy: Policy, *, kind: str) -> None:
    record_deviation(
        run,
        made.patient,
        policy=policy,
        kind=kind,
        occurrence=str(made.pk),
        occurred_at=left_at,
        organization_id=made.pharmacy.organization_id if made.pharmacy else None,
    )


def _refuse_before(made: Dispense, left_at: datetime, policy: Policy) -> None:
    """Raises InvalidRequest for a day before there was anything to ship."""
    day = policy.calendar.day
    earliest = min(_confirmed_at(made), made.dispensed_at)
    if day(left_at) < day(earliest):
        raise InvalidRequest(
            "It cannot have left before it was confirmed or dispensed.",
            {
                "left_at": "It cannot have left before it was confirmed or dispensed: "
                f"{instant_text(earliest, policy.calendar)}. Enter when it really left."
            },
        )


def _confirmed_at(made: Dispense) -> datetime:
    """When its confirmation was issued; a dispense without one has only its own time."""
    return made.confirmation.issued_at if made.confirmation else made.dispensed_at


def _stop(run: Run, made: Dispense, shipment: Shipment, outcome: str) -> None:
    """What never arrived is no supply from the day on which it left."""
    calendar = policy_in_force(made.program, run.now).calendar
    left_on = date_of(calendar.day(max(shipment.left_at, made.dispensed_at)))
    kind = SupplyStop.Kind.LOST if outcome == LOST else SupplyStop.Kind.HANDED_BACK
    if kind == SupplyStop.Kind.LOST and run.actor.role in DISPENSING:
        first = loss_shortly_before(run, made, left_on)
        if first is not None:
            _tell_staff(run, made, shipment)
            return
    reason = "Lost by the carrier." if outcome == LOST else "Brought back by the carrier."
    write_stop(run, made, kind=kind, stopped_on=left_on, reason=reason)


def _tell_staff(run: Run, made: Dispense, shipment: Shipment) -> None:
    notices.tell(
        run,
        "second_loss_reported",
        about=str(shipment.pk),
        recipients=providers.administrator_recipients(),
        patient_id=made.patient_id,
    )
    audit.record(run, "second_loss_reported", subject=shipment, patient_id=made.patient_id)
