"""The record of every command, the base of every immutable row, the demo's clock, the sweeps."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.timezone import localtime

from apps.core.triggers import NOT_THE_OWNER, Immutable, NoTruncate, Traced

NEXT_SERIAL = RawSQL("nextval('core_operation_serial')", [])
TRANSACTION = RawSQL("pg_current_xact_id()::text::bigint", [])


def told(at: datetime) -> str:
    """An instant in a row's name, in the zone of its page: "3 March 2026, 14:05 EST"."""
    return f"{localtime(at):%-d %B %Y, %H:%M %Z}"


class Operation(models.Model):
    """One execution of one command: who, for whom, through which channel, when.

    With an idempotency key it also remembers which row the command made, so that a repeated call
    returns that row. Every recorded row names its operation.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=60)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=20)
    organization_id = models.UUIDField(null=True)
    prescriber_id = models.UUIDField(null=True, help_text="On whose behalf, where a prescriber is.")
    channel = models.CharField(max_length=10)
    address = models.CharField(
        max_length=120, blank=True, db_default="", help_text="Of the request, else user@host."
    )
    credential = models.CharField(
        max_length=32, blank=True, db_default="", help_text="Digest of session key or token."
    )
    serial = models.BigIntegerField(
        null=True, db_default=NEXT_SERIAL, help_text="Counts operations, for the trail's seals."
    )
    transaction_id = models.BigIntegerField(
        null=True, db_default=TRANSACTION, help_text="The database transaction that holds it."
    )
    started_at = models.DateTimeField(help_text="Real time.")
    performed_at = models.DateTimeField(null=True, help_text="The program's time, after the locks.")
    scope = models.CharField(max_length=160, null=True)
    key = models.CharField(max_length=100, null=True)
    body_digest = models.CharField(max_length=64, null=True)
    result_model = models.CharField(max_length=80, null=True)
    result_id = models.CharField(max_length=64, null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "key"], name="operation_key_used_once"),
            models.CheckConstraint(
                condition=Q(actor_kind="system") | Q(actor_id__isnull=False),
                name="operation_actor_is_named",
            ),
            models.CheckConstraint(
                condition=Q(scope__isnull=True, key__isnull=True, body_digest__isnull=True)
                | Q(scope__isnull=False, key__isnull=False, body_digest__isnull=False),
                name="operation_key_is_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["serial"], name="operation_by_serial")]
        triggers: ClassVar = [
            Immutable(closing=("performed_at", "result_model", "result_id", "serial")),
            NoTruncate(),
            Traced(unless=NOT_THE_OWNER),
        ]

    def __str__(self) -> str:
        return f"{self.name.replace('_', ' ').capitalize()}, by {self.role}"


class Recorded(models.Model):
    """Base of every row that a command writes: when it was recorded, and by which operation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recorded_at = models.DateTimeField(help_text="When it was entered; the program's time.")
    # Nothing is looked up by its operation, and none is ever deleted: no index to keep up.
    operation = models.ForeignKey(
        Operation, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


WITHDRAWAL = ("withdrawn_at", "withdrawal_reason", "withdrawal_operation_id")


class Correctable(models.Model):
    """What may turn out to be a mistake: withdrawn once, with a reason, never deleted (L-SRC-3).

    Beside `Recorded`, whose columns it needs; a trigger closes the columns of WITHDRAWAL.
    """

    withdrawn_at = models.DateTimeField(null=True)
    withdrawal_reason = models.CharField(max_length=400, blank=True)
    withdrawal_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    withdrawn_at__isnull=True,
                    withdrawal_reason="",
                    withdrawal_operation__isnull=True,
                )
                | (
                    Q(withdrawn_at__isnull=False, withdrawal_operation__isnull=False)
                    & ~Q(withdrawal_reason="")
                ),
                name="%(class)s_withdrawal_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("recorded_at")),
                name="%(class)s_withdrawn_after_recorded",
            ),
        ]


class DemoClock(models.Model):
    """How far the demo's time runs ahead: at most one row, and none outside the demo."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    ahead = models.DurationField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="demo_clock_is_single")
        ]

    def __str__(self) -> str:
        return f"{self.ahead} ahead"


class SweepRun(models.Model):
    """When a sweep last ran to its end: one row a sweep, so that one that stands still is seen."""

    sweep = models.CharField(primary_key=True, max_length=100)
    ended_at = models.DateTimeField(help_text="The database's real time.")

    def __str__(self) -> str:
        return self.sweep
