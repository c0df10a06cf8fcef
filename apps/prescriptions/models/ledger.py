"""Authorizations and confirmations. Tables and constraints only."""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core import numbers
from apps.core.models import Recorded
from apps.core.triggers import (
    IsAnswered,
    NoDelete,
    NoTruncate,
    Requires,
    StateMoves,
    StateStarts,
    TermsAreFixed,
    Traced,
)
from apps.patients.models import Patient, RiskCategory
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.lifecycle import AUTHORIZATION, CONFIRMATION

if TYPE_CHECKING:
    from apps.prescriptions.models.dispenses import Dispense

NUMBER = r"^[0-9A-HJKMNP-TV-Z]{12}$"
MAX_DAYS_SUPPLY = 28
MAX_HOURS = 24


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
                # Equal when issued in the last microsecond of its last day.
                condition=Q(expires_at__gte=F("issued_at")),
                name="authorization_expires_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(risk_category__in=RiskCategory.values),
                name="authorization_category_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(directions="") & ~Q(product=""), name="authorization_is_complete"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=["void", "expired"], ended_at__isnull=False)
                    & Q(ended_at__gte=F("issued_at"))
                    & ~Q(ended_reason="")
                )
                | (
                    ~Q(state__in=["void", "expired"])
                    & Q(ended_at__isnull=True)
                    & Q(ended_reason="")
                ),
                name="authorization_end_is_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["patient", "issued_at"], name="authorization_of")]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(AUTHORIZATION),
            StateStarts(AUTHORIZATION),
            Requires(
                name="patient_is_not_merged",
                holds="""EXISTS (SELECT FROM patients_patient p
                    WHERE p.id = NEW.patient_id AND p.merged_into_id IS NULL)""",
            ),
            Requires(
                name="state_fits_confirmations",
                on_update=True,
                only_if=pgtrigger.Condition("NEW.state IS DISTINCT FROM OLD.state"),
                holds="""CASE NEW.state
                    WHEN 'confirmed' THEN EXISTS (SELECT FROM prescriptions_confirmation c
                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')
                    WHEN 'dispensed' THEN EXISTS (SELECT FROM prescriptions_dispense d
                        WHERE d.authorization_id = NEW.id AND (d.authorized OR d.reported_late))
                    ELSE NOT EXISTS (SELECT FROM prescriptions_confirmation c
                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')
                    END""",
            ),
            # What is imported was used up before; nothing else is open without a yes (L-AUT-2).
            IsAnswered(
                name="allowed_while_open",
                holds="""made.state NOT IN ('issued', 'confirmed') OR EXISTS (
                    SELECT FROM eligibility_decision d
                    WHERE d.authorization_id = made.id AND d.act = 'authorize' AND d.allowed)""",
            ),
            TermsAreFixed(but=["state", "ended_at", "ended_reason"]),
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
                condition=Q(expires_at__lte=F("issued_at") + timedelta(hours=MAX_HOURS)),
                name="confirmation_lasts_a_day",
            ),
            models.CheckConstraint(
                condition=Q(days_supply__gte=1, days_supply__lte=MAX_DAYS_SUPPLY),
                name="confirmation_days_supply",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["valid", "dispensed"], ended_at__isnull=True, ended_reason=""
                )
                | (
                    ~Q(state__in=["valid", "dispensed"])
                    & Q(ended_at__isnull=False)
                    & Q(ended_at__gte=F("issued_at"))
                    & ~Q(ended_reason="")
                ),
                name="confirmation_end_is_whole",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(CONFIRMATION),
            StateStarts(CONFIRMATION),
            Requires(
                name="authorization_admits_it",
                holds="""EXISTS (
                    SELECT FROM prescriptions_authorization a
                    WHERE a.id = NEW.authorization_id AND a.state = 'issued'
                        AND NEW.issued_at >= a.issued_at AND NEW.expires_at <= a.expires_at
                        AND NEW.days_supply <= a.days_supply)""",
            ),
            Requires(
                name="dispensed_needs_dispense",
                on_update=True,
                only_if=pgtrigger.Condition("NEW.state = 'dispensed' AND OLD.state <> 'dispensed'"),
                holds="""EXISTS (
                    SELECT FROM prescriptions_dispense d WHERE d.confirmation_id = NEW.id)""",
            ),
            IsAnswered(
                name="allowed_while_valid",
                holds="""made.state <> 'valid' OR EXISTS (
                    SELECT FROM eligibility_decision d
                    WHERE d.authorization_id = made.authorization_id
                        AND d.confirmation_id = made.id AND d.act = 'confirm' AND d.allowed)""",
            ),
            TermsAreFixed(but=["state", "ended_at", "ended_reason"]),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return numbers.grouped(self.number)

    @property
    def dispense(self) -> "Dispense | None":
        """The dispense that rests on it and stands; lists fetch `dispenses` beforehand."""
        return next((each for each in self.dispenses.all() if each.withdrawn_at is None), None)
