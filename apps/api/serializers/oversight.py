"""The program's own work: forms of assignments and deviations, entries of queues and reports."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from apps.api.fields import Day, Form, Identifier, Program, Text
from apps.evidence.models import Deviation
from apps.oversight.models import Assignment, Settlement


class QueueEntry(serializers.Serializer[Any]):
    """One kind of queue item: whose it is, how many wait, how many beyond their target."""

    kind = serializers.CharField()
    title = serializers.CharField()
    task = serializers.CharField()
    owner = serializers.CharField()
    hours = serializers.IntegerField(help_text="From opening to target.")
    count = serializers.IntegerField()
    overdue = serializers.IntegerField()


class QueuesEntry(serializers.Serializer[Any]):
    """Every kind of queue item, the gravest first."""

    results = QueueEntry(many=True)


class QueueItemEntry(serializers.Serializer[Any]):
    """One item that waits; `subject_model` and `subject_id` name the record."""

    kind = serializers.CharField()
    subject_model = serializers.CharField()
    subject_id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]
    task = serializers.CharField()
    owner = serializers.CharField()
    patient_id = serializers.UUIDField(allow_null=True)
    opened_at = serializers.DateTimeField()
    target_at = serializers.DateTimeField()
    is_overdue = serializers.BooleanField()
    assignee_id = serializers.UUIDField(allow_null=True)
    assignee = serializers.CharField()


class AssignmentForm(Form):
    """Who is to work on an item; without an assignee it goes back to the queue, with a note."""

    program = Program()
    assignee_id = Identifier(allow_null=True)
    note = Text(max_length=400, required=False, allow_blank=True, default="")


class AssignmentEntry(ModelSerializer[Assignment]):
    """A recorded assignment."""

    class Meta:
        model = Assignment
        fields = [
            "id",
            "recorded_at",
            "kind",
            "subject_model",
            "subject_id",
            "assignee",
            "note",
        ]


class SettlementForm(Form):
    """How an item was dealt with."""

    program = Program()
    note = Text(max_length=1000)


class SettlementEntry(ModelSerializer[Settlement]):
    """A recorded settlement."""

    class Meta:
        model = Settlement
        fields = ["id", "recorded_at", "kind", "subject_model", "subject_id", "note"]


class DeviationEntry(ModelSerializer[Deviation]):
    """A rule broken in the world, and what was done about it."""

    class Meta:
        model = Deviation
        fields = [
            "id",
            "patient",
            "organization",
            "recorded_at",
            "occurred_at",
            "rule",
            "kind",
            "severity",
            "state",
            "corrective_action",
        ]


class DeviationReasonForm(Form):
    """Why, for the record."""

    reason = Text(max_length=1000)


class CorrectionForm(Form):
    """What was done about a deviation."""

    corrective_action = Text(max_length=1000)


class ProgramQuery(serializers.Serializer[Any]):
    """Whose policy says owners and target times."""

    program = Program(required=False)


class AssessmentQuery(ProgramQuery):
    """The days of the report, both included; the month so far where none are named."""

    from_on = Day(required=False)
    last_on = Day(required=False)


class SectionEntry(serializers.Serializer[Any]):
    """One table: each row names its cells by their columns."""

    code = serializers.CharField()
    title = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.DictField())


class AssessmentEntry(serializers.Serializer[Any]):
    """The assessment report of a period."""

    program = serializers.CharField()
    policy_version = serializers.CharField()
    time_zone = serializers.CharField()
    from_on = serializers.DateField()
    last_on = serializers.DateField()
    made_at = serializers.DateTimeField()
    sections = SectionEntry(many=True)
