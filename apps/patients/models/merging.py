"""Who a patient is, set right: two records become one (L-PAT-1), a wrong name or date of birth.

Tables only.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
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


class IdentityCorrection(Recorded):
    """A patient's name or date of birth that was wrong, and is another one since (L-SRC-3).

    What was signed before keeps the name under which it was signed.
    """

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="identity_corrections"
    )
    given_name_before = models.CharField(max_length=60)
    family_name_before = models.CharField(max_length=60)
    born_on_before = models.DateField()
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    born_on = models.DateField()
    source_document = models.CharField(
        max_length=200, help_text="What shows who the patient is, and where it was seen."
    )
    reason = models.CharField(max_length=400)
    resembled = ArrayField(
        models.UUIDField(),
        default=list,
        help_text="The registered patients whom the corrected one resembled then (L-PAT-1).",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(given_name=F("given_name_before"))
                | ~Q(family_name=F("family_name_before"))
                | ~Q(born_on=F("born_on_before")),
                name="identity_correction_changes_something",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(source_document=""),
                name="identity_correction_is_founded",
            ),
            models.UniqueConstraint(
                fields=["patient", "recorded_at"], name="identity_corrected_once_at_an_instant"
            ),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(),
            Requires(
                name="corrects_what_stands",
                holds="""EXISTS (SELECT FROM patients_patient p
                    WHERE p.id = NEW.patient_id AND p.merged_into_id IS NULL
                        AND p.given_name = NEW.given_name_before
                        AND p.family_name = NEW.family_name_before
                        AND p.born_on = NEW.born_on_before)""",
            ),
        ]

    @property
    def is_of_birth(self) -> bool:
        """Whether the date of birth is another one: by it the pharmacy finds the patient."""
        return self.born_on != self.born_on_before

    def __str__(self) -> str:
        return "Identity corrected"
