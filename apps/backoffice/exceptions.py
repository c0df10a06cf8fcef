"""Exceptions from a rule: one of the office requests, another one decides (L-DSP-10)."""

from typing import Any, cast

from django import forms
from django.contrib import admin

from apps.accounts.models import User
from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.instants import InstantField
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import bare, link, person_named
from apps.backoffice.signing import SignedReasonForm
from apps.core import clock
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.evidence.models import ExceptionRequest, RuleException
from apps.patients.models import Patient
from apps.rules.policy import policy_in_force, programs


class ExceptionForm(ReasonForm):
    """What a request for an exception needs."""

    field_order = ("program", "rule", "expires_at", "asked_by", "reason")

    program = forms.ChoiceField()
    rule = forms.ChoiceField()
    expires_at = InstantField(
        label="It ends at",
        help_text="Choose the shortest time that serves the purpose.",
    )
    asked_by = forms.CharField(
        label="On whose wish",
        max_length=200,
        required=False,
        help_text="The prescriber or pharmacy that asked for it, if one did.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policies = [policy_in_force(program, clock.now()) for program in programs()]
        rules = {
            rule: policy.rules[rule].title for policy in policies for rule in policy.overridable
        }
        program, rule = self.fields["program"], self.fields["rule"]
        cast("forms.ChoiceField", program).choices = [(name, name) for name in programs()]
        cast("forms.ChoiceField", rule).choices = [
            (code, f"{code}: {title}") for code, title in sorted(rules.items())
        ]


def _request(call: Call, patient: Patient, entered: dict[str, Any]) -> ExceptionRequest:
    return evidence.request_exception(
        call,
        patient_id=patient.pk,
        program=entered["program"],
        rule=entered["rule"],
        expires_at=entered["expires_at"],
        reason=entered["reason"],
        asked_by=entered["asked_by"],
    )


REQUEST_EXCEPTION = RecordAction(
    name="except",
    label="Request an exception",
    explanation=(
        "The patient would be excepted from one rule until the end that you set. Nothing changes "
        "until another person of the office has granted it under their own sign-in. Then it takes "
        "the place of an earlier exception from the same rule: to end one that was a mistake, "
        "request another one that ends soon. From the supply rule, it is for one supply."
    ),
    form=ExceptionForm,
    roles=roles_of(evidence.request_exception),
    carry_out=_request,
    done="The exception is requested: another person of the office decides on it.",
)


def _grant(call: Call, request: ExceptionRequest, entered: dict[str, Any]) -> RuleException:
    return evidence.grant_exception(call, request_id=request.pk, reason=entered["reason"])


def _refuse(call: Call, request: ExceptionRequest, entered: dict[str, Any]) -> ExceptionRequest:
    return evidence.refuse_exception(call, request_id=request.pk, reason=entered["reason"])


def _withdraw(call: Call, request: ExceptionRequest, entered: dict[str, Any]) -> ExceptionRequest:
    return evidence.withdraw_exception_request(
        call, request_id=request.pk, reason=entered["reason"]
    )


def _waits(request: ExceptionRequest) -> bool:
    return request.state == ExceptionRequest.State.REQUESTED


def _bars_decision(call: Call, request: ExceptionRequest) -> str:
    return evidence.why_not_decide(call.actor, request)


def _bars_withdrawal(call: Call, request: ExceptionRequest) -> str:
    return evidence.why_not_withdraw(call.actor, request)


@admin.register(ExceptionRequest)
class ExceptionRequestAdmin(RecordAdmin[ExceptionRequest]):
    """Requests for exceptions; requested from a patient's page, decided here."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient", ordering="patient__family_name"),
        "rule",
        "state",
        "expires_at",
        bare("requested_by_id", "requester", User, "requested by"),
        "reason",
    )
    list_select_related = ("patient",)
    list_filter = ("state", "rule", "program", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = ("patient__given_name", "patient__family_name", "rule", "reason", "asked_by")
    ids = ("patient__id", "requested_by_id", "decided_by_id")
    decided_on = ("rule", "reason", "asked_by", "expires_at")
    record_actions = (
        RecordAction(
            name="grant",
            label="Grant the exception",
            explanation=(
                "You grant what a colleague requested; both of you are recorded. The rule is "
                "excepted from now until the end that was requested."
            ),
            form=SignedReasonForm,
            roles=roles_of(evidence.grant_exception),
            carry_out=_grant,
            done="The exception is granted.",
            is_possible=_waits,
            bars=_bars_decision,
        ),
        RecordAction(
            name="refuse",
            label="Refuse it",
            explanation="The rule stays as it is; the prescriber is told that it is decided.",
            form=ReasonForm,
            roles=roles_of(evidence.refuse_exception),
            carry_out=_refuse,
            done="The request is refused.",
            is_possible=_waits,
            bars=_bars_decision,
        ),
        RecordAction(
            name="withdraw",
            label="Withdraw your own request",
            explanation="Only who requested it can withdraw it.",
            form=ReasonForm,
            roles=roles_of(evidence.withdraw_exception_request),
            carry_out=_withdraw,
            done="The request is withdrawn.",
            is_possible=_waits,
            bars=_bars_withdrawal,
        ),
    )

    def get_queryset(self, request: Any) -> Any:
        """With the name of who requested each."""
        return super().get_queryset(request).annotate(requester=person_named("requested_by_id"))
