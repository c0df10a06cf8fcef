"""Surveys of patient and prescriber, and which authorization a survey serves (L-SUR-1, 2)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localtime

from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoTruncate, Requires, Traced
from apps.evidence.models.base import Evidence, Withdrawable
from apps.patients.models import RiskCategory
from apps.prescriptions.models import Authorization


class PatientSurvey(Withdrawable):
    """A patient's answers. A guardian does not read a minor's answers."""

    program = models.CharField(max_length=40)
    completed_at = models.DateTimeField()
    text_version = models.CharField(max_length=40)
    text_language = models.CharField(max_length=12)
    guidance_version = models.CharField(
        max_length=40, blank=True, help_text="Of what a risky answer made the patient read at once."
    )
    answers = models.JSONField(help_text="Question code to answer.")
    at_risk = models.BooleanField(help_text="An answer opened an intervention (L-SUR-3).")

    class Meta(Withdrawable.Meta):
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("completed_at")),
                name="patient_survey_instants_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Patient survey {localtime(self.completed_at):%-d %B %Y}"


class PrescriberSurvey(Evidence):
    """The prescriber's answers, given with a request for an authorization (L-SUR-1)."""

    program = models.CharField(max_length=40)
    completed_at = models.DateTimeField()
    text_version = models.CharField(max_length=40)
    text_language = models.CharField(max_length=12)
    risk_category = models.CharField(max_length=12, choices=RiskCategory)
    answers = models.JSONField(help_text="Question code to answer.")
    stated = models.JSONField(
        help_text="Days of therapy prescribed, and what the record showed and the answers attest: "
        "cycle, last test, contraception, counseling."
    )

    class Meta(Evidence.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(risk_category__in=RiskCategory.values),
                name="prescriber_survey_category_is_known",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("completed_at")),
                name="prescriber_survey_instants_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Prescriber survey {localtime(self.completed_at):%-d %B %Y}"


class SurveyUse(Recorded):
    """A patient survey serves an authorization; it is free again when that ends undispensed."""

    survey = models.ForeignKey(PatientSurvey, on_delete=models.PROTECT, related_name="uses")
    authorization = models.OneToOneField(
        Authorization, on_delete=models.PROTECT, related_name="survey_use"
    )

    class Meta:
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(),
            Requires(
                name="survey_is_the_patients",
                holds="""EXISTS (
                    SELECT FROM evidence_patientsurvey s
                    JOIN patients_patient p ON p.id = s.patient_id
                    JOIN prescriptions_authorization a ON a.program = s.program
                        AND a.patient_id IN (p.id, p.merged_into_id)
                    WHERE s.id = NEW.survey_id AND a.id = NEW.authorization_id)""",
            ),
            Requires(
                name="survey_is_free",
                holds="""NOT EXISTS (
                    SELECT FROM evidence_surveyuse u JOIN prescriptions_authorization a
                        ON a.id = u.authorization_id
                    WHERE u.survey_id = NEW.survey_id AND a.id <> NEW.authorization_id
                        AND a.state IN ('issued', 'confirmed', 'dispensed'))""",
            ),
        ]

    def __str__(self) -> str:
        return f"Survey for {self.authorization}"
