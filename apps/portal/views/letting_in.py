"""The care team lets a patient in, or who speaks for them: a one-time code; and ends all access."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.unsigned import unsigned
from apps.notices.models import Notice
from apps.patients import standing
from apps.patients.models import PatientCode
from apps.patients.visits import is_same_name
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.letting_in_forms import SPEAKS, LetInForm
from apps.portal.program import PROGRAM
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.portal.views.withdrawing import withdraw_page
from apps.reminders import selectors as reminders


@page(*PRESCRIBER_SIDE)
def let_in(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Give a one-time code; one that is shown is on this answer and nowhere else."""
    person = visible_patient(request, patient_id)
    wishes = reminders.wishes_of(person.pk)
    channels = wishes.channels
    speaks = standing.representative_of(person)
    waiting = unsigned(request.call.actor, person, PROGRAM)
    waits = waiting.of_another
    signs = speaks if waits and speaks and is_same_name(waits.signer_name, speaks.name) else None
    form = LetInForm(
        request.POST or None,
        patient=person,
        speaks=speaks,
        prefers_email=not channels or channels[0] == Notice.Channel.EMAIL,
        initial={
            **({"purpose": request.GET["for"]} if "for" in request.GET else {}),
            **({"person": SPEAKS} if signs else {}),
        },
    )
    if request.method == "POST" and form.is_valid():
        code = attempt(
            form,
            lambda: evidence.issue_patient_code(
                once(request, form),
                patient_id=patient_id,
                language=wishes.language,
                **form.entered(),
            ),
            {"for_representative": "person"},
        )
        if code is not None and code.way == PatientCode.Way.SHOWN:
            is_told = standing.may_be_told(code, clock.real_now())
            return _show(request, code) if is_told else _was_shown(request, patient_id)
        if code is not None:
            messages.success(request, "The code is on its way by e-mail.")
            return redirect("patient", patient_id=patient_id)
    # In real time, which the demo's clock does not move: lengths say more than instants.
    now = clock.real_now()
    access = standing.access_of(person, now)
    context = {
        "patient": person,
        "form": form,
        # Nobody can sign whom the page cannot let in.
        "signs_unnamed": waits if waits and signs is None else None,
        "nobody_speaks": speaks is None and not standing.is_of_age(person, clock.now()),
        "newer_text": waiting.has_newer_text,
        "codes": [(code, code.expires_at - now) for code in access.codes],
        "visits": [(visit, now - visit.began_at) for visit in access.visits],
        "patient_url": reverse("patient", args=[patient_id]),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/let_in.html", context)


@page(*PRESCRIBER_SIDE)
def end_access(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """End every open code and visit of a patient."""
    visible_patient(request, patient_id)
    return withdraw_page(
        request,
        patient_id,
        lambda call, reason: evidence.end_patient_access(
            call, patient_id=patient_id, reason=reason
        ),
        noun="access",
        submit="End all access",
        done="Nobody can enter with a code of before any more.",
        title="End the patient’s access",
        text="Every open code is void, and who is in is out at once. A new code lets them in "
        "again.",
    )


def _was_shown(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """The same page was sent again: its code was shown then."""
    messages.error(request, standing.SHOWN_BEFORE)
    return redirect("let_in", patient_id=patient_id)


def _show(request: PortalRequest, code: PatientCode) -> HttpResponse:
    person = visible_patient(request, code.patient_id)
    speaks = code.representative
    again = reverse("let_in", args=[person.pk])
    context = {
        "patient": person,
        "speaks": speaks,
        # Who has an e-mail address gets the code to sign by themselves, on the page.
        "has_email": bool(speaks.email if speaks else person.email),
        "code_to_sign_url": f"{again}?{urlencode({'for': PatientCode.Purpose.SIGN.value})}",
        **standing.told_once(code),
        "attempts": code.attempts_allowed,
        "entrance": f"{settings.PORTAL_URL}{reverse('own_enter')}",
        "patient_url": reverse("patient", args=[person.pk]),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/code.html", context)
