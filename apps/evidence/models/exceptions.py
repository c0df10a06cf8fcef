"""Exceptions from a rule: one of the program's staff asks, another one grants (L-DSP-10)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.audit.triggers import RowHistory
from apps.core.triggers import (
    Immutable,
    NoDelete,
    NoTruncate,
    Requires,
    StateMoves,
    StateStarts,
    TermsAreFixed,
    Traced,
)
from apps.evidence.models.base import Evidence
from apps.rules.lifecycle import EXCEPTION_REQUEST

MAY_BE_OVERRIDDEN = ["L-DSP-5", "L-ENR-4", "L-SUR-2"]


class ExceptionRequest(Evidence):
    """One person of the staff asks for an exception; another one decides under their own sign-in.

    `asked_by` says on whose wish: a prescriber's, a pharmacy's, or the staff's own.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Waits for a second person"
        GRANTED = "granted", "Granted"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    program = models.CharField(max_length=40)
    rule = models.CharField(max_length=12)
    reason = models.CharField(max_length=1000)
    asked_by = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField(help_text="When the exception ends, if it is granted.")
    requested_by_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=State, default=State.REQUESTED)
    decided_by_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "program", "rule"],
                condition=Q(state="requested"),
                name="exception_request_one_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "granted", "refused", "withdrawn"]),
                name="exception_request_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(rule__in=MAY_BE_OVERRIDDEN),
                name="exception_request_rule_may_be_overridden",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("recorded_at")), name="exception_request_has_end"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="exception_request_has_reason"),
            models.CheckConstraint(
                condition=Q(
                    state="requested",
                    decided_by_id__isnull=True,
                    decided_at__isnull=True,
                    decision_reason="",
                )
                | (
                    ~Q(state="requested")
                    & ~Q(decision_reason="")
                    & Q(
                        decided_by_id__isnull=False,
                        decided_at__isnull=False,
                        decided_at__gte=F("recorded_at"),
                    )
                ),
                name="exception_request_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "withdrawn"])
                | ~Q(decided_by_id=F("requested_by_id")),
                name="exception_request_decided_by_another",
            ),
        ]
        triggers: ClassVar = [
            NoDelete(),
            NoTruncate(),
            Traced(updates=False),
            StateMoves(EXCEPTION_REQUEST),
            StateStarts(EXCEPTION_REQUEST),
            TermsAreFixed(but=["state", "decided_by_id", "decided_at", "decision_reason"]),
            RowHistory(),
        ]

    def __str__(self) -> str:
        return f"Request for an exception from {self.rule}"


class RuleException(Evidence):
    """An exception by two of the program's staff, with reason and end (L-DSP-10)."""

    request = models.OneToOneField(
        ExceptionRequest, on_delete=models.PROTECT, related_name="exception"
    )
    program = models.CharField(max_length=40)
    rule = models.CharField(max_length=12)
    granted_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    requested_by_id = models.UUIDField()
    granted_by_id = models.UUIDField()
    reason = models.CharField(max_length=1000)

    class Meta(Evidence.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(granted_by_id=F("requested_by_id")), name="exception_by_two_persons"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("granted_at")), name="exception_has_end"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="exception_has_reason"),
            models.CheckConstraint(
                condition=Q(rule__in=MAY_BE_OVERRIDDEN), name="exception_rule_may_be_overridden"
            ),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(),
            Requires(
                name="request_was_granted",
                holds="""EXISTS (SELECT FROM evidence_exceptionrequest r
                        JOIN core_operation o ON o.id = NEW.operation_id
                    WHERE r.id = NEW.request_id AND r.state = 'granted'
                        AND r.patient_id = NEW.patient_id AND r.program = NEW.program
                        AND r.rule = NEW.rule AND r.expires_at = NEW.expires_at
                        AND r.requested_by_id = NEW.requested_by_id
                        AND r.decided_by_id = NEW.granted_by_id
                        AND o.actor_kind = 'person' AND o.actor_id = NEW.granted_by_id)""",
            ),
        ]

    def __str__(self) -> str:
        return f"Exception to {self.rule}"
