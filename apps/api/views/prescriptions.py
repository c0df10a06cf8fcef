"""Authorizations, eligibility checks, confirmations, dispenses, and the decisions behind them."""

from typing import Any
from uuid import UUID

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.scopes import OPEN_TO, WORK_OF
from apps.api import filters
from apps.api.authentication import known_client
from apps.api.endpoint import Endpoint, found
from apps.api.scopes import ALL, AUTHORIZATIONS, CARE, DECISIONS, DISPENSES, OFFICE, Scope, Work
from apps.api.serializers import prescriptions as shapes
from apps.api.serializers.evidence import ReasonForm
from apps.core.call import Actor
from apps.eligibility import deciding, services
from apps.eligibility import selectors as eligibility
from apps.eligibility.models import Decision as DecisionRow
from apps.prescriptions import selectors as prescriptions

COUNTER = OFFICE | {Work.DISPENSE}


class Deciding(Endpoint):
    """An address whose commands ask the rules: 201 for a yes that made something, 200 for a no."""

    area = AUTHORIZATIONS
    statuses = {"GET": (200,), "POST": (200, 201)}
    made = shapes.DecisionEntry

    def decided(self, request: Request, decision: DecisionRow) -> Response:
        """A refusal by the rules is an answer, not an error."""
        code = status.HTTP_201_CREATED if decision.allowed else status.HTTP_200_OK
        answer = self.answer(decision, status_code=code, entry=self.made)
        _keep_words(self.actor(request), answer.data)
        return answer


def _keep_words(actor: Actor, shown: dict[str, Any]) -> None:
    """Take out of a decision, for a counter, why an authorization ended since.

    It may have been asked about long ago; the prescriber's words are not for whoever once was.
    """
    if WORK_OF[actor.role] is Work.DISPENSE and shown["authorization"]:
        shown["authorization"]["ended_reason"] = ""


class Authorizations(Deciding):
    """Authorizations."""

    to_read = CARE
    to_write = frozenset({Work.PRESCRIBE})
    form, entry = shapes.AuthorizationForm, shapes.AuthorizationEntry
    filters, order, lists = filters.OfAuthorizations, "-issued_at", True

    def get(self, request: Request) -> Response:
        """List authorizations."""
        rows = prescriptions.authorizations_visible_to(self.actor(request))
        return self.page(request, rows, saw="authorizations_viewed")

    def post(self, request: Request) -> Response:
        """Request an authorization: 201 when issued, 200 with every unmet rule when refused."""
        made = services.request_authorization(self.once(request), **self.given(request))
        return self.decided(request, made)


class Authorization(Endpoint):
    """One authorization."""

    area = AUTHORIZATIONS
    to_read = CARE
    entry = shapes.AuthorizationEntry

    def get(self, request: Request, authorization_id: UUID) -> Response:
        """Show an authorization."""
        rows = prescriptions.authorizations_visible_to(self.actor(request))
        authorization = found(rows, authorization_id)
        self.saw(
            request,
            "authorization_viewed",
            patient_id=authorization.patient_id,
            subject=authorization,
        )
        return self.answer(authorization)


class AuthorizationCancellation(Endpoint):
    """The cancellation of an authorization."""

    area = AUTHORIZATIONS
    to_write = frozenset({Work.PRESCRIBE})
    form, entry = ReasonForm, shapes.AuthorizationEntry

    def post(self, request: Request, authorization_id: UUID) -> Response:
        """Cancel an undispensed authorization (L-AUT-9)."""
        return self.created(
            services.cancel_authorization(
                self.once(request), authorization_id=authorization_id, **self.given(request)
            )
        )


class Confirmations(Deciding):
    """Confirmations."""

    area = DISPENSES
    to_read = COUNTER
    to_write = frozenset({Work.DISPENSE})
    form, entry = shapes.ConfirmationForm, shapes.ConfirmationEntry
    filters, order, lists = filters.OfConfirmations, "-issued_at", True

    def get(self, request: Request) -> Response:
        """List confirmations: a pharmacy's own."""
        rows = prescriptions.confirmations_visible_to(self.actor(request))
        return self.page(request, rows, saw="confirmations_viewed")

    def post(self, request: Request) -> Response:
        """Re-check everything and obtain a confirmation number (L-DSP-2)."""
        return self.decided(request, services.confirm(self.once(request), **self.given(request)))


