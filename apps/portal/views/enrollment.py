"""Enroll a patient: identity, questions that lead to the category, agreement, likely duplicates.

The staff go the same way from a faxed or mailed form, for its prescriber, and sign nothing: what
they come to at the end is the entry of the form's signatures. The draft is kept as it was typed,
step by step, until the patient is enrolled (apps/portal/drafts).
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from apps.core import clock
from apps.core.call import Role
from apps.core.errors import TooManyRequests
from apps.core.overtaken import mark_of
from apps.evidence import services as evidence
from apps.papers.agreement import Parties
from apps.patients import selectors as patients
from apps.patients import services
from apps.patients.models import Agreement, Patient, RiskCategory
from apps.patients.selectors import Resemblance
from apps.patients.services import LikelyDuplicates
from apps.patients.showing import SHOWN, refuse_after_many_shown
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.agreement_forms import SignedDuplicatesForm
from apps.portal.askers import acted_for
from apps.portal.drafts import ELSEWHERE, KEEP, Draft
from apps.portal.enrollment_forms import (
    WITH_CODE,
    BodyForm,
    DuplicatesForm,
    FormIdentityForm,
    IdentityForm,
    SignatureForm,
    UnsignedAgreementForm,
)
from apps.portal.forms import PortalForm
from apps.portal.program import PROGRAM, present_policy
from apps.portal.submitting import attempt, once
from apps.portal.views.calls import go_on_from_form
from apps.portal.views.papers import agreement_paper
from apps.portal.views.queues import STAFF
from apps.portal.views.signing import (
    agreement_form,
    shown_agreement,
    signatures,
    to_patients_side,
)
from apps.rules.calendar import date_of
from apps.rules.documents import document
from apps.rules.edition import Policy

ENROLLED = "enrolled"
ENROLLING = (*PRESCRIBER_SIDE, *STAFF)
IDENTITY, BODY, SIGNATURES = "identity", "body", "signatures"
SIGNER = ("signer", "signer_name", "signer_relationship")
RESEMBLED = "resembled"
WHO = ("given_name", "family_name", "born_on_month", "born_on_day", "born_on_year")
F = TypeVar("F", bound=PortalForm)


@page(*ENROLLING)
def identity(request: PortalRequest) -> HttpResponse:
    """Step 1: who the patient is."""
    draft = Draft(request)
    form = _identity_form(request, _typed(request, draft, IDENTITY))
    if request.method == "POST":
        draft.keep_who(IDENTITY, request.POST, WHO)
        if left := _left(request, "find_caller" if _from_form(request) else "my_patients"):
            return left
        if form.is_valid():
            return redirect("enroll_body")
    context = {
        "form": _shown(request, form),
        "is_begun": draft.is_begun(),
        "from_form": _from_form(request),
    }
    return render(request, "prescriber/enroll_identity.html", context)


@page(*ENROLLING)
def body(request: PortalRequest) -> HttpResponse:
    """Step 2: the facts that lead to the risk category."""
    draft = Draft(request)
    known = _identity(request, draft)
    if known is None:
        return redirect("enroll")
    form = _body_form(known, _typed(request, draft, BODY))
    form.goes_with(_on_page(known), is_sent=request.method == "POST")
    if request.method == "POST":
        if not form.is_overtaken:
            draft.keep(BODY, request.POST)
        if left := _left(request, "enroll"):
            return left
        if form.is_valid():
            return redirect("enroll_agreement")
    context = {
        "form": _shown(request, form),
        "name": _name(known),
        "is_adult": form.is_adult,
        "whose": _whose(known),
    }
    return render(request, "prescriber/enroll_body.html", context)


@page(*ENROLLING)
def agreement(request: PortalRequest) -> HttpResponse:
    """Step 3: the category, the agreement of that category, and the signatures."""
    draft = Draft(request)
    known = _identity(request, draft)
    answered = _answered(draft, known) if known else None
    if known is None or answered is None:
        return _sent_twice(request) or redirect("enroll_body" if known else "enroll")
    typed = _typed(request, draft, SIGNATURES)
    form = (
        _unsigned_form(typed, known, answered, UnsignedAgreementForm)
        if _from_form(request)
        else agreement_form(request, typed, answered.risk_category(), _name(known))
    )
    form.goes_with(_on_page(known, answered), is_sent=request.method == "POST")
    if request.method == "POST":
        if not form.is_overtaken:
            draft.keep(SIGNATURES, request.POST)
        if left := _left(request, "enroll_body"):
            return left
        if form.is_valid():
            return _enroll(request, draft, known, answered, form)
    return _show_agreement(request, known, answered, _shown(request, form))


@page(*ENROLLING)
def agreement_to_sign(request: PortalRequest) -> HttpResponse:
    """The agreement of this draft, with the names in it, to be signed on paper."""
    draft = Draft(request)
    known = _identity(request, draft)
    answered = _answered(draft, known) if known else None
    if known is None or answered is None:
        return redirect("enroll")
    signs = acted_for(request.call.actor)
    parties = Parties(_name(known), known.cleaned_data["born_on"], signs)
    return agreement_paper(answered.risk_category(), parties)


@page(*ENROLLING)
def duplicates(request: PortalRequest) -> HttpResponse:
    """Step 4, only where it is needed: is the new patient one who is registered already?"""
    draft = Draft(request)
    known = _identity(request, draft)
    answered = _answered(draft, known) if known else None
    signed = _drafted(request, draft, known, answered) if known and answered else None
    if known is None or answered is None or signed is None or not signed.is_valid():
        return _sent_twice(request) or redirect("enroll")
    try:
        refuse_after_many_shown(request.call.actor)
    except TooManyRequests as refused:
        messages.error(request, refused.message)
        return redirect("enroll_agreement")
    found = patients.likely_duplicates(
        given_name=known.cleaned_data["given_name"],
        family_name=known.cleaned_data["family_name"],
        born_on=known.cleaned_data["born_on"],
        postal_code=known.cleaned_data["postal_code"],
        phone=known.cleaned_data["phone"],
        email=known.cleaned_data["email"],
    )
    form = _duplicates_form(request, found)
    form.goes_with(_on_page(known, answered, signed), is_sent=request.method == "POST")
    if request.method == "POST" and form.is_valid():
        same = form.same_person()
        if same is not None:
            _tell_shown(request, draft, known, found)
            return _is_registered(request, draft, same.patient)
        return _enroll(request, draft, known, answered, signed, deciding=form)
    return _show_duplicates(request, draft, known, answered, form)


@page(*ENROLLING)
def discard(request: PortalRequest) -> HttpResponse:
    """Begin anew: forget what was typed."""
    if request.method == "POST":
        Draft(request).forget()
    return redirect("enroll")


def _enroll(
    request: PortalRequest,
    draft: Draft,
    known: IdentityForm,
    answered: BodyForm,
    signed: SignatureForm,
    *,
    deciding: DuplicatesForm | None = None,
) -> HttpResponse:
    form: PortalForm = deciding or signed
    try:
        patient = attempt(
            form,
            lambda: _carry_out(
                request, form, known=known, answered=answered, signed=signed, deciding=deciding
            ),
            through=(LikelyDuplicates,),
        )
    except LikelyDuplicates as likely:
        # The answer alone tells that somebody is registered.
        _tell_shown(request, draft, known, likely.resemblances)
        return redirect("enroll_duplicates")
    if patient is not None:
        draft.forget()
        request.session[ENROLLED] = [str(form.cleaned_data["submission"]), str(patient.pk)]
        if isinstance(known, FormIdentityForm):
            messages.success(
                request,
                f"{patient} is registered; nothing is signed yet. Now enter the signatures of the "
                "form, with its scan: they count when a second person has checked them.",
            )
            return go_on_from_form(
                request,
                patient,
                prescriber=known.cleaned_data["prescriber"],
                channel=known.cleaned_data["channel"],
            )
        if signed.cleaned_data["how"] == WITH_CODE:
            return _let_in(request, patient, signed.cleaned_data)
        messages.success(
            request,
            f"{patient} is registered, and enrolled once both sides have signed. Now add the paper "
            "that the patient’s side signed.",
        )
        return to_patients_side(patient.agreements.get(), signed)
    if deciding is not None:
        return _show_duplicates(request, draft, known, answered, deciding)
    return _show_agreement(request, known, answered, signed)


def _let_in(request: PortalRequest, patient: Patient, signed: dict[str, Any]) -> HttpResponse:
    """Who signs with a code comes in first; who signs for the patient is named before that."""
    if signed["signer"] != Agreement.Signer.PATIENT:
        messages.success(
            request,
            f"{patient} is registered, and enrolled once both sides have signed. "
            f"{signed['signer_name']} signs for the patient: say how to reach them, then let "
            "them in.",
        )
        return redirect("name_representative", patient_id=patient.pk)
    messages.success(
        request,
        f"{patient} is registered, and enrolled once both sides have signed. Now let them in: they "
        "sign on their own pages.",
    )
    return redirect("let_in", patient_id=patient.pk)


def _carry_out(
    request: PortalRequest,
    form: PortalForm,
    *,
    known: IdentityForm,
    answered: BodyForm,
    signed: SignatureForm,
    deciding: DuplicatesForm | None,
) -> Patient:
    """The command behind the last step, as the form that was sent allows it."""
    call = once(request, form)
    about: dict[str, Any] = {
        "program": PROGRAM,
        "identity": known.identity(),
        "risk_category": answered.risk_category(),
        "basis": answered.basis(),
        "not_duplicates": deciding.decisions() if deciding else (),
    }
    if not isinstance(known, FormIdentityForm):
        return services.enroll_patient(call, signatures=signatures(request, signed), **about)
    signer = {name: signed.cleaned_data[name] for name in SIGNER}
    return evidence.enroll_from_form(
        call,
        channel=known.cleaned_data["channel"],
        prescriber_id=known.cleaned_data["prescriber"].pk,
        **signer,
        **about,
    )


def _show_agreement(
    request: PortalRequest, known: IdentityForm, answered: BodyForm, form: SignatureForm
) -> HttpResponse:
    category = answered.risk_category()
    context = {
        "form": form,
        "name": _name(known),
        "category": RiskCategory(category).label,
        "menopause_is_recent": answered.menopause_is_recent,
        "agreement": document(PROGRAM, "agreement", category),
        "risk_category": category,
        "acting": request.acting,
        "whose": _whose(known),
    }
    return render(request, "prescriber/enroll_agreement.html", context)


def _show_duplicates(
    request: PortalRequest,
    draft: Draft,
    known: IdentityForm,
    answered: BodyForm,
    form: DuplicatesForm,
) -> HttpResponse:
    _tell_shown(request, draft, known, form.resemblances)
    context = {
        "form": form,
        "name": _name(known),
        "category": RiskCategory(answered.risk_category()).label,
        "whose": _whose(known),
    }
    return render(request, "prescriber/enroll_duplicates.html", context)


def _tell_shown(
    request: PortalRequest, draft: Draft, known: IdentityForm, alike: Sequence[Resemblance]
) -> None:
    """Leave the event of who resembles whom. It counts once for a draft: a reload tells no more."""
    ids = [each.patient.pk for each in alike]
    mark = mark_of({"identity": _on_page(known), "shown": sorted(map(str, ids))})
    if draft.is_first(RESEMBLED, mark):
        saw(request, SHOWN, patient_ids=ids)
    else:
        saw(request, "page_viewed", patient_ids=ids, data={"page": "enroll_duplicates"})


def _on_page(
    known: IdentityForm, answered: BodyForm | None = None, signed: SignatureForm | None = None
) -> dict[str, Any]:
    """What a step goes on from: a draft may be another patient's by the time it is sent."""
    shown = {
        f"{number}.{name}": getattr(value, "pk", value)
        for number, form in enumerate(filter(None, (known, answered, signed)))
        for name, value in form.cleaned_data.items()
        if name != "submission"
    }
    return {**shown, **shown_agreement(answered.risk_category())} if answered else shown


