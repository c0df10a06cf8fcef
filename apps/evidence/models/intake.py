"""What the staff enter from phone, fax and paper, and the scans of it (L-SRC-1). Tables only."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core.models import Operation, Recorded
from apps.core.scans import Scan, scan_constraints
from apps.core.triggers import (
    NoDelete,
    NoTruncate,
    StateMoves,
    StateStarts,
    TermsAreFixed,
    Traced,
)
from apps.patients.models import Patient, RiskCategory
from apps.providers.models import Prescriber
from apps.rules.lifecycle import INTAKE


class IntakeScan(Scan):
    """The scan of a fax or paper form that the staff entered."""

    class Meta(Scan.Meta):
        constraints: ClassVar = scan_constraints("scan")

    def __str__(self) -> str:
        return f"{self.get_content_type_display()}, {self.size} bytes"


class Intake(Recorded):
    """What a caller or a form says, as the staff entered it.

    What harms eligibility is in effect at once; the rest waits until a second person accepts it.
    """

    class Channel(models.TextChoices):
        PHONE = "phone", "Phone"
        FAX = "fax", "Fax"
        PAPER = "paper", "Paper"

    class Kind(models.TextChoices):
        PREGNANCY_TEST = "pregnancy_test", "Pregnancy test"
        CONTRACEPTION = "contraception", "Contraception"
        OBLIGATIONS = "obligations", "Obligations"
        COUNSELING = "counseling", "Counseling"
        HEALTH_STATUS = "health_status", "Health status"
        PATIENT_SURVEY = "patient_survey", "Patient survey"
        BLEEDING_REPORT = "bleeding_report", "Missed period or bleeding"
        PREGNANCY_REPORT = "pregnancy_report", "Suspected pregnancy"
        AGREEMENT_SIGNATURE = "agreement_signature", "Signature of an agreement"
        AGREEMENT_RENEWAL = "agreement_renewal", "New agreement for the present category"

    class ToldBy(models.TextChoices):
        PRESCRIBER = "prescriber", "Prescriber or delegate"
        PATIENT = "patient", "Patient, guardian or representative"

    class Verification(models.TextChoices):
        CALLED_BACK = "called_back", "Called back on the number on record"
        IDENTIFIERS = "identifiers", "Answered identifying questions"
        KNOWN_SENDER = "known_sender", "Came from the number or address on record"
        SIGNATURE = "signature", "Bears the signature on record"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a second person"
        EFFECTIVE = "effective", "In effect at once"
        ACCEPTED = "accepted", "Accepted"
        REFUSED = "refused", "Refused"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="intakes")
    channel = models.CharField(max_length=10, choices=Channel)
    kind = models.CharField(max_length=20, choices=Kind)
    content = models.JSONField(help_text="What it says, with the times at which it happened.")
    risk_category = models.CharField(
        max_length=12, choices=RiskCategory, help_text="The patient's when it was entered."
    )
    told_by = models.CharField(max_length=10, choices=ToldBy)
    told_by_name = models.CharField(max_length=120)
    prescriber = models.ForeignKey(
        Prescriber,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="On whose behalf, or who verified it.",
    )
    verification = models.CharField(max_length=12, choices=Verification, blank=True)
    verification_note = models.CharField(max_length=400, blank=True)
    scan = models.OneToOneField(
        IntakeScan, null=True, on_delete=models.PROTECT, related_name="intake"
    )
    entered_by_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=State)
    checked_at = models.DateTimeField(null=True)
    checked_by_id = models.UUIDField(null=True)
    check_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    refusal_reason = models.CharField(max_length=400, blank=True)
    entry_model = models.CharField(max_length=60, blank=True)
    entry_id = models.UUIDField(null=True, help_text="The record that it became.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(channel__in=["phone", "fax", "paper"]), name="intake_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "pregnancy_test",
                        "contraception",
                        "obligations",
                        "counseling",
                        "health_status",
                        "patient_survey",
                        "bleeding_report",
                        "pregnancy_report",
                        "agreement_signature",
                        "agreement_renewal",
                    ]
                ),
                name="intake_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(told_by__in=["prescriber", "patient"]) & ~Q(told_by_name=""),
                name="intake_says_who_told",
            ),
            models.CheckConstraint(
                condition=~Q(told_by="prescriber") | Q(prescriber__isnull=False),
                name="intake_names_the_prescriber",
            ),
            models.CheckConstraint(
                condition=Q(
                    verification__in=["", "called_back", "identifiers", "known_sender", "signature"]
                ),
                name="intake_verification_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(channel="phone") | ~Q(verification=""),
                name="intake_caller_is_verified",
            ),
            models.CheckConstraint(
                condition=Q(channel="phone") | Q(scan__isnull=False), name="intake_has_scan"
            ),
            models.CheckConstraint(
                condition=Q(checked_by_id__isnull=True) | ~Q(checked_by_id=F("entered_by_id")),
                name="intake_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["waiting", "effective"],
                    checked_at__isnull=True,
                    checked_by_id__isnull=True,
                    check_operation__isnull=True,
                    refusal_reason="",
                )
                | (
                    Q(
                        checked_at__isnull=False,
                        checked_by_id__isnull=False,
                        check_operation__isnull=False,
                    )
                    & Q(checked_at__gte=F("recorded_at"))
                    & (
                        Q(state="accepted", refusal_reason="")
                        | (Q(state="refused") & ~Q(refusal_reason=""))
                    )
                ),
                name="intake_check_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "refused"], entry_model="", entry_id__isnull=True)
                | (
                    Q(state__in=["effective", "accepted"], entry_id__isnull=False)
                    & ~Q(entry_model="")
                ),
                name="intake_entry_is_named",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "recorded_at"], name="intake_of"),
            models.Index(
                fields=["recorded_at"], condition=Q(state="waiting"), name="intake_waiting"
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(INTAKE),
            StateStarts(INTAKE),
            TermsAreFixed(
                but=[
                    "state",
                    "checked_at",
                    "checked_by_id",
                    "check_operation",
                    "refusal_reason",
                    "entry_model",
                    "entry_id",
                ]
            ),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.get_channel_display().lower()}"
