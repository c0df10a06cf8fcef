"""Write the trail. Events are written in the same transaction as what they tell of."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Model

from apps.audit.models import Event
from apps.core import clock, origin
from apps.core.call import Call
from apps.core.command import Run


def record(
    run: Run,
    code: str,
    *,
    subject: Model | None = None,
    patient_id: UUID | None = None,
    patient_ids: Iterable[UUID] | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Tell that the running command did `code` to `subject`; `patient_ids` where it was several."""
    return Event.objects.create(
        code=code,
        occurred_at=run.now,
        operation_id=run.operation_id,
        patient_id=patient_id,
        patient_ids=sorted(set(patient_ids)) if patient_ids is not None else None,
        reason=reason,
        data=dict(data or {}),
        **_subject(subject),
        **_who(run.call),
    )


def record_view(
    call: Call,
    code: str,
    *,
    patient_id: UUID | None = None,
    patient_ids: Iterable[UUID] | None = None,
    subject: Model | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Tell that somebody saw something: outside any command.

    A list is one event: `patient_ids` are the patients on it, by whom it can be found again.
    """
    return Event.objects.create(
        code=code,
        occurred_at=clock.now(),
        operation_id=uuid4(),
        patient_id=patient_id,
        patient_ids=sorted(set(patient_ids)) if patient_ids is not None else None,
        reason=reason,
        data=dict(data or {}),
        **_subject(subject),
        **_who(call),
    )


def _subject(subject: Model | None) -> dict[str, str]:
    if subject is None:
        return {"subject_model": "", "subject_id": ""}
    return {"subject_model": subject._meta.label_lower, "subject_id": str(subject.pk)}


def _who(call: Call) -> dict[str, Any]:
    actor, came = call.actor, origin.present()
    return {
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "role": actor.role.value,
        "organization_id": actor.organization_id,
        "prescriber_id": actor.prescriber_id,
        "channel": call.channel.value,
        "address": came.address,
        "credential": came.credential,
    }
