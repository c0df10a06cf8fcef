"""A patient's own pages: today, the agreement, the survey, reports, what to do at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core import clock
from apps.evidence import services as evidence
from apps.patients import selectors as patients
from apps.patients import visits
from apps.portal import own_record
from apps.portal.access import saw
from apps.portal.own_access import OwnRequest, own_page, patient_of
from apps.portal.own_forms import OwnAgreementForm, OwnSurveyForm, ReportForm
from apps.portal.own_signing import is_asking_for_code, send_code, typed_so_far
from apps.portal.program import PROGRAM
from apps.portal.reminder_forms import PreferencesForm
from apps.portal.signatures import shown_signatures
from apps.portal.submitting import attempt, once
from apps.reminders import preferences, selectors
from apps.rules.documents import document


@own_page
def today(request: OwnRequest) -> HttpResponse:
    """What to do, until when."""
    person = patient_of(request)
    plan = own_record.plan_of(request)
    saw(request, "own_record_viewed", patient_id=person.pk, subject=person)
    needs_action = bool(own_record.called_for(request, plan))
    context = {
        "patient": person,
        "needs_action": needs_action,
        "agreement": own_record.agreement_to_sign(request),
        "steps": own_record.steps(plan, supply_waits=needs_action) if plan else [],
        "is_readable": plan is not None,
        "is_over": plan is not None and plan.therapy.is_over,
        "answers": own_record.may_answer(request),
        "reports": bool(own_record.reportable(person)),
    }
    return render(request, "own/today.html", context)


@own_page
def agreement(request: OwnRequest) -> HttpResponse:
    """Read the agreement that waits for this person's signature, and sign it; or see it signed."""
    found = own_record.agreement_to_sign(request)
    if found is None:
        return _signed(request)
    if is_asking_for_code(request):
        send_code(request)
        return redirect("own_agreement")
    form = OwnAgreementForm(request.POST or None, request=request, signer_name=found.signer_name)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: evidence.sign_own_agreement(once(request, form), agreement_id=found.pk),
        )
        if made is not None:
            return _after(request, _("You signed. Thank you."), "own_agreement")
    context = {
        "form": form,
        "agreement": document(PROGRAM, "agreement", found.risk_category),
        "signed": found,
        "category": found.get_risk_category_display(),
    }
    return render(request, "own/agreement.html", context)


@own_page
def survey(request: OwnRequest) -> HttpResponse:
    """The patient's own answers (L-SUR-2); a risky one leads at once to what to do (L-SUR-3)."""
    person = patient_of(request)
    if not own_record.may_answer(request):
        return render(request, "own/not_yours.html")
    category = patients.current_category(person).risk_category
    text = document(PROGRAM, "patient_survey", category)
    form = OwnSurveyForm(request.POST or None, request=request, items=text.items)
    # Something that must be known at once is taken whichever button was pressed.
    is_urgent = request.method == "POST" and form.is_valid() and not form.must_be_signed()
    if is_asking_for_code(request) and not is_urgent:
        send_code(request)
        form = OwnSurveyForm(request=request, items=text.items, initial=typed_so_far(request))
    elif request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: evidence.record_patient_survey(
                once(request, form),
                patient_id=person.pk,
                program=PROGRAM,
                completed_at=clock.now(),
                answers=form.answers(),
            ),
        )
        if made is not None:
            if made.at_risk:
                return redirect("own_guidance")
            return _after(request, _("Your answers are recorded. Thank you."), "own_today")
    return render(request, "own/survey.html", {"form": form})


@own_page
def report(request: OwnRequest) -> HttpResponse:
    """What cannot wait for the next survey; it counts at once."""
    person = patient_of(request)
    kinds = own_record.reportable(person)
    if not kinds:
        return redirect("own_today")
    form = ReportForm(request.POST or None, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        command = own_record.reporting(person, form.cleaned_data["kind"])
        if attempt(form, lambda: command(once(request, form))) is not None:
            return redirect("own_guidance")
    return render(request, "own/report.html", {"form": form})


@own_page
def guidance(request: OwnRequest) -> HttpResponse:
    """What to do at once, for all that is open: one calm page."""
    text = own_record.called_for(request, own_record.plan_of(request))
    if text is None:
        return redirect("own_today")
    saw(request, "guidance_viewed", patient_id=patient_of(request).pk)
    context = {"guidance": text, "prescriber": patient_of(request).prescriber}
    return render(request, "own/guidance.html", context)


@own_page
def reminders(request: OwnRequest) -> HttpResponse:
    """How the patient, or who speaks for them, wishes to be reminded."""
    person = patient_of(request)
    form = PreferencesForm(request.POST or None, said=selectors.wishes_of(person.pk))
    if request.method == "POST" and form.is_valid():
        said = attempt(
            form,
            lambda: preferences.set_patient_preferences(
                once(request, form), patient_id=person.pk, wishes=form.wishes()
            ),
            {"channels": "channel"},
        )
        if said is not None:
            return _after(request, _("We will remind you so."), "own_today")
    return render(request, "own/reminders.html", {"form": form})


def _signed(request: OwnRequest) -> HttpResponse:
    """The agreement that was signed last, as it was signed."""
    found = own_record.latest_agreement(request)
    context: dict[str, Any] = {
        "signed": found,
        "agreement": document(PROGRAM, "agreement", found.risk_category) if found else None,
        "category": found.get_risk_category_display() if found else "",
        "signatures": shown_signatures(found) if found else [],
    }
    return render(request, "own/agreement_signed.html", context)


def _after(request: OwnRequest, said: str, name: str) -> HttpResponse:
    """Say that it is done. What was done may have ended the visit: a new category does."""
    if visits.is_still_open(request.visit):
        messages.success(request, said)
        return redirect(name)
    request.session.flush()
    request.shown_patient = None
    messages.success(
        request, _("%(said)s Your record has changed, so this visit has ended.") % {"said": said}
    )
    return redirect("own_enter")
