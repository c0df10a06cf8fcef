"""A pharmacy's people: who acknowledged the training, and who is to represent it next."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoTruncate, Traced
from apps.providers.models.parties import Pharmacy


class StaffTraining(Recorded):
    """One who dispenses acknowledged one version of the training, for one pharmacy (L-ENR-2).

    `user` is empty for a person without an account, of whom the representative has the signed
    paper: such a person dispenses through the pharmacy's own system. Their `role` is on it; whoever
    has an account has the role of their membership.
    """

    class Role(models.TextChoices):
        PHARMACIST = "pharmacist", "Pharmacist"
        TECHNICIAN = "technician", "Technician"

    program = models.CharField(max_length=40)
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="trainings")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="trainings"
    )
    name = models.CharField(max_length=120)
    role = models.CharField(
        max_length=12,
        choices=Role,
        blank=True,
        default="",
        db_default="",
        help_text="On paper: what they work as. Empty with an account, and where nobody said so.",
    )
    text_version = models.CharField(max_length=40)
    acknowledged_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["pharmacy", "user", "program", "text_version"],
                name="training_acknowledged_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="training_person_is_named"),
            models.CheckConstraint(
                condition=Q(role="") | Q(role__in=["pharmacist", "technician"], user=None),
                name="training_role_is_of_paper",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__lte=F("recorded_at")),
                name="training_acknowledged_before_recorded",
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.name}, {self.text_version}"


class Succession(Recorded):
    """A site's representative names who follows; open until it happens or is withdrawn (L-ENR-6).

    The successor takes over on their own sign-in, or an administrator confirms.
    """

    class Outcome(models.TextChoices):
        TAKEN_OVER = "taken_over", "The successor took over"
        WITHDRAWN = "withdrawn", "Withdrawn"
        SUPERSEDED = "superseded", "Somebody else became the representative"

    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="successions"
    )
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["pharmacy"],
                condition=Q(ended_at__isnull=True),
                name="succession_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="")
                | Q(ended_at__isnull=False, outcome__in=["taken_over", "withdrawn", "superseded"]),
                name="succession_end_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("recorded_at")),
                name="succession_instants_in_order",
            ),
        ]
        triggers: ClassVar = [Immutable(closing=("ended_at", "outcome")), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.successor} for {self.pharmacy}"
