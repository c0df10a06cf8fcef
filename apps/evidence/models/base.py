"""The bases that evidence shares: about a patient, and withdrawn once with a reason (L-SRC-3)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.core.models import Operation, Recorded
from apps.core.triggers import Immutable, NoTruncate
from apps.patients.models import Patient

WITHDRAWAL = ("withdrawn_at", "withdrawal_reason", "withdrawal_operation_id")


class Evidence(Recorded):
    """Something that is known about one patient."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="%(class)s_set")

    class Meta:
        abstract = True
        triggers: ClassVar = [Immutable(), NoTruncate()]


class Withdrawable(Evidence):
    """Evidence that may turn out to be a mistake: withdrawn with a reason, never deleted."""

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
        triggers: ClassVar = [Immutable(closing=WITHDRAWAL), NoTruncate()]
