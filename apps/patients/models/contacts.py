"""Who speaks for a patient, and which addresses reach nobody (L-CAT-4, L-END-3)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.core.models import Operation, Recorded
from apps.core.triggers import Immutable, NoTruncate, Traced
from apps.patients.models.enrollment import Patient


class Representative(Recorded):
    """A minor's guardian, or whom an adult who cannot consent is represented by (L-CAT-4)."""

    class Kind(models.TextChoices):
        GUARDIAN = "guardian", "Parent or guardian"
        REPRESENTATIVE = "representative", "Authorized representative"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="representatives")
    kind = models.CharField(max_length=14, choices=Kind)
    name = models.CharField(max_length=120)
    relationship = models.CharField(max_length=60)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=400, blank=True)
    end_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(ended_at__isnull=True),
                name="representative_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["guardian", "representative"]),
                name="representative_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(relationship=""), name="representative_is_named"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("named_at")),
                name="representative_instants_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="", end_operation__isnull=True)
                | Q(
                    ended_at__isnull=False,
                    ended_at__gte=F("named_at"),
                    end_operation__isnull=False,
                )
                & ~Q(end_reason=""),
                name="representative_end_is_whole",
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=("ended_at", "end_reason", "end_operation_id")),
            NoTruncate(),
            Traced(),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.relationship})"


class UndeliverableAddress(Recorded):
    """An address that reached nobody; a person finds another one (L-END-3)."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        PHONE = "phone", "Telephone"
        POST = "post", "Post"

    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, related_name="undeliverable_addresses"
    )
    kind = models.CharField(max_length=5, choices=Kind)
    address = models.CharField(max_length=254, help_text="As it was when it failed.")
    found_at = models.DateTimeField()
    finding = models.CharField(max_length=400, help_text="How it was found out.")
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=400, blank=True)
    resolving_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name_plural = "undeliverable addresses"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "kind"],
                condition=Q(resolved_at__isnull=True),
                name="undeliverable_one_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["email", "phone", "post"]),
                name="undeliverable_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(address="") & ~Q(finding=""), name="undeliverable_is_described"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("found_at")),
                name="undeliverable_instants_in_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    resolved_at__isnull=True, resolution="", resolving_operation__isnull=True
                )
                | Q(
                    resolved_at__isnull=False,
                    resolved_at__gte=F("found_at"),
                    resolving_operation__isnull=False,
                )
                & ~Q(resolution=""),
                name="undeliverable_resolution_is_whole",
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=("resolved_at", "resolution", "resolving_operation_id")),
            NoTruncate(),
            Traced(),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} reaches nobody"
