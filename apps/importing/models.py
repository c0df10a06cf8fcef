"""What was imported from where, so that nothing comes in twice. Tables and constraints only."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoTruncate, Traced


class ImportedRecord(Recorded):
    """One prescriber, pharmacy or patient of another registry, and which row it became here."""

    class Kind(models.TextChoices):
        PRESCRIBER = "prescriber", "Prescriber"
        PHARMACY = "pharmacy", "Pharmacy"
        PATIENT = "patient", "Patient"

    source = models.CharField(max_length=60, help_text="The registry that it came from.")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=80, help_text="Its id there.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of all that the files said of it.")
    subject_id = models.UUIDField(help_text="The row that it became.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "kind", "key"], name="import_happens_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["prescriber", "pharmacy", "patient"]),
                name="import_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="import_digest_is_sha256"
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.key} of {self.source}"
