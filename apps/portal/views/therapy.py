"""Interrupt, resume and end a therapy; record a death or a withdrawal (rules §10)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock
from apps.evidence import selectors
from apps.evidence import services as evidence
from apps.evidence.models import TherapyEvent
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.program import PROGRAM, present_policy
from apps.portal.standing_forms import SaidForm
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.portal.views.withdrawing import withdraw_page
from apps.rules.calendar import date_of


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that can be said of a therapy: its page's words and its command."""

    title: str
    submit: str
    done: str
    hint: str
    command: Callable[..., object]
    of_a_program: bool = True
    danger: bool = True


SAYINGS = {
    "interrupt": Saying(
        "Interrupt therapy", "Interrupt therapy", "The therapy is interrupted.",
        "Tests and obligations go on. An open authorization stays valid: cancel it if nothing is "
        "to be dispensed.",
        evidence.interrupt_therapy, danger=False,
    ),
    "resume": Saying(
        "Resume therapy", "Resume therapy", "The therapy goes on.",
        "The next supply is requested as usual; after too long a gap, therapy begins anew.",
        evidence.resume_therapy, danger=False,
    ),
    "discontinue": Saying(
        "Discontinue therapy", "Discontinue therapy", "The therapy is discontinued.",
        "The day is the last one of therapy. An open authorization becomes void. Obligations stay "
        "in force for 28 days from that day; to begin anew, a new agreement is signed.",
        evidence.discontinue_therapy,
    ),
    "withdrawal": Saying(
        "Record a withdrawal from the program", "Record the withdrawal",
        "The withdrawal is recorded.",
        "The patient wishes to leave the program. An open authorization becomes void, and "
        "reminders end, but for what outlives therapy. A new agreement enrolls again.",
        evidence.withdraw_from_program,
    ),
    "death": Saying(
        "Record the patient’s death", "Record the death", "The death is recorded.",
        "An open authorization becomes void, and all reminders end. As the reason, give the cause "
        "as far as it is known.",
        evidence.record_death, of_a_program=False,
    ),
}  # fmt: skip


@page(*PRESCRIBER_SIDE)
def say(request: PortalRequest, patient_id: UUID, kind: str) -> HttpResponse:
    """The page of one thing that can be said of a therapy."""
    saying = SAYINGS.get(kind)
    if saying is None:
        raise Http404
    person = visible_patient(request, patient_id)
    today = date_of(present_policy().calendar.day(clock.now()))
    form = SaidForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        said: dict[str, Any] = {
            name: form.cleaned_data[name] for name in ("happened_on", "said_by", "reason")
        }
        if saying.of_a_program:
            said["program"] = PROGRAM
        made = attempt(
            form, lambda: saying.command(once(request, form), patient_id=patient_id, **said)
        )
        if made is not None:
            messages.success(request, saying.done)
            return redirect("patient", patient_id=patient_id)
    context = {
        "patient": person,
        "entry": saying,
        "form": form,
        "patient_url": reverse("patient", args=[patient_id]),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/record.html", context)


@page(*PRESCRIBER_SIDE)
def withdraw_saying(request: PortalRequest, patient_id: UUID, event_id: UUID) -> HttpResponse:
    """Withdraw what was said of a therapy by mistake (L-SRC-3)."""
    events = selectors.visible_to(request.call.actor, TherapyEvent)
    if not events.filter(pk=event_id, patient_id=patient_id).exists():
        raise Http404
    return withdraw_page(
        request,
        patient_id,
        lambda call, reason: evidence.withdraw_therapy_event(
            call, event_id=event_id, reason=reason
        ),
        noun="entry",
        title="Withdraw an entry about therapy",
        text="Only for an entry that was a mistake. It stays in the record, marked as withdrawn; "
        "what it voided stays void.",
    )
