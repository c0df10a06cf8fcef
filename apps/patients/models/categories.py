"""Changes of risk category that are asked for: what waits, who decided, what came of it (L-CAT-3).

The category that holds is the latest `CategoryAssignment`; a change that waits is none yet.
"""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core.models import Operation, Recorded
from apps.core.triggers import (
    Agrees,
    NoDelete,
    NoTruncate,
    Requires,
    StateMoves,
    StateStarts,
    TermsAreFixed,
    Traced,
)
from apps.patients.models.enrollment import Agreement, CategoryAssignment, Patient, RiskCategory
from apps.rules.lifecycle import CATEGORY_CHANGE


class CategoryChange(Recorded):
    """One change that a prescriber's side asked for, with the agreement for the new category.

    It takes effect once both have signed and, towards less monitoring, an administrator who did
    not ask for it approved it.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        APPROVED = "approved", "In effect"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="category_changes")
    risk_category = models.CharField(max_length=12, choices=RiskCategory)
    basis_kind = models.CharField(max_length=24, choices=CategoryAssignment.Basis, blank=True)
    basis_on = models.DateField(null=True, help_text="For menopause, the last menses.")
    reason = models.CharField(max_length=400)
    said_by = models.CharField(max_length=200, help_text="Who said so.")
    requested_at = models.DateTimeField()
    needs_approval = models.BooleanField(help_text="Towards less monitoring.")
    agreement = models.OneToOneField(
        Agreement, on_delete=models.PROTECT, related_name="category_change"
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    decided_at = models.DateTimeField(null=True, help_text="When it stopped waiting.")
    decision_reason = models.CharField(max_length=1000, blank=True)
    decision_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    assignment = models.OneToOneField(
        CategoryAssignment,
        null=True,
        on_delete=models.PROTECT,
        related_name="change",
        help_text="The category that it brought.",
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state="pending"),
                name="category_change_one_waits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "refused", "withdrawn"]),
                name="category_change_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(risk_category="adult_fnrp", basis_on__isnull=False) & ~Q(basis_kind="")
                | ~Q(risk_category="adult_fnrp") & Q(basis_kind="", basis_on__isnull=True),
                name="category_change_basis_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(said_by=""), name="category_change_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("requested_at")),
                name="category_change_instants_in_order",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="pending",
                    decided_at__isnull=True,
                    decision_reason="",
                    decision_operation__isnull=True,
                    assignment__isnull=True,
                )
                | Q(
                    state="approved",
                    decided_at__isnull=False,
                    decided_at__gte=F("requested_at"),
                    decision_operation__isnull=False,
                    assignment__isnull=False,
                )
                & ~Q(decision_reason="")
                | Q(
                    state__in=["refused", "withdrawn"],
                    decided_at__isnull=False,
                    decided_at__gte=F("requested_at"),
                    decision_operation__isnull=False,
                    assignment__isnull=True,
                )
                & ~Q(decision_reason=""),
                name="category_change_decision_is_whole",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(CATEGORY_CHANGE),
            StateStarts(CATEGORY_CHANGE),
            TermsAreFixed(
                but=["state", "decided_at", "decision_reason", "decision_operation", "assignment"]
            ),
            Agrees(
                name="agreement_is_for_the_change",
                reference="agreement_id",
                table="patients_agreement",
                columns=["patient_id", "risk_category"],
            ),
            Requires(
                name="approved_by_another",
                on_update=True,
                only_if=pgtrigger.Condition("NEW.state = 'approved' AND NEW.needs_approval"),
                holds="""EXISTS (
                    SELECT FROM core_operation d, core_operation r
                    WHERE d.id = NEW.decision_operation_id AND r.id = NEW.operation_id
                        AND d.role = 'administrator' AND d.actor_id IS DISTINCT FROM r.actor_id)""",
            ),
            Requires(
                name="takes_effect_whole",
                on_update=True,
                only_if=pgtrigger.Condition("NEW.state = 'approved'"),
                holds="""EXISTS (
                    SELECT FROM patients_categoryassignment g, patients_agreement a
                    WHERE g.id = NEW.assignment_id AND a.id = NEW.agreement_id
                        AND g.patient_id = NEW.patient_id
                        AND g.risk_category = NEW.risk_category
                        AND g.basis_kind = NEW.basis_kind
                        AND g.basis_on IS NOT DISTINCT FROM NEW.basis_on
                        AND a.patient_signed_at IS NOT NULL
                        AND a.prescriber_signed_at IS NOT NULL)""",
            ),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"Change to {self.get_risk_category_display()} ({self.get_state_display()})"
