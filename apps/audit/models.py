"""The trail: events (who did or saw what), row changes (before and after, by trigger), and seals.

Append-only and without foreign keys: nothing that happens to the domain can take it along.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from apps.audit.legal_hold_models import LegalHold
from apps.audit.signature_models import Meaning, Signature
from apps.audit.text_models import TextVersion
from apps.core.triggers import NOT_THE_OWNER, Immutable, NoTruncate, Requires, Traced

MARKS = ("events_marks", "changes_marks", "operations_marks", "signatures_marks")
FOLLOWS = """
    CASE NEW.number WHEN 1 THEN
        NEW.events_after = 0 AND NEW.changes_after = 0 AND NEW.operations_after = 0
        AND NEW.signatures_after = 0
    ELSE EXISTS (
        SELECT FROM audit_seal p
        WHERE p.number = NEW.number - 1 AND p.digest = NEW.previous_digest
            AND p.events_upto = NEW.events_after AND p.changes_upto = NEW.changes_after
            AND p.operations_upto = NEW.operations_after
            AND p.signatures_upto = NEW.signatures_after
    ) END
"""
CLIENT_ADDRESS = RawSQL("inet_client_addr()", [])

__all__ = ["Event", "LegalHold", "Meaning", "RowChange", "Seal", "Signature", "TextVersion"]


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
    address = models.CharField(
        max_length=120, blank=True, db_default="", help_text="Of the request, else user@host."
    )
    credential = models.CharField(
        max_length=32, blank=True, db_default="", help_text="Digest of session key or token."
    )
    patient_id = models.UUIDField(null=True)
    patient_ids = ArrayField(
        models.UUIDField(), null=True, help_text="The patients on a list that was seen."
    )
    subject_model = models.CharField(max_length=60, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient_id", "occurred_at"], name="event_of_patient"),
            models.Index(fields=["code", "occurred_at"], name="event_of_code"),
            models.Index(fields=["organization_id", "code", "occurred_at"], name="event_of_org"),
            # The rest is for the auditor's search. None of it costs an eligibility check more than
            # the second one, which has an entry for many pages of the table only.
            models.Index(
                fields=["actor_id", "occurred_at"],
                name="event_of_person",
                condition=Q(actor_kind="person"),
            ),
            BrinIndex(fields=["occurred_at"], name="event_by_time", autosummarize=True),
            GinIndex(
                fields=["patient_ids"],
                name="event_of_listed",
                condition=Q(patient_ids__isnull=False),
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced(unless=NOT_THE_OWNER)]

    def __str__(self) -> str:
        return f"{self.code} by {self.role}"


class RowChange(models.Model):
    """One update of a row that may change, or what came into a table past the commands.

    Written by triggers, raw SQL included.
    """

    class Action(models.TextChoices):
        """What was done to the row."""

        UPDATE = "update", "changed"
        INSERT = "insert", "put in past the commands"

    changed_at = models.DateTimeField(help_text="Real time.")
    operation_id = models.UUIDField(null=True, help_text="Null when no command did it.")
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=64)
    database_role = models.CharField(max_length=63)
    action = models.CharField(
        max_length=6, choices=Action.choices, default=Action.UPDATE, db_default="update"
    )
    client_address = models.GenericIPAddressField(
        null=True,
        db_default=CLIENT_ADDRESS,
        help_text="Of the database's client; null for a socket.",
    )
    before = models.JSONField(null=True, help_text="Null for a row that was put in.")
    after = models.JSONField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["table_name", "row_id", "changed_at"], name="change_of_row"),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"


class Seal(models.Model):
    """One link of the chain over the trail: a closed range of each of its tables, and its digest.

    Ranges are half-open by id: after `…_after`, up to and with `…_upto`. Together the seals cover
    everything from the first row on, without a gap. `…_marks` hold the id and the beginning of the
    digest of each row, so that a broken range names its row; `…_digest` covers every row whole.
    """

    number = models.BigIntegerField(primary_key=True, help_text="From 1 on, without a gap.")
    sealed_at = models.DateTimeField(help_text="Real time.")
    form = models.PositiveSmallIntegerField(help_text="Which columns of a row were digested.")
    events_after = models.BigIntegerField()
    events_upto = models.BigIntegerField()
    events_count = models.PositiveIntegerField()
    events_digest = models.CharField(max_length=64)
    events_marks = models.BinaryField()
    changes_after = models.BigIntegerField()
    changes_upto = models.BigIntegerField()
    changes_count = models.PositiveIntegerField()
    changes_digest = models.CharField(max_length=64)
    changes_marks = models.BinaryField()
    operations_after = models.BigIntegerField()
    operations_upto = models.BigIntegerField()
    operations_count = models.PositiveIntegerField()
    operations_digest = models.CharField(max_length=64)
    operations_marks = models.BinaryField()
    signatures_after = models.BigIntegerField(db_default=0)
    signatures_upto = models.BigIntegerField(db_default=0)
    signatures_count = models.PositiveIntegerField(db_default=0)
    signatures_digest = models.CharField(max_length=64, blank=True, db_default="")
    signatures_marks = models.BinaryField(db_default=b"")
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(number=1, previous_digest="")
                | (Q(number__gt=1) & ~Q(previous_digest="")),
                name="seal_first_has_no_previous",
            ),
            models.CheckConstraint(
                condition=Q(
                    events_upto__gte=F("events_after"),
                    changes_upto__gte=F("changes_after"),
                    operations_upto__gte=F("operations_after"),
                ),
                name="seal_ranges_go_forward",
            ),
            models.CheckConstraint(
                condition=Q(signatures_upto__gte=F("signatures_after")),
                name="seal_signatures_go_forward",
            ),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(unless=NOT_THE_OWNER, secret=MARKS, key="number"),
            Requires(name="seal_follows_the_last", holds=FOLLOWS),
        ]

    def __str__(self) -> str:
        return f"Seal {self.number}"
