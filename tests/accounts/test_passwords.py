"""Passwords: long, not common, not one's own name, none of before; kept as Argon2."""

from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from apps.accounts.models import EarlierPassword, SignIn, User
from apps.audit.models import Event
from tests import builders
from tests.accounts.steps import EMAIL, NEW, ask_for_link, choose, is_signed_in, try_to_sign_in
from tests.browsers import give_app, signed_in

pytestmark = pytest.mark.django_db
CHANGE = "/accounts/password/change/"


def change(client: Client, before: str, after: str) -> Any:
    return client.post(CHANGE, {"oldpassword": before, "password1": after, "password2": after})


@pytest.mark.parametrize(
    "weak", ["short", "q1w2e3r4t5y6", "robin@program", "robin.example", "elevenchars"]
)
def test_a_weak_password_is_refused(robin: User, weak: str) -> None:
    client = Client()
    assert choose(client, ask_for_link(client), weak).status_code == 200
    robin.refresh_from_db()
    assert robin.check_password(builders.PASSWORD)


@pytest.mark.parametrize(("length", "is_taken"), [(4096, True), (4097, False)])
def test_no_password_is_longer_than_the_fields_in_which_one_signs(
    robin: User, length: int, *, is_taken: bool
) -> None:
    chosen = ("a long sentence, " * 256).ljust(length, "x")[:length]
    client = Client()
    choose(client, ask_for_link(client), chosen)
    robin.refresh_from_db()
    assert robin.check_password(chosen) is is_taken


def test_a_new_password_is_none_of_the_latest(robin: User, settings: Any) -> None:
    settings.PASSWORDS_REMEMBERED = 3
    client = signed_in(robin)
    passwords = [builders.PASSWORD, *(f"a long password {number}" for number in range(4))]
    for before, after in pairwise(passwords):
        assert change(client, before, after).status_code == 302
    cache.clear()  # Nobody changes a password that often within a minute.
    for number in (4, 3, 2):
        answer = change(client, passwords[4], passwords[number])
        assert answer.status_code == 200
        assert "You used this password before" in answer.content.decode()
    assert change(client, passwords[4], builders.PASSWORD).status_code == 302


def test_a_link_by_mail_sets_no_password_of_before_either(robin: User) -> None:
    client = Client()
    page = choose(client, ask_for_link(client), builders.PASSWORD)
    assert "You used this password before" in page.content.decode()


def test_a_password_of_before_is_remembered_however_it_was_set(robin: User) -> None:
    robin.set_password("from the operator's console")
    robin.save()
    with pytest.raises(ValidationError, match="used this password before"):
        validate_password("from the operator's console", robin)
    assert EarlierPassword.objects.filter(user=robin).count() == 2


def test_a_new_password_ends_all_other_sign_ins_and_not_this_one(robin: User) -> None:
    here, there = signed_in(robin), signed_in(robin)
    assert change(here, builders.PASSWORD, NEW).status_code == 302
    assert here.get("/sign-ins/").status_code == 200
    assert there.get("/sign-ins/").status_code == 302
    (ended,) = SignIn.objects.filter(ended_how="password")
    event = Event.objects.get(code="password_changed")
    assert event.data == {"sign_ins_ended": [str(ended.pk)]}
    assert event.actor_id == robin.pk
    here.post("/accounts/logout/")
    assert SignIn.objects.filter(ended_how="signed_out").count() == 1


def test_a_new_password_by_mail_ends_every_sign_in(robin: User) -> None:
    there, new = signed_in(robin), Client()
    choose(new, ask_for_link(new), NEW)
    assert there.get("/sign-ins/").status_code == 302
    assert not SignIn.objects.filter(ended_at=None).exists()
    give_app(robin)
    try_to_sign_in(new, NEW, EMAIL)
    assert is_signed_in(new)


def test_passwords_are_kept_as_argon2() -> None:
    with override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS[-1:]):
        assert identify_hasher(make_password(builders.PASSWORD)).algorithm == "argon2"
