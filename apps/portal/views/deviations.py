"""A deviation for the program's office: what was broken, and its way to the end (rules §13)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.call import Call, Role
from apps.evidence.models import Deviation
from apps.evidence.selectors import may_close_deviation
from apps.oversight import selectors, services
from apps.oversight.queues.evidence import describe_deviation
from apps.portal.access import PortalRequest, page, saw, shows
from apps.portal.evidence_forms import ReasonForm
from apps.portal.forms import PortalForm
from apps.portal.office_forms import CorrectiveForm, SignedReasonForm
from apps.portal.program import present_policy
from apps.portal.signatures import shown_signatures
from apps.portal.submitting import attempt, once
from apps.portal.views.queues import OFFICE, STAFF, trail


@page(*OFFICE)
def deviation(request: PortalRequest, deviation_id: UUID) -> HttpResponse:
    """What was broken, when, by whom, how grave it is and what was done about it."""
    found = visible_deviation(request, deviation_id)
    saw(request, "deviation_viewed", patient_id=found.patient_id, subject=found)
    role = request.call.actor.role
    state = Deviation.State(found.state)
    closes = state is Deviation.State.UNDER_REVIEW and may_close_deviation(
        role, found.severity, present_policy()
    )
    context = {
        "title": describe_deviation(found, present_policy()),
        "facts": _facts(found),
        "signatures": shown_signatures(found),
        "deviation": found,
        "may_review": role in STAFF and state is Deviation.State.OPEN,
        "may_correct": closes,
        "may_accept": closes and role is Role.ADMINISTRATOR,
        "crumbs": trail(f"deviation_{found.severity}"),
    }
    return render(request, "office/deviation.html", context)


@page(*STAFF)
def review_deviation(request: PortalRequest, deviation_id: UUID) -> HttpResponse:
    """Start the review of an open deviation."""
    return _work(
        request,
        deviation_id,
        ReasonForm(request.POST or None),
        lambda call, given: services.start_review(
            call, deviation_id=deviation_id, reason=given["reason"]
        ),
        title="Start the review",
        text="Somebody looks into what happened, and closes it afterwards. Say what you look into.",
        done="The deviation is under review.",
    )


@page(*STAFF)
def correct_deviation(request: PortalRequest, deviation_id: UUID) -> HttpResponse:
    """Close a reviewed deviation with its corrective action."""
    return _work(
        request,
        deviation_id,
        CorrectiveForm(request.POST or None),
        lambda call, given: services.correct_deviation(
            call, deviation_id=deviation_id, corrective_action=given["corrective_action"]
        ),
        title="Close with a corrective action",
        text="What was recorded stays; the corrective action is kept beside it. It is final.",
        done="The deviation is corrected.",
    )


@page(Role.ADMINISTRATOR)
def accept_deviation(request: PortalRequest, deviation_id: UUID) -> HttpResponse:
    """Close a reviewed deviation without correction, as an administrator."""
    return _work(
        request,
        deviation_id,
        SignedReasonForm(request.POST or None, request=request),
        lambda call, given: services.accept_deviation(
            call, deviation_id=deviation_id, reason=given["reason"]
        ),
        title="Accept without correction",
        text="Nothing is to be corrected. The reason stays on record; it is final.",
        done="The deviation is accepted.",
    )


def visible_deviation(request: PortalRequest, deviation_id: UUID) -> Deviation:
    """The deviation of the address. Raises Http404 unless the actor may see it."""
    found = selectors.deviations_visible_to(request.call.actor).filter(pk=deviation_id).first()
    if found is None:
        raise Http404
    shows(request, found.patient_id)
    return found


def _work(
    request: PortalRequest,
    deviation_id: UUID,
    form: PortalForm,
    command: Callable[[Call, dict[str, Any]], object],
    *,
    title: str,
    text: str,
    done: str,
) -> HttpResponse:
    found = visible_deviation(request, deviation_id)
    label = describe_deviation(found, present_policy())
    here = reverse("deviation", args=[deviation_id])
    if request.method == "POST" and form.is_valid():
        moved = attempt(form, lambda: command(once(request, form), form.cleaned_data))
        if moved is not None:
            messages.success(request, done)
            return redirect("deviation", deviation_id=deviation_id)
    context = {
        "form": form,
        "title": title,
        "text": f"{label}. {text}",
        "submit": title,
        "back_url": here,
        "back": "Back, and do nothing",
        "crumbs": [*trail(f"deviation_{found.severity}"), {"label": label, "url": here}],
    }
    return render(request, "office/act.html", context)


def _facts(found: Deviation) -> list[dict[str, Any]]:
    patient = {"text": str(found.patient or "about no patient")}
    if found.patient_id:
        patient["url"] = reverse("admin:patients_patient_change", args=[found.patient_id])
    return [
        {"label": "Rule", "text": found.rule},
        {"label": "Severity", "text": found.get_severity_display()},
        {"label": "State", "text": found.get_state_display()},
        {"label": "Patient", **patient},
        {"label": "By", "text": str(found.organization or "no practice or pharmacy")},
        {"label": "Happened", "at": found.occurred_at},
        {"label": "Recorded", "at": found.recorded_at},
        {"label": "Corrective action", "text": found.corrective_action or "none yet"},
    ]
