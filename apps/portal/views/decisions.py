"""One answer of the rules for the office: what was asked, what it said and why, and its replay."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.core import numbers
from apps.eligibility import replaying
from apps.eligibility import selectors as eligibility
from apps.eligibility.models import Decision
from apps.portal import answers
from apps.portal.access import PortalRequest, page, saw
from apps.portal.views.queues import OFFICE


@page(*OFFICE)
def office_decision(request: PortalRequest, decision_id: UUID) -> HttpResponse:
    """Why it was allowed or refused, and whether the same facts give the same answer again."""
    found = eligibility.decisions_visible_to(request.call.actor)
    decision = found.select_related("facts", "patient", "authorization").filter(pk=decision_id)
    asked = decision.first()
    if asked is None:
        raise Http404
    saw(request, "decision_replayed", patient_id=asked.patient_id, subject=asked)
    context = {
        "decision": asked,
        "facts": _facts(asked),
        "steps": answers.steps(asked.document),
        "requirements": answers.requirements(asked.document),
        "advisories": answers.advisories(asked.document),
        "difference": replaying.difference(asked),
        "crumbs": [{"label": "Refusals", "url": reverse("office_list", args=["refusals"])}]
        if not asked.allowed
        else [],
    }
    return render(request, "office/decision.html", context)


def _facts(asked: Decision) -> list[dict[str, Any]]:
    about = {"url": reverse("admin:patients_patient_change", args=[asked.patient_id])}
    rows: list[dict[str, Any]] = [
        {"label": "Asked for", "text": asked.get_act_display()},
        {"label": "When", "at": asked.recorded_at},
        {"label": "Patient", "text": str(asked.patient), **about},
    ]
    if asked.authorization is not None:
        url = reverse("admin:prescriptions_authorization_change", args=[asked.authorization_id])
        number = numbers.grouped(asked.authorization.number)
        rows.append({"label": "Authorization", "text": number, "url": url})
    return [
        *rows,
        {"label": "Under the policy", "text": asked.policy_version},
        {
            "label": "From the facts",
            "text": f"{asked.facts_id[:12]}…",
            "url": reverse("admin:eligibility_factsdocument_change", args=[asked.facts_id]),
        },
    ]
