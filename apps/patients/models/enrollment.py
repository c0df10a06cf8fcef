"""Patients, their risk categories and their agreements: who they are and what they signed."""

import uuid
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from apps.audit.triggers import RowHistory
from apps.core.models import WITHDRAWAL, Correctable, Recorded
from apps.core.scans import Scan, scan_constraints
from apps.core.triggers import (
    Immutable,
    IsAnswered,
    MovesForward,
    NoDelete,
    NoTruncate,
    Requires,
    Traced,
)
from apps.providers.models import Prescriber


class RiskCategory(models.TextChoices):
    """Rules §2: the categories that decide which obligations a patient has."""

    ADULT_FRP = "adult_frp", "Adult female of reproductive potential"
    CHILD_FRP = "child_frp", "Female child of reproductive potential"
    ADULT_FNRP = "adult_fnrp", "Adult female not of reproductive potential"
    CHILD_FNRP = "child_fnrp", "Female child not of reproductive potential"
    ADULT_MALE = "adult_male", "Adult male"
    CHILD_MALE = "child_male", "Male child"


class Patient(models.Model):
    """One person, with one lifelong id. Names and contact may change; each change leaves a row.

    `latest_recorded_at` is the instant of the latest command on this patient. Every command locks
    this row first; reminders are planned anew when it has moved.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    born_on = models.DateField()
    postal_code = models.CharField(max_length=10)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    time_zone = models.CharField(max_length=40, default="America/New_York")
    prescriber = models.ForeignKey(
        Prescriber,
        on_delete=models.PROTECT,
        related_name="patients",
        help_text="Who cares for the patient now.",
    )
    registered_at = models.DateTimeField()
    latest_recorded_at = models.DateTimeField()
    merged_into = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.PROTECT,
        related_name="merged_records",
        db_index=False,
        help_text="The record that is kept of the same person; this one is never acted on again.",
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(latest_recorded_at__gte=F("registered_at")),
                name="patient_recorded_after_registered",
            ),
            models.CheckConstraint(
                condition=~Q(given_name="") & ~Q(family_name=""), name="patient_has_name"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["born_on", "family_name"], name="patient_by_birth_and_name"),
            # In capitals, as PostgreSQL is asked for a name in whatever letters (L-PAT-1).
            models.Index(Upper("family_name"), Upper("given_name"), name="patient_by_name"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="patient_merged_into",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            MovesForward("latest_recorded_at"),
            Requires(
                name="merged_by_a_merge",
                on_update=True,
                only_if=pgtrigger.Condition(
                    "NEW.merged_into_id IS DISTINCT FROM OLD.merged_into_id"
                ),
                # The record that is kept may be merged into a third one: all follow it there.
                holds="""EXISTS (SELECT FROM patients_patientmerge m
                    JOIN patients_patient k ON k.id = m.kept_id AND k.merged_into_id IS NULL
                    WHERE m.kept_id = NEW.merged_into_id
                        AND m.merged_id = coalesce(OLD.merged_into_id, NEW.id))""",
            ),
            Requires(
                name="identity_by_a_correction",
                on_update=True,
                only_if=pgtrigger.Condition(
                    "((NEW.given_name, NEW.family_name, NEW.born_on) IS DISTINCT FROM "
                    "(OLD.given_name, OLD.family_name, OLD.born_on))"
                ),
                # Of the same transaction: no old correction lets the same be done once more.
                holds="""EXISTS (SELECT FROM patients_identitycorrection c
                    JOIN core_operation o ON o.id = c.operation_id
                    WHERE c.patient_id = NEW.id AND o.name = 'correct_identity'
                        AND o.transaction_id = pg_current_xact_id()::text::bigint
                        AND (c.given_name, c.family_name, c.born_on)
                            = (NEW.given_name, NEW.family_name, NEW.born_on)
                        AND (c.given_name_before, c.family_name_before, c.born_on_before)
                            = (OLD.given_name, OLD.family_name, OLD.born_on))""",
            ),
            RowHistory(ignoring=("latest_recorded_at",)),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class CategoryAssignment(Recorded):
    """The risk category given to a patient, with its basis; the latest one holds (L-CAT-1 to 3)."""

    class Basis(models.TextChoices):
        NATURAL_MENOPAUSE = "natural_menopause", "Natural menopause of at least 24 months"
        HYSTERECTOMY = "hysterectomy", "Hysterectomy"
        BILATERAL_OOPHORECTOMY = "bilateral_oophorectomy", "Bilateral oophorectomy"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="categories")
    risk_category = models.CharField(max_length=12, choices=RiskCategory)
    basis_kind = models.CharField(max_length=24, choices=Basis, blank=True)
    basis_on = models.DateField(null=True, help_text="For menopause, the last menses.")
    reason = models.CharField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(risk_category__in=RiskCategory.values), name="category_is_known"
            ),
            models.CheckConstraint(
                condition=Q(basis_kind="", basis_on__isnull=True)
                | (~Q(basis_kind="") & Q(basis_on__isnull=False)),
                name="category_basis_has_date",
            ),
            models.CheckConstraint(
                condition=Q(
                    basis_kind__in=[
                        "",
                        "natural_menopause",
                        "hysterectomy",
                        "bilateral_oophorectomy",
                    ]
                ),
                name="category_basis_is_known",
            ),
            models.CheckConstraint(
                condition=Q(risk_category="adult_fnrp") & ~Q(basis_kind="")
                | ~Q(risk_category="adult_fnrp") & Q(basis_kind=""),
                name="category_adult_fnrp_has_basis",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="category_has_reason"),
            models.UniqueConstraint(
                fields=["patient", "recorded_at"], name="category_one_at_an_instant"
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return self.get_risk_category_display()


class Agreement(Recorded, Correctable):
    """A Patient–Prescriber Agreement for one program and category (L-ENR-3, L-CAT-4).

    It is complete from the later of the two signatures on. A signature is set once.
    """

    class Signer(models.TextChoices):
        PATIENT = "patient", "Patient"
        GUARDIAN = "guardian", "Parent or guardian"
        REPRESENTATIVE = "representative", "Authorized representative"

    program = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="agreements")
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="agreements")
    risk_category = models.CharField(max_length=12, choices=RiskCategory)
    text_version = models.CharField(max_length=40)
    text_language = models.CharField(max_length=12)
    signer = models.CharField(max_length=14, choices=Signer)
    signer_name = models.CharField(max_length=120)
    signer_relationship = models.CharField(max_length=60, blank=True)
    patient_signed_at = models.DateTimeField(null=True)
    prescriber_signed_at = models.DateTimeField(null=True)
    patient_date_only = models.BooleanField(
        null=True, help_text="Only the date of the signature was known (L-SRC-2)."
    )
    prescriber_date_only = models.BooleanField(
        null=True, help_text="Only the date of the signature was known (L-SRC-2)."
    )

    class Meta(Correctable.Meta):
        constraints: ClassVar = [
            *Correctable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(risk_category__in=RiskCategory.values),
                name="agreement_category_is_known",
            ),
            models.CheckConstraint(
                condition=Q(signer__in=["patient", "guardian", "representative"]),
                name="agreement_signer_is_known",
            ),
            models.CheckConstraint(
                condition=Q(signer="patient") | ~Q(signer_relationship=""),
                name="agreement_relationship_is_named",
            ),
            models.CheckConstraint(condition=~Q(signer_name=""), name="agreement_signer_is_named"),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "program"], name="agreement_of")]
        triggers: ClassVar = [
            Immutable(
                closing=(
                    "patient_signed_at",
                    "prescriber_signed_at",
                    "patient_date_only",
                    "prescriber_date_only",
                    *WITHDRAWAL,
                )
            ),
            NoTruncate(),
            Traced(),
            IsAnswered(
                name="paper_has_scan",
                on_update=True,
                holds="""made.patient_signed_at IS NULL
                    OR EXISTS (SELECT FROM patients_agreementscan s WHERE s.agreement_id = made.id)
                    OR NOT EXISTS (SELECT FROM audit_signature g
                        WHERE g.subject_model = 'patients.agreement'
                            AND g.subject_id = made.id::text
                            AND g.meaning <> 'agreement_as_prescriber'
                            AND g.method = 'paper' AND g.channel = 'portal')""",
            ),
        ]

    def __str__(self) -> str:
        return f"Agreement, {self.get_risk_category_display()}"


class AgreementScan(Scan):
    """The scan of the paper on which the patient's side signed, entered at the practice."""

    agreement = models.OneToOneField(Agreement, on_delete=models.PROTECT, related_name="scan")

    class Meta(Scan.Meta):
        constraints: ClassVar = scan_constraints("agreement_scan")
        triggers: ClassVar = [
            *Scan.Meta.triggers,
            IsAnswered(
                name="paper_is_signed",
                holds="""EXISTS (SELECT FROM patients_agreement a
                    WHERE a.id = made.agreement_id AND a.patient_signed_at IS NOT NULL)""",
            ),
        ]

    def __str__(self) -> str:
        return f"Signed paper, {self.get_content_type_display()}, {self.size} bytes"


class DuplicateDecision(Recorded):
    """Who decided that a new patient is not one of the likely duplicates shown (L-PAT-1)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="not_duplicate_of")
    resembles = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(patient=F("resembles")), name="duplicate_is_another_patient"
            ),
            models.UniqueConstraint(fields=["patient", "resembles"], name="duplicate_decided_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="duplicate_decision_has_reason"),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return "Not the same person"
