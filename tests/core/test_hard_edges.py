"""What a browser is told with every answer, and what a stranger may not make us do with one."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as product
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import reverse

from apps.api.problems import MEDIA_TYPE, handle, problem
from apps.core.call import Role
from tests import browsers, builders

pytestmark = pytest.mark.django_db

# As remsportal/settings.py sets them in production only.
AS_IN_PRODUCTION = {
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_REDIRECT_EXEMPT": [r"^livez$", r"^readyz$", r"^metrics$"],
    "SESSION_COOKIE_NAME": "__Host-session",
    "CSRF_COOKIE_NAME": "__Host-csrf",
}
EVIL = "evil.example"


@pytest.fixture(autouse=True)
def production() -> Iterator[None]:
    cache.clear()
    with override_settings(**AS_IN_PRODUCTION):
        yield


@pytest.fixture
def administrator() -> Client:
    call = builders.office_member(Role.ADMINISTRATOR, "ada@program.example")
    return browsers.signed_in(builders.person_of(call))


def strict(policy: str) -> dict[str, list[str]]:
    """The directives of a Content-Security-Policy."""
    return {name: rest for name, *rest in (part.split() for part in policy.split(";"))}


ANSWERS = {
    "page": "/accounts/login/",
    "redirect": "/patients/",
    "no page": "/no-such-page/",
    "API": "/api/v1/patients",
    "no API": "/api/v1/nowhere",
    "API documents": "/api/v1/docs/",
    "OpenAPI": "/api/v1/openapi.yaml",
    "admin": "/admin/",
    "static": "/static/css/remsportal.css",
    "no static": "/static/none.css",
    "health": "/livez",
}


@pytest.mark.parametrize("address", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_binds_the_browser(address: str) -> None:
    answer = Client().get(address, secure=True)
    headers = answer.headers
    directives = strict(headers["Content-Security-Policy"])
    assert directives["default-src"] == ["'none'"]
    for directive in ("script-src", "style-src", "form-action"):
        assert directives[directive] == ["'self'"]
    for directive in ("frame-ancestors", "base-uri", "object-src"):
        assert directives[directive] == ["'none'"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Server" not in headers
    assert "X-Powered-By" not in headers
    answer.close()


def test_pages_about_people_are_kept_nowhere_and_static_files_may_be(administrator: Client) -> None:
    for address in ("/", "/admin/", "/office/queues/", "/accounts/login/", "/api/v1/patients"):
        kept = administrator.get(address, secure=True)["Cache-Control"]
        assert "no-store" in kept, address
    static = Client().get(ANSWERS["static"], secure=True)
    assert "no-store" not in static["Cache-Control"]
    static.close()


def test_nothing_but_health_is_answered_without_tls() -> None:
    for address in ("/", "/accounts/login/", "/api/v1/patients", "/admin/"):
        answer = Client().get(address)
        assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{address}")
    for address, status in (("/livez", 200), ("/readyz", 200), ("/metrics", 404)):
        assert Client().get(address).status_code == status


def test_a_forwarded_protocol_is_believed_only_where_the_operator_said_so() -> None:
    forged = {"x-forwarded-proto": "https", "x-forwarded-host": EVIL, "forwarded": f"host={EVIL}"}
    assert getattr(product, "SECURE_PROXY_SSL_HEADER", None) is None
    answer = Client().get("/accounts/login/", headers=forged)
    assert (answer.status_code, answer["Location"]) == (301, "https://testserver/accounts/login/")
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        assert Client().get("/accounts/login/", headers=forged).status_code == 200


def test_cookies_are_this_hosts_alone() -> None:
    answer = Client().get("/accounts/login/", secure=True)
    cookie = answer.cookies["__Host-csrf"]
    assert (cookie["secure"], cookie["httponly"], cookie["path"]) == (True, True, "/")
    assert (cookie["samesite"], cookie["domain"]) == ("Lax", "")
    builders.user("robin@people.example")
    client = Client()
    signed_in = sign_in(client, "robin@people.example")
    session = signed_in.cookies["__Host-session"]
    assert (session["secure"], session["httponly"], session["path"]) == (True, True, "/")
    assert (session["samesite"], session["domain"]) == ("Lax", "")


def sign_in(client: Client, email: str, **more: str) -> Any:
    fields = {"login": email, "password": builders.PASSWORD, **more}
    return client.post("/accounts/login/", fields, secure=True)


def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"',
        client.get("/accounts/login/", secure=True).content.decode(),
    )
    assert token
    fields = {"csrfmiddlewaretoken": token[1], "login": "x@people.example", "password": "x"}
    ours, theirs = "https://testserver/", f"https://{EVIL}/"
    refused = [
        client.post("/accounts/login/", {**fields, "csrfmiddlewaretoken": "x" * 64}, secure=True),
        client.post("/accounts/login/", fields, secure=True, headers={"origin": theirs}),
        client.post("/accounts/login/", fields, secure=True, headers={"referer": theirs}),
        client.post("/accounts/login/", fields, secure=True, headers={"origin": "null"}),
        client.post("/accounts/login/", fields, secure=True),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    taken = client.post("/accounts/login/", fields, secure=True, headers={"referer": ours})
    assert taken.status_code == 200


@pytest.mark.parametrize(
    "host", [EVIL, "testserver.evil.example", "testserver@evil.example", "a b"]
)
@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/api/v1/patients", "/admin/"])
def test_a_forged_host_is_refused_and_never_repeated(address: str, host: str) -> None:
    answer = Client().get(address, secure=True, headers={"host": host})
    assert answer.status_code == 400
    assert host not in answer.content.decode()
    assert host not in str(answer.headers)
    if address.startswith("/api/"):
        assert answer["Content-Type"] == MEDIA_TYPE
        assert answer.json() == problem("malformed_request", answer.json()["detail"]).data


@pytest.mark.parametrize("letters", ["rot13", "hex", "idna", "undefined", "zlib", "utf-16"])
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/accounts/login/", "multipart/form-data; boundary=b"),
        ("/my/enter/", "multipart/form-data; boundary=b"),
        ("/api/v1/token", "application/json"),
    ],
)
def test_what_comes_in_other_letters_than_ours_is_refused_and_no_failure_of_ours(
    address: str, kind: str, letters: str
) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="login"\r\n\r\nx\r\n--b--\r\n'
    client = Client(raise_request_exception=False)
    kinds = [f"{kind}; charset={each}" for each in (letters, "utf8")]
    answer, ours = (
        client.generic("POST", address, body, content_type=each, secure=True) for each in kinds
    )
    assert answer.status_code == 400
    assert ours.status_code < 500


ELSEWHERE = [
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"///{EVIL}/",
    f"/\\{EVIL}/",
    f"\\\\{EVIL}/",
    f"https:{EVIL}",
    f"https:///{EVIL}",
    f"http://testserver@{EVIL}/",
    f"\t//{EVIL}",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\r\nSet-Cookie: a=b",
]


def is_ours(location: str) -> bool:
    """Whether a browser stays: a path of ours, with a query at most."""
    return re.match(r"^(https://testserver)?/(?![/\\])", location) is not None


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_nobody_is_sent_elsewhere(goal: str, administrator: Client) -> None:
    builders.user("robin@people.example")
    signed_in = sign_in(Client(), "robin@people.example", next=goal)
    assert signed_in.status_code == 302
    answers = [
        signed_in,
        administrator.get(f"/accounts/login/?next={quote(goal)}", secure=True),
        administrator.post("/accounts/logout/", {"next": goal}, secure=True),
    ]
    for answer in answers:
        assert is_ours(answer["Location"]), answer["Location"]
        assert "a=b" not in str(answer.cookies)
    shown = Client().get(f"/admin/login/?next={quote(goal)}", secure=True)
    assert is_ours(shown["Location"])
    assert "\n" not in shown["Location"]


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_choosing_a_role_sends_nobody_elsewhere(goal: str, administrator: Client) -> None:
    shown = administrator.get(f"{reverse('choose_role')}?next={quote(goal)}", secure=True)
    assert shown.status_code == 200
    key = re.search(r'name="acting"[^>]*value="([^"]+)"', shown.content.decode())
    assert key
    chosen = administrator.post(
        reverse("choose_role"), {"acting": key[1], "next": goal}, secure=True
    )
    assert chosen.status_code == 302
    assert is_ours(chosen["Location"]), chosen["Location"]


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json", "a/b"])
def test_the_api_refuses_a_large_body_in_its_own_form(kind: str) -> None:
    for address in ("/api/v1/token", "/api/v1/evaluations", "/api/v1/patients"):
        answer = Client().post(address, "x" * 1_000_001, content_type=kind, secure=True)
        assert (answer.status_code, answer["Content-Type"]) == (413, MEDIA_TYPE), address
        own = problem("content_too_large", "Send less than one megabyte.")
        assert (answer.json(), answer.status_code) == (own.data, own.status_code)


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement fails, as when the server has just ended."""

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)


