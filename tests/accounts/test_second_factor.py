"""The second factor: nothing opens without one, each code is taken once, secrets are encrypted."""

import re
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from apps.accounts import second_factors, services
from apps.accounts.models import SignIn, User
from apps.audit.models import Event
from apps.core.call import Role
from apps.core.errors import InvalidRequest, NotAllowed, NotFound
from tests import builders
from tests.accounts.steps import (
    AUTHENTICATE,
    EMAIL,
    LOGIN,
    enter_by_password,
    is_signed_in,
    try_to_sign_in,
)
from tests.browsers import SECRET, code_from, code_of, give_app, signed_in

pytestmark = pytest.mark.django_db
SET_UP = "/accounts/2fa/"


PLACES = ["/", "/role/", "/office/queues/", "/admin/", "/admin/accounts/user/", "/demo-clock/",
          "/messages/", "/sign-ins/", "/accounts/password/change/", "/patients/"]  # fmt: skip


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("place", PLACES)
def test_without_a_second_factor_every_page_leads_to_its_set_up(
    newcomer: User, place: str, method: str
) -> None:
    client = enter_by_password(newcomer)
    answer = getattr(client, method)(place)
    assert (answer.status_code, answer.headers["Location"]) == (302, SET_UP)


def test_without_a_second_factor_nothing_is_done(newcomer: User) -> None:
    client = enter_by_password(newcomer)
    invite = {"given_name": "X", "family_name": "Y", "email": "x@y.example", "role": "staff"}
    before = User.objects.count(), Event.objects.count()
    answer = client.post("/admin/accounts/membership/add/", invite)
    assert answer.headers["Location"] == SET_UP
    assert (User.objects.count(), Event.objects.count()) == before


def test_the_way_to_a_second_factor_is_open_and_shows_nothing_else(newcomer: User) -> None:
    client = enter_by_password(newcomer)
    page = client.get(SET_UP).content.decode()
    assert "One step is left before you can work here" in page
    assert "/admin/" not in page
    assert client.get("/livez").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert not is_signed_in(client)


def test_setting_one_up_later_asks_for_the_password_again(newcomer: User) -> None:
    with time_machine.travel(builders.START, tick=False) as at:
        client = enter_by_password(newcomer)
        at.shift(settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1)
        asked = client.get(reverse("mfa_activate_totp"))
    assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_a_sign_in_of_before_the_set_up_has_shown_nothing_and_ends(newcomer: User) -> None:
    thief = enter_by_password(newcomer)
    give_app(newcomer)
    answer = thief.get("/admin/")
    assert answer.headers["Location"] == "/accounts/login/?next=/admin/"
    assert not is_signed_in(thief)


def test_a_code_is_taken_once_whatever_worker_sees_it(robin: User) -> None:
    code = code_of(robin)
    for opens in (True, False):
        client = Client()
        client.post(LOGIN, {"login": EMAIL, "password": builders.PASSWORD})
        client.post(AUTHENTICATE, {"code": code})
        assert is_signed_in(client) is opens


