"""Authorizations, confirmations, dispenses and what came back. Tables and constraints only."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core import numbers
from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoDelete, NoTruncate, StateMoves, StateStarts
from apps.patients.models import Patient, RiskCategory
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.lifecycle import AUTHORIZATION, CONFIRMATION

NUMBER = r"^[0-9A-HJKMNP-TV-Z]{12}$"
MAX_DAYS_SUPPLY = 28


class Authorization(Recorded):
    """The prescriber's number for one prescription (L-AUT-1 to 9)."""

    class State(models.TextChoices):
        ISSUED = "issued", "Issued"
        CONFIRMED = "confirmed", "Confirmed"
        DISPENSED = "dispensed", "Dispensed"
        VOID = "void", "Void"
        EXPIRED = "expired", "Expired"

    program = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="authorizations")
    prescriber = models.ForeignKey(
        Prescriber, on_delete=models.PROTECT, related_name="authorizations"
    )
    number = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.ISSUED)
    risk_category = models.CharField(max_length=12, choices=RiskCategory)
    product = models.CharField(max_length=40)
    strength_mg = models.DecimalField(max_digits=6, decimal_places=2)
    days_supply = models.PositiveSmallIntegerField()
    quantity = models.PositiveSmallIntegerField()
    directions = models.CharField(max_length=400)
    indication = models.CharField(max_length=10, blank=True, help_text="ICD-10-CM")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When it became void or expired.")
    ended_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "program"],
                condition=Q(state__in=["issued", "confirmed"]),
                name="authorization_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["issued", "confirmed", "dispensed", "void", "expired"]),
                name="authorization_state_is_known",
            ),
            models.CheckConstraint(condition=Q(number__regex=NUMBER), name="authorization_number"),
            models.CheckConstraint(
                condition=Q(days_supply__gte=1, days_supply__lte=MAX_DAYS_SUPPLY),
                name="authorization_days_supply",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1), name="authorization_quantity_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(strength_mg__gt=0), name="authorization_strength_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="authorization_expires_after_issue"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["void", "expired"], ended_at__isnull=False)
                | (~Q(state__in=["void", "expired"]) & Q(ended_at__isnull=True)),
                name="authorization_end_has_instant",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "issued_at"], name="authorization_of")]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            StateMoves(AUTHORIZATION),
            StateStarts(AUTHORIZATION),
            pgtrigger.ReadOnly(
                name="terms_are_fixed", exclude=["state", "ended_at", "ended_reason"]
            ),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return numbers.grouped(self.number)


class Confirmation(Recorded):
    """The pharmacy's number: 24 hours in which it may dispense (L-DSP-2, L-DSP-3)."""

    class State(models.TextChoices):
        VALID = "valid", "Valid"
        DISPENSED = "dispensed", "Dispensed"
        REVERSED = "reversed", "Cancelled by the pharmacy"
        VOID = "void", "Void"
        EXPIRED = "expired", "Expired"

    class Handover(models.TextChoices):
        SHIP = "ship", "Ship"
        PICKUP = "pickup", "Pick-up"

    authorization = models.ForeignKey(
        Authorization, on_delete=models.PROTECT, related_name="confirmations"
    )
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="confirmations")
    number = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.VALID)
    handover = models.CharField(max_length=6, choices=Handover)
    days_supply = models.PositiveSmallIntegerField(help_text="What the prescription says.")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["authorization"],
                condition=Q(state__in=["valid", "dispensed"]),
                name="confirmation_one_winner",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["valid", "dispensed", "reversed", "void", "expired"]),
                name="confirmation_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(handover__in=["ship", "pickup"]), name="confirmation_handover_is_known"
            ),
            models.CheckConstraint(condition=Q(number__regex=NUMBER), name="confirmation_number"),
            models.CheckConstraint(
                condition=Q(expires_at__gte=F("issued_at")),
                name="confirmation_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(days_supply__gte=1, days_supply__lte=MAX_DAYS_SUPPLY),
                name="confirmation_days_supply",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["valid", "dispensed"], ended_at__isnull=True)
                | (~Q(state__in=["valid", "dispensed"]) & Q(ended_at__isnull=False)),
                name="confirmation_end_has_instant",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            StateMoves(CONFIRMATION),
            StateStarts(CONFIRMATION),
            pgtrigger.ReadOnly(
                name="terms_are_fixed", exclude=["state", "ended_at", "ended_reason"]
            ),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return numbers.grouped(self.number)


class Dispense(Recorded):
    """Drug that left a pharmacy for a patient (L-DSP-6). History: never changed, never refused.

    `authorized`: made under a valid confirmation and within every rule (L-DSP-8).
    """

    program = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="dispenses")
    pharmacy = models.ForeignKey(Pharmacy, on_delete=models.PROTECT, related_name="dispenses")
    authorization = models.ForeignKey(
        Authorization, null=True, on_delete=models.PROTECT, related_name="dispenses"
    )
    confirmation = models.OneToOneField(
        Confirmation, null=True, on_delete=models.PROTECT, related_name="dispense"
    )
    dispensed_at = models.DateTimeField()
    risk_category = models.CharField(max_length=12, choices=RiskCategory)
    authorized = models.BooleanField()
    product = models.CharField(max_length=40)
    strength_mg = models.DecimalField(max_digits=6, decimal_places=2)
    days_supply = models.PositiveSmallIntegerField()
    quantity = models.PositiveSmallIntegerField()
    lot_number = models.CharField(max_length=40)
    ndc = models.CharField("NDC", max_length=13)
    counselor = models.CharField(max_length=120, help_text="The pharmacist who counseled.")
    checklist = models.JSONField(help_text="The code of every item of the category's checklist.")
    medication_guide_given = models.BooleanField()
    handover = models.CharField(max_length=6, choices=Confirmation.Handover)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "dispensed_at"], name="dispense_one_at_an_instant"
            ),
            models.CheckConstraint(
                condition=Q(days_supply__gte=1), name="dispense_days_supply_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(authorized=False)
                | Q(
                    authorization__isnull=False,
                    confirmation__isnull=False,
                    days_supply__lte=MAX_DAYS_SUPPLY,
                    medication_guide_given=True,
                ),
                name="dispense_authorized_has_confirmation",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("dispensed_at")),
                name="dispense_recorded_after_dispensed",
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate()]

    def __str__(self) -> str:
        return f"{self.days_supply} days of {self.product}"


class DispenseReturn(Recorded):
    """A dispense that never left the premises, back in stock: it no longer counts (L-DSP-7)."""

    dispense = models.OneToOneField(Dispense, on_delete=models.PROTECT, related_name="return_entry")
    returned_at = models.DateTimeField()
    reason = models.CharField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="return_has_reason"),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate()]

    def __str__(self) -> str:
        return f"Returned {self.returned_at:%Y-%m-%d}"


class SupplyStop(Recorded):
    """What was left of a supply was destroyed, lost or handed back on a day (L-DSP-5)."""

    dispense = models.OneToOneField(Dispense, on_delete=models.PROTECT, related_name="stop_entry")
    stopped_on = models.DateField()
    reason = models.CharField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="supply_stop_has_reason"),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate()]

    def __str__(self) -> str:
        return f"Stopped {self.stopped_on}"
