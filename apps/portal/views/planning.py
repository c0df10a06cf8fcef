"""A patient's timeline, and what if: from when an authorization would be possible."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.errors import InvalidRequest
from apps.eligibility import selectors as eligibility
from apps.evidence import selectors as evidence
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm
from apps.portal.patient_supplies import supplies_of
from apps.portal.program import PROGRAM, present_policy
from apps.portal.timeline import Entry, timeline
from apps.portal.timeline_drawing import drawing
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.portal.words import WHO
from apps.rules.what_if import Assumptions, Plan

COLUMNS = ["What", "From", "Until", "State", "Part"]


class SupposedForm(PortalForm):
    """What is supposed: both days may be left empty."""

    first_test_on = MemorableDateField(label="The first pregnancy test is made on", required=False)
    contraception_since = MemorableDateField(
        label="Contraception is used without a break since", required=False
    )


@page(*PRESCRIBER_SIDE)
def timeline_page(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """The timeline, drawn and as a table; with a form that supposes days and stores nothing."""
    actor = request.call.actor
    person = visible_patient(request, patient_id)
    if person.merged_into_id is not None:
        return redirect("timeline", patient_id=person.merged_into_id)
    plan = eligibility.plan_of(actor, person, PROGRAM)
    if plan is None:
        return render(request, "prescriber/unreadable.html", {"patient": person})
    has_path = present_policy().categories[plan.risk_category].pregnancy_path
    form = SupposedForm(request.POST or None) if has_path else None
    expected = None if plan.therapy.is_over else _expected(plan, form)
    calendar = present_policy().calendar
    record = evidence.record_of(actor, patient_id, PROGRAM)
    supplies = supplies_of(actor, patient_id)
    entries = timeline(
        record,
        supplies.authorizations,
        supplies.dispenses,
        plan,
        expected=expected,
        calendar=calendar,
    )
    saw(request, "timeline_viewed", patient_id=patient_id, subject=person)
    context = {
        "patient": person,
        "headline": _headline(plan, expected),
        "is_possible_now": plan.can_be_requested,
        "expected": expected,
        "obstacles": _obstacles(expected),
        "drawing": drawing(entries, plan.as_of, calendar),
        "columns": COLUMNS,
        "rows": [_row(each) for each in entries],
        "form": form,
        "back_url": reverse("patient", args=[patient_id]),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/timeline.html", context)


def _expected(now: eligibility.Plan, form: SupposedForm | None) -> Plan:
    """The plan under what was typed, if that can be supposed; else the plan as it stands."""

    def plan(supposed: Assumptions) -> Plan:
        return eligibility.plan_from(now, supposed)

    if form is None or not form.is_bound or not form.is_valid():
        return plan(Assumptions())
    cleaned: dict[str, Any] = form.cleaned_data
    try:
        return plan(Assumptions(cleaned["first_test_on"], cleaned["contraception_since"]))
    except InvalidRequest as error:
        form.add_service_error(error)
        return plan(Assumptions())


def _headline(plan: eligibility.Plan, expected: Plan | None) -> str:
    if plan.therapy.is_over:
        return "Therapy is over: no authorization is planned."
    if plan.can_be_requested:
        return "An authorization is possible now."
    if expected is None or expected.possible_from is None:
        return "No authorization is in sight as things stand."
    return "If all that is planned is done, an authorization is possible from "


def _obstacles(expected: Plan | None) -> list[dict[str, str]]:
    found = expected.obstacles if expected else ()
    return [
        {"rule": each.rule, "message": each.message, "who": WHO.get(each.who, each.who)}
        for each in found
    ]


def _row(entry: Entry) -> list[Any]:
    until: Any = {"at": entry.until} if entry.until else "goes on" if entry.goes_on else "–"
    return [entry.what, {"at": entry.from_at}, until, entry.state, entry.lane.value]