@pytest.mark.parametrize(("seconds", "opens"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_phone_may_be_half_a_minute_off(robin: User, seconds: int, opens: bool) -> None:
    with time_machine.travel(builders.START, tick=False) as at:
        at.shift(seconds)
        code = f"{code_of(robin)[:3]} {code_of(robin)[3:]}"
        at.shift(-seconds)
        client = Client()
        client.post(LOGIN, {"login": EMAIL, "password": builders.PASSWORD})
        client.post(AUTHENTICATE, {"code": code})
        assert is_signed_in(client) is opens


def test_the_database_holds_no_secret_in_clear(robin: User) -> None:
    client = signed_in(robin)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        rows = [row for (row,) in cursor.fetchall()]
    assert rows
    assert not any(SECRET in row for row in rows)
    assert SECRET not in client.get(SET_UP).content.decode()


def test_keys_are_changed_without_losing_what_the_earlier_one_encrypted(robin: User) -> None:
    earlier = settings.SECOND_FACTOR_KEYS
    with override_settings(SECOND_FACTOR_KEYS=["a newer key", *earlier]):
        assert code_of(robin) == code_from(SECRET)
        give_app(robin)
        with override_settings(SECOND_FACTOR_KEYS=["a newer key"]):
            assert code_of(robin) == code_from(SECRET)


def test_a_secret_of_the_first_release_still_opens(robin: User) -> None:
    Authenticator.objects.filter(user=robin).update(data={"secret": SECRET})
    client = Client()
    try_to_sign_in(client, builders.PASSWORD)
    assert is_signed_in(client)


def test_removing_the_app_asks_who_is_there_ends_the_others_and_leads_to_set_up(
    robin: User,
) -> None:
    client, other = Client(), Client()
    with time_machine.travel(builders.START, tick=False) as at:
        for each in (client, other):
            try_to_sign_in(each, builders.PASSWORD)
            at.shift(30)
        remove = reverse("mfa_deactivate_totp")
        asked = client.get(remove)
        assert asked.headers["Location"].startswith(reverse("account_reauthenticate"))
        client.post(
            reverse("account_reauthenticate"), {"password": builders.PASSWORD, "next": remove}
        )
        assert client.post(remove).status_code == 302
        assert client.get("/admin/").headers["Location"] == SET_UP
        assert other.get("/sign-ins/").headers["Location"].startswith("/accounts/login/")
    assert SignIn.objects.filter(ended_how="factor").count() == 1
    assert Event.objects.filter(code="second_factor_removed").count() == 1


# --- The demo -----------------------------------------------------------------------------------


def test_the_demo_shows_the_code_that_nobody_has_a_phone_for(robin: User, settings: Any) -> None:
    client = Client()
    client.post(LOGIN, {"login": EMAIL, "password": builders.PASSWORD})
    assert "demo" not in client.get(AUTHENTICATE).content.decode()
    settings.SHOW_SECOND_FACTOR_CODES = True
    for _ in range(2):
        client = Client()
        client.post(LOGIN, {"login": EMAIL, "password": builders.PASSWORD})
        page = client.get(AUTHENTICATE).content.decode()
        found = re.search(r"The code to type is now (\d{6})", page)
        assert found is not None
        client.post(AUTHENTICATE, {"code": found[1]})
        assert is_signed_in(client), "also twice within the life of one code"


# --- Beginning anew -----------------------------------------------------------------------------


def test_who_lost_everything_begins_anew_by_mail(robin: User) -> None:
    administrator = builders.office_member(Role.ADMINISTRATOR, "administrator@program.example")
    client = signed_in(robin)
    services.reset_sign_in(administrator, user_id=robin.pk, reason="Called back on the desk phone")
    assert client.get("/sign-ins/").headers["Location"].startswith("/accounts/login/")
    robin.refresh_from_db()
    assert not robin.has_usable_password()
    assert not second_factors.is_set_up(robin)
    event = Event.objects.get(code="sign_in_reset")
    assert (event.subject_id, event.reason) == (str(robin.pk), "Called back on the desk phone")


def test_the_staff_resets_nobody_of_the_office_and_nobody_without_a_reason(robin: User) -> None:
    cast = builders.cast()
    with pytest.raises(NotAllowed):
        services.reset_sign_in(cast.staff, user_id=robin.pk, reason="Asked")
    pharmacist = cast.dispensing.actor.id
    assert pharmacist is not None
    with pytest.raises(InvalidRequest):
        services.reset_sign_in(cast.staff, user_id=pharmacist, reason=" ")
    services.reset_sign_in(cast.staff, user_id=pharmacist, reason="Known by voice")
    with pytest.raises(NotFound):
        services.reset_sign_in(cast.staff, user_id=cast.pharmacy.pk, reason="Nobody")


def test_the_operator_resets_the_last_administrator_from_the_console(robin: User) -> None:
    call_command("reset_sign_in", EMAIL, "--reason", "Phone lost")
    robin.refresh_from_db()
    assert not robin.has_usable_password()
    assert mail.outbox[-1].to == [EMAIL]
    with pytest.raises(CommandError, match="no account"):
        call_command("reset_sign_in", "nobody@program.example", "--reason", "Phone lost")
