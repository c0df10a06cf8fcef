"""A patient's complete record for an inspection: ask with a reason, wait, fetch it for a day."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.oversight import record_copies, services
from apps.oversight.models import FILES_OF_A_COPY, RecordCopy
from apps.portal.access import PortalRequest, page, saw, shows
from apps.portal.office_forms import LegalReasonForm
from apps.portal.printing import pdf
from apps.portal.submitting import attempt, once
from apps.portal.views.queues import OFFICE


@page(*OFFICE)
def ask_for_record(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Say for which legal reason the whole record is copied."""
    person = record_copies.visible_patient(request.call.actor, patient_id)
    form = LegalReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        copy = attempt(
            form,
            lambda: services.ask_for_record(
                once(request, form), patient_id=patient_id, reason=form.cleaned_data["reason"]
            ),
        )
        if copy is not None:
            return redirect("record_copy", key=copy.pk)
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
    """How far the copy is; then where it can be fetched, and until when."""
    copy = record_copies.asked_for(request.call.actor, key)
    shows(request, copy.patient_id)
    patient = record_copies.visible_patient(request.call.actor, copy.patient_id)
    return render(request, "office/record_copy.html", {**_progress(copy), "patient": patient})


@page(*OFFICE)
def record_copy_progress(request: PortalRequest, key: UUID) -> HttpResponse:
    """The part of that page that changes (static/js/progress.js): it names no patient."""
    copy = record_copies.asked_for(request.call.actor, key)
    return render(request, "office/record_copy_progress.html", _progress(copy))


@page(*OFFICE)
def record_copy_file(request: PortalRequest, key: UUID, kind: str) -> HttpResponse:
    """One file of the copy; while there is none, the page that says how far it is."""
    if kind not in FILES_OF_A_COPY:
        raise Http404
    copy = record_copies.asked_for(request.call.actor, key)
    patient = record_copies.visible_patient(request.call.actor, copy.patient_id)
    content = record_copies.content_of(copy, kind)
    if content is None:
        return redirect("record_copy", key=key)
    digest = {"pdf": copy.pdf_sha256, "json": copy.json_sha256}[kind]
    saw(
        request,
        record_copies.FETCHED,
        patient_id=patient.pk,
        subject=patient,
        reason=copy.reason,
        data={"copy": str(key), "format": kind, "sha256": digest},
    )
    if kind == "pdf":
        return pdf(content, "record")
    headers = {"Content-Disposition": 'attachment; filename="record.json"'}
    return HttpResponse(content, content_type="application/json", headers=headers)


def _progress(copy: RecordCopy) -> dict[str, Any]:
    return {
        "copy": copy,
        "until": record_copies.open_until(copy),
        "progress": record_copies.progress_of(copy),
    }
