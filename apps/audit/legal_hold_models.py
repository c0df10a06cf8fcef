"""Legal holds: what of whom may not be disposed of, on whose authority, until it is lifted.

Append-only and without foreign keys, like the trail's events. No hold of the program's rules: those
are derived, and block treatment.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.core.models import Operation, Recorded
from apps.core.triggers import Immutable, NoTruncate, Traced

LIFTING = ("lifted_at", "lift_reason", "lift_authority", "lift_operation_id")


class LegalHold(Recorded):
    """One order to keep everything of a patient, or of an organization and its people."""

    patient_id = models.UUIDField(null=True)
    organization_id = models.UUIDField(null=True)
    authority = models.CharField(
        max_length=200, help_text="Who ordered it: a court and docket, counsel, an agency."
    )
    reason = models.TextField()
    lifted_at = models.DateTimeField(null=True, help_text="From then on it holds nothing.")
    lift_authority = models.CharField(max_length=200, blank=True)
    lift_reason = models.TextField(blank=True)
    lift_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(patient_id__isnull=False, organization_id__isnull=True)
                | Q(patient_id__isnull=True, organization_id__isnull=False),
                name="legal_hold_is_on_one",
            ),
            models.CheckConstraint(
                condition=~Q(authority="") & ~Q(reason=""), name="legal_hold_says_why"
            ),
            models.CheckConstraint(
                condition=Q(
                    lifted_at__isnull=True,
                    lift_operation__isnull=True,
                    lift_reason="",
                    lift_authority="",
                )
                | Q(lifted_at__isnull=False, lift_operation__isnull=False)
                & ~Q(lift_reason="")
                & ~Q(lift_authority=""),
                name="legal_hold_is_lifted_whole",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("recorded_at")),
                name="legal_hold_is_lifted_later",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organization_id"],
                condition=Q(lifted_at__isnull=True),
                name="legal_hold_open",
            )
        ]
        triggers: ClassVar = [Immutable(closing=LIFTING), NoTruncate(), Traced()]

    def __str__(self) -> str:
        whom = "a patient" if self.patient_id else "an organization"
        return f"Legal hold on {whom}, {'lifted' if self.lifted_at else 'open'}"
