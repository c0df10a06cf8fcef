"""Two records of one person become one lifelong id (L-PAT-1). Tables only."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoTruncate, Requires, Traced
from apps.patients.models.enrollment import Patient


class PatientMerge(Recorded):
    """Somebody of the staff found that two records are one person's; it is never taken back."""

    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges")
    merged = models.OneToOneField(Patient, on_delete=models.PROTECT, related_name="merge")
    reason = models.CharField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_is_of_two"),
            models.CheckConstraint(condition=~Q(reason=""), name="merge_has_reason"),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(),
            Requires(
                name="neither_is_merged",
                holds="""NOT EXISTS (SELECT FROM patients_patient p
                    WHERE p.id IN (NEW.kept_id, NEW.merged_id) AND p.merged_into_id IS NOT NULL)""",
            ),
        ]

    def __str__(self) -> str:
        return "Merged"
