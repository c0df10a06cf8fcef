"""Messages to whoever signed in, how they wish to be reminded, and a patient's reminders."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.call import DISPENSING, PRESCRIBING, Actor, Call, Role
from apps.notices.models import Notice
from apps.patients.selectors import patients_on
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.forms import PortalForm
from apps.portal.reminder_forms import PreferencesForm
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.portal.words import OBLIGATIONS
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Confirmation
from apps.providers import selectors as providers
from apps.reminders import messages, preferences, selectors
from apps.reminders.models import ReminderPreference

PAGE_SIZE = 25
WHY = {
    "no_longer_due": "no longer due",
    "changed": "changed, and planned anew where it still stands",
    "not_handed_over": "it could not be handed over",
    "address_refused": "the address reaches nobody",
}


@page(*sorted(messages.READERS))
def inbox(request: PortalRequest) -> HttpResponse:
    """What was sent to whoever signed in, or to the prescriber or pharmacy they act for."""
    sent = messages.messages_to(request.call.actor).order_by("-sent_at", "pk")
    shown = Paginator(sent, PAGE_SIZE).get_page(request.GET.get("page"))
    saw(
        request,
        "messages_viewed",
        patient_ids=patients_on(shown),
        data={"ids": [str(each.pk) for each in shown]},
    )
    rows = [
        [
            {"text": messages.read(each).subject, "url": reverse("message", args=[each.pk])},
            {"at": each.sent_at},
            "Read" if each.read_at else "New",
        ]
        for each in shown
    ]
    context = {"page": shown, "rows": rows, "columns": ["Message", "Sent", "State"]}
    return render(request, "portal/messages.html", context)


@page(*sorted(messages.READERS))
def message(request: PortalRequest, notice_id: UUID) -> HttpResponse:
    """One message, and the mark that it was read."""
    actor = request.call.actor
    notice = messages.messages_to(actor).filter(pk=notice_id).first()
    if notice is None:
        raise Http404
    form = PortalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt(form, lambda: messages.mark_read(once(request, form), notice_id=notice_id))
        return redirect("messages")
    saw(request, "messages_viewed", patient_id=notice.patient_id, data={"ids": [str(notice.pk)]})
    concerns = notice.patient_id if actor.role in PRESCRIBING else None
    dispense = notice.params.get("dispense") if actor.role in DISPENSING else None
    voided = notice.params.get("authorization") if actor.role in DISPENSING else None
    held = _held(actor, voided) if voided else None
    context = {
        "said": messages.read(notice),
        "confirmation_url": reverse("confirmation", args=[held.pk]) if held else "",
        "form": form,
        "patient_url": reverse("patient", args=[concerns]) if concerns else "",
        "dispense_url": reverse("receipt", args=[dispense]) if dispense else "",
        "crumbs": [{"label": "Messages", "url": reverse("messages")}],
    }
    return render(request, "portal/message.html", context)


def _held(actor: Actor, authorization_id: str) -> Confirmation | None:
    """The confirmation that this pharmacy held last of an authorization."""
    own = prescriptions.confirmations_visible_to(actor)
    return own.filter(authorization_id=authorization_id).order_by("-issued_at").first()


@page(*PRESCRIBER_SIDE, Role.REPRESENTATIVE)
def own_preferences(request: PortalRequest) -> HttpResponse:
    """How the prescriber or the pharmacy that one acts for wishes to be reminded."""
    actor = request.call.actor
    if actor.role in PRESCRIBING:
        owner = actor.own_prescriber
        form = _form(request, owner)
        set_own = partial(preferences.set_prescriber_preferences, prescriber_id=owner)
    else:
        visible = providers.pharmacies_visible_to(actor)
        site = visible.get(organization_id=actor.own_organization)
        form = _form(request, site.pk)
        set_own = partial(preferences.set_pharmacy_preferences, pharmacy_id=site.pk)
    return _set(
        request,
        form,
        lambda call: set_own(call, wishes=form.wishes(), seen=form.cleaned_data["seen"]),
        back=reverse("messages"),
        crumbs=[{"label": "Messages", "url": reverse("messages")}],
    )


@page(*PRESCRIBER_SIDE)
def patient_preferences(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """How a patient, or whoever speaks for them, wishes to be reminded."""
    person = visible_patient(request, patient_id)
    form = _form(request, person.pk)
    return _set(
        request,
        form,
        lambda call: preferences.set_patient_preferences(
            call, patient_id=person.pk, wishes=form.wishes(), seen=form.cleaned_data["seen"]
        ),
        back=reverse("patient_reminders", args=[person.pk]),
        crumbs=patient_trail(person),
    )


@page(*PRESCRIBER_SIDE)
def patient_reminders(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Every reminder of what a patient owes: planned, sent, cancelled or undeliverable, and why."""
    person = visible_patient(request, patient_id)
    found = messages.reminders_about(request.call.actor, person.pk).order_by("-due_at", "pk")
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    saw(
        request,
        "reminders_viewed",
        patient_id=person.pk,
        data={"ids": [str(each.pk) for each in shown]},
    )
    context = {
        "patient": person,
        "page": shown,
        "rows": [_row(each) for each in shown],
        "columns": ["Of what", "To whom", "By", "Planned for", "State"],
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/reminders.html", context)


def _row(reminder: Notice) -> list[Any]:
    way = reminder.get_channel_display()
    state = reminder.get_state_display()
    if reminder.ended_reason:
        state = f"{state}: {WHY.get(reminder.ended_reason, reminder.ended_reason)}"
    return [
        OBLIGATIONS.get(reminder.params["obligation"], reminder.params["obligation"]),
        reminder.get_recipient_kind_display(),
        f"{way} (instead of {reminder.passed_over})" if reminder.passed_over else way,
        {"at": reminder.due_at},
        state,
    ]


def _form(request: PortalRequest, owner: UUID) -> PreferencesForm:
    return PreferencesForm(request.POST or None, said=selectors.wishes_of(owner))


def _set(
    request: PortalRequest,
    form: PreferencesForm,
    command: Callable[[Call], ReminderPreference],
    *,
    back: str,
    crumbs: list[dict[str, str]],
) -> HttpResponse:
    """The page of the form, and its one command."""
    if request.method == "POST" and form.is_valid():
        said = attempt(form, lambda: command(once(request, form)))
        if said is not None:
            flash.success(request, "The preferences are recorded.")
            return redirect(back)
    context = {
        "title": "Reminder preferences",
        "text": "Reminders that matter for safety are always sent.",
        "form": form,
        "submit": "Record these preferences",
        "back_url": back,
        "crumbs": crumbs,
    }
    return render(request, "portal/one_form.html", context)
