"""Electronic signatures (21 CFR 11.50, 11.70): who signed which content, when, meaning what.

Append-only and without foreign keys, like the trail's events.
"""

import json
import uuid
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.expressions import RawSQL

from apps.core.call import SigningMethod
from apps.core.triggers import Immutable, NoTruncate, Requires, Traced

NEXT_SERIAL = RawSQL("nextval('audit_signature_serial')", [])
METHODS = {
    SigningMethod.ALL_COMPONENTS: "with password and second factor",
    SigningMethod.ONE_COMPONENT: "with the password, within minutes of a second factor",
    SigningMethod.ONE_TIME_CODE: "with the name, typed, and a one-time code",
    SigningMethod.PAPER: "by hand, on paper",
    SigningMethod.SYSTEM: "in their organization’s own system, which vouches for it",
}


class Meaning(models.TextChoices):
    """What a signature means; `Signature.meaning_in_words` is shown and printed by the name."""

    PRESCRIBER_ENROLLMENT = "prescriber_enrollment", "Prescriber’s enrollment form and attestations"
    PHARMACY_ENROLLMENT = "pharmacy_enrollment", "Pharmacy’s enrollment form and attestations"
    AGREEMENT_AS_PRESCRIBER = "agreement_as_prescriber", "Agreement, as the prescriber"
    AGREEMENT_AS_PATIENT = "agreement_as_patient", "Agreement, as the patient"
    AGREEMENT_AS_GUARDIAN = "agreement_as_guardian", "Agreement, as the parent or guardian"
    AGREEMENT_AS_REPRESENTATIVE = (
        "agreement_as_representative",
        "Agreement, as the patient’s authorized representative",
    )
    PRESCRIBER_SURVEY = "prescriber_survey", "Prescriber’s survey, every point attested"
    PATIENT_SURVEY = "patient_survey", "Patient’s survey, recorded as the patient answered"
    OWN_SURVEY = "own_survey", "Patient’s survey, answered by who signs"
    COUNSELING_CHECKLIST = "counseling_checklist", "Counseling checklist, as the pharmacist"
    CERTIFICATION = "certification", "Approval of a certification"
    STANDING = "standing", "Change of a certification’s standing"
    CASE_CLOSURE = "case_closure", "Closure of a pregnancy case"
    INTERVENTION = "intervention", "Resolution of an intervention"
    CATEGORY_DECISION = "category_decision", "Decision on a change of risk category"
    DEVIATION = "deviation", "Acceptance of a deviation"
    EXCEPTION = "exception", "Grant of an exception"
    LATE_DISPENSE = "late_dispense", "Report of a dispense after the fact"
    STAFF_TRAINING = "staff_training", "Training, every point acknowledged"
    TRAINING_RECORD = "training_record", "Record of a training signed on paper"


# Which change of a certification's standing it was: the content signed tells it.
STANDINGS: Final = {
    "suspend": "Suspension of a certification",
    "decertify": "Decertification",
    "reinstate": "Reinstatement of a certification",
}


class Signature(models.Model):
    """One signature, bound to the exact content signed. `signed_at` is the program's time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    serial = models.BigIntegerField(
        null=True, db_default=NEXT_SERIAL, help_text="Counts signatures, for the trail's seals."
    )
    signed_at = models.DateTimeField(help_text="The program's time; on paper, as dated there.")
    recorded_at = models.DateTimeField()
    operation_id = models.UUIDField()
    channel = models.CharField(max_length=10)
    user_id = models.UUIDField(null=True, help_text="The account that signed; none on paper.")
    code_id = models.UUIDField(
        null=True, help_text="The one-time code with which a patient's side signed here."
    )
    printed_name = models.CharField(max_length=160, help_text="As the name was then.")
    role = models.CharField(max_length=20, help_text="Of who signed, or recorded the paper.")
    organization_id = models.UUIDField(null=True)
    prescriber_id = models.UUIDField(null=True, help_text="On whose behalf.")
    meaning = models.CharField(max_length=30, choices=Meaning)
    method = models.CharField(
        max_length=16, choices=[(method.value, words) for method, words in METHODS.items()]
    )
    subject_model = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    patient_id = models.UUIDField(null=True)
    content = models.TextField(help_text="Exactly what was signed, as canonical JSON.")
    content_digest = models.CharField(max_length=64, help_text="SHA-256 of the content.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(meaning__in=Meaning.values), name="signature_meaning_is_known"
            ),
            models.CheckConstraint(
                condition=Q(method__in=[method.value for method in SigningMethod]),
                name="signature_method_is_known",
            ),
            models.CheckConstraint(condition=~Q(printed_name=""), name="signature_has_name"),
            models.CheckConstraint(
                condition=Q(signed_at__lte=F("recorded_at")), name="signature_instants_in_order"
            ),
            models.CheckConstraint(
                condition=Q(method__in=["paper", "system", "one_time_code"])
                | Q(user_id__isnull=False),
                name="signature_with_components_has_account",
            ),
            models.CheckConstraint(
                condition=Q(method="one_time_code", code_id__isnull=False, user_id__isnull=True)
                | (~Q(method="one_time_code") & Q(code_id__isnull=True)),
                name="signature_by_code_names_it",
            ),
            models.UniqueConstraint(fields=["code_id"], name="signature_of_code_is_one"),
            models.CheckConstraint(
                condition=Q(
                    content_digest=Func(
                        F("content"),
                        template="encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')",
                        output_field=models.CharField(),
                    )
                ),
                name="signature_digest_fits_content",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject_id", "subject_model"], name="signature_of_subject"),
            models.Index(fields=["user_id", "signed_at"], name="signature_of_person"),
            models.Index(fields=["serial"], name="signature_by_serial"),
        ]
        triggers: ClassVar = [
            Immutable(closing=("serial",)),
            NoTruncate(),
            Traced(),
            Requires(
                name="signed_words_are_kept",
                holds="""(NEW.content::jsonb #>> '{text,wording}') IS NULL OR EXISTS (
                    SELECT FROM audit_textversion t
                    WHERE t.program = NEW.content::jsonb #>> '{text,program}'
                        AND t.kind = NEW.content::jsonb #>> '{text,kind}'
                        AND t.version = NEW.content::jsonb #>> '{text,version}'
                        AND t.language = NEW.content::jsonb #>> '{text,language}')""",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meaning_in_words}, signed by {self.printed_name}"

    @property
    def meaning_in_words(self) -> str:
        """What it means, as it is shown and printed beside the name: which act was signed."""
        if self.meaning == Meaning.STANDING:
            event = json.loads(self.content).get("moved", {}).get("event", "")
            return STANDINGS.get(event, Meaning.STANDING.label)
        return str(self.get_meaning_display())
