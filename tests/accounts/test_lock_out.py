"""Lock-outs: guessers are stopped, from one place or many; owners are not, and help themselves."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from apps.accounts import browsers, lock_out
from apps.accounts.models import User, WrongCode
from apps.audit.models import Event
from apps.core import clock
from tests import builders
from tests.accounts.steps import (
    AUTHENTICATE,
    EMAIL,
    LOGIN,
    NEW,
    ask_for_link,
    choose,
    fail,
    is_signed_in,
    try_to_sign_in,
)
from tests.browsers import give_app

pytestmark = pytest.mark.django_db


def guess_from_many_addresses(times: int, email: str = EMAIL) -> None:
    for number in range(times):
        stranger = Client(
            REMOTE_ADDR=f"198.51.100.{number % 250}", headers={"user-agent": f"Robot {number}"}
        )
        try_to_sign_in(stranger, "wrong", email)


def own_browser(robin: User) -> Client:
    """A browser with which Robin signed in before, and out again."""
    client = Client()
    try_to_sign_in(client, builders.PASSWORD)
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    give_app(robin)
    return client


def test_ten_failures_lock_that_address_from_there_and_nobody_else(robin: User) -> None:
    give_app(builders.user("colleague@program.example"))
    client = Client()
    locked = fail(client, settings.AXES_FAILURE_LIMIT)
    assert locked.status_code == 429
    assert "Sign-in is locked for now" in locked.content.decode()
    assert "You can try again in 15 minutes" in locked.content.decode()
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
        fail(client, settings.AXES_FAILURE_LIMIT)
        at.shift(settings.AXES_COOLOFF_TIME.total_seconds() + 60)
        try_to_sign_in(client, builders.PASSWORD)
        assert is_signed_in(client)


def test_a_new_password_by_mail_ends_the_lock_at_once(robin: User) -> None:
    client = Client()
    fail(client, settings.AXES_FAILURE_LIMIT)
    link = ask_for_link(client)
    assert mail.outbox[-1].subject == "Set a new password for remsportal"
    assert choose(client, link, NEW).status_code == 302
    try_to_sign_in(client, NEW)
    assert is_signed_in(client)
    assert Event.objects.filter(code="password_reset", subject_id=str(robin.pk)).exists()
    assert mail.outbox[-1].subject == "You have a new password"
    spent = Client().get(link, follow=True)
    assert "This link no longer works" in spent.content.decode()


def test_many_addresses_do_not_guess_freely_and_do_not_lock_the_owner_out(robin: User) -> None:
    own = own_browser(robin)
    guess_from_many_addresses(settings.ACCOUNT_LIMIT)
    stranger = Client(REMOTE_ADDR="203.0.113.9")
    locked = try_to_sign_in(stranger, builders.PASSWORD)
    assert locked.status_code == 429
    assert "In a browser with which you signed in before" in locked.content.decode()
    try_to_sign_in(own, builders.PASSWORD)
    assert is_signed_in(own)
    # Its success gives the guessers no new budget.
    assert try_to_sign_in(stranger, builders.PASSWORD).status_code == 429


def test_under_attack_the_owner_gets_in_with_a_new_browser_by_a_new_password(robin: User) -> None:
    guess_from_many_addresses(settings.ACCOUNT_LIMIT)
    new = Client(REMOTE_ADDR="203.0.113.9")
    assert try_to_sign_in(new, builders.PASSWORD).status_code == 429
    choose(new, ask_for_link(new), NEW)
    guess_from_many_addresses(settings.ACCOUNT_LIMIT)
    try_to_sign_in(new, NEW)
    assert is_signed_in(new)


def test_one_address_does_not_try_all_accounts(robin: User, settings: object) -> None:
    settings.ADDRESS_LIMIT = 12  # type: ignore[attr-defined]
    for number in range(12):
        fail(Client(), 1, f"person{number}@program.example")
    assert try_to_sign_in(Client(), builders.PASSWORD).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    try_to_sign_in(elsewhere, builders.PASSWORD)
    assert is_signed_in(elsewhere)


def test_a_known_browser_has_its_own_budget_and_no_other(robin: User) -> None:
    own = own_browser(robin)
    assert fail(own, settings.AXES_FAILURE_LIMIT).status_code == 429
    assert try_to_sign_in(own, builders.PASSWORD).status_code == 429


def test_nobody_makes_up_a_known_browser(robin: User) -> None:
    own = own_browser(robin)
    cookie = own.cookies[browsers.COOKIE]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    guess_from_many_addresses(settings.ACCOUNT_LIMIT)
    liar = Client(REMOTE_ADDR="203.0.113.9", headers={"user-agent": "known:0123456789abcdef"})
    liar.cookies[browsers.COOKIE] = cookie.value[:-3] + "AAA"
    assert try_to_sign_in(liar, builders.PASSWORD).status_code == 429


def test_what_a_client_writes_about_its_address_counts_for_nothing(robin: User) -> None:
    for number in range(settings.AXES_FAILURE_LIMIT):
        forger = Client(headers={"x-forwarded-for": f"198.51.100.{number}"})
        fail(forger, 1)
    assert try_to_sign_in(Client(), builders.PASSWORD).status_code == 429


def test_behind_a_proxy_its_word_counts_and_only_its_word(robin: User, settings: object) -> None:
    settings.PROXY_COUNT = 1  # type: ignore[attr-defined]
    for number in range(10):
        forged = f"198.51.100.{number}, 192.0.2.7"
        fail(Client(headers={"x-forwarded-for": forged}), 1)
    same = Client(headers={"x-forwarded-for": "192.0.2.7"})
    assert try_to_sign_in(same, builders.PASSWORD).status_code == 429
    other = Client(headers={"x-forwarded-for": "192.0.2.8"})
    try_to_sign_in(other, builders.PASSWORD)
    assert is_signed_in(other)


# --- Codes --------------------------------------------------------------------------------------


def enter_codes(client: Client, times: int, code: str = "000000") -> str:
    """The right password, then that many wrong codes; what the last page says."""
    client.post(LOGIN, {"login": EMAIL, "password": builders.PASSWORD})
    page = ""
    for _ in range(times):
        page = client.post(AUTHENTICATE, {"code": code}).content.decode()
    return page


def test_wrong_codes_are_limited_for_all_strange_browsers_together(robin: User) -> None:
    for number in range(settings.WRONG_CODES_LIMIT):
        enter_codes(Client(REMOTE_ADDR=f"198.51.100.{number}"), 1)
    client = Client()
    page = enter_codes(client, 1)
    assert "Too many wrong codes" in page
    assert "Set a new password" in page
    try_to_sign_in(client, builders.PASSWORD)
    assert not is_signed_in(client)
    assert WrongCode.objects.count() == settings.WRONG_CODES_LIMIT
    codes = list(Event.objects.order_by("pk").values_list("code", flat=True))
    assert codes.count("second_factor_failed") == settings.WRONG_CODES_LIMIT
    assert codes.count("second_factor_locked_out") == 1
    (told,) = [m for m in mail.outbox if m.subject.startswith("Somebody entered wrong codes")]
    assert told.to == [EMAIL]


def test_the_owners_browser_still_takes_codes_then(robin: User) -> None:
    own = own_browser(robin)
    enter_codes(Client(REMOTE_ADDR="198.51.100.1"), settings.WRONG_CODES_LIMIT)
    try_to_sign_in(own, builders.PASSWORD)
    assert is_signed_in(own)


def test_a_new_password_ends_the_lock_of_codes_too(robin: User) -> None:
    client = Client()
    enter_codes(client, settings.WRONG_CODES_LIMIT)
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    choose(elsewhere, ask_for_link(elsewhere), NEW)
    third = Client(REMOTE_ADDR="192.0.2.8")
    try_to_sign_in(third, NEW)
    assert is_signed_in(third)


def test_who_reads_the_mailbox_does_not_guess_codes_without_end(robin: User) -> None:
    own = own_browser(robin)
    entered, thief, password = 0, Client(), ""
    for number in range(8):
        cache.clear()  # A minute later, so that one more link is sent.
        thief, password = Client(REMOTE_ADDR=f"198.51.100.{number}"), f"a new password {number}"
        choose(thief, ask_for_link(thief), password)
        thief.post(LOGIN, {"login": EMAIL, "password": password})
        for _ in range(settings.WRONG_CODES_LIMIT):
            thief.post(AUTHENTICATE, {"code": "000000"})
        entered, before = WrongCode.objects.count(), entered
        if entered == before:
            break
    assert entered == settings.WRONG_CODES_LIMIT * (lock_out.NEW_PASSWORDS + 1)
    try_to_sign_in(thief, password)
    assert not is_signed_in(thief)
    page = thief.post(AUTHENTICATE, {"code": "000000"}).content.decode()
    assert "Too many wrong codes" in page
    assert "After several new passwords in a day" in page
    # Where the owner had shown a second factor before, they get in.
    try_to_sign_in(own, password)
    assert is_signed_in(own)


def test_a_browser_known_by_mail_is_known_for_good_once_a_code_was_right_in_it(robin: User) -> None:
    client = Client()
    choose(client, ask_for_link(client), NEW)
    by_mail = client.cookies[browsers.COOKIE].value
    try_to_sign_in(client, NEW)
    assert is_signed_in(client)
    assert client.cookies[browsers.COOKIE].value != by_mail
    client.post("/accounts/logout/")
    give_app(robin)
    WrongCode.objects.bulk_create(
        WrongCode(user=robin, entered_at=clock.real_now())
        for _ in range(settings.WRONG_CODES_LIMIT * (lock_out.NEW_PASSWORDS + 1))
    )
    try_to_sign_in(client, NEW)
    assert is_signed_in(client)


def test_the_lock_of_codes_ends_after_a_day(robin: User) -> None:
    with time_machine.travel(clock.real_now() + timedelta(days=1), tick=False) as at:
        enter_codes(Client(), settings.WRONG_CODES_LIMIT)
        at.shift(23 * 60 * 60)
        assert "Too many wrong codes" in enter_codes(Client(), 1)
        at.shift(60 * 60 + 1)
        client = Client()
        try_to_sign_in(client, builders.PASSWORD)
        assert is_signed_in(client)