def test_without_the_database_a_page_says_to_try_again(
    administrator: Client, database_away: None
) -> None:
    administrator.raise_request_exception = False
    for address in (reverse("home"), "/admin/"):
        answer = administrator.get(address, secure=True)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5"), address
        assert "<h1>Not available just now</h1>" in answer.content.decode()


def test_without_the_database_the_api_says_so_in_its_own_form(database_away: None) -> None:
    client = Client(raise_request_exception=False)
    pair = {"client_id": "a", "client_secret": "b", "grant_type": "client_credentials"}
    answer = client.post("/api/v1/token", pair, secure=True)
    assert (answer.status_code, answer["Content-Type"]) == (503, MEDIA_TYPE)
    assert answer["Retry-After"] == "5"
    assert answer.json() == handle(OperationalError(), {}).data


def test_a_fault_of_ours_is_none_that_trying_again_helps(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise LookupError

    administrator.raise_request_exception = False
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
    answer = administrator.get(reverse("home"), secure=True)
    assert (answer.status_code, answer.get("Retry-After")) == (500, None)
    of_api = administrator.post("/api/v1/token", {"client_id": "a"}, secure=True)
    assert (of_api.status_code, of_api["Content-Type"]) == (500, MEDIA_TYPE)
    assert of_api.json() == problem("unexpected_error", of_api.json()["detail"]).data


def test_a_page_takes_no_more_than_a_form_needs() -> None:
    large = Client().post(
        "/accounts/login/",
        "x" * 1_000_001,
        content_type="application/x-www-form-urlencoded",
        secure=True,
    )
    assert large.status_code == 413
    assert "<h1>This is too large</h1>" in large.content.decode()
    many = "&".join(f"f{number}=1" for number in range(1_001))
    fields = Client().post(
        "/accounts/login/", many, content_type="application/x-www-form-urlencoded", secure=True
    )
    assert fields.status_code == 400
