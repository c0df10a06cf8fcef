"""The follow-up of pregnancy cases, what a risky answer calls for, and reports that block."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from apps.api.fields import Code, Day, Form, Text
from apps.evidence.models import CaseDetail, CaseStep

DAY = "A date, or null where it is not known."


class GuidanceEntry(serializers.Serializer[Any]):
    """One sentence that the patient reads at once."""

    code = serializers.CharField()
    text = serializers.CharField()


class CaseDetailsForm(Form):
    """All that is known of a case now; what is left out is not known."""

    exposed_from = Day(required=False, allow_null=True, help_text=DAY)
    exposed_until = Day(required=False, allow_null=True, help_text=DAY)
    conceived_on = Day(required=False, allow_null=True, help_text=DAY)
    birth_expected_on = Day(required=False, allow_null=True, help_text=DAY)
    pregnancy_ended_on = Day(required=False, allow_null=True, help_text=DAY)
    pregnancy_outcome = Code(required=False, choices=CaseDetail.PregnancyOutcome.choices)
    root_cause = Code(required=False, choices=CaseDetail.RootCause.choices)
    notes = Text(required=False, allow_blank=True, max_length=2000)


class CaseDetailEntry(ModelSerializer[CaseDetail]):
    """What was known of a case at one moment; the latest holds."""

    class Meta:
        model = CaseDetail
        fields = [
            "id",
            "case",
            "recorded_at",
            "exposed_from",
            "exposed_until",
            "conceived_on",
            "birth_expected_on",
            "pregnancy_ended_on",
            "pregnancy_outcome",
            "root_cause",
            "notes",
        ]


class StepNoteForm(Form):
    """What was done in a step of the follow-up."""

    note = Text(max_length=1000)


class CaseStepEntry(ModelSerializer[CaseStep]):
    """A step of a case's follow-up; one whose day changed stays, as rescheduled."""

    class Meta:
        model = CaseStep
        fields = [
            "id",
            "case",
            "recorded_at",
            "program",
            "kind",
            "title",
            "due_on",
            "ended_at",
            "ended_as",
            "note",
        ]


class NothingForm(Form):
    """Nothing: the address says it all."""
