"""Prescribers, pharmacies and their certifications. The current state is moved by services only."""

import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from apps.accounts.models import Organization
from apps.audit.triggers import RowHistory
from apps.core.models import Recorded
from apps.core.triggers import (
    Agrees,
    Immutable,
    NoDelete,
    NoTruncate,
    Requires,
    StateMoves,
    StateStarts,
    Traced,
)
from apps.rules.lifecycle import CERTIFIED_PARTY

STATES = ["pending", "certified", "suspended", "decertified"]


def certified_needs_enrollment(table: str, reference: str) -> Requires:
    """Nobody is certified without a signed enrollment form, reinstatement included (L-ENR-1)."""
    return Requires(
        name="certified_needs_enrollment",
        on_update=True,
        only_if=pgtrigger.Condition("NEW.state = 'certified' AND OLD.state <> 'certified'"),
        holds=f"EXISTS (SELECT FROM {table} e WHERE e.{reference} = NEW.id)",
    )


class Standing(models.TextChoices):
    """Where a prescriber or pharmacy stands with the program (L-ENR-1, L-ENR-2)."""

    PENDING = "pending", "Pending"
    CERTIFIED = "certified", "Certified"
    SUSPENDED = "suspended", "Suspended"
    DECERTIFIED = "decertified", "Decertified"


class Practice(models.Model):
    """An organization of prescribers, who may cover for each other where it says so (L-ENR-5)."""

    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, primary_key=True, related_name="practice"
    )
    members_cover_each_other = models.BooleanField(default=False)

    class Meta:
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False, key="organization_id"),
            RowHistory(key="organization_id"),
        ]

    def __str__(self) -> str:
        return self.organization.name


class Prescriber(models.Model):
    """One who may prescribe: a person with an NPI, of one practice (L-ENR-1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="prescriber"
    )
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="prescribers")
    npi = models.CharField("NPI", max_length=10, unique=True)
    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    specialty = models.CharField(max_length=80)
    phone = models.CharField(max_length=30)
    email = models.EmailField()
    state = models.CharField(max_length=12, choices=Standing, default=Standing.PENDING)
    registered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(npi__regex=r"^[0-9]{10}$"), name="prescriber_npi"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="prescriber_state_is_known"),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(CERTIFIED_PARTY),
            StateStarts(CERTIFIED_PARTY),
            certified_needs_enrollment("providers_prescriberenrollment", "prescriber_id"),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} (NPI {self.npi})"

    @property
    def full_name(self) -> str:
        """As it is printed beside a signature."""
        return f"{self.given_name} {self.family_name}"


class Delegation(models.Model):
    """A prescriber names a colleague to act on their behalf, until it is ended (L-SUR-1)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="delegations")
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations"
    )
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["prescriber", "delegate"],
                condition=Q(ended_at__isnull=True),
                name="delegation_named_once",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("named_at")),
                name="delegation_instants_in_order",
            ),
        ]
        triggers: ClassVar = [Immutable(closing=("ended_at",)), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.delegate} for {self.prescriber}"


class Pharmacy(models.Model):
    """One dispensing site (L-ENR-2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, related_name="pharmacy"
    )
    representative = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="represents"
    )
    npi = models.CharField("NPI", max_length=10, unique=True)
    ncpdp_id = models.CharField("NCPDP id", max_length=7, null=True, blank=True, unique=True)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=30)
    email = models.EmailField()
    state = models.CharField(max_length=12, choices=Standing, default=Standing.PENDING)
    registered_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "pharmacies"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(npi__regex=r"^[0-9]{10}$"), name="pharmacy_npi"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="pharmacy_state_is_known"),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(CERTIFIED_PARTY),
            StateStarts(CERTIFIED_PARTY),
            certified_needs_enrollment("providers_pharmacyenrollment", "pharmacy_id"),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"{self.name} (NPI {self.npi})"


class PrescriberEnrollment(Recorded):
    """A prescriber's enrollment form: education acknowledged, attestations signed (L-ENR-1)."""

    prescriber = models.ForeignKey(Prescriber, on_delete=models.PROTECT, related_name="enrollments")
    form_version = models.CharField(max_length=40)
    education_acknowledged_at = models.DateTimeField()
    attestations = models.JSONField(help_text="The code of every attestation, all of them signed.")
    signed_at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"Enrollment of {self.prescriber}"


class PharmacyEnrollment(Recorded):
    """A pharmacy's enrollment form, signed by its authorized representative (L-ENR-2)."""

    class Purpose(models.TextChoices):
        CERTIFICATION = "certification", "To certify the pharmacy, or to renew it"
        REPRESENTATION = "representation", "By a new representative; the certification runs on"

    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="enrollments")
    purpose = models.CharField(max_length=14, choices=Purpose, default=Purpose.CERTIFICATION)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="pharmacy_forms_signed",
        help_text="The representative; empty where a pharmacy's system signed in their name.",
    )
    form_version = models.CharField(max_length=40)
    attestations = models.JSONField(help_text="The code of every attestation, all of them signed.")
    signed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(purpose__in=["certification", "representation"]),
                name="pharmacy_enrollment_purpose_is_known",
            )
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"Enrollment of {self.pharmacy}"


class PharmacyCertification(Recorded):
    """A period for which a pharmacy is certified, through its representative (L-ENR-2).

    Half-open in instants: `certified_until` is the first instant after the last day. Renewals
    follow each other; they never overlap.
    """

    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="certifications")
    enrollment = models.OneToOneField(
        PharmacyEnrollment, on_delete=models.PROTECT, related_name="certification"
    )
    certified_from = models.DateTimeField()
    certified_until = models.DateTimeField()
    last_day_on = models.DateField(help_text="The last day on which it holds, in program time.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(certified_until__gt=F("certified_from")),
                name="pharmacy_certification_has_length",
            ),
            ExclusionConstraint(
                name="pharmacy_certifications_do_not_overlap",
                expressions=[
                    ("pharmacy", RangeOperators.EQUAL),
                    (
                        Func(
                            F("certified_from"),
                            F("certified_until"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(),
            Agrees(
                name="enrollment_is_its_own",
                reference="enrollment_id",
                table="providers_pharmacyenrollment",
                columns=["pharmacy_id"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pharmacy} until {self.last_day_on}"
