"""Corrections of entries: withdrawn with a reason, or moved to the right person (L-SRC-3)."""

from typing import Any

from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.sought import SoughtForm
from apps.core.call import Call
from apps.evidence import services
from apps.evidence.models.base import Withdrawable
from apps.evidence.services.withdrawing import Entry
from apps.patients.models import Patient


class MoveForm(SoughtForm):
    """Whose entry it really is."""

    target = "to_patient_id"
    own_head = "It stands with"
    other_head = "It goes to"
    asks = "Nothing is moved yet. Is this the right patient? If so, send this page once more."

    def own(self) -> Patient | None:
        """Whose entry it is on record as."""
        found: Patient | None = getattr(self.record, "patient", None)
        return found


def _stands(entry: Any) -> bool:
    return entry.withdrawn_at is None


def withdrawal(kind: str) -> RecordAction:
    """The action that withdraws an entry of this kind."""

    def withdraw(call: Call, entry: Entry, entered: dict[str, Any]) -> Entry:
        return services.withdraw_entry(call, kind=kind, entry_id=entry.pk, reason=entered["reason"])

    return RecordAction(
        name="withdraw",
        label="Withdraw this entry",
        explanation=(
            "For an entry that was a mistake. It stays on record and counts no longer; an open "
            "authorization that may rest on it is void."
        ),
        form=ReasonForm,
        roles=roles_of(services.withdraw_entry),
        carry_out=withdraw,
        done="The entry is withdrawn.",
        is_possible=_stands,
    )


def move(kind: str) -> RecordAction:
    """The action that moves an entry of this kind to the right person."""

    def carry(call: Call, entry: Withdrawable, entered: dict[str, Any]) -> Withdrawable:
        return services.move_entry(
            call,
            kind=kind,
            entry_id=entry.pk,
            to_patient_id=entered["to_patient_id"],
            reason=entered["reason"],
        )

    return RecordAction(
        name="move",
        label="Move this to the right patient",
        explanation=(
            "It is withdrawn here and entered, with its real time, for the right patient. What "
            "would make that patient eligible is not moved by one person: withdraw it, and enter "
            "it for them as an intake."
        ),
        form=MoveForm,
        roles=roles_of(services.move_entry),
        carry_out=carry,
        done="The entry was moved.",
        is_possible=_stands,
    )
