"""Papers to print, each from where its record is shown and for who may see that record."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render

from apps.core import clock, numbers
from apps.core.call import Role
from apps.core.scans import scan_download
from apps.papers import prescription as form
from apps.papers.agreement import Parties, agreement_to_sign, signed_agreement
from apps.papers.certification import certification
from apps.papers.checklist import checklist_to_fill, signed_checklist
from apps.patients import selectors as patients
from apps.patients.models import Agreement
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.askers import acted_for, asked_by
from apps.portal.own_access import OwnRequest, own_page
from apps.portal.own_record import latest_agreement
from apps.portal.patient_record import effective_state, is_open
from apps.portal.printing import pdf, printing
from apps.portal.program import PROGRAM, newest_policy, present_policy
from apps.portal.signatures import shown_signatures
from apps.portal.views.checking import COUNTER
from apps.portal.views.dispensing import PHARMACY, own_confirmation, own_dispense
from apps.portal.views.patients import visible_patient
from apps.portal.views.queues import OFFICE
from apps.portal.views.records import patient_trail
from apps.portal.words import ending
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Authorization, Confirmation
from apps.providers import selectors as providers
from apps.providers.selectors import CertificationStatus

NOT_TO_BE_USED: Final = "This authorization is {state}: nothing can be dispensed on this form."
OVER: Final = "This confirmation is {state}: nothing can be dispensed on it."
USABLE: Final = frozenset({"issued", "confirmed"})


@page(*PRESCRIBER_SIDE)
def prescription(request: PortalRequest, patient_id: UUID, authorization_id: UUID) -> HttpResponse:
    """The prescription form of an authorization, to print, and as text to paste."""
    found = _authorization(request, patient_id, authorization_id)
    zone = newest_policy().calendar.zone
    context = {
        "authorization": found,
        "number": numbers.grouped(found.number),
        "warning": _warning(found),
        "sections": list(form.sections(found, zone)),
        "text": form.as_text(found, zone),
        "is_open": is_open(found, clock.now()),
        "ended": ending(found.ended_reason) if found.state == "void" else "",
        "asked_by": asked_by(request.call.actor, found.operation),
        "crumbs": patient_trail(found.patient),
    }
    return render(request, "prescriber/prescription.html", context)


@page(*PRESCRIBER_SIDE)
def prescription_pdf(
    request: PortalRequest, patient_id: UUID, authorization_id: UUID
) -> HttpResponse:
    """The same as PDF."""
    found = _authorization(request, patient_id, authorization_id)
    return pdf(form.prescription(found, printing(), warning=_warning(found)), "prescription")


@page(*PRESCRIBER_SIDE, *OFFICE)
def empty_agreement(_request: PortalRequest, risk_category: str) -> HttpResponse:
    """The agreement of a risk category, to be signed on paper."""
    return agreement_paper(risk_category, Parties())


@page(*PRESCRIBER_SIDE)
def patients_agreement_to_sign(
    request: PortalRequest, patient_id: UUID, risk_category: str
) -> HttpResponse:
    """The same for one patient, with the names in it: only the signatures are by hand."""
    person = visible_patient(request, patient_id)
    parties = Parties(str(person), person.born_on, acted_for(request.call.actor))
    saw(request, "agreement_printed", patient_id=patient_id, subject=person)
    return agreement_paper(risk_category, parties)


def agreement_paper(risk_category: str, parties: Parties) -> HttpResponse:
    """The agreement of a risk category with the names of its parties, to be signed on paper."""
    category = present_policy().categories.get(risk_category)
    if category is None:
        raise Http404
    signers = tuple(category.signers)
    paper = agreement_to_sign(PROGRAM, risk_category, signers, printing(), parties)
    return pdf(paper, f"agreement-{risk_category}")


@page(*PRESCRIBER_SIDE, *OFFICE)
def agreement(request: PortalRequest, patient_id: UUID, agreement_id: UUID) -> HttpResponse:
    """One agreement of a patient, as far as it is signed."""
    found = (
        patients.agreements_visible_to(request.call.actor)
        .filter(pk=agreement_id, patient_id=patient_id)
        .select_related("prescriber")
        .first()
    )
    if found is None:
        raise Http404
    return _printed(request, found)


@page(*PRESCRIBER_SIDE, *OFFICE)
def agreement_scan(request: PortalRequest, patient_id: UUID, agreement_id: UUID) -> HttpResponse:
    """The scan of the paper on which the patient's side signed an agreement."""
    scan = patients.scan_of(request.call.actor, agreement_id)
    if scan.agreement.patient_id != patient_id:
        raise Http404
    saw(request, "agreement_scan_viewed", patient_id=patient_id, subject=scan)
    return scan_download(scan)


