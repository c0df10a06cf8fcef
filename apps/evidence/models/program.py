"""What the program's staff work on: interventions, deviations."""

import uuid
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Organization
from apps.audit.triggers import RowHistory
from apps.core.models import Operation
from apps.core.triggers import (
    Immutable,
    NoDelete,
    NoTruncate,
    StateMoves,
    StateStarts,
    TermsAreFixed,
    Traced,
)
from apps.evidence.models.base import Evidence, of_the_same_patient
from apps.patients.models import Patient
from apps.rules.lifecycle import DEVIATION

CAUSES: Final = {
    "at_risk_answer": "An at-risk answer in the patient survey",
    "mismatch": "The patient’s answers differ from the prescriber’s",
    "contraception_inadequate": "Contraception inadequate or lapsed",
}
"""What opens an intervention, in words."""


class Intervention(Evidence):
    """An at-risk answer or a mismatch that the staff resolve with a written outcome (L-SUR-3)."""

    class Conclusion(models.TextChoices):
        COUNSELED = "counseled", "Counseled; the obligations are understood and kept"
        NO_RISK = "no_risk", "No risk was found"
        ANSWERED_WRONGLY = "answered_wrongly", "The answer was a mistake"
        THERAPY_STOPPED = "therapy_stopped", "Therapy is stopped"
        CASE_OPENED = "case_opened", "Followed up as a pregnancy case"
        CATEGORY_REVIEWED = "category_reviewed", "The risk category was reviewed"
        OTHER = "other", "Other, as written"

    opened_at = models.DateTimeField()
    cause = models.CharField(max_length=60, help_text="A code, such as at_risk_answer or mismatch.")
    questions = ArrayField(
        models.CharField(max_length=60), default=list, help_text="The survey's questions concerned."
    )
    survey = models.ForeignKey(
        "evidence.PatientSurvey", null=True, on_delete=models.PROTECT, related_name="interventions"
    )
    resolved_at = models.DateTimeField(null=True)
    conclusion = models.CharField(max_length=20, choices=Conclusion, blank=True)
    contacted = models.CharField(max_length=200, blank=True, help_text="Who was contacted, how.")
    outcome = models.CharField(max_length=1000, blank=True)
    resolving_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    resolved_at__isnull=True,
                    conclusion="",
                    contacted="",
                    outcome="",
                    resolving_operation__isnull=True,
                )
                | (
                    Q(resolved_at__isnull=False, resolving_operation__isnull=False)
                    & Q(resolved_at__gte=F("opened_at"))
                    & ~Q(conclusion="")
                    & ~Q(contacted="")
                    & ~Q(outcome="")
                ),
                name="intervention_resolution_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("opened_at")),
                name="intervention_instants_in_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    conclusion__in=[
                        "",
                        "counseled",
                        "no_risk",
                        "answered_wrongly",
                        "therapy_stopped",
                        "case_opened",
                        "category_reviewed",
                        "other",
                    ]
                ),
                name="intervention_conclusion_is_known",
            ),
        ]
        triggers: ClassVar = [
            Immutable(
                closing=(
                    "resolved_at",
                    "conclusion",
                    "contacted",
                    "outcome",
                    "resolving_operation_id",
                )
            ),
            NoTruncate(),
            Traced(),
            of_the_same_patient("survey"),
        ]

    def __str__(self) -> str:
        return self.cause_in_words

    @property
    def cause_in_words(self) -> str:
        """What opened it, for people; a code that an import brought is shown as it came."""
        return CAUSES.get(self.cause) or self.cause.replace("_", " ").capitalize()


class Deviation(models.Model):
    """A rule broken in the world (rules §13): stored all the same, and worked by the staff."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        UNDER_REVIEW = "under_review", "Under review"
        CORRECTED = "corrected", "Corrected"
        ACCEPTED = "accepted", "Accepted"

    class Severity(models.TextChoices):
        MINOR = "minor", "Minor"
        MAJOR = "major", "Major"
        CRITICAL = "critical", "Critical"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recorded_at = models.DateTimeField()
    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(
        Patient, null=True, on_delete=models.PROTECT, related_name="deviations"
    )
    organization = models.ForeignKey(
        Organization,
        null=True,
        on_delete=models.PROTECT,
        related_name="deviations",
        help_text="The practice or pharmacy that broke the rule, if one did.",
    )
    rule = models.CharField(max_length=12)
    kind = models.CharField(max_length=60)
    occurrence = models.CharField(max_length=120, help_text="What it is about: recorded once.")
    occurred_at = models.DateTimeField()
    severity = models.CharField(max_length=8, choices=Severity)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    corrective_action = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "kind", "occurrence"],
                name="deviation_recorded_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "under_review", "corrected", "accepted"]),
                name="deviation_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["minor", "major", "critical"]),
                name="deviation_severity_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["corrected", "accepted"]) | ~Q(corrective_action=""),
                name="deviation_end_has_action",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(DEVIATION),
            StateStarts(DEVIATION),
            TermsAreFixed(but=["state", "corrective_action"]),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ').capitalize()} ({self.get_state_display().lower()})"
