"""Where a patient, or who speaks for them, comes in with a one-time code, and leaves again."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.errors import TooManyRequests
from apps.notices.messages import LANGUAGES
from apps.patients import visits
from apps.patients.models import PatientVisit
from apps.portal import own_language
from apps.portal.own_access import OwnRequest, own_page
from apps.portal.own_forms import EntryForm
from apps.reminders import selectors as reminders


def enter(request: HttpRequest, reference: str = "") -> HttpResponse:
    """Reference (typed, or of a link), code and date of birth. Looking at it uses nothing up."""
    form = EntryForm(
        request.POST or None,
        reference=reference,
        demo_code=visits.demo_code(reference) if reference else "",
    )
    status = HTTPStatus.OK
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            visit = visits.enter(
                request,
                reference=reference or given["reference"],
                code=given["code"],
                born_on=given["born_on"],
            )
        except TooManyRequests as error:
            form.add_error(None, error.message)
            status = HTTPStatus.TOO_MANY_REQUESTS
        else:
            if visit is not None:
                return _let_in(request, visit)
            form.add_error(
                None,
                _(
                    "This did not work. Compare the code and the date of birth with what you were "
                    "given. A code works once, for a short time, and is void after a few wrong "
                    "tries: then ask your prescriber’s office or the program for a new one."
                ),
            )
    return render(request, "own/enter.html", {"form": form}, status=status)


def _let_in(request: HttpRequest, visit: PatientVisit) -> HttpResponse:
    """To what is to be done, in the patient's language where none was chosen at the entrance."""
    answer = redirect("own_today")
    if not own_language.was_chosen(request):
        said = reminders.wishes_of(visit.code.patient_id)
        own_language.remember(
            answer, own_language.present() if said._state.adding else said.language
        )
    return answer


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Show the own pages in another language from now on; the page in hand first."""
    answer = redirect(own_language.back_to(request.POST.get("next", "")))
    language = request.POST.get("language", "")
    if language in LANGUAGES:
        own_language.remember(answer, language)
    return answer


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Go on with a visit: that it was asked is enough. 401 where it has ended already."""
    visit = visits.visit_of(request)
    return HttpResponse(status=HTTPStatus.NO_CONTENT if visit else HTTPStatus.UNAUTHORIZED)


@require_POST
@own_page
def leave(request: OwnRequest) -> HttpResponse:
    """End the visit."""
    visits.leave(request, request.visit)
    request.shown_patient = None
    messages.success(request, _("You have left. To come back, ask for a new code."))
    return redirect("own_enter")