@own_page
def own_agreement(request: OwnRequest) -> HttpResponse:
    """The agreement that the patient's side signed last."""
    found = latest_agreement(request)
    if found is None:
        raise Http404
    return _printed(request, found)


@page(*PHARMACY, *OFFICE)
def empty_checklist(_request: PortalRequest, risk_category: str) -> HttpResponse:
    """The counseling checklist of a risk category, to work with."""
    if risk_category not in present_policy().categories:
        raise Http404
    paper = checklist_to_fill(PROGRAM, risk_category, printing())
    return pdf(paper, f"checklist-{risk_category}")


@page(*COUNTER)
def counter_checklist(request: PortalRequest, confirmation_id: UUID) -> HttpResponse:
    """The same for what is confirmed, with its numbers in it."""
    held = own_confirmation(request, confirmation_id)
    issued = held.authorization
    saw(request, "checklist_printed", patient_id=issued.patient_id, subject=held)
    state = effective_state(held, clock.now())
    warning = "" if state == Confirmation.State.VALID.label else OVER.format(state=state.lower())
    paper = checklist_to_fill(issued.program, issued.risk_category, printing(), held, warning)
    return pdf(paper, f"checklist-{issued.risk_category}")


@page(*PHARMACY, *OFFICE)
def checklist(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """The checklist of one dispense, as it was signed."""
    made = own_dispense(request, dispense_id)
    saw(request, "checklist_printed", patient_id=made.patient_id, subject=made)
    return pdf(signed_checklist(made, shown_signatures(made), printing()), "checklist")


@page(Role.PRESCRIBER, Role.REPRESENTATIVE)
def own_certification(request: PortalRequest) -> HttpResponse:
    """The own certification: where it stands, and the form as it was signed."""
    return _certification(providers.certification_of(request.call.actor, PROGRAM))


@page(*OFFICE)
def prescribers_certification(request: PortalRequest, prescriber_id: UUID) -> HttpResponse:
    """The same of any prescriber, for the office."""
    found = providers.prescribers_visible_to(request.call.actor).filter(pk=prescriber_id).first()
    if found is None:
        raise Http404
    return _certification(providers.certification_of_prescriber(found))


@page(*OFFICE)
def pharmacys_certification(request: PortalRequest, pharmacy_id: UUID) -> HttpResponse:
    """The same of any pharmacy, for the office."""
    found = providers.pharmacies_visible_to(request.call.actor).filter(pk=pharmacy_id).first()
    if found is None:
        raise Http404
    return _certification(providers.certifications_of([found], PROGRAM)[found.pk])


def _certification(status: CertificationStatus) -> HttpResponse:
    signatures = shown_signatures(status.form) if status.form else []
    return pdf(certification(PROGRAM, status, signatures, printing()), "certification")


def _authorization(
    request: PortalRequest, patient_id: UUID, authorization_id: UUID
) -> Authorization:
    """What may be printed is what may be seen; a view of it is an event."""
    found = (
        prescriptions.authorizations_visible_to(request.call.actor)
        .filter(pk=authorization_id, patient_id=patient_id)
        .select_related("operation")
        .first()
    )
    if found is None:
        raise Http404
    saw(request, "prescription_viewed", patient_id=patient_id, subject=found)
    return found


def _warning(found: Authorization) -> str:
    state = effective_state(found, clock.now())
    return "" if state.lower() in USABLE else NOT_TO_BE_USED.format(state=state.lower())


def _printed(request: PortalRequest, found: Agreement) -> HttpResponse:
    saw(request, "agreement_printed", patient_id=found.patient_id, subject=found)
    return pdf(signed_agreement(found, shown_signatures(found), printing()), "agreement")