class Confirmation(Endpoint):
    """One confirmation."""

    area = DISPENSES
    to_read = COUNTER
    entry = shapes.ConfirmationEntry

    def get(self, request: Request, confirmation_id: UUID) -> Response:
        """Show a confirmation."""
        rows = prescriptions.confirmations_visible_to(self.actor(request))
        confirmation = found(rows, confirmation_id)
        self.saw(
            request,
            "confirmation_viewed",
            patient_id=confirmation.authorization.patient_id,
            subject=confirmation,
        )
        return self.answer(confirmation)


class ConfirmationCancellation(Endpoint):
    """The cancellation of a confirmation."""

    area = DISPENSES
    to_write = frozenset({Work.DISPENSE})
    form, entry = ReasonForm, shapes.ConfirmationEntry

    def post(self, request: Request, confirmation_id: UUID) -> Response:
        """Cancel an undispensed confirmation; the authorization is issued again (L-DSP-7)."""
        return self.created(
            services.reverse_confirmation(
                self.once(request), confirmation_id=confirmation_id, **self.given(request)
            )
        )


class Dispenses(Deciding):
    """Dispenses."""

    area = DISPENSES
    to_read = ALL
    to_write = frozenset({Work.DISPENSE})
    form, entry = shapes.DispenseForm, shapes.DispenseEntry
    filters, order, lists = filters.OfDispenses, "-dispensed_at", True

    def get(self, request: Request) -> Response:
        """List dispenses: a pharmacy's own, or those to a prescriber's patients."""
        rows = prescriptions.dispenses_visible_to(self.actor(request))
        return self.page(request, rows, saw="dispenses_viewed")

    def post(self, request: Request) -> Response:
        """The final check, and the dispense if it passes (L-DSP-6)."""
        return self.decided(request, services.dispense(self.once(request), **self.given(request)))


class Dispense(Endpoint):
    """One dispense."""

    area = DISPENSES
    to_read = ALL
    entry = shapes.DispenseEntry

    def get(self, request: Request, dispense_id: UUID) -> Response:
        """Show a dispense."""
        rows = prescriptions.dispenses_visible_to(self.actor(request))
        dispense = found(rows, dispense_id)
        self.saw(request, "dispense_viewed", patient_id=dispense.patient_id, subject=dispense)
        return self.answer(dispense)


class OfDecisions(Endpoint):
    """Decisions, with what they made as far as the token is for such records."""

    area = DECISIONS
    to_read = ALL
    entry = shapes.DecisionEntry

    def narrowed(self, request: Request, answer: Response) -> Response:
        """The answer without records of areas that the token does not open."""
        client = known_client(request)
        supplies = Scope.DISPENSES_READ
        # A counter's systems read authorizations with what came of them only.
        numbers = Scope.AUTHORIZATIONS_READ
        if numbers not in OPEN_TO[WORK_OF[client.actor.role]]:
            numbers = supplies
        needed = {"authorization": numbers, "confirmation": supplies, "dispense": supplies}
        hidden = {name: None for name, scope in needed.items() if scope not in client.scopes}
        for shown in answer.data.get("results", [answer.data]):
            shown.update(hidden)
            _keep_words(client.actor, shown)
        return answer


class Decisions(OfDecisions):
    """Decisions."""

    filters, lists = filters.OfDecisions, True

    def get(self, request: Request) -> Response:
        """List decisions."""
        rows = eligibility.decisions_visible_to(self.actor(request))
        return self.narrowed(request, self.page(request, rows, saw="decisions_viewed"))


class Decision(OfDecisions):
    """One decision."""

    def get(self, request: Request, decision_id: UUID) -> Response:
        """Show a decision."""
        rows = eligibility.decisions_visible_to(self.actor(request))
        decision = found(rows, decision_id)
        self.saw(request, "decision_viewed", patient_id=decision.patient_id, subject=decision)
        return self.narrowed(request, self.answer(decision))


class DecisionReplay(Endpoint):
    """What the recorded facts give under the recorded edition of the policy, today."""

    area = DECISIONS
    to_read = OFFICE
    entry = shapes.ReplayEntry

    def get(self, request: Request, decision_id: UUID) -> Response:
        """Replay a decision: only texts may differ from what is stored."""
        rows = eligibility.decisions_visible_to(self.actor(request)).select_related("facts")
        decision: Any = found(rows, decision_id)
        self.saw(request, "decision_replayed", patient_id=decision.patient_id, subject=decision)
        return self.answer(
            {
                "facts": decision.facts.document,
                "stored": decision.document,
                "replayed": deciding.replay(decision),
            }
        )