def _sent_twice(request: PortalRequest) -> HttpResponse | None:
    """The patient whom this very page enrolled a moment ago, when it is sent once more."""
    submission, patient_id = request.session.get(ENROLLED, ("", ""))
    if request.method == "POST" and submission == request.POST.get("submission"):
        return _record(request, patient_id)
    return None


def _record(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """The page of a registered patient; to the staff, the one from which something is entered."""
    return redirect("contact" if _from_form(request) else "patient", patient_id=patient_id)


def _is_registered(request: PortalRequest, draft: Draft, patient: Patient) -> HttpResponse:
    draft.forget()
    if patients.visible_to(request.call.actor).filter(pk=patient.pk).exists():
        messages.info(request, "This patient is registered already: here is the record.")
        return _record(request, patient.pk)
    return render(request, "prescriber/enroll_registered.html", {"patient": patient})


def _from_form(request: PortalRequest) -> bool:
    """Whether the program's staff enter it, from a form."""
    return request.call.actor.role in STAFF


def _whose(known: IdentityForm) -> str:
    return known.whose if isinstance(known, FormIdentityForm) else ""


def _identity_form(request: PortalRequest, data: QueryDict | None) -> IdentityForm:
    today = _today(present_policy())
    if _from_form(request):
        return FormIdentityForm(data, today=today, actor=request.call.actor)
    return IdentityForm(data, today=today)


def _identity(request: PortalRequest, draft: Draft) -> IdentityForm | None:
    form = _identity_form(request, draft.typed(IDENTITY))
    return form if form.is_valid() else None


def _body_form(known: IdentityForm, data: QueryDict | None) -> BodyForm:
    policy = present_policy()
    return BodyForm(
        data, born_on=known.cleaned_data["born_on"], today=_today(policy), policy=policy
    )


def _answered(draft: Draft, known: IdentityForm) -> BodyForm | None:
    form = _body_form(known, draft.typed(BODY))
    return form if form.is_valid() else None


def _drafted(
    request: PortalRequest, draft: Draft, known: IdentityForm, answered: BodyForm
) -> SignatureForm:
    """Who signs for the patient, as typed in step 3; what proved the prescriber is not kept."""
    kind = UnsignedAgreementForm if _from_form(request) else SignatureForm
    return _unsigned_form(draft.typed(SIGNATURES), known, answered, kind)


def _unsigned_form(
    data: QueryDict | None, known: IdentityForm, answered: BodyForm, kind: type[SignatureForm]
) -> SignatureForm:
    """Without the prescriber's own signature."""
    policy = present_policy()
    return kind(
        data,
        signers=policy.categories[answered.risk_category()].signers,
        patient_name=_name(known),
        zone=policy.calendar.zone,
    )


def _duplicates_form(request: PortalRequest, found: list[Resemblance]) -> DuplicatesForm:
    if request.call.actor.role is Role.PRESCRIBER:
        return SignedDuplicatesForm(request.POST or None, resemblances=found, request=request)
    return DuplicatesForm(request.POST or None, resemblances=found, sees_all=_from_form(request))


def _left(request: PortalRequest, elsewhere: str) -> HttpResponse | None:
    """The answer where a step is not finished now, only kept."""
    if KEEP in request.POST:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return redirect(elsewhere) if ELSEWHERE in request.POST else None


def _typed(request: PortalRequest, draft: Draft, step: str) -> QueryDict | None:
    return request.POST if request.method == "POST" else draft.typed(step)


def _shown(request: PortalRequest, form: F) -> F:
    """A form as it comes back from the draft: unfinished, which is no mistake yet."""
    if request.method != "POST":
        form.errors.clear()
    return form


def _today(policy: Policy) -> Any:
    return date_of(policy.calendar.day(clock.now()))


def _name(known: IdentityForm) -> str:
    return f"{known.cleaned_data['given_name']} {known.cleaned_data['family_name']}"
