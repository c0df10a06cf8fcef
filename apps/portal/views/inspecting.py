"""A patient's complete record for an inspection: ask with a reason, then fetch it for a day."""

import hashlib
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.audit.models import Event
from apps.oversight import record_copies
from apps.oversight.whole_record import whole_record
from apps.papers import inspection
from apps.portal.access import PortalRequest, page, saw, shows
from apps.portal.office_forms import LegalReasonForm
from apps.portal.printing import pdf, printing
from apps.portal.submitting import attempt
from apps.portal.views.queues import OFFICE

FORMATS: Final = {"pdf": inspection.as_pdf, "json": inspection.as_json}


@page(*OFFICE)
def ask_for_record(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Say for which legal reason the whole record is copied."""
    person = record_copies.visible_patient(request.call.actor, patient_id)
    form = LegalReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = attempt(
            form,
            lambda: record_copies.ask_for_record(
                request.call, patient_id=patient_id, reason=form.cleaned_data["reason"]
            ),
        )
        if key is not None:
            return redirect("record_copy", key=key)
    context = {
        "form": form,
        "title": f"Copy the complete record of {person}",
        "text": "Every row about this patient, with decisions, signatures, deviations, cases, "
        "messages and the trail. Why you copy it stays on record, as does each time you open it.",
        "submit": "Make the copy",
        "back_url": reverse("admin:patients_patient_change", args=[patient_id]),
        "back": "Cancel",
        "crumbs": [{"label": "Queues", "url": reverse("queues")}],
    }
    return render(request, "office/act.html", context)


@page(*OFFICE)
def record_copy(request: PortalRequest, key: UUID) -> HttpResponse:
    """Where the copy can be fetched, by whom and until when."""
    asked = _asked(request, key)
    context = {
        "key": key,
        "patient": record_copies.visible_patient(request.call.actor, _patient_of(asked)),
        "asked": asked,
        "until": record_copies.open_until(asked),
        "events": record_copies.events_about(_patient_of(asked)),
    }
    return render(request, "office/record_copy.html", context)


@page(*OFFICE)
def record_copy_file(request: PortalRequest, key: UUID, kind: str) -> HttpResponse:
    """The copy, made now."""
    if kind not in FORMATS:
        raise Http404
    asked = _asked(request, key)
    patient = record_copies.visible_patient(request.call.actor, _patient_of(asked))
    why: dict[str, Any] = {
        "asked_by": str(request.user),
        "asked_as": asked.role,
        "asked_at": asked.occurred_at,
        "reason": asked.reason,
    }
    content = FORMATS[kind](whole_record(patient, upto=asked.pk), why=why, printing=printing())
    digest = hashlib.sha256(content).hexdigest()
    saw(
        request,
        record_copies.FETCHED,
        patient_id=patient.pk,
        subject=patient,
        reason=asked.reason,
        data={"copy": str(key), "format": kind, "sha256": digest},
    )
    if kind == "pdf":
        return pdf(content, "record")
    headers = {"Content-Disposition": 'attachment; filename="record.json"'}
    return HttpResponse(content, content_type="application/json", headers=headers)


def _asked(request: PortalRequest, key: UUID) -> Event:
    asked = record_copies.asked_for(request.call.actor, key)
    shows(request, asked.patient_id)
    return asked


def _patient_of(asked: Event) -> UUID:
    if asked.patient_id is None:
        raise Http404
    return asked.patient_id
