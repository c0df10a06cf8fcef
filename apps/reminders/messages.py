"""What people find among their messages on the portal, and how they mark one as read.

Also what a patient's care team may see of the patient's reminders and their fate.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core.call import DISPENSING, PRESCRIBING, PROGRAM, Actor, Role
from apps.core.command import Run, command
from apps.core.errors import NotFound
from apps.notices import messages
from apps.notices.models import Notice
from apps.patients import selectors as patients
from apps.providers.models import Pharmacy

COUNTER = DISPENSING | {Role.REPRESENTATIVE}
READERS = PRESCRIBING | COUNTER | PROGRAM | {Role.AUDITOR}


@dataclass(frozen=True, slots=True)
class Read:
    """A message as its recipient reads it: what the notice said, in its own language."""

    notice: Notice
    subject: str
    text: str


def messages_to(actor: Actor) -> QuerySet[Notice]:
    """What was sent to the actor, or to the prescriber or pharmacy acted for, by any channel."""
    sent = Notice.objects.filter(state=Notice.State.SENT)
    return sent.filter(_recipient(actor)) if actor.role in READERS else sent.none()


def _recipient(actor: Actor) -> Q:
    kinds = Notice.RecipientKind
    if actor.role in PRESCRIBING:
        return Q(recipient_kind=kinds.PRESCRIBER, recipient_id=actor.own_prescriber)
    if actor.role in COUNTER:
        own = Pharmacy.objects.filter(organization_id=actor.own_organization)
        return Q(recipient_kind=kinds.PHARMACY, recipient_id__in=own.values("pk"))
    return Q(recipient_kind=kinds.STAFF, recipient_id=actor.id)


def read(notice: Notice) -> Read:
    """A message with its words."""
    said = messages.message_of(notice)
    # Who reads it has signed in: the way to the portal need not be told.
    return Read(notice, said.subject, said.text.partition("\n\n")[0])


@command(by=READERS)
def mark_read(run: Run, *, notice_id: UUID) -> Notice:
    """Mark a message as read; again changes nothing. Raises NotFound for another's."""
    notice = messages_to(run.actor).select_for_update().filter(pk=notice_id).first()
    if notice is None:
        raise NotFound("There is no such message to you.")
    run.read_clock()
    if notice.read_at is None:
        notice.read_at = run.now
        notice.save(update_fields=["read_at"])
    return notice


def reminders_about(actor: Actor, patient_id: UUID) -> QuerySet[Notice]:
    """Every reminder of what a patient owes and what became of it, to whomever it went.

    For whom may see the patient; of merged records, too.
    """
    visible = patients.visible_to(actor).filter(Q(pk=patient_id) | Q(merged_into_id=patient_id))
    return Notice.objects.filter(
        patient_id__in=visible.values("pk"), purpose=Notice.Purpose.REMINDER
    )
