"""Questions about decisions, and what the rules say of a patient now. Reads only."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core import clock
from apps.core.call import DISPENSING, PRESCRIBING, Actor, Role
from apps.eligibility import deciding, facts
from apps.eligibility.models import Decision
from apps.patients import selectors as patients
from apps.prescriptions.models import Authorization, Confirmation
from apps.rules.policy import policy_in_force

# What a request brings along is not a fact about the patient yet.
OF_THE_REQUEST = frozenset({"L-SUR-1", "L-AUT-5"})


def decisions_visible_to(actor: Actor) -> QuerySet[Decision]:
    """The program's people see all, a prescriber's side its patients', a pharmacy what it asked."""
    decisions = Decision.objects.select_related("authorization", "confirmation", "dispense")
    if actor.role in patients.SEES_ALL:
        return decisions
    if actor.role in PRESCRIBING:
        return decisions.filter(patient__in=patients.visible_to(actor))
    if actor.role in DISPENSING | {Role.REPRESENTATIVE}:
        return decisions.filter(operation__organization_id=actor.organization_id)
    return decisions.none()


def outlook(actor: Actor, patient_ids: Iterable[UUID], program: str) -> dict[UUID, dict[str, Any]]:
    """What the rules would say to a request for each patient now: state, why, who must do what.

    Nothing is stored. Only patients whom the actor may see; one statement for all of them.
    """
    visible = patients.visible_to(actor).filter(pk__in=list(patient_ids))
    now = clock.now()
    found = facts.for_authorize(
        visible.values_list("pk", flat=True),
        program=program,
        now=now,
        prescriber=actor.prescriber_id,
    )
    return {patient_id: _hypothetical(document, now) for patient_id, document in found.items()}


def _hypothetical(document: facts.Document, now: datetime) -> dict[str, Any]:
    policy = policy_in_force(document["program"], now)
    product = next(iter(policy.products.values()))
    document["request"] = {
        "product": product.code,
        "strength_mg": product.strengths_mg[0],
        "days_supply": 1,
        "prescriber_survey": {
            "completed_at": document["as_of"],
            "risk_category": document["patient"]["risk_category"],
        },
    }
    decision = deciding.ask(document, policy)
    decision["requirements"] = [
        requirement
        for requirement in decision["requirements"]
        if requirement["rule"] not in OF_THE_REQUEST
    ]
    return decision


def patients_with_overdue(now: datetime, *, limit: int) -> list[UUID]:
    """The patients for whom an expiry has come about that nobody has written yet."""
    late_confirmation = Confirmation.objects.filter(
        authorization=OuterRef("pk"), state="valid", expires_at__lt=now
    )
    late = Authorization.objects.filter(state__in=["issued", "confirmed"]).filter(
        Q(expires_at__lt=now) | Exists(late_confirmation)
    )
    return list(late.values_list("patient_id", flat=True).distinct()[:limit])
