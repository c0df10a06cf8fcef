"""What became of a dispensed supply: back in stock, on its way, lost, destroyed, handed back.

Tables and constraints only. Of each end of a dispense at most one stands; others were mistakes.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localtime

from apps.audit.triggers import RowHistory
from apps.core.models import WITHDRAWAL, Correctable, Operation, Recorded
from apps.core.triggers import Immutable, NoTruncate, Requires, Traced
from apps.prescriptions.models.dispenses import Dispense


class DispenseReturn(Recorded, Correctable):
    """A dispense that never left the premises, back in stock: it no longer counts (L-DSP-7)."""

    dispense = models.ForeignKey(Dispense, on_delete=models.PROTECT, related_name="returns")
    returned_at = models.DateTimeField()
    never_left_premises = models.BooleanField(help_text="The pharmacy says so, explicitly.")
    reason = models.CharField(max_length=400)

    class Meta(Correctable.Meta):
        constraints: ClassVar = [
            *Correctable.Meta.constraints,
            models.UniqueConstraint(
                fields=["dispense"],
                condition=Q(withdrawn_at__isnull=True),
                name="return_one_stands",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="return_has_reason"),
            models.CheckConstraint(
                condition=Q(never_left_premises=True), name="return_never_left_premises"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("returned_at")), name="return_instants_in_order"
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=WITHDRAWAL),
            NoTruncate(),
            Traced(),
            Requires(
                name="returned_after_dispensed",
                holds="""EXISTS (SELECT FROM prescriptions_dispense d
                    WHERE d.id = NEW.dispense_id AND d.dispensed_at <= NEW.returned_at)""",
            ),
            Requires(
                name="returned_is_whole",
                holds="""NOT EXISTS (SELECT FROM prescriptions_shipment s
                        WHERE s.dispense_id = NEW.dispense_id)
                    AND NOT EXISTS (SELECT FROM prescriptions_supplystop s
                        WHERE s.dispense_id = NEW.dispense_id AND s.withdrawn_at IS NULL)""",
            ),
        ]

    def __str__(self) -> str:
        return f"Returned {localtime(self.returned_at):%-d %B %Y}"


class SupplyStop(Recorded, Correctable):
    """What was left of a supply was destroyed, lost or handed back on a day (L-DSP-5).

    `time_zone` is the program's: in it the days are counted. What is handed back is destroyed.
    """

    class Kind(models.TextChoices):
        LOST = "lost", "Lost"
        DESTROYED = "destroyed", "Destroyed"
        HANDED_BACK = "handed_back", "Handed back, and destroyed"

    dispense = models.ForeignKey(Dispense, on_delete=models.PROTECT, related_name="stops")
    kind = models.CharField(max_length=12, choices=Kind)
    stopped_on = models.DateField()
    time_zone = models.CharField(max_length=60)
    reason = models.CharField(max_length=400)

    class Meta(Correctable.Meta):
        constraints: ClassVar = [
            *Correctable.Meta.constraints,
            models.UniqueConstraint(
                fields=["dispense"],
                condition=Q(withdrawn_at__isnull=True),
                name="supply_stop_one_stands",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="supply_stop_has_reason"),
            models.CheckConstraint(
                condition=Q(kind__in=["lost", "destroyed", "handed_back"]),
                name="supply_stop_kind_is_known",
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=WITHDRAWAL),
            NoTruncate(),
            Traced(),
            Requires(
                name="stopped_between_dispense_and_record",
                holds="""EXISTS (SELECT FROM prescriptions_dispense d
                    WHERE d.id = NEW.dispense_id
                        AND NEW.stopped_on >= (d.dispensed_at AT TIME ZONE NEW.time_zone)::date
                        AND NEW.stopped_on <= (NEW.recorded_at AT TIME ZONE NEW.time_zone)::date)
                    """,
            ),
            Requires(
                name="stopped_was_not_returned",
                holds="""NOT EXISTS (SELECT FROM prescriptions_dispensereturn r
                    WHERE r.dispense_id = NEW.dispense_id AND r.withdrawn_at IS NULL)""",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.stopped_on}"


class Shipment(Recorded):
    """A dispense on its way by a carrier, and how that ended: set once (L-DSP-9).

    A slip in carrier or tracking number is set right; what stood there stays in the history.
    """

    dispense = models.OneToOneField(Dispense, on_delete=models.PROTECT, related_name="shipment")
    carrier = models.CharField(max_length=80)
    tracking_number = models.CharField(max_length=80)
    left_at = models.DateTimeField(help_text="When it left the pharmacy.")
    delivered_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True, help_text="When it was known that it is lost.")
    came_back_at = models.DateTimeField(null=True, help_text="When the carrier brought it back.")
    outcome_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(carrier="") & ~Q(tracking_number=""), name="shipment_can_be_traced"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("left_at")), name="shipment_recorded_after_it_left"
            ),
            models.CheckConstraint(
                condition=Q(
                    delivered_at__isnull=True,
                    lost_at__isnull=True,
                    came_back_at__isnull=True,
                    outcome_operation__isnull=True,
                )
                | Q(
                    delivered_at__isnull=False,
                    delivered_at__gte=F("left_at"),
                    lost_at__isnull=True,
                    came_back_at__isnull=True,
                    outcome_operation__isnull=False,
                )
                | Q(
                    delivered_at__isnull=True,
                    lost_at__isnull=False,
                    lost_at__gte=F("left_at"),
                    came_back_at__isnull=True,
                    outcome_operation__isnull=False,
                )
                | Q(
                    delivered_at__isnull=True,
                    lost_at__isnull=True,
                    came_back_at__isnull=False,
                    came_back_at__gte=F("left_at"),
                    outcome_operation__isnull=False,
                ),
                name="shipment_has_one_outcome",
            ),
        ]
        triggers: ClassVar = [
            Immutable(
                closing=("delivered_at", "lost_at", "came_back_at", "outcome_operation_id"),
                correcting=("carrier", "tracking_number"),
            ),
            NoTruncate(),
            Traced(updates=False),
            RowHistory(),
            Requires(
                name="shipped_was_not_returned",
                holds="""NOT EXISTS (SELECT FROM prescriptions_dispensereturn r
                    WHERE r.dispense_id = NEW.dispense_id AND r.withdrawn_at IS NULL)""",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.tracking_number}"
