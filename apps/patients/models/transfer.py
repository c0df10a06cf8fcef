"""To whom a patient's care moved, from whom and why (L-ENR-5). Never changed afterwards."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.core.models import Recorded
from apps.core.triggers import Agrees, Immutable, NoTruncate, Requires, Traced
from apps.patients.models.enrollment import Agreement, Patient
from apps.providers.models import Prescriber


class PatientTransfer(Recorded):
    """One move of a patient to another prescriber (L-ENR-5).

    Taken over: by the new prescriber, with a new agreement. Handed over: by the program's staff,
    when the old one retires, dies or is decertified; the agreement is still to be signed.
    """

    class Kind(models.TextChoices):
        TAKEN_OVER = "taken_over", "Taken over by the new prescriber"
        HANDED_OVER = "handed_over", "Handed over by the program"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="transfers")
    from_prescriber = models.ForeignKey(
        Prescriber, on_delete=models.PROTECT, related_name="patients_moved_away"
    )
    to_prescriber = models.ForeignKey(
        Prescriber, on_delete=models.PROTECT, related_name="patients_moved_here"
    )
    kind = models.CharField(max_length=11, choices=Kind)
    agreement = models.OneToOneField(
        Agreement, null=True, on_delete=models.PROTECT, related_name="transfer"
    )
    reason = models.CharField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(from_prescriber=F("to_prescriber")),
                name="transfer_is_to_another_prescriber",
            ),
            models.CheckConstraint(
                condition=Q(kind="taken_over", agreement__isnull=False)
                | Q(kind="handed_over", agreement__isnull=True),
                name="transfer_taken_over_has_agreement",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="transfer_has_reason"),
            models.UniqueConstraint(
                fields=["patient", "recorded_at"], name="transfer_one_at_an_instant"
            ),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(),
            Agrees(
                name="agreement_is_the_patients",
                reference="agreement_id",
                table="patients_agreement",
                columns=["patient_id"],
            ),
            # Of two who move one patient at once, the second finds the patient gone already.
            Requires(
                name="transfer_is_from_the_present_prescriber",
                holds="EXISTS (SELECT FROM patients_patient p WHERE p.id = NEW.patient_id "
                "AND p.prescriber_id = NEW.from_prescriber_id)",
            ),
        ]

    def __str__(self) -> str:
        return f"From {self.from_prescriber} to {self.to_prescriber}"
