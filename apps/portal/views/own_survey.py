"""The patient's survey on their own pages: one question a page, then the signature.

A risky answer counts as it is given, and leads at once to what to do (L-SUR-3).
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import NotAllowed
from apps.evidence import services as evidence
from apps.evidence.models import PatientSurvey
from apps.portal import own_language, own_survey
from apps.portal.own_access import OwnRequest, own_page, patient_of
from apps.portal.own_forms import OwnQuestionForm, OwnSurveyForm, UnsignedSurveyForm
from apps.portal.own_signing import is_asking_for_code, send_code
from apps.portal.own_survey import Draft
from apps.portal.own_words import ANSWERS
from apps.portal.program import PROGRAM
from apps.portal.submitting import attempt, once
from apps.portal.views.own import after
from apps.rules.documents import Document, Item

AnswerForm = OwnSurveyForm | UnsignedSurveyForm


def _of_the_patient(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Tell a minor's guardian who answers these questions, and show nothing of them."""

    @wraps(view)
    def shown(request: OwnRequest, **kwargs: int) -> HttpResponse:
        try:
            text, draft = own_survey.questions_of(request)
        except NotAllowed:
            return render(request, "own/not_yours.html")
        return view(request, text, draft, **kwargs)

    return shown


@own_page
@_of_the_patient
def question(request: OwnRequest, text: Document, draft: Draft, *, number: int) -> HttpResponse:
    """One question. The answer is kept; those before it can be changed, none can be left out."""
    first_open = draft.next_of(text)
    if not 1 <= number <= min(first_open, len(text.items)):
        return redirect("own_survey")
    item = text.items[number - 1]
    form = OwnQuestionForm(
        request.POST or None, item=item, initial={"answer": draft.answers.get(item.code)}
    )
    if request.method == "POST" and form.is_valid():
        answered = draft.with_answer(item, form.cleaned_data["answer"])
        if not _must_count(answered, item):
            own_survey.keep(request, answered)
            return _next(number, text)
        opened = attempt(
            form,
            lambda: evidence.count_risky_answer(
                once(request, form),
                patient_id=patient_of(request).pk,
                program=PROGRAM,
                question=item.code,
                language=own_language.present(),
            ),
        )
        if opened is not None:
            own_survey.keep(request, answered.having_counted(item, str(opened.pk)))
            return redirect("own_guidance")
    context = {"form": form, "number": number, "count": len(text.items), "previous": number - 1}
    return render(request, "own/question.html", context)


@own_page
@_of_the_patient
def survey(request: OwnRequest, text: Document, draft: Draft) -> HttpResponse:
    """The way on, to the first question without an answer; after the last, look and send."""
    first_open = draft.next_of(text)
    if first_open <= len(text.items):
        # What was sent already, sent again: there is nothing more to send.
        if request.method == "POST" and not own_survey.is_begun(request):
            return redirect("own_today")
        return redirect("own_question", number=first_open)
    if is_asking_for_code(request):
        return send_code(request, "own_survey")
    form: AnswerForm = (
        UnsignedSurveyForm(request.POST or None)
        if draft.is_risky(text)
        else OwnSurveyForm(request.POST or None, request=request)
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _record(request, draft, form))
        if made is not None:
            own_survey.drop(request)
            if made.at_risk:
                return redirect("own_guidance")
            return after(request, _("Your answers are recorded. Thank you."), "own_today")
    context = {
        "form": form,
        "answered": [
            (number, item.text, ANSWERS[draft.answers[item.code]])
            for number, item in enumerate(text.items, start=1)
        ],
        "last": len(text.items),
        "is_risky": draft.is_risky(text),
    }
    return render(request, "own/survey.html", context)


def _must_count(draft: Draft, item: Item) -> bool:
    """Whether the answer to this question is risky, and did not count yet."""
    is_risky = bool(item.at_risk) and draft.answers[item.code] == item.at_risk
    return is_risky and item.code not in draft.counted


def _next(number: int, text: Document) -> HttpResponse:
    if number < len(text.items):
        return redirect("own_question", number=number + 1)
    return redirect("own_survey")


def _record(request: OwnRequest, draft: Draft, form: AnswerForm) -> PatientSurvey:
    return evidence.record_patient_survey(
        once(request, form),
        patient_id=patient_of(request).pk,
        program=PROGRAM,
        completed_at=clock.now(),
        answers=draft.answers,
        language=own_language.present(),
        counted=[UUID(opened) for opened in draft.counted.values()],
    )
