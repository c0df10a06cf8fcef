"""What every page knows: who is signed in, in which role, and where they may go."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts import second_factors
from apps.accounts.middleware import IdleTimeoutMiddleware
from apps.accounts.models import User
from apps.core import clock
from apps.core.call import PROGRAM, Role
from apps.notices.messages import LANGUAGES
from apps.patients import visits
from apps.patients.models import PatientVisit
from apps.portal import own_language
from apps.portal.own_access import name_of
from apps.portal.own_language import OWN_PAGES
from apps.portal.program import newest_policy
from apps.providers.roles import MAY_SWITCH, Acting, acting_of
from apps.rules.edition import Policy

PRESCRIBING = [("My patients", "my_patients"), ("Enroll a patient", "enroll")]
CERTIFICATION = ("Certification", "certification")
COUNTER = ("Check eligibility", "check")
LISTS = [("Confirmations", "confirmations"), ("Dispenses", "dispenses")]
FROM_FORM = ("Enroll from a form", "enroll")
OFFICE = [
    ("Start", "home"),
    ("Queues", "queues"),
    ("Assessment report", "assessment_report"),
    ("Administration", "admin:index"),
]
STAFF = [*OFFICE[:2], ("Calls", "find_caller"), FROM_FORM, *OFFICE[2:]]
MOVES = [("Take over a patient", "take_over"), ("Former patients", "former_patients")]
TRAINING = ("Training", "training")
STAFFING = [("My sites", "my_sites"), ("Staff and training", "staff")]
PLACES = {
    Role.PRESCRIBER: [*PRESCRIBING, *MOVES, ("My delegates", "delegates"), CERTIFICATION],
    Role.DELEGATE: PRESCRIBING,
    Role.PHARMACIST: [COUNTER, *LISTS, TRAINING],
    Role.TECHNICIAN: [COUNTER, *LISTS, TRAINING],
    Role.REPRESENTATIVE: [CERTIFICATION, *STAFFING, *LISTS],
    Role.STAFF: STAFF,
    Role.ADMINISTRATOR: STAFF,
    Role.AUDITOR: OFFICE,
}
OWN = [(_("Today"), "own_today"), (_("Reminders"), "own_reminders")]
MESSAGES = ("Messages", "messages")
FROM_QUEUES = ("/office/deviations/", "/office/messages/", "/office/sign-ins/")
IDLE_WARNING = timedelta(minutes=2)
NOTED_EACH = timedelta(seconds=IdleTimeoutMiddleware.RESOLUTION_SECONDS)
STEPS = [("1h", "1 hour"), ("1d", "1 day"), ("7d", "7 days")]


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the main navigation."""

    label: str
    url: str
    current: bool


def portal(request: HttpRequest) -> dict[str, Any]:
    """The names that `base.html` expects."""
    if not hasattr(request, "user"):
        return {}
    acting = acting_of(request) if hasattr(request, "session") else None
    user = request.user if isinstance(request.user, User) else None
    # Before a second factor is set up, nothing but that can be done: nothing else is offered.
    working = acting if user and second_factors.was_shown(request) else None
    policy = newest_policy()
    visit = getattr(request, "visit", None)
    called = {"program_phone": settings.PROGRAM_PHONE}
    if visit is not None:
        return {**called, **_of_own_pages(), **_of_visit(request, visit, policy)}
    return {
        **called,
        **(_of_own_pages() if request.path_info.startswith(OWN_PAGES) else {}),
        "program_name": policy.marked_title,
        "program_zone": policy.calendar.zone,
        "user_zone": ZoneInfo(user.time_zone) if user else None,
        "actor": _actor(user, acting),
        "may_switch": bool(user) and request.session.get(MAY_SWITCH, False),
        "navigation": list(_navigation(request, working)),
        "demo_clock": _demo_clock(working) if user else None,
        "idle": _idle("stay_signed_in", settings.IDLE_TIMEOUT, NOTED_EACH) if user else None,
    }


def _idle(stay: str, timeout: timedelta, noted_each: timedelta) -> dict[str, Any]:
    """Where one goes on, and after how many seconds a page warns and what is left alone may end."""
    ends_after = timeout - noted_each
    return {
        "stay_url": reverse(stay),
        "warn_after": int(max(ends_after - IDLE_WARNING, ends_after / 2).total_seconds()),
        "ends_after": int(ends_after.total_seconds()),
    }


def _of_own_pages() -> dict[str, Any]:
    """The language that the page is in, and those that it could be in."""
    return {
        "page_language": own_language.present(),
        "languages": list(LANGUAGES.items()),
        "home_url": reverse("own_today"),
    }


def _of_visit(request: HttpRequest, visit: PatientVisit, policy: Policy) -> dict[str, Any]:
    """A patient's own pages: no role, no other places."""
    urls = [(label, reverse(name)) for label, name in OWN]
    here = max((url for __, url in urls if request.path.startswith(url)), key=len, default="")
    return {
        "program_name": policy.marked_title,
        "program_zone": policy.calendar.zone,
        "user_zone": ZoneInfo(visit.code.patient.time_zone),
        "visitor": name_of(visit),
        "visitor_speaks_for": str(visit.code.patient) if visit.code.representative else "",
        "navigation": [Link(str(label), url, url == here) for label, url in urls],
        "demo_clock": _demo_clock(None),
        "idle": _idle("own_stay", settings.PATIENT_IDLE_TIMEOUT, visits.RESOLUTION),
    }


def _actor(user: User | None, acting: Acting | None) -> dict[str, str] | None:
    if user is None:
        return None
    return {
        "name": str(user),
        "role": acting.role if acting else "",
        "organization": acting.organization if acting else "",
        "on_behalf_of": acting.on_behalf_of if acting else "",
    }


def _navigation(request: HttpRequest, acting: Acting | None) -> list[Link]:
    if acting is None:
        return []
    places = [*PLACES.get(acting.actor.role, []), MESSAGES]
    if settings.DEMO_CLOCK and acting.actor.role in PROGRAM:
        places.append(("Demo clock", "demo_clock"))
    urls = [(label, reverse(name)) for label, name in places]
    # What is opened from a queue has no place of its own.
    path = reverse("queues") if request.path.startswith(FROM_QUEUES) else request.path
    here = max((url for __, url in urls if path.startswith(url)), key=len, default="")
    return [Link(label, url, url == here) for label, url in urls]


def _demo_clock(acting: Acting | None) -> dict[str, Any] | None:
    if not settings.DEMO_CLOCK:
        return None
    if acting is None or acting.actor.role not in PROGRAM:
        return {"now": clock.now()}
    return {"now": clock.now(), "advance_url": reverse("demo_clock"), "steps": STEPS}
