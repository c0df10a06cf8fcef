"""The admin site of the program's staff, administrators and auditors: entrance and front page."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from apps.backoffice.access import choose_first, entered_call, office_call
from apps.backoffice.finding import find_page
from apps.backoffice.instants import program_zone
from apps.backoffice.queues import assessment_page, assign_page, queue_page
from apps.backoffice.trail import READERS, trail_page
from apps.backoffice.waiting import repeated_misses, waiting

SECTIONS = {
    "patients": "Patients",
    "providers": "Prescribers and pharmacies",
    "prescriptions": "Authorizations, confirmations, dispenses",
    "evidence": "What is known about safe use",
    "eligibility": "Decisions",
    "notices": "Notices",
    "reminders": "Reminders",
    "importing": "Imports",
    "oversight": "The program’s own work",
    "accounts": "People, organizations, API clients",
    "audit": "The trail",
    "core": "Operations",
    "axes": "Failed sign-ins",
    "mfa": "Second factors",
    "oauth2_provider": "OAuth applications",
}
# What people look for most comes first in its section; the rest by name.
MOST_LOOKED_FOR = [
    "Patient", "Agreement", "Prescriber", "Pharmacy", "Authorization", "Confirmation", "Dispense",
    "Intervention", "PregnancyCase", "Deviation", "PregnancyTest", "Intake", "User", "Membership",
    "Organization", "Event", "Signature",
]  # fmt: skip


def _most_looked_for(model: dict[str, Any]) -> tuple[int, str]:
    name = model["object_name"]
    place = MOST_LOOKED_FOR.index(name) if name in MOST_LOOKED_FOR else len(MOST_LOOKED_FOR)
    return place, str(model["name"])


def _in_program_time(view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """The page with its times and days in the program's zone, as every other page has them."""
    with timezone.override(program_zone()):
        answer = view()
        # Else it would be written later, when the zone is the server's again.
        if isinstance(answer, SimpleTemplateResponse) and not answer.is_rendered:
            answer.render()
        return answer


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ProgramAdmin(AdminSite):
    """Every record findable; regulated rows read-only; actions call services.

    People enter through the product's own sign-in; the admin has no second form for it.
    """

    site_title = "remsportal administration"
    site_header = "remsportal administration"
    index_title = "The program"
    index_template = "admin/front.html"
    # Lists need the width; every page leads back to the front page, where everything is.
    enable_nav_sidebar = False
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        """People with a membership in the program's office, whatever flags their account bears."""
        return office_call(request) is not None

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """As the stock one, but a stranger who is signed in gets a plain 403."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                if elsewhere := choose_first(request):
                    return elsewhere
                entered_call(request)
            return _in_program_time(lambda: inner(request, *args, **kwargs))

        return cast("View", entered)

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Over to the product's sign-in, and back."""
        goal = request.GET.get("next") or reverse("admin:index")
        if request.user.is_authenticated and not self.has_permission(request):
            if elsewhere := choose_first(request):
                return elsewhere
            raise PermissionDenied
        return redirect_to_login(goal, reverse("account_login"))

    def logout(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> TemplateResponse:
        """Over to the product's sign-out."""
        return redirect("account_logout")  # type: ignore[return-value]

    def password_change(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> TemplateResponse:
        """Over to the product's own page."""
        return redirect("account_change_password")  # type: ignore[return-value]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The kinds of records by section: first what people look for most.

        Every page of the stock admin asks for it, but only the front page shows it here: so it is
        found when it is first looked at.
        """
        of_stock = super().get_app_list

        def found() -> list[Any]:
            sections = of_stock(request, app_label)
            for section in sections:
                section["name"] = SECTIONS[section["app_label"]]
                section["models"].sort(key=_most_looked_for)
            order = list(SECTIONS)
            return sorted(sections, key=lambda section: order.index(section["app_label"]))

        return cast("list[Any]", SimpleLazyObject(found))

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """None: no form asks for it, and its lists of names would leave no view in the trail."""
        raise Http404

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The front page: what waits for the office, then every kind of record."""
        actor = entered_call(request).actor
        context = {"waiting": waiting(actor), "may_search_trail": actor.role in READERS}
        return super().index(request, {**(extra_context or {}), **context})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The stock addresses; search, trail, queues, assessment report and repeated misses."""
        return [
            path("find/", self.admin_view(self.find), name="find"),
            path("trail/", self.admin_view(self.trail), name="trail"),
            path("misses/", self.admin_view(self.misses), name="misses"),
            path("assessment/", self.admin_view(self.assessment), name="assessment"),
            path("queues/<slug:kind>/", self.admin_view(self.queue), name="queue"),
            path(
                "queues/<slug:kind>/<uuid:subject_id>/assign/",
                self.admin_view(self.assign),
                name="assign",
            ),
            *super().get_urls(),
        ]

    def queue(self, request: HttpRequest, kind: str) -> HttpResponse:
        """What waits of one kind."""
        return queue_page(self, request, kind)

    def assign(self, request: HttpRequest, kind: str, subject_id: UUID) -> HttpResponse:
        """Give one item to somebody."""
        return assign_page(self, request, kind, subject_id)

    def assessment(self, request: HttpRequest) -> HttpResponse:
        """The assessment report of a period."""
        return assessment_page(self, request)

    def find(self, request: HttpRequest) -> HttpResponse:
        """One search for everything."""
        return find_page(self, request)

    def trail(self, request: HttpRequest) -> HttpResponseBase:
        """The auditor's search of the trail, and its export."""
        return trail_page(self, request)

    def misses(self, request: HttpRequest) -> TemplateResponse:
        """Checks that matched no authorization, by organization and day (L-DSP-1)."""
        context = {
            **self.each_context(request),
            "title": "Checks that found no match",
            "rows": repeated_misses(),
        }
        return TemplateResponse(request, "admin/misses.html", context)
