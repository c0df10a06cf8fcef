"""How many mistakes a sign-in may hold, and who is kept out then.

Three budgets: one account from one address, one account from all strangers' browsers together, one
address for all accounts together. A browser that knows the person (see `browsers`) has a budget of
its own, so nobody elsewhere can lock them out of it. Codes of the second factor have theirs.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts import browsers
from apps.accounts.models import EarlierPassword, User, WrongCode
from apps.core import clock

# The last of ours in axes' rows: it tells a known browser from all the others, whatever they say.
KNOWN, STRANGE = "known:", "strange"
DAY = timedelta(days=1)
# So often does a new password by mail give the second factor's guessers another budget in a day.
NEW_PASSWORDS = 4


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries to get in, from where, with a browser that knows them (its key) or not."""

    email: str
    address: str | None
    key: str = ""

    @property
    def mark(self) -> str:
        """How axes' rows name the browser."""
        return f"{KNOWN}{self.key}" if self.key else STRANGE


def attempted_email(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """The address of a sign-in attempt, for the lock-out's count."""
    typed = (credentials or {}).get("email") or (credentials or {}).get("username")
    if not typed and request is not None:
        typed = request.POST.get("login", "")
    return str(typed or "").strip().lower()


def attempt_of(request: HttpRequest, credentials: dict[str, Any] | None) -> Attempt:
    """The attempt behind a request; whom the address belongs to is asked once."""
    email = attempted_email(request, credentials)
    key = ""
    if browsers.COOKIE in request.COOKIES:
        user_id = User.objects.filter(email=email).values_list("pk", flat=True).first()
        key = browsers.known_key(request, user_id) if user_id else ""
    return Attempt(email=email, address=browsers.address_of(request), key=key)


class Handler(AxesDatabaseHandler):
    """axes' records of failures, counted against our budgets."""

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        """The failures that count for this attempt: the limit itself when any budget is used up."""
        attempt = attempt_of(request, credentials)
        request.axes_user_agent = attempt.mark  # type: ignore[attr-defined]
        limit: int = settings.AXES_FAILURE_LIMIT
        if attempt.key:
            return _sum(_own(attempt))
        strange = {"user_agent": STRANGE}
        shared = (
            (_recent(username=attempt.email, **strange), settings.ACCOUNT_LIMIT),
            (_recent(ip_address=attempt.address, **strange), settings.ADDRESS_LIMIT),
        )
        if any(_sum(failures) >= most for failures, most in shared):
            return limit
        return _sum(_own(attempt))

    def user_login_failed(
        self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any
    ) -> None:
        """Count a failure, under the mark of its browser."""
        if request is not None:
            request.axes_user_agent = attempt_of(request, credentials).mark
        super().user_login_failed(sender, credentials, request, **kwargs)

    def reset_user_attempts(self, request: HttpRequest, credentials: Any = None) -> int:
        """A right sign-in forgets its own mistakes, never those of strangers elsewhere."""
        count, _ = _own(attempt_of(request, credentials)).delete()
        return int(count)


def page(request: HttpRequest, _: Any = None, credentials: Any = None) -> HttpResponse:
    """What somebody sees who is kept out: why, until when, and how it ends."""
    attempt = attempt_of(request, credentials)
    limit = settings.AXES_FAILURE_LIMIT
    context = {
        "cooloff": settings.AXES_COOLOFF_TIME,
        "by_others": _sum(_own(attempt)) < limit,
        "limit": limit,
    }
    return render(request, "account/lockout.html", context, status=429)


def wrong_codes_left(request: HttpRequest, user: User) -> int:
    """How many wrong codes this browser may still enter for this person.

    Strangers share one budget a day, for whoever enters codes knows the password; a new password
    ends the count. Not without end: who reads the mailbox could choose one after the other.
    """
    key = browsers.known_key(request, user.pk)
    is_proven = bool(key) and not key.startswith(browsers.BY_MAIL)
    window = settings.AXES_COOLOFF_TIME if key else DAY
    most: int = settings.WRONG_CODES_LIMIT
    if not is_proven and _unproven_codes(user) >= most * (NEW_PASSWORDS + 1):
        return 0
    since = clock.real_now() - window
    latest = (
        EarlierPassword.objects.filter(user=user)
        .order_by("-chosen_at")
        .values_list("chosen_at", flat=True)
        .first()
    )
    codes = WrongCode.objects.filter(
        user=user, browser_key=key, entered_at__gt=max(since, latest or since)
    )
    return max(most - codes.count(), 0)


def _unproven_codes(user: User) -> int:
    """The wrong codes of a day from browsers in which no second factor was ever shown."""
    codes = WrongCode.objects.filter(user=user, entered_at__gt=clock.real_now() - DAY)
    return codes.filter(Q(browser_key="") | Q(browser_key__startswith=browsers.BY_MAIL)).count()


def count_wrong_code(request: HttpRequest, user: User) -> None:
    """Keep that a wrong code was entered."""
    WrongCode.objects.create(
        user=user,
        entered_at=clock.real_now(),
        browser_key=browsers.known_key(request, user.pk),
    )


def end(user: User) -> None:
    """Forget every failed password for an account: its owner proved to hold the mailbox."""
    AccessAttempt.objects.filter(username=user.email).delete()


def _own(attempt: Attempt) -> "QuerySet[AccessAttempt]":
    """The failures of this very browser, or of this address's strange ones, for this account."""
    if attempt.key:
        return _recent(username=attempt.email, user_agent=attempt.mark)
    return _recent(username=attempt.email, ip_address=attempt.address, user_agent=STRANGE)


def _recent(**where: Any) -> "QuerySet[AccessAttempt]":
    since = clock.real_now() - settings.AXES_COOLOFF_TIME
    return AccessAttempt.objects.filter(Q(**where), attempt_time__gte=since)


def _sum(attempts: "QuerySet[AccessAttempt]") -> int:
    return int(attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0)
