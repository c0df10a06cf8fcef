"""What becomes of a dispensed supply: back in stock, lost, destroyed, handed back (L-DSP-5, 7).

What came back from a patient or carrier is destroyed, never restocked.
"""

from datetime import date
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import DISPENSING, PROGRAM
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.core.withdrawing import write_withdrawal
from apps.evidence.services.checks import one_of, refuse_own_patient, refuse_own_place
from apps.notices import services as notices
from apps.patients import selectors as patients
from apps.patients.services import lock_kept
from apps.prescriptions import selectors
from apps.prescriptions import services as ledger
from apps.prescriptions.models import Dispense, DispenseReturn, SupplyStop
from apps.providers import selectors as providers
from apps.rules.calendar import plus_months
from apps.rules.policy import policy_in_force

NO_DISPENSE = "There is no such dispense among those that you may see."
LEFT = (
    "This supply has left the pharmacy: what comes back is destroyed, never restocked. Record it "
    "as handed back."
)


@command(by=DISPENSING)
def return_to_stock(
    run: Run, *, dispense_id: UUID, never_left_premises: bool, reason: str
) -> DispenseReturn:
    """Take back a dispense that never left the premises (L-DSP-7), within the policy's days.

    The pharmacy says explicitly that it never left. The authorization stays dispensed; the supply
    no longer counts. Raises NotFound, InvalidRequest or Conflict.
    """
    if never_left_premises is not True:
        raise InvalidRequest(
            "Only what never left the premises goes back to stock.",
            {"never_left_premises": f"Say that it never left, if that is so. {LEFT}"},
        )
    cause = required_reason(reason)
    made = lock_dispense(run, dispense_id)
    refuse_ended(made)
    if hasattr(made, "shipment"):
        raise Conflict(LEFT)
    policy = policy_in_force(made.program, run.now)
    limit = policy.parameters.return_to_stock_days
    age = policy.calendar.day(run.now) - policy.calendar.day(made.dispensed_at)
    if age > limit:
        raise Conflict(f"A dispense can be returned to stock until {limit} days after it.")
    entry = DispenseReturn.objects.create(
        dispense=made,
        returned_at=run.now,
        never_left_premises=True,
        reason=cause,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "dispense_returned", subject=entry, patient_id=made.patient_id, reason=cause)
    return entry


@command(by=DISPENSING | PROGRAM)
def stop_supply(
    run: Run, *, dispense_id: UUID, kind: str, stopped_on: date, reason: str
) -> SupplyStop:
    """Record that what was left of a supply was lost, destroyed or handed back (L-DSP-5).

    By the pharmacy that dispensed it, or the program's staff. A second loss within the policy's
    months is recorded by the staff only. Raises NotFound, InvalidRequest or Conflict.
    """
    cause = required_reason(reason)
    one_of(kind, SupplyStop.Kind.values, field="kind")
    made = lock_dispense(run, dispense_id)
    refuse_ended(made)
    if kind == SupplyStop.Kind.LOST and run.actor.role in DISPENSING:
        first = loss_shortly_before(run, made, stopped_on)
        if first is not None:
            raise Conflict(needs_staff(first))
    return write_stop(run, made, kind=kind, stopped_on=stopped_on, reason=cause)


@command(by=PROGRAM)
def withdraw_supply_end(run: Run, *, dispense_id: UUID, reason: str) -> Dispense:
    """Withdraw what was recorded by mistake of a dispense: its return to stock, or its stop.

    From then on its supply counts again, and what really became of it can be recorded (L-SRC-3).
    Raises NotFound, or Conflict where neither stands.
    """
    cause = required_reason(reason)
    made = lock_dispense(run, dispense_id)
    ended = made.return_entry or made.stop_entry
    if ended is None:
        raise Conflict(
            "Neither a return to stock nor an end of its supply is recorded of this dispense."
        )
    write_withdrawal(run, ended, cause)
    audit.record(
        run, "supply_end_withdrawn", subject=ended, patient_id=made.patient_id, reason=cause
    )
    notices.tell(
        run,
        "supply_end_withdrawn",
        about=str(ended.pk),
        recipients=[providers.prescriber_recipient(made.patient.prescriber)],
        patient_id=made.patient_id,
    )
    return made


