"""The bases that evidence shares: about a patient, and withdrawn once with a reason (L-SRC-3)."""

from typing import ClassVar

from django.db import models

from apps.core.models import WITHDRAWAL, Correctable, Recorded
from apps.core.triggers import Agrees, Immutable, NoTruncate, Traced
from apps.patients.models import Patient


def of_the_same_patient(reference: str) -> Agrees:
    """The survey that an entry names is one of the same patient."""
    return Agrees(
        name=f"{reference}_is_the_patients",
        reference=f"{reference}_id",
        table="evidence_patientsurvey",
        columns=["patient_id"],
    )


class Evidence(Recorded):
    """Something that is known about one patient."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="%(class)s_set")
    date_only = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Only the date was known; the instant is that day's least favorable (L-SRC-2).",
    )

    class Meta:
        abstract = True
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]


class Withdrawable(Evidence, Correctable):
    """Evidence that may turn out to be a mistake: withdrawn with a reason, never deleted."""

    class Meta(Correctable.Meta):
        abstract = True
        triggers: ClassVar = [Immutable(closing=WITHDRAWAL), NoTruncate(), Traced()]
