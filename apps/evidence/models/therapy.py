"""What interrupts, resumes or ends a therapy (L-END-1 to 3). The status is never stored."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.evidence.models.base import Withdrawable


class TherapyEvent(Withdrawable):
    """One thing that somebody said of a therapy; the day on which it happened counts."""

    class Kind(models.TextChoices):
        INTERRUPTED = "interrupted", "Interrupted"
        RESUMED = "resumed", "Resumed"
        DISCONTINUED = "discontinued", "Discontinued"
        DIED = "died", "Died"
        WITHDREW = "withdrew", "Withdrew from the program"

    program = models.CharField(max_length=40, blank=True, help_text="Empty for a death.")
    kind = models.CharField(max_length=12, choices=Kind)
    happened_on = models.DateField()
    reason = models.CharField(max_length=400)
    said_by = models.CharField(max_length=200, help_text="Who said so.")

    class Meta(Withdrawable.Meta):
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(
                    kind__in=["interrupted", "resumed", "discontinued", "died", "withdrew"]
                ),
                name="therapy_event_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="died", program="") | ~Q(kind="died") & ~Q(program=""),
                name="therapy_event_has_program",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(said_by=""), name="therapy_event_has_reason"
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(kind="died", withdrawn_at__isnull=True),
                name="therapy_event_one_death",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.happened_on}"
