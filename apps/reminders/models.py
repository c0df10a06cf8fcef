"""How far a patient's reminders are planned: behind the patient's latest record, they are stale."""

from typing import ClassVar

from django.db import models

from apps.core.triggers import NoDelete, NoTruncate
from apps.patients.models import Patient


class Plan(models.Model):
    """The state of one patient's reminder plan in one program.

    It is stale when `planned_for` is not the patient's `latest_recorded_at`, or when the program's
    time has passed `replan_at`: the instant at which the obligations change by themselves.
    """

    patient = models.OneToOneField(
        Patient, on_delete=models.PROTECT, primary_key=True, related_name="reminder_plan"
    )
    planned_for = models.DateTimeField(help_text="The patient's latest recorded instant, then.")
    planned_at = models.DateTimeField()
    replan_at = models.DateTimeField(null=True)

    class Meta:
        triggers: ClassVar = [NoDelete(), NoTruncate()]

    def __str__(self) -> str:
        return f"Planned {self.planned_at:%Y-%m-%d %H:%M}"