def lock_dispense(run: Run, dispense_id: UUID) -> Dispense:
    """Lock the patient of a dispense that the actor may see; the dispense as it is then.

    Raises NotFound.
    """
    visible = selectors.dispenses_visible_to(run.actor)
    found = visible.filter(pk=dispense_id).first()
    if found is None:
        raise NotFound(NO_DISPENSE)
    patient = lock_kept(run, found.patient_id)
    ledger.write_overdue(run, patient)
    return visible.select_related("patient__prescriber", "shipment").get(pk=found.pk)


def refuse_ended(made: Dispense) -> None:
    """Raises Conflict for a dispense of which nothing can be left, or that never was."""
    if made.withdrawn_at is not None:
        raise Conflict("This dispense was withdrawn: it was entered by mistake.")
    if made.return_entry is not None:
        raise Conflict("This dispense was returned to stock already.")
    stop = made.stop_entry
    if stop is not None:
        raise Conflict(
            f"It is recorded already: {stop.get_kind_display().lower()}. What was left does not "
            f"count from {stop.stopped_on:%-d %B %Y} on."
        )


def loss_shortly_before(run: Run, made: Dispense, lost_on: date) -> SupplyStop | None:
    """Another loss of this patient within the policy's months of this day, if there is one.

    What a carrier lost counts, too (the safer reading).
    """
    months = policy_in_force(made.program, run.now).parameters.second_loss_months
    losses = SupplyStop.objects.filter(
        dispense__in=Dispense.objects.filter(patients.about(patients.kept(made.patient_id))),
        kind=SupplyStop.Kind.LOST,
        withdrawn_at__isnull=True,
        dispense__program=made.program,
        dispense__withdrawn_at__isnull=True,
    ).exclude(dispense_id=made.pk)
    for loss in losses.order_by("-stopped_on"):
        first, second = sorted((loss.stopped_on, lost_on))
        if second.toordinal() <= plus_months(first.toordinal(), months):
            return loss
    return None


def needs_staff(first: SupplyStop) -> str:
    """What a pharmacy is told about a second loss."""
    return (
        "A supply of this patient was lost already: what was left of it does not count from "
        f"{first.stopped_on:%-d %B %Y} on. A second loss so soon is recorded by the program's "
        "staff: call them with the day and what happened. Until they have recorded it, the supply "
        "counts as if the patient still had it."
    )


def write_stop(run: Run, made: Dispense, *, kind: str, stopped_on: date, reason: str) -> SupplyStop:
    """Write the stop of a locked dispense, and tell the prescriber; inside a command.

    Raises InvalidRequest for a day before the dispense or in the future; NotAllowed for somebody
    of the office who prescribes for the patient or works in the pharmacy: a next supply may come
    sooner.
    """
    if run.actor.role in PROGRAM:
        refuse_own_patient(run, made.patient.merged_into or made.patient)
        refuse_own_place(run, made.pharmacy.organization_id if made.pharmacy else None)
    calendar = policy_in_force(made.program, run.now).calendar
    dispensed, today = calendar.day(made.dispensed_at), calendar.day(run.now)
    if not dispensed <= stopped_on.toordinal() <= today:
        first, last = date.fromordinal(dispensed), date.fromordinal(today)
        raise InvalidRequest(
            "A supply ends between the day of its dispense and today.",
            {"stopped_on": f"Choose a day from {first:%-d %B %Y} to {last:%-d %B %Y}."},
        )
    entry = SupplyStop.objects.create(
        dispense=made,
        kind=kind,
        stopped_on=stopped_on,
        time_zone=str(calendar.zone),
        reason=reason,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run, "supply_stopped", subject=entry, patient_id=made.patient_id, reason=reason,
        data={"kind": kind},
    )  # fmt: skip
    notices.tell(
        run,
        "supply_stopped",
        about=str(entry.pk),
        recipients=[providers.prescriber_recipient(made.patient.prescriber)],
        patient_id=made.patient_id,
    )
    return entry
