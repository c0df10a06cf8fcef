"""Signing: the enrollment forms of prescribers and pharmacies, and patients' agreements."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from apps.audit.texts import as_read
from apps.core import clock
from apps.core.call import Role
from apps.core.overtaken import PageForm
from apps.evidence import services as evidence
from apps.evidence.unsigned import has_newer_text
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import Agreement
from apps.patients.services import Signatures
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.agreement_forms import SignedAgreementForm
from apps.portal.enrollment_forms import ON_PAPER, SignatureForm
from apps.portal.forms import EveryItemField, PortalForm
from apps.portal.paper_forms import MissingSignaturesForm, SignedMissingForm, read_scan
from apps.portal.program import PROGRAM, present_policy
from apps.portal.signatures import shown_signatures
from apps.portal.signing import Signed
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import category_label, patient_trail
from apps.providers import selectors as providers
from apps.providers import services
from apps.rules.documents import Document, document

AS_PRESCRIBER = "sign this enrollment form as the prescriber, and attest each point above"
AS_REPRESENTATIVE = (
    "sign this enrollment form as the pharmacy’s authorized representative, and attest each point "
    "above"
)


class AttestationsForm(PageForm, PortalForm):
    """Every attestation of an enrollment form, each signed in the version that was shown."""

    attestations = EveryItemField(label="I attest each point")

    def __init__(self, *args: Any, text: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attestations"].choices = [  # type: ignore[attr-defined]
            (item.code, item.text) for item in text.items
        ]
        self.goes_with({"version": text.version}, is_sent=self.is_bound)


class SignedAttestationsForm(Signed, AttestationsForm):
    """The same with the signature that makes it an enrollment form."""


@page(Role.PRESCRIBER, Role.REPRESENTATIVE)
def certification(request: PortalRequest) -> HttpResponse:
    """Where the certification stands, and the form that certifies or renews it."""
    is_prescriber = request.call.actor.role is Role.PRESCRIBER
    kind = "prescriber_enrollment" if is_prescriber else "pharmacy_enrollment"
    text = document(PROGRAM, kind)
    status = providers.certification_of(request.call.actor, PROGRAM)
    form = SignedAttestationsForm(
        request.POST or None,
        text=text,
        request=request,
        meaning=AS_PRESCRIBER if is_prescriber else AS_REPRESENTATIVE,
    )
    sign = (
        services.sign_prescriber_enrollment if is_prescriber else services.sign_pharmacy_enrollment
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: sign(
                once(request, form), program=PROGRAM, attestations=form.cleaned_data["attestations"]
            ),
        )
        if made is not None:
            messages.success(request, "Signed. Where the certification stands now is shown below.")
            return redirect("certification")
    context = {
        "form": form,
        "text": text,
        "status": status,
        "signatures": shown_signatures(status.form) if status.form else [],
    }
    return render(request, "portal/certification.html", context)


@page(*PRESCRIBER_SIDE)
def sign_agreement(request: PortalRequest, patient_id: UUID, agreement_id: UUID) -> HttpResponse:
    """Add a signature that an agreement still lacks (L-ENR-3)."""
    person = visible_patient(request, patient_id)
    actor = request.call.actor
    found = (
        patients.agreements_visible_to(actor)
        .filter(pk=agreement_id, patient_id=patient_id)
        .select_related("prescriber")
        .first()
    )
    if found is None:
        raise Http404
    form = _missing_form(request, found)
    signs_here = isinstance(form, SignedMissingForm)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: evidence.sign_agreement(
                once(request, form),
                patient_id=patient_id,
                agreement_id=agreement_id,
                patient_signed_at=form.cleaned_data.get("patient_signed_at"),
                prescriber_signed_at=form.prescriber_signed_at(),
                scan=read_scan(form),
            ),
        )
        if made is not None:
            messages.success(request, "The signature is recorded.")
            return redirect("patient", patient_id=patient_id)
    context = {
        "patient": person,
        "form": form,
        "title": "Sign the agreement" if signs_here else "Add the signed paper",
        "category": found.get_risk_category_display(),
        **_text_to_sign(found),
        "signed": found,
        "newer_text": found.patient_signed_at is None and has_newer_text(found),
        "submit": "Sign" if signs_here else "Record the signature",
        "signatures": shown_signatures(found),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/agreement.html", context)


@page(*PRESCRIBER_SIDE)
def renew_agreement(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """A new agreement for the present category (L-ENR-4, L-ENR-5, L-PT-8)."""
    person = visible_patient(request, patient_id)
    category = patients.current_category(person).risk_category
    form = agreement_form(request, request.POST or None, category, str(person))
    speaks = standing.representative_of(person)
    if speaks is not None and speaks.kind in present_policy().categories[category].signers:
        form.initial.update(
            signer=speaks.kind,
            signer_name=speaks.name,
            signer_relationship=speaks.relationship,
        )
    form.goes_with(
        {"patient": str(person), **shown_agreement(category)}, is_sent=request.method == "POST"
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: evidence.renew_agreement(
                once(request, form),
                patient_id=patient_id,
                program=PROGRAM,
                signatures=signatures(request, form),
                category_read=category,
            ),
        )
        if made is not None:
            messages.success(request, "The new agreement is recorded.")
            return to_patients_side(made, form)
    context = {
        "patient": person,
        "form": form,
        "title": "Sign a new agreement",
        "category": category_label(person),
        "agreement": document(PROGRAM, "agreement", category),
        "risk_category": category,
        "voids": True,
        "submit": "Sign",
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/agreement.html", context)


def agreement_form(
    request: PortalRequest, data: QueryDict | None, category: str, patient_name: str
) -> SignatureForm:
    """The end of an agreement of `category`: for a prescriber, with their own signature."""
    policy = present_policy()
    about: dict[str, Any] = {
        "signers": policy.categories[category].signers,
        "patient_name": patient_name,
        "zone": policy.calendar.zone,
    }
    if request.call.actor.role is Role.PRESCRIBER:
        return SignedAgreementForm(data, request=request, **about)
    return SignatureForm(data, **about)


def _text_to_sign(found: Agreement) -> dict[str, Any]:
    """The words that a missing signature binds; the paper to print, while they are the present."""
    category, version = found.risk_category, found.text_version
    text = as_read(found.program, "agreement", version=version, risk_category=category)
    is_present = version == document(found.program, "agreement").version
    return {"agreement": text, "risk_category": category if is_present else ""}


def shown_agreement(category: str) -> dict[str, str]:
    """Which agreement a page shows; by these its form tells it from another."""
    version = document(PROGRAM, "agreement", category).version
    return {"category": category, "version": version}


def to_patients_side(agreement: Agreement, form: SignatureForm) -> HttpResponse:
    """To the entry of the paper that the patient's side signs; else to the patient's page."""
    if form.cleaned_data.get("how") != ON_PAPER:
        return redirect("patient", patient_id=agreement.patient_id)
    return redirect("sign_agreement", patient_id=agreement.patient_id, agreement_id=agreement.pk)


def _missing_form(request: PortalRequest, agreement: Agreement) -> MissingSignaturesForm:
    actor, data = request.call.actor, request.POST or None
    is_its_prescriber = (
        actor.role is Role.PRESCRIBER and actor.prescriber_id == agreement.prescriber_id
    )
    about: dict[str, Any] = {
        "agreement": agreement,
        "zone": present_policy().calendar.zone,
    }
    if is_its_prescriber and agreement.prescriber_signed_at is None:
        return SignedMissingForm(data, request.FILES or None, request=request, **about)
    return MissingSignaturesForm(data, request.FILES or None, **about)


def signatures(request: PortalRequest, form: SignatureForm) -> Signatures:
    """Who signs and when, from a valid form; the prescriber signs at this moment."""
    cleaned = form.cleaned_data
    is_prescriber = request.call.actor.role is Role.PRESCRIBER
    return Signatures(
        signer=cleaned["signer"],
        signer_name=cleaned["signer_name"],
        signer_relationship=cleaned["signer_relationship"],
        patient_signed_at=cleaned.get("patient_signed_at"),
        prescriber_signed_at=clock.now() if is_prescriber else None,
        scan=read_scan(form),
    )
