"""The trail: events (who did or saw what) and row changes (before and after, by trigger).

Append-only and without foreign keys: nothing that happens to the domain can take it along.
"""

from typing import ClassVar

from django.db import models

from apps.audit.signature_models import Meaning, Signature
from apps.core.triggers import Immutable, NoTruncate

__all__ = ["Event", "Meaning", "RowChange", "Signature"]


class Event(models.Model):
    """One thing that somebody did or saw. `data` holds ids, codes and instants, never names."""

    code = models.CharField(max_length=60, help_text="Past tense, such as authorization_voided.")
    occurred_at = models.DateTimeField(help_text="The program's time.")
    operation_id = models.UUIDField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20)
    organization_id = models.UUIDField(null=True)
    prescriber_id = models.UUIDField(null=True, help_text="On whose behalf.")
    channel = models.CharField(max_length=10)
    patient_id = models.UUIDField(null=True)
    subject_model = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient_id", "occurred_at"], name="event_of_patient"),
            models.Index(fields=["code", "occurred_at"], name="event_of_code"),
            models.Index(fields=["organization_id", "code", "occurred_at"], name="event_of_org"),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.code} by {self.role}"


class RowChange(models.Model):
    """One update of one row of a table that may change, written by trigger, raw SQL included."""

    changed_at = models.DateTimeField(help_text="Real time.")
    operation_id = models.UUIDField(null=True, help_text="Null when no command did it.")
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    database_role = models.CharField(max_length=63)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["table_name", "row_id", "changed_at"], name="change_of_row"),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
