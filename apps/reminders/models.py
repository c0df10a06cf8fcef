"""How far reminders are planned, and how each recipient wishes to be reminded."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core.triggers import NoDelete, NoTruncate, Traced
from apps.patients.models import Patient
from apps.providers.models import Pharmacy, Prescriber


class Plan(models.Model):
    """The state of one patient's or one pharmacy's reminder plan; its id is its owner's.

    It is stale when `planned_for` is behind the owner's latest record, or when the program's time
    has passed `replan_at`: the instant at which the obligations change by themselves.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    patient = models.OneToOneField(
        Patient, null=True, on_delete=models.PROTECT, related_name="reminder_plan"
    )
    pharmacy = models.OneToOneField(
        Pharmacy, null=True, on_delete=models.PROTECT, related_name="reminder_plan"
    )
    planned_for = models.DateTimeField(help_text="The owner's latest recorded instant, then.")
    planned_at = models.DateTimeField()
    replan_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(patient__isnull=False, patient_id=F("id"), pharmacy__isnull=True)
                | Q(pharmacy__isnull=False, pharmacy_id=F("id"), patient__isnull=True),
                name="plan_has_one_owner",
            )
        ]
        triggers: ClassVar = [NoDelete(), NoTruncate()]

    def __str__(self) -> str:
        return f"Planned {self.planned_at:%Y-%m-%d %H:%M}"


class ReminderPreference(models.Model):
    """How a patient (or who speaks for them), prescriber or pharmacy wishes to be reminded.

    Its id is its owner's. What is left empty follows the policy; what the policy does not mark as
    optional is sent whatever stands here.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    patient = models.OneToOneField(
        Patient, null=True, on_delete=models.PROTECT, related_name="reminder_preference"
    )
    prescriber = models.OneToOneField(
        Prescriber, null=True, on_delete=models.PROTECT, related_name="reminder_preference"
    )
    pharmacy = models.OneToOneField(
        Pharmacy, null=True, on_delete=models.PROTECT, related_name="reminder_preference"
    )
    channels = ArrayField(
        models.CharField(max_length=10),
        default=list,
        blank=True,
        help_text="The first that can be used; the policy's follow.",
    )
    quiet_from = models.TimeField(null=True, blank=True, help_text="On the recipient's clock.")
    quiet_until = models.TimeField(null=True, blank=True)
    language = models.CharField(max_length=12, default="en")
    opted_out = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Kinds of reminders that are optional and not wished for.",
    )
    set_at = models.DateTimeField(help_text="When this was last said; the program's time.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(patient_id=F("id"), prescriber__isnull=True, pharmacy__isnull=True)
                & Q(patient__isnull=False)
                | Q(prescriber_id=F("id"), patient__isnull=True, pharmacy__isnull=True)
                & Q(prescriber__isnull=False)
                | Q(pharmacy_id=F("id"), patient__isnull=True, prescriber__isnull=True)
                & Q(pharmacy__isnull=False),
                name="preference_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & ~Q(quiet_from=F("quiet_until")),
                name="preference_quiet_hours_are_whole",
            ),
            models.CheckConstraint(
                condition=Q(channels__contained_by=["email", "sms", "portal"]),
                name="preference_channels_are_known",
            ),
            models.CheckConstraint(condition=~Q(language=""), name="preference_has_language"),
        ]
        triggers: ClassVar = [NoDelete(), NoTruncate(), Traced(updates=False), RowHistory()]

    def __str__(self) -> str:
        return "Reminder preferences"
