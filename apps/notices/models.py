"""The outbox. A notice is planned once, sent once, and its fate stays visible."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.audit.disposal import OF_A_PATIENT_OR_RECIPIENT, Disposable, DisposedInTime
from apps.audit.triggers import RowHistory
from apps.core.triggers import NoTruncate, StateMoves, StateStarts, Traced
from apps.rules.lifecycle import NOTICE

# A reminder that was sent stays: without it, its step would be sent again.
CLOSED_NOTICES = Disposable(
    over="({row}.state IN ('cancelled', 'undeliverable') "
    "OR {row}.state = 'sent' AND {row}.purpose = 'event')",
    since="coalesce({row}.sent_at, {row}.ended_at)",
    held=OF_A_PATIENT_OR_RECIPIENT,
    days=365,
)


class Notice(models.Model):
    """One message to one recipient through one channel.

    `key` names what it is about (obligation, occurrence, step, recipient), so that planning twice
    makes one notice. Nobody else tries before `lease_until`: with a token somebody is sending now,
    without one a failed attempt waits for the next.
    """

    class Purpose(models.TextChoices):
        EVENT = "event", "Something has happened"
        REMINDER = "reminder", "Something falls due"

    class RecipientKind(models.TextChoices):
        PATIENT = "patient", "Patient"
        PRESCRIBER = "prescriber", "Prescriber"
        PHARMACY = "pharmacy", "Pharmacy"
        STAFF = "staff", "Program staff"

    class Channel(models.TextChoices):
        EMAIL = "email", "E-mail"
        SMS = "sms", "Text message"
        PORTAL = "portal", "Portal"

    class State(models.TextChoices):
        SCHEDULED = "scheduled", "Scheduled"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"
        UNDELIVERABLE = "undeliverable", "Undeliverable"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(max_length=240)
    purpose = models.CharField(
        max_length=8,
        choices=Purpose,
        default=Purpose.EVENT,
        help_text="A reminder is sent only while its obligation stands.",
    )
    template = models.CharField(max_length=60)
    patient_id = models.UUIDField(null=True, help_text="Whose obligation it tells of, if anyone's.")
    pharmacy_id = models.UUIDField(
        null=True, help_text="Which pharmacy's own obligation, if one's."
    )
    recipient_kind = models.CharField(max_length=10, choices=RecipientKind)
    recipient_id = models.UUIDField(null=True)
    address = models.CharField(
        max_length=254,
        blank=True,
        help_text="Where it goes; empty for one that waits on the portal.",
    )
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    passed_over = models.CharField(
        max_length=120,
        blank=True,
        help_text="The channels that came first and could not be used, each with the reason.",
    )
    language = models.CharField(max_length=12, default="en")
    params = models.JSONField(default=dict, help_text="Ids and instants; never names or results.")
    due_at = models.DateTimeField(help_text="Not sent before; the program's time.")
    state = models.CharField(max_length=15, choices=State, default=State.SCHEDULED)
    created_at = models.DateTimeField(help_text="The program's time.")
    lease_until = models.DateTimeField(null=True, help_text="The database's real time.")
    lease_token = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True, help_text="The kind of failure.")
    sent_at = models.DateTimeField(null=True, help_text="The program's time.")
    ended_at = models.DateTimeField(
        null=True, help_text="When it was cancelled or given up; the program's time."
    )
    ended_reason = models.CharField(max_length=60, blank=True)
    read_at = models.DateTimeField(
        null=True, help_text="When its recipient marked it as read on the portal."
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["scheduled", "sent"]),
                name="notice_planned_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "sent", "cancelled", "undeliverable"]),
                name="notice_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at__isnull=True)),
                name="notice_sent_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["cancelled", "undeliverable"], ended_at__isnull=False)
                & ~Q(ended_reason="")
                | Q(state__in=["scheduled", "sent"], ended_at__isnull=True, ended_reason=""),
                name="notice_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=["event", "reminder"]), name="notice_purpose_is_known"
            ),
            models.CheckConstraint(
                condition=Q(purpose="event")
                | Q(patient_id__isnull=False, pharmacy_id__isnull=True)
                | Q(patient_id__isnull=True, pharmacy_id__isnull=False),
                name="notice_reminder_has_owner",
            ),
            models.CheckConstraint(
                condition=~Q(address="") | Q(channel="portal"), name="notice_has_address"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["email", "sms", "portal"]),
                name="notice_channel_is_known",
            ),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(state="sent"), name="notice_read_was_sent"
            ),
            models.CheckConstraint(
                condition=Q(recipient_kind__in=["patient", "prescriber", "pharmacy", "staff"]),
                name="notice_recipient_kind_is_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["purpose", "due_at"],
                condition=Q(state="scheduled"),
                name="notice_scheduled_by_due",
            ),
            models.Index(fields=["patient_id", "due_at"], name="notice_of_patient"),
            models.Index(
                fields=["ended_at"],
                condition=Q(state="undeliverable"),
                name="notice_undeliverable",
            ),
            models.Index(
                fields=["recipient_kind", "recipient_id", "-sent_at"],
                condition=Q(state="sent"),
                name="notice_sent_to",
            ),
        ]
        triggers: ClassVar = [
            DisposedInTime(CLOSED_NOTICES),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(NOTICE),
            StateStarts(NOTICE),
            RowHistory(ignoring=("lease_until", "lease_token", "attempts")),
        ]

    def __str__(self) -> str:
        message = self.template.replace("_", " ").capitalize()
        return f"{message} ({self.get_state_display()})"
