"""Authorizations, confirmations, dispenses and what came back. Tables and constraints only."""

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core import numbers
from apps.core.models import Recorded
from apps.core.triggers import (
    Agrees,
    Immutable,
    NoDelete,
    NoTruncate,
    Requires,
    StateMoves,
    StateStarts,
    TermsAreFixed,
)
from apps.patients.models import Patient, RiskCategory
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.lifecycle import AUTHORIZATION, CONFIRMATION

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
            StateMoves(AUTHORIZATION),
            StateStarts(AUTHORIZATION),
            Requires(
                name="state_fits_confirmations",
                on_update=True,
                only_if=pgtrigger.Condition("NEW.state IS DISTINCT FROM OLD.state"),
                holds="""CASE NEW.state
                    WHEN 'confirmed' THEN EXISTS (SELECT FROM prescriptions_confirmation c
                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')
                    WHEN 'dispensed' THEN EXISTS (SELECT FROM prescriptions_dispense d
                        WHERE d.authorization_id = NEW.id AND d.authorized)
                    ELSE NOT EXISTS (SELECT FROM prescriptions_confirmation c
                        WHERE c.authorization_id = NEW.id AND c.state = 'valid')
                    END""",
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
                only_if=pgtrigger.Condition("NEW.state = 'dispensed' AND OLD.state = 'valid'"),
                holds="""EXISTS (
                    SELECT FROM prescriptions_dispense d WHERE d.confirmation_id = NEW.id)""",
            ),
            TermsAreFixed(but=["state", "ended_at", "ended_reason"]),
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
                condition=Q(authorized=False) | (~Q(lot_number="") & ~Q(ndc="") & ~Q(counselor="")),
                name="dispense_authorized_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, strength_mg__gt=0),
                name="dispense_amount_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(risk_category__in=RiskCategory.values),
                name="dispense_category_is_known",
            ),
            models.CheckConstraint(
                condition=Q(handover__in=["ship", "pickup"]), name="dispense_handover_is_known"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("dispensed_at")),
                name="dispense_recorded_after_dispensed",
            ),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Agrees(
                name="authorization_is_the_patients",
                reference="authorization_id",
                table="prescriptions_authorization",
                columns=["patient_id", "program"],
            ),
            Requires(
                name="rests_on_valid_confirmation",
                only_if=pgtrigger.Condition("NEW.authorized"),
                holds="""EXISTS (
                    SELECT FROM prescriptions_confirmation c JOIN prescriptions_authorization a
                        ON a.id = c.authorization_id
                    WHERE c.id = NEW.confirmation_id AND a.id = NEW.authorization_id
                        AND c.pharmacy_id = NEW.pharmacy_id
                        AND c.state = 'valid' AND a.state = 'confirmed'
                        AND NEW.dispensed_at BETWEEN c.issued_at AND c.expires_at
                        AND NEW.risk_category = a.risk_category
                        AND NEW.product = a.product AND NEW.strength_mg = a.strength_mg
                        AND NEW.days_supply <= a.days_supply AND NEW.quantity <= a.quantity)""",
            ),
        ]

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
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("returned_at")), name="return_instants_in_order"
            ),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Requires(
                name="returned_after_dispensed",
                holds="""EXISTS (SELECT FROM prescriptions_dispense d
                    WHERE d.id = NEW.dispense_id AND d.dispensed_at <= NEW.returned_at)""",
            ),
        ]

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
