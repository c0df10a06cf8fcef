"""The language of a patient's own pages: the chosen one, the patient's, or the browser's.

Staff pages know one language and never come here. A cookie holds the choice and nothing else.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from apps.notices.messages import LANGUAGES

OWN_PAGES: Final = "/my/"


class OwnLanguageMiddleware:
    """Answer the patient's pages, what goes wrong there included, in the patient's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer of an own page in its language; every other one as it is."""
        if not request.path_info.startswith(OWN_PAGES):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            answer = self.get_response(request)
            answer.headers.setdefault("Content-Language", present())
        return answer


def present() -> str:
    """The language of the page in hand, as texts and notices name it."""
    language = (translation.get_language() or "").split("-")[0]
    return language if language in LANGUAGES else next(iter(LANGUAGES))


def was_chosen(request: HttpRequest) -> bool:
    """Whether somebody chose a language in this browser."""
    return settings.LANGUAGE_COOKIE_NAME in request.COOKIES


def remember(answer: HttpResponse, language: str) -> None:
    """Keep to a language in this browser until it is closed."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        path=OWN_PAGES,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def back_to(address: str) -> str:
    """The own page on which a language was chosen; the first of them for every other address."""
    is_own = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_own and urlsplit(address).path.startswith(OWN_PAGES) else OWN_PAGES
