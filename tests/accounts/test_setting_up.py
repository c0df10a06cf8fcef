"""Setting up a first second factor, with real commits: what follows from it follows on commit."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import Event
from tests import builders
from tests.accounts.steps import (
    AUTHENTICATE,
    LOGIN,
    NEW,
    TESS,
    choose,
    enter_by_password,
    invited,
    is_signed_in,
    link_in,
)
from tests.browsers import code_from
from tests.concurrency.racing import in_order


def turn_on(client: Client, code: str) -> list[str]:
    """The last step of setting up an app; the recovery codes."""
    sent = client.post(reverse("mfa_activate_totp"), {"code": code})
    return list(client.get(sent.headers["Location"]).context["unused_codes"])


def test_a_second_factor_is_set_up_and_is_then_asked_for(own_database: str, newcomer: User) -> None:
    client = enter_by_password(newcomer)
    shown = client.get(reverse("mfa_activate_totp"))
    assert shown.status_code == 200, "the password was typed a moment ago"
    code = code_from(shown.context["form"].secret)
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert wrong.status_code == 200
    codes = turn_on(client, code)
    assert len(codes) == 10
    assert client.get("/admin/").status_code == 200
    events = Event.objects.filter(subject_id=str(newcomer.pk)).values_list("code", flat=True)
    assert {"second_factor_set_up", "recovery_codes_made"} <= set(events)
    assert mail.outbox[-1].subject == "Your authenticator app is set up"
    client.post("/accounts/logout/")
    first = client.post(LOGIN, {"login": newcomer.email, "password": builders.PASSWORD})
    assert first.headers["Location"] == AUTHENTICATE
    assert not is_signed_in(client)
    again = client.post(AUTHENTICATE, {"code": code})
    assert again.status_code == 200, "the code of the set-up is used up"
    client.post(AUTHENTICATE, {"code": codes[0]})
    assert is_signed_in(client)
    assert client.get("/admin/").status_code == 200


def test_a_page_that_is_sent_twice_sets_the_app_up_once(own_database: str, newcomer: User) -> None:
    client = enter_by_password(newcomer)
    address = reverse("mfa_activate_totp")
    code = code_from(client.get(address).context["form"].secret)
    again = Client()
    again.cookies = client.cookies

    def send(browser: Client) -> Callable[[], Any]:
        return lambda: browser.post(address, {"code": code})

    # In one moment: both wait for the account, then one after the other goes on.
    outcomes = in_order(send(client), send(again), behind=("accounts_user", newcomer.pk))
    later = client.post(address, {"code": code})

    for answer in (*(outcome.value() for outcome in outcomes), later):
        assert answer.status_code == 302
        assert answer.headers["Location"] == reverse("mfa_view_recovery_codes")
    kinds = Authenticator.objects.filter(user=newcomer).values_list("type", flat=True)
    assert sorted(kinds) == ["recovery_codes", "totp"]


def test_a_recovery_code_opens_once(own_database: str, newcomer: User) -> None:
    client = enter_by_password(newcomer)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = turn_on(client, code_from(secret))[3]
    for opens in (True, False):
        other = Client()
        other.post(LOGIN, {"login": newcomer.email, "password": builders.PASSWORD})
        other.post(AUTHENTICATE, {"code": code})
        assert is_signed_in(other) is opens
        if opens:
            # Who lost the phone reads at once how many codes are left, and what to do.
            page = other.get(reverse("mfa_index"), follow=True).content.decode()
            assert "9 unused ones are left" in page
            assert "remove the authenticator app" in page


def test_the_way_in_of_an_invited_person(own_database: str) -> None:
    invited(builders.cast())
    (message,) = mail.outbox
    assert "Technician, Elm Street Pharmacy" in message.body
    assert f"for {settings.PASSWORD_RESET_TIMEOUT // 86_400} days" in message.body
    tess = Client()
    done = choose(tess, link_in(message), NEW)
    saved = tess.get(done.headers["Location"]).content.decode()
    assert "Your new password is saved" in saved
    first = tess.post(LOGIN, {"login": TESS, "password": NEW}, follow=True)
    assert "One step is left before you can work here" in first.content.decode()
    secret = tess.get("/accounts/2fa/totp/activate/").context["form"].secret
    sent = tess.post("/accounts/2fa/totp/activate/", {"code": code_from(secret)})
    codes = tess.get(sent.headers["Location"])
    assert "I have kept them: go on" in codes.content.decode()
    assert tess.get("/", follow=True).redirect_chain[-1][0] == "/training/"
