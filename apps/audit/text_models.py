"""The words of the texts that people sign, answer or tick: kept, for records name a version only.

Append-only and without foreign keys, like the trail's events.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.core.triggers import Immutable, NoTruncate, Traced


class TextVersion(models.Model):
    """One version of one text, whole, in one language, with its words as the file had them."""

    program = models.CharField(max_length=40)
    kind = models.CharField(max_length=40, help_text="Such as agreement or patient_survey.")
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    items = models.JSONField(
        help_text="The sentences, in order: code, text, and the risk categories that see it."
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["program", "kind", "version", "language"], name="text_version_has_one_text"
            ),
            models.CheckConstraint(
                condition=~Q(version="") & ~Q(title=""), name="text_version_is_named"
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"
