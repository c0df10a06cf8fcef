"""Reminders: how somebody wishes to be reminded, what was sent, and what became of each step."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer, Serializer

from apps.api.fields import Code, Codes, Form
from apps.notices.messages import LANGUAGES
from apps.notices.models import Notice
from apps.reminders.messages import Read, read
from apps.reminders.models import ReminderPreference
from apps.reminders.preferences import Wishes

CLOCK = "%H:%M"


class PreferencesForm(Form):
    """All that somebody wishes now; what is left out follows the policy."""

    channels = Codes(required=False, help_text="email, sms, portal: by preference.")
    quiet_from = serializers.TimeField(
        required=False, allow_null=True, format=CLOCK, input_formats=[CLOCK]
    )
    quiet_until = serializers.TimeField(
        required=False, allow_null=True, format=CLOCK, input_formats=[CLOCK]
    )
    language = Code(choices=list(LANGUAGES.items()), default="en")
    opted_out = Codes(required=False, help_text="Kinds of reminders that the policy lets go.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of the commands."""
        return {"wishes": Wishes(**attrs)}


class PreferencesEntry(ModelSerializer[ReminderPreference]):
    """How a patient, prescriber or pharmacy wishes to be reminded; `id` is theirs."""

    quiet_from = serializers.TimeField(format=CLOCK, allow_null=True)
    quiet_until = serializers.TimeField(format=CLOCK, allow_null=True)
    channels = serializers.ListField(child=serializers.CharField())
    opted_out = serializers.ListField(child=serializers.CharField())
    set_at = serializers.DateTimeField(
        allow_null=True,
        help_text="When this was last said, the program's time; null while the policy holds.",
    )

    class Meta:
        model = ReminderPreference
        fields = [
            "id",
            "channels",
            "quiet_from",
            "quiet_until",
            "language",
            "opted_out",
            "set_at",
        ]


class ReminderEntry(ModelSerializer[Notice]):
    """One step of the ladder and its fate; never the address."""

    obligation = serializers.CharField(source="params.obligation")
    program = serializers.CharField(source="params.program")

    class Meta:
        model = Notice
        fields = [
            "id",
            "program",
            "obligation",
            "recipient_kind",
            "recipient_id",
            "channel",
            "passed_over",
            "due_at",
            "state",
            "sent_at",
            "ended_at",
            "ended_reason",
        ]


class MessageEntry(Serializer[Notice]):
    """A message as its recipient reads it."""

    id = serializers.UUIDField()
    subject = serializers.CharField()
    text = serializers.CharField()
    sent_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Notice) -> dict[str, Any]:
        """The notice with its words."""
        said: Read = read(instance)
        return {
            "id": str(instance.pk),
            "subject": said.subject,
            "text": said.text,
            "sent_at": instance.sent_at,
            "read_at": instance.read_at,
        }
