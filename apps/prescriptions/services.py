"""The ledger's moves: issue, confirm, dispense, release, void, expire. Always inside a command.

The patient is locked before any of these is called. Nothing here decides.
"""

from datetime import datetime
from uuid import UUID, uuid5

from apps.audit import services as audit
from apps.core.command import Run
from apps.core.errors import Conflict
from apps.notices import services as notices
from apps.notices.services import Recipient
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.prescriptions.selectors import OPEN, under_way_to
from apps.providers import selectors as providers
from apps.rules.lifecycle import AUTHORIZATION, CONFIRMATION

SYSTEM = "system"


def move_authorization(
    run: Run,
    authorization: Authorization,
    event: str,
    *,
    role: str,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Move an authorization along its table. Raises Conflict when the table has no such move."""
    target = AUTHORIZATION.target(event=event, state=authorization.state, role=role)
    if target is None:
        raise Conflict(
            f"The authorization is {authorization.get_state_display().lower()}: this cannot be "
            "done with it."
        )
    ends = target in {"void", "expired"}
    changed = Authorization.objects.filter(pk=authorization.pk, state=authorization.state).update(
        state=target,
        ended_at=(at or run.now) if ends else None,
        ended_reason=reason if ends else "",
    )
    if changed != 1:
        raise Conflict("The authorization has just been changed by somebody else.")
    authorization.refresh_from_db()
    _tell(run, f"authorization_{event}", authorization, authorization, reason)


def move_confirmation(
    run: Run,
    confirmation: Confirmation,
    event: str,
    *,
    role: str,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Move a confirmation along its table. Raises Conflict when the table has no such move."""
    target = CONFIRMATION.target(event=event, state=confirmation.state, role=role)
    if target is None:
        raise Conflict(
            f"The confirmation is {confirmation.get_state_display().lower()}: this cannot be "
            "done with it."
        )
    changed = Confirmation.objects.filter(pk=confirmation.pk, state=confirmation.state).update(
        state=target,
        ended_at=None if target == "dispensed" else (at or run.now),
        ended_reason=reason,
    )
    if changed != 1:
        raise Conflict("The confirmation has just been changed by somebody else.")
    confirmation.refresh_from_db()
    _tell(run, f"confirmation_{event}", confirmation, confirmation.authorization, reason)


def write_overdue(run: Run, patient: Patient) -> None:
    """Write the expiries that time has brought about already (L-AUT-7): first in each command."""
    for authorization in _open(patient):
        _write_overdue_confirmation(run, authorization)
        if authorization.expires_at < run.now:
            _expire(run, authorization)


def void_open_authorizations(
    run: Run, patient: Patient, *, cause: str, program: str | None = None
) -> None:
    """Void what is open, and its confirmation, and tell the prescriber and the holding pharmacy.

    `cause` is a code such as `positive_test`; it is written, not sent.
    """
    for authorization in _open(patient):
        if program is not None and authorization.program != program:
            continue
        _write_overdue_confirmation(run, authorization)
        # Who issued it and, where the patient was handed over since, who cares for them now.
        caring = {authorization.prescriber, patient.prescriber}
        recipients = [providers.prescriber_recipient(each) for each in caring]
        recipients += _void_confirmations(run, authorization, cause)
        if authorization.expires_at < run.now:
            _expire(run, authorization)
            continue
        move_authorization(run, authorization, "void", role=SYSTEM, reason=cause)
        _tell_voided(run, authorization, recipients)


def recall_shipments(run: Run, patient: Patient, *, cause: str) -> None:
    """Tell each pharmacy whose parcel to a patient may still be under way to stop it.

    `cause` names the occurrence; it is not sent. The portal shows the pharmacy which one it is.
    """
    for made in under_way_to(patient.pk, run.now):
        if made.pharmacy is not None:
            notices.tell(
                run,
                "shipment_to_recall",
                about=str(uuid5(made.pk, cause)),
                recipients=[providers.pharmacy_recipient(made.pharmacy)],
                patient_id=patient.pk,
                params={"dispense": str(made.pk)},
            )


def cancel(run: Run, *, authorization_id: UUID, reason: str) -> Authorization:
    """Cancel an open authorization and its confirmation; the holding pharmacy is told (L-AUT-9).

    Raises Conflict when it is not open.
    """
    authorization = Authorization.objects.select_for_update(of=("self",), no_key=True).get(
        pk=authorization_id
    )
    if authorization.state not in OPEN:
        raise Conflict(
            f"This authorization is {authorization.get_state_display().lower()}: "
            "there is nothing to cancel."
        )
    recipients = _void_confirmations(run, authorization, reason)
    move_authorization(run, authorization, "cancel", role=run.actor.role.value, reason=reason)
    _tell_voided(run, authorization, recipients)
    return authorization


def use_up(run: Run, made: Dispense) -> None:
    """Let a dispense that was reported late use up the prescription that it names (L-DSP-8).

    Whatever state time or the program has given it since: nothing more is dispensed on it. Another
    confirmation of it that is still valid is void, and its pharmacy is told.
    """
    authorization, confirmation = made.authorization, made.confirmation
    if authorization is None or authorization.state == Authorization.State.DISPENSED:
        return
    recipients = _void_confirmations(run, authorization, "late_dispense", but=made.confirmation_id)
    role = run.actor.role.value
    if confirmation is not None and confirmation.state != Confirmation.State.REVERSED:
        move_confirmation(run, confirmation, "dispense_late", role=role)
    move_authorization(run, authorization, "dispense_late", role=role)
    _tell_voided(run, authorization, recipients)


def _expire(run: Run, authorization: Authorization) -> None:
    move_authorization(
        run, authorization, "expire", role=SYSTEM, at=authorization.expires_at,
        reason="Its window ended.",
    )  # fmt: skip


def _void_confirmations(
    run: Run, authorization: Authorization, reason: str, *, but: UUID | None = None
) -> list[Recipient]:
    """Void what pharmacies still hold of an authorization, and say whom that concerns."""
    recipients = []
    for confirmation in _valid(authorization):
        if confirmation.pk != but:
            recipients.append(providers.pharmacy_recipient(confirmation.pharmacy))
            move_confirmation(run, confirmation, "void", role=SYSTEM, reason=reason)
    return recipients


def _tell_voided(run: Run, authorization: Authorization, recipients: list[Recipient]) -> None:
    notices.tell(
        run,
        "authorization_voided",
        about=str(authorization.pk),
        recipients=recipients,
        patient_id=authorization.patient_id,
        params={"authorization": str(authorization.pk)},
    )


def _write_overdue_confirmation(run: Run, authorization: Authorization) -> None:
    for confirmation in _valid(authorization):
        if confirmation.expires_at < run.now:
            move_confirmation(
                run, confirmation, "expire", role=SYSTEM, at=confirmation.expires_at,
                reason="Its window ended.",
            )  # fmt: skip
            move_authorization(run, authorization, "release", role=SYSTEM)


def _open(patient: Patient) -> list[Authorization]:
    return list(
        Authorization.objects.select_for_update(of=("self",), no_key=True)
        .filter(patient=patient, state__in=OPEN)
        .select_related("prescriber")
    )


def _valid(authorization: Authorization) -> list[Confirmation]:
    return list(
        authorization.confirmations.filter(state="valid").select_related(
            "pharmacy", "authorization"
        )
    )


def _tell(
    run: Run,
    code: str,
    subject: Authorization | Confirmation,
    authorization: Authorization,
    reason: str,
) -> None:
    audit.record(
        run, code, subject=subject, patient_id=authorization.patient_id, reason=reason,
        data={"state": subject.state},
    )  # fmt: skip
