"""Sign-in with e-mail and password: lock-out, its end, time-outs, and nothing told to guessers."""

import re
import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal import auth
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
from django.core import mail
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from apps.accounts.models import User
from apps.audit.models import Event
from apps.core.call import Role
from tests import builders

pytestmark = pytest.mark.django_db

EMAIL = "robin@program.example"
LOGIN = "/accounts/login/"


@pytest.fixture
def robin() -> User:
    builders.office_member(Role.STAFF, EMAIL)
    return User.objects.get(email=EMAIL)


def try_to_sign_in(client: Client, password: str, email: str = EMAIL, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_e_mail_and_password_sign_in_and_lead_back(robin: User) -> None:
    client = Client()
    asked = client.get("/admin/patients/patient/", follow=True)
    assert asked.redirect_chain[-1][0] == "/accounts/login/?next=/admin/patients/patient/"
    answer = client.post(
        LOGIN,
        {"login": EMAIL.upper(), "password": builders.PASSWORD, "next": "/admin/patients/patient/"},
    )
    assert answer.headers["Location"] == "/admin/patients/patient/"
    assert client.get("/admin/patients/patient/").status_code == 200
    event = Event.objects.get(code="signed_in")
    assert (event.subject_id, event.role) == (str(robin.pk), "system")


def test_a_sign_in_leads_to_no_other_site(robin: User) -> None:
    answer = Client().post(
        LOGIN, {"login": EMAIL, "password": builders.PASSWORD, "next": "https://evil.example/"}
    )
    assert answer.status_code == 302
    assert "evil" not in answer.headers["Location"]


def test_a_failure_says_the_same_for_a_known_and_an_unknown_address(robin: User) -> None:
    pages = []
    for email in (EMAIL, "nobody@program.example"):
        answer = try_to_sign_in(Client(), "wrong", email)
        assert answer.status_code == 200
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        pages.append(text.replace(email, "ADDRESS"))
    assert pages[0] == pages[1]
    known, unknown = Event.objects.filter(code="sign_in_failed").order_by("pk")
    assert (known.subject_id, unknown.subject_id) == (str(robin.pk), "")
    assert "nobody@" not in str(list(Event.objects.values()))


def test_an_account_without_a_password_cannot_sign_in() -> None:
    User.objects.create_user(EMAIL, given_name="Robin", family_name="Example")
    for password in ("", "!", "None"):
        assert not is_signed_in_after(password)


def is_signed_in_after(password: str) -> bool:
    client = Client()
    try_to_sign_in(client, password)
    return is_signed_in(client)


def lock_out(client: Client) -> Any:
    answer = None
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = try_to_sign_in(client, "wrong")
    return answer


def test_ten_failures_lock_that_address_from_there_and_nobody_else(robin: User) -> None:
    builders.user("colleague@program.example")
    client = Client()
    locked = lock_out(client)
    assert locked.status_code == 429
    assert "Sign-in is locked for now" in locked.content.decode()
    right = try_to_sign_in(client, builders.PASSWORD)
    assert right.status_code == 429
    assert not is_signed_in(client)
    assert Event.objects.filter(code="sign_in_locked_out", subject_id=str(robin.pk)).exists()
    try_to_sign_in(client, builders.PASSWORD, "colleague@program.example")
    assert is_signed_in(client)
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    try_to_sign_in(elsewhere, builders.PASSWORD)
    assert is_signed_in(elsewhere)


def test_the_lock_ends_by_itself(robin: User) -> None:
    client = Client()
    with time_machine.travel(builders.START, tick=False) as at:
        lock_out(client)
        at.shift(settings.AXES_COOLOFF_TIME.total_seconds() + 60)
        try_to_sign_in(client, builders.PASSWORD)
        assert is_signed_in(client)


def reset_link() -> str:
    found = re.search(rf"{settings.PORTAL_URL}(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def choose(client: Client, link: str, password: str) -> Any:
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def test_a_new_password_by_mail_ends_the_lock_at_once(robin: User) -> None:
    client = Client()
    lock_out(client)
    client.post("/accounts/password/reset/", {"email": EMAIL})
    assert mail.outbox[-1].subject == "Set a new password for remsportal"
    assert choose(client, reset_link(), "a new long password").status_code == 302
    try_to_sign_in(client, "a new long password")
    assert is_signed_in(client)
    assert Event.objects.filter(code="password_reset", subject_id=str(robin.pk)).exists()
    spent = Client().get(reset_link(), follow=True)
    assert "This link no longer works" in spent.content.decode()


def test_asking_for_a_new_password_tells_nothing_of_accounts(robin: User) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in (EMAIL, "nobody@program.example")
    ]
    known, unknown = answers
    assert known.redirect_chain == unknown.redirect_chain
    assert known.content == unknown.content
    assert [message.to for message in mail.outbox] == [[EMAIL], ["nobody@program.example"]]
    assert "There is no account" in mail.outbox[1].body
    for message in mail.outbox:
        assert "sign up" not in message.body.lower()
        assert "example.com" not in message.body


@override_settings(ALLOWED_HOSTS=["*"])
def test_a_forged_host_does_not_reach_the_link_in_the_mail(robin: User) -> None:
    Client(headers={"host": "evil.example"}).post("/accounts/password/reset/", {"email": EMAIL})
    assert "evil.example" not in mail.outbox[0].body
    assert settings.PORTAL_URL in mail.outbox[0].body


def test_nobody_signs_up_by_themselves() -> None:
    client = Client()
    content = {"email": "new@program.example", "password1": "a new long password"}
    assert client.get("/accounts/signup/").headers["Location"] == LOGIN
    assert client.post("/accounts/signup/", content).status_code in {302, 405}
    assert not User.objects.exists()
    for name in ("account_email", "account_confirm_email", "mfa_add_webauthn"):
        with pytest.raises(NoReverseMatch):
            reverse(name)


def test_a_weak_password_is_refused(robin: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": EMAIL})
    for weak in ("short", "q1w2e3r4t5y6", "robin@program"):
        assert choose(client, reset_link(), weak).status_code == 200
    robin.refresh_from_db()
    assert robin.check_password(builders.PASSWORD)


@pytest.mark.parametrize(
    ("minutes_between", "still_in"), [(14, True), (16, False)], ids=["in use", "left alone"]
)
def test_a_sign_in_that_is_left_alone_ends(
    minutes_between: int, still_in: bool, robin: User
) -> None:
    client = Client()
    with time_machine.travel(builders.START, tick=False) as at:
        try_to_sign_in(client, builders.PASSWORD)
        for _ in range(3):
            client.get("/admin/misses/")
            at.shift(minutes_between * 60)
        answer = client.get("/admin/misses/", follow=True)
        assert is_signed_in(client) is still_in
    if not still_in:
        assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/admin/misses/"
        assert "signed out after 15 minutes" in answer.content.decode()


def test_a_sign_in_ends_after_twelve_hours_however_busy(robin: User) -> None:
    client = Client()
    with time_machine.travel(builders.START, tick=False) as at:
        try_to_sign_in(client, builders.PASSWORD)
        started = time.time()
        while time.time() - started < settings.SESSION_COOKIE_AGE:
            assert client.get("/admin/misses/").status_code == 200
            at.shift(10 * 60)
        client.get("/admin/misses/")
        at.shift(10 * 60)
        answer = client.get("/admin/misses/", follow=True)
        assert not is_signed_in(client)
    assert "a sign-in lasts 12 hours" in answer.content.decode()


def test_a_sign_in_costs_two_statements_a_request(robin: User) -> None:
    client = Client()
    try_to_sign_in(client, builders.PASSWORD)
    client.get("/livez")
    with CaptureQueriesContext(connection) as statements:
        client.get("/livez")
    assert len(statements) <= 2


def test_sign_out_needs_a_post_and_ends_the_session(robin: User) -> None:
    client = Client()
    try_to_sign_in(client, builders.PASSWORD)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_a_closed_account_cannot_sign_in(robin: User) -> None:
    User.objects.filter(pk=robin.pk).update(is_active=False)
    client = Client()
    answer = try_to_sign_in(client, builders.PASSWORD)
    assert answer.headers["Location"] == reverse("account_inactive")
    assert not is_signed_in(client)


def test_a_second_factor_can_be_set_up_and_is_then_asked_for(robin: User) -> None:
    client = Client()
    try_to_sign_in(client, builders.PASSWORD)
    assert client.get(reverse("mfa_index")).status_code == 200
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
    again = {"password": builders.PASSWORD, "next": reverse("mfa_activate_totp")}
    shown = client.post(reverse("account_reauthenticate"), again, follow=True)
    secret = shown.context["form"].secret
    sent = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert sent.status_code == 302
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert codes
    client.post("/accounts/logout/")
    first = try_to_sign_in(client, builders.PASSWORD)
    assert first.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_signed_in(client)
    client.post(reverse("mfa_authenticate"), {"code": codes[0]})
    assert is_signed_in(client)


def code_of(secret: str) -> str:
    """The code that an authenticator app shows now."""
    counter = int(time.time()) // 30
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def test_passwords_are_kept_as_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert identify_hasher(make_password(builders.PASSWORD)).algorithm == "argon2"
