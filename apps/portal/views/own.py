"""A patient's own pages: today, the agreement, reports, what to do at once, reminders."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.audit.texts import as_read
from apps.evidence import services as evidence
from apps.evidence.unsigned import has_newer_text
from apps.patients import visits
from apps.patients.models import Agreement
from apps.portal import own_language, own_record, own_survey
from apps.portal.access import saw
from apps.portal.own_access import OwnRequest, own_page, patient_of
from apps.portal.own_forms import OwnAgreementForm, ReportForm
from apps.portal.own_signing import is_asking_for_code, send_code
from apps.portal.own_words import CATEGORIES, OBLIGATIONS
from apps.portal.program import PROGRAM
from apps.portal.reminder_forms import PreferencesForm
from apps.portal.signatures import own_signatures
from apps.portal.submitting import attempt, once
from apps.reminders import preferences, selectors
from apps.rules.documents import Document, document


@own_page
def today(request: OwnRequest) -> HttpResponse:
    """What to do, until when."""
    person = patient_of(request)
    category = own_record.category_of(request)
    answers = own_record.may_answer(request, category)
    plan = own_record.plan_of(request, untold=not answers)
    saw(request, "own_record_viewed", patient_id=person.pk, subject=person)
    needs_action = bool(own_record.called_for(request, plan, untold=not answers))
    steps = own_record.steps(plan, supply_waits=needs_action) if plan else []
    waiting = own_record.unsigned_agreements(request)
    context = {
        "patient": person,
        "needs_action": needs_action,
        "agreement": waiting.own,
        "newer_text": waiting.has_newer_text,
        "signed_by_another": waiting.of_another,
        "steps": [each for each in steps if not each.is_later],
        "later": [each for each in steps if each.is_later],
        "is_readable": plan is not None,
        "is_over": plan is not None and plan.therapy.is_over,
        "answers": answers,
        "goes_on": own_survey.is_begun(request),
        "reports": bool(own_record.reportable(category)),
    }
    return render(request, "own/today.html", context)


@own_page
def agreement(request: OwnRequest) -> HttpResponse:
    """Read the agreement that waits for this person's signature, and sign it; or see it signed."""
    waiting = own_record.unsigned_agreements(request)
    found = waiting.own
    if found is None:
        return _signed(request, waiting.of_another)
    signs = request.method == "POST" and not is_asking_for_code(request)
    if has_newer_text(found) and not signs:
        # The service would refuse it: nobody reads other words, and asks for a code, for nothing.
        return render(request, "own/agreement_changed.html")
    if is_asking_for_code(request):
        return send_code(request, "own_agreement")
    form = OwnAgreementForm(request.POST or None, request=request, signer_name=found.signer_name)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: evidence.sign_own_agreement(
                once(request, form), agreement_id=found.pk, language=own_language.present()
            ),
        )
        if made is not None:
            return after(request, _("You signed. Thank you."), "own_agreement")
    context = {
        "form": form,
        "agreement": _text_of(found),
        "signed": found,
        "category": CATEGORIES[found.risk_category],
    }
    return render(request, "own/agreement.html", context)


@own_page
def report(request: OwnRequest) -> HttpResponse:
    """What cannot wait for the next survey; it counts at once."""
    person = patient_of(request)
    kinds = own_record.reportable(own_record.category_of(request))
    if not kinds:
        return redirect("own_today")
    form = ReportForm(request.POST or None, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        command = own_record.reporting(person, form.cleaned_data["kind"])
        if attempt(form, lambda: command(once(request, form))) is not None:
            messages.success(request, _("Your prescriber and the program are told."))
            return redirect("own_guidance")
    return render(request, "own/report.html", {"form": form})


@own_page
def guidance(request: OwnRequest) -> HttpResponse:
    """What to do at once, for all that is open: one calm page."""
    untold = not own_record.may_answer(request, own_record.category_of(request))
    plan = own_record.plan_of(request, untold=untold)
    text = own_record.called_for(request, plan, untold=untold)
    if text is None:
        return redirect("own_today")
    saw(request, "guidance_viewed", patient_id=patient_of(request).pk)
    context = {
        "guidance": text,
        "prescriber": patient_of(request).prescriber,
        "says_to_call": "call_prescriber" in text.codes,
        "goes_on": own_survey.is_begun(request),
    }
    return render(request, "own/guidance.html", context)


@own_page
def reminders(request: OwnRequest) -> HttpResponse:
    """How the patient, or who speaks for them, wishes to be reminded."""
    person = patient_of(request)
    form = PreferencesForm(
        request.POST or None, said=selectors.wishes_of(person.pk), words=OBLIGATIONS
    )
    # Who reads in another language than the record's keeps it, unless they choose.
    form.initial["language"] = own_language.present()
    if request.method == "POST" and form.is_valid():
        said = attempt(
            form,
            lambda: preferences.set_patient_preferences(
                once(request, form),
                patient_id=person.pk,
                wishes=form.wishes(),
                seen=form.cleaned_data["seen"],
            ),
        )
        if said is not None:
            answer = after(request, _("We will remind you so."), "own_today")
            own_language.remember(answer, said.language)
            return answer
    return render(request, "own/reminders.html", {"form": form})


def _signed(request: OwnRequest, waits: Agreement | None) -> HttpResponse:
    """The agreement that was signed last, as it was signed; and one that somebody else signs."""
    found = own_record.latest_agreement(request)
    context: dict[str, Any] = {
        "signed_by_another": waits,
        "signed": found,
        "agreement": _text_signed(found) if found else None,
        "category": CATEGORIES[found.risk_category] if found else "",
        "signatures": own_signatures(found) if found else [],
    }
    return render(request, "own/agreement_signed.html", context)


def _text_of(found: Agreement) -> Document:
    """What an agreement says, in the page's language."""
    return document(PROGRAM, "agreement", found.risk_category, language=own_language.present())


def _text_signed(found: Agreement) -> Document | None:
    """What a signed agreement says, in the page's language or the program's; None: not kept."""
    about = {"version": found.text_version, "risk_category": found.risk_category}
    language = own_language.present()
    return as_read(PROGRAM, "agreement", language=language, **about) or as_read(
        PROGRAM, "agreement", **about
    )


def after(request: OwnRequest, said: str, name: str) -> HttpResponse:
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
