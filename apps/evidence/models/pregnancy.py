"""Pregnancy tests, bleeding reports and pregnancy cases (rules §4 and §9)."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.core.models import Operation
from apps.core.triggers import Agrees, Immutable, NoTruncate, Requires, Traced
from apps.evidence.models.base import Evidence, Withdrawable, of_the_same_patient

# An operation of the running transaction: an earlier one of somebody who may is no leave.
BY_OPERATION = """EXISTS (SELECT FROM core_operation o WHERE o.id = NEW.{column}
    AND o.{who} AND o.transaction_id = pg_current_xact_id()::text::bigint)"""


class PregnancyTest(Withdrawable):
    """One test: its time is when the specimen was collected."""

    class Result(models.TextChoices):
        NEGATIVE = "negative", "Negative"
        POSITIVE = "positive", "Positive"
        INDETERMINATE = "indeterminate", "Indeterminate"

    class Specimen(models.TextChoices):
        SERUM = "serum", "Serum"
        URINE = "urine", "Urine"

    collected_at = models.DateTimeField()
    resulted_at = models.DateTimeField()
    result = models.CharField(max_length=13, choices=Result)
    sensitivity_miu_ml = models.DecimalField("Sensitivity (mIU/mL)", max_digits=7, decimal_places=2)
    specimen = models.CharField(max_length=5, choices=Specimen)
    laboratory = models.CharField(max_length=120, blank=True)

    class Meta(Withdrawable.Meta):
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(result__in=["negative", "positive", "indeterminate"]),
                name="test_result_is_known",
            ),
            models.CheckConstraint(
                condition=Q(specimen__in=["serum", "urine"]), name="test_specimen_is_known"
            ),
            models.CheckConstraint(
                condition=Q(sensitivity_miu_ml__gt=0), name="test_sensitivity_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(resulted_at__gte=F("collected_at"), recorded_at__gte=F("resulted_at")),
                name="test_instants_in_order",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "collected_at"], name="test_of")]
        triggers: ClassVar = [
            *Withdrawable.Meta.triggers,
            Requires(
                # L-PT-7: it may have been right.
                name="positive_is_adjudicated",
                on_update=True,
                only_if=pgtrigger.Condition(
                    "NEW.result = 'positive' AND NEW.withdrawn_at IS NOT NULL "
                    "AND OLD.withdrawn_at IS NULL"
                ),
                holds=BY_OPERATION.format(
                    column="withdrawal_operation_id", who="role = 'administrator'"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_result_display()} {self.get_specimen_display().lower()} test"


class BleedingReport(Withdrawable):
    """A missed period or abnormal menstrual or vaginal bleeding (L-PT-8)."""

    class Kind(models.TextChoices):
        MISSED_PERIOD = "missed_period", "Missed period"
        ABNORMAL_BLEEDING = "abnormal_bleeding", "Abnormal menstrual or vaginal bleeding"

    reported_at = models.DateTimeField()
    kind = models.CharField(max_length=17, choices=Kind)
    survey = models.ForeignKey(
        "evidence.PatientSurvey",
        null=True,
        on_delete=models.PROTECT,
        related_name="bleeding_reports",
        help_text="Whose answers told of it, if a survey did.",
    )

    class Meta(Withdrawable.Meta):
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=["missed_period", "abnormal_bleeding"]),
                name="bleeding_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("reported_at")), name="bleeding_instants_in_order"
            ),
        ]
        triggers: ClassVar = [*Withdrawable.Meta.triggers, of_the_same_patient("survey")]

    def __str__(self) -> str:
        return self.get_kind_display()


class PregnancyCase(Evidence):
    """A suspected or certain pregnancy of a patient or of a male patient's partner (L-PRG-1 to 3).

    Only an administrator closes it; a closure is written once.
    """

    class Subject(models.TextChoices):
        PATIENT = "patient", "Patient"
        PARTNER = "partner", "Patient's partner"

    class Outcome(models.TextChoices):
        NOT_PREGNANT = "not_pregnant", "Not pregnant (adjudicated false positive)"
        PREGNANCY_ENDED = "pregnancy_ended", "Pregnancy ended"
        LOST_TO_FOLLOW_UP = "lost_to_follow_up", "Lost to follow-up"
        UNKNOWN = "unknown", "Unknown"

    subject = models.CharField(max_length=7, choices=Subject)
    reported_at = models.DateTimeField()
    source = models.CharField(max_length=200, help_text="Who or what reported it.")
    test = models.ForeignKey(
        PregnancyTest, null=True, on_delete=models.PROTECT, related_name="cases"
    )
    survey = models.ForeignKey(
        "evidence.PatientSurvey", null=True, on_delete=models.PROTECT, related_name="cases"
    )
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=17, choices=Outcome, blank=True)
    closing_reason = models.CharField(max_length=1000, blank=True)
    closing_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(subject__in=["patient", "partner"]), name="case_subject_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        "",
                        "not_pregnant",
                        "pregnancy_ended",
                        "lost_to_follow_up",
                        "unknown",
                    ]
                ),
                name="case_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    closed_at__isnull=True,
                    outcome="",
                    closing_reason="",
                    closing_operation__isnull=True,
                )
                | (
                    Q(closed_at__isnull=False, closing_operation__isnull=False)
                    & Q(closed_at__gte=F("reported_at"))
                    & ~Q(outcome="")
                    & ~Q(closing_reason="")
                ),
                name="case_closure_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("reported_at")), name="case_instants_in_order"
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=("closed_at", "outcome", "closing_reason", "closing_operation_id")),
            NoTruncate(),
            Traced(),
            Agrees(
                name="test_is_the_patients",
                reference="test_id",
                table="evidence_pregnancytest",
                columns=["patient_id"],
            ),
            of_the_same_patient("survey"),
            Requires(
                # L-PRG-3: nobody else's closure lifts a hold.
                name="closed_by_administrator",
                on_update=True,
                only_if=pgtrigger.Condition("NEW.closed_at IS NOT NULL AND OLD.closed_at IS NULL"),
                holds=BY_OPERATION.format(
                    column="closing_operation_id", who="role = 'administrator'"
                ),
            ),
            Requires(
                name="begins_open_unless_imported",
                only_if=pgtrigger.Condition("NEW.closed_at IS NOT NULL"),
                holds=BY_OPERATION.format(column="closing_operation_id", who="channel = 'import'"),
            ),
        ]

    def __str__(self) -> str:
        return f"Pregnancy case ({self.get_subject_display()})"
