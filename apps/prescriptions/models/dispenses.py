"""Dispenses: drug that left a pharmacy for a patient, also when a rule was broken.

Tables and constraints only.
"""

from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core.models import WITHDRAWAL, Correctable, Recorded
from apps.core.triggers import Agrees, Immutable, IsAnswered, NoTruncate, Requires, Traced
from apps.patients.models import Patient, RiskCategory
from apps.prescriptions.models.ledger import MAX_DAYS_SUPPLY, Authorization, Confirmation
from apps.prescriptions.models.outages import Outage
from apps.providers.models import Pharmacy

if TYPE_CHECKING:
    from apps.prescriptions.models.supplies import DispenseReturn, SupplyStop


class Dispense(Recorded, Correctable):
    """Drug that left a pharmacy for a patient (L-DSP-6). History: never changed, never refused.

    A slip in lot number or NDC is set right beside what was signed (L-SRC-3).
    `authorized`: made under a valid confirmation and within every rule. What is reported late
    (L-DSP-8) names whatever is known; only such an entry can be a mistake, and be withdrawn.
    """

    program = models.CharField(max_length=40)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="dispenses")
    pharmacy = models.ForeignKey(
        Pharmacy, null=True, on_delete=models.PROTECT, related_name="dispenses"
    )
    unknown_pharmacy = models.CharField(
        max_length=200, blank=True, help_text="Name and place of one that is not in the program."
    )
    authorization = models.ForeignKey(
        Authorization, null=True, on_delete=models.PROTECT, related_name="dispenses"
    )
    confirmation = models.ForeignKey(
        Confirmation, null=True, on_delete=models.PROTECT, related_name="dispenses"
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
    corrected_lot_number = models.CharField(
        max_length=40, blank=True, db_default="", help_text="Where what was signed was wrong."
    )
    corrected_ndc = models.CharField(
        "corrected NDC", max_length=13, blank=True, db_default="",
        help_text="Where what was signed was wrong.",
    )  # fmt: skip
    counselor = models.CharField(max_length=120, help_text="The pharmacist who counseled.")
    checklist = models.JSONField(help_text="The code of every item of the category's checklist.")
    medication_guide_given = models.BooleanField()
    checklist_version = models.CharField(max_length=40, blank=True)
    medication_guide_version = models.CharField(max_length=40, blank=True)
    text_language = models.CharField(max_length=12, blank=True)
    handover = models.CharField(max_length=6, choices=Confirmation.Handover)
    reported_late = models.BooleanField(
        default=False, help_text="Entered after the fact, with its real time (L-DSP-8)."
    )
    only_day_is_known = models.BooleanField(
        default=False, help_text="Its time is the least favorable one of its day (L-SRC-2)."
    )
    stated_number = models.CharField(
        max_length=40, blank=True, help_text="The authorization number on a late record, as read."
    )
    outage = models.ForeignKey(
        Outage, null=True, on_delete=models.PROTECT, related_name="dispenses"
    )

    class Meta(Correctable.Meta):
        constraints: ClassVar = [
            *Correctable.Meta.constraints,
            models.UniqueConstraint(
                fields=["patient", "dispensed_at"], name="dispense_one_at_an_instant"
            ),
            models.UniqueConstraint(
                fields=["confirmation"],
                condition=Q(withdrawn_at__isnull=True),
                name="dispense_one_of_a_confirmation",
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
            models.CheckConstraint(
                condition=Q(pharmacy__isnull=False, unknown_pharmacy="")
                | (Q(pharmacy__isnull=True, authorized=False) & ~Q(unknown_pharmacy="")),
                name="dispense_names_its_pharmacy",
            ),
            models.CheckConstraint(
                condition=Q(reported_late=True)
                | Q(
                    authorized=True,
                    only_day_is_known=False,
                    stated_number="",
                    outage__isnull=True,
                    withdrawn_at__isnull=True,
                ),
                name="dispense_outside_the_rules_is_reported_late",
            ),
            models.CheckConstraint(
                condition=Q(authorized=False) | Q(only_day_is_known=False),
                name="dispense_authorized_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(corrected_lot_number="") | ~Q(corrected_lot_number=F("lot_number")),
                name="dispense_lot_was_another",
            ),
            models.CheckConstraint(
                condition=Q(corrected_ndc="") | ~Q(corrected_ndc=F("ndc")),
                name="dispense_ndc_was_another",
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=WITHDRAWAL, correcting=("corrected_lot_number", "corrected_ndc")),
            NoTruncate(),
            Traced(updates=False),
            RowHistory(),
            Agrees(
                name="authorization_is_the_patients",
                reference="authorization_id",
                table="prescriptions_authorization",
                columns=["patient_id", "program"],
            ),
            Requires(
                # A late entry may rest on a confirmation that was valid at its real time and
                # ended since, by time or by what happened later; never on one that the pharmacy
                # itself gave back. What a mistake used up is free for the right entry.
                name="rests_on_valid_confirmation",
                only_if=pgtrigger.Condition("NEW.authorized"),
                holds="""EXISTS (
                    SELECT FROM prescriptions_confirmation c JOIN prescriptions_authorization a
                        ON a.id = c.authorization_id
                    WHERE c.id = NEW.confirmation_id AND a.id = NEW.authorization_id
                        AND c.pharmacy_id = NEW.pharmacy_id
                        AND (c.state = 'valid' AND a.state = 'confirmed'
                            OR NEW.reported_late AND c.state IN ('valid', 'expired', 'void')
                                AND coalesce(c.ended_at, c.expires_at) >= NEW.dispensed_at
                                AND NOT EXISTS (SELECT FROM prescriptions_dispense d
                                    WHERE d.authorization_id = a.id AND d.authorized
                                        AND d.withdrawn_at IS NULL)
                            OR NEW.reported_late AND c.state = 'dispensed'
                                AND NOT EXISTS (SELECT FROM prescriptions_dispense d
                                    WHERE d.authorization_id = a.id
                                        AND d.withdrawn_at IS NULL))
                        AND NEW.dispensed_at BETWEEN c.issued_at AND c.expires_at
                        AND NEW.risk_category = a.risk_category
                        AND NEW.product = a.product AND NEW.strength_mg = a.strength_mg
                        AND NEW.days_supply <= a.days_supply AND NEW.quantity <= a.quantity)""",
            ),
            IsAnswered(
                name="allowed_where_authorized",
                holds="""NOT made.authorized OR EXISTS (
                    SELECT FROM eligibility_decision d
                    WHERE d.authorization_id = made.authorization_id
                        AND d.dispense_id = made.id AND d.act = 'dispense' AND d.allowed
                ) OR EXISTS (SELECT FROM core_operation o
                    WHERE o.id = made.operation_id AND o.channel = 'import')""",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.days_supply} days of {self.product}"

    @property
    def return_entry(self) -> "DispenseReturn | None":
        """Its return to stock that stands; lists fetch `returns` beforehand."""
        return next((each for each in self.returns.all() if each.withdrawn_at is None), None)

    @property
    def stop_entry(self) -> "SupplyStop | None":
        """The end of its supply that stands; lists fetch `stops` beforehand."""
        return next((each for each in self.stops.all() if each.withdrawn_at is None), None)
