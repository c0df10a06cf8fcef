"""The program's own work for the small world: deviations in each state, a message nobody got."""

from typing import Any

from apps.core import clock
from apps.notices.models import Notice
from apps.oversight import services as oversight
from apps.patients.models import Patient
from tests import builders
from tests.oversight import cases


def add_work(
    cast: builders.Cast, patient: Patient, paths: dict[str, str], bodies: dict[str, Any]
) -> None:
    """Something at every address of the program's own work, and what its forms hold."""
    waiting = cases.deviation(patient, occurrence="one")
    reviewed = cases.deviation(patient, occurrence="two")
    oversight.start_review(cast.staff, deviation_id=reviewed.pk, reason="Calling the practice")
    lost = Notice.objects.filter(state=Notice.State.SCHEDULED).earliest("created_at")
    lost.state, lost.ended_at, lost.ended_reason = "undeliverable", clock.now(), "not_handed_over"
    lost.save(update_fields=["state", "ended_at", "ended_reason"])
    told = Notice.objects.create(
        key="told",
        template="patient_moved",
        recipient_kind=Notice.RecipientKind.PRESCRIBER,
        recipient_id=cast.prescriber.pk,
        channel=Notice.Channel.PORTAL,
        due_at=clock.now(),
        created_at=clock.now(),
    )
    told.state, told.sent_at = Notice.State.SENT, clock.now()
    told.save(update_fields=["state", "sent_at"])
    paths |= {
        "notice_id": str(told.pk),
        "queue": "deviation_major",
        "subject_id": str(waiting.pk),
        "deviation_id": str(waiting.pk),
        "deviation-review": str(waiting.pk),
        "deviation-correction": str(reviewed.pk),
        "deviation-acceptance": str(reviewed.pk),
        "notice-settlement": str(lost.pk),
    }
    bodies |= {
        "assignments": {
            "program": builders.PROGRAM,
            "assignee_id": str(cast.staff.actor.id),
            "note": "You know the practice",
        },
        "notice-settlement": {"program": builders.PROGRAM, "note": "Told by telephone"},
        "deviation-review": {"reason": "Calling the practice"},
        "deviation-correction": {"corrective_action": "The practice books tests ahead"},
        "deviation-acceptance": {"reason": "A snow storm"},
    }
