"""My sign-ins: where somebody is signed in, the end of one or all others, and a copied cookie."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from apps.accounts import selectors, services
from apps.accounts.browsers import in_words
from apps.accounts.models import SignIn, User
from apps.audit.models import Event
from apps.core import clock
from apps.core.errors import NotFound
from tests import builders
from tests.accounts.steps import is_signed_in, try_to_sign_in
from tests.browsers import give_app, signed_in

pytestmark = pytest.mark.django_db
PAGE = "/sign-ins/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def enter(user: User, address: str = "127.0.0.1", agent: str = FIREFOX) -> Client:
    """Signed in by the pages, from there, with that browser."""
    give_app(user)
    client = Client(REMOTE_ADDR=address, headers={"user-agent": agent})
    try_to_sign_in(client, builders.PASSWORD, user.email)
    assert is_signed_in(client)
    return client


def test_each_sign_in_says_where_from_with_what_and_since_when(robin: User) -> None:
    client = enter(robin, "192.0.2.7")
    enter(robin, "2001:db8::7", SAFARI)
    page = client.get(PAGE).content.decode()
    assert "Firefox on Windows (this one)" in page
    assert "192.0.2.7" in page
    assert "Safari on iPhone" in page
    assert "2001:db8::7" in page
    assert "Mozilla" not in page


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        (f"{FIREFOX} Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
         "Chrome on Linux"),
        ("", "Unknown browser"),
        ("<script>alert(1)</script>", "Unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_in_words(rf: Any, agent: str, words: str) -> None:
    assert in_words(rf.get("/", headers={"user-agent": agent})) == words


def test_one_of_them_is_ended_at_once(robin: User) -> None:
    here, there = enter(robin), enter(robin, "192.0.2.7", SAFARI)
    (other,) = SignIn.objects.filter(address="192.0.2.7")
    assert there.get(PAGE).status_code == 200
    here.post(f"{PAGE}{other.pk}/end/")
    assert there.get(PAGE).status_code == 302
    assert here.get(PAGE).status_code == 200
    other.refresh_from_db()
    assert (other.ended_how, other.session_key) == ("ended_by_owner", None)
    event = Event.objects.get(code="sign_in_ended")
    assert (event.actor_id, event.subject_id) == (robin.pk, str(other.pk))
    assert here.post(f"{PAGE}{other.pk}/end/").status_code == 404


def test_all_others_are_ended_at_once(robin: User) -> None:
    here, *others = (enter(robin, f"192.0.2.{number}") for number in range(3))
    here.post(f"{PAGE}end-others/")
    assert [other.get(PAGE).status_code for other in others] == [302, 302]
    assert here.get(PAGE).status_code == 200
    assert len(Event.objects.get(code="sign_ins_ended").data["ids"]) == 2


def test_nobody_sees_or_ends_the_sign_ins_of_another(robin: User) -> None:
    stranger = builders.user("stranger@program.example")
    enter(robin, "192.0.2.7")
    sign_in = SignIn.objects.get()
    thief = signed_in(stranger)
    assert "192.0.2.7" not in thief.get(PAGE).content.decode()
    assert thief.post(f"{PAGE}{sign_in.pk}/end/").status_code == 404
    with pytest.raises(NotFound):
        services.end_sign_in(services.call_of(stranger), user_id=robin.pk, sign_in_id=sign_in.pk)
    with pytest.raises(NotFound):
        services.end_other_sign_ins(services.call_of(stranger), user_id=robin.pk, but="")
    assert Client().post(f"{PAGE}{sign_in.pk}/end/").headers["Location"].startswith("/accounts/")


def test_ending_needs_a_post(robin: User) -> None:
    here = enter(robin)
    for path in ("end-others/", f"{SignIn.objects.get().pk}/end/"):
        assert here.get(f"{PAGE}{path}").status_code == 405


def test_what_was_left_alone_is_not_listed_as_live(robin: User) -> None:
    with time_machine.travel(builders.START, tick=False) as at:
        enter(robin, "192.0.2.7", SAFARI)
        at.shift(settings.IDLE_TIMEOUT + timedelta(seconds=1))
        here = enter(robin)
        live = selectors.live_sign_ins(robin, now=clock.real_now())
        assert [each.browser for each in live] == ["Firefox on Windows"]
        assert "Left alone" in here.get(PAGE).content.decode()


def test_use_is_kept_to_the_minute_with_the_place(robin: User) -> None:
    with time_machine.travel(builders.START, tick=False) as at:
        client = enter(robin, "192.0.2.7")
        at.shift(5 * 60)
        client.get(PAGE, REMOTE_ADDR="192.0.2.8")
        seen = SignIn.objects.get()
    assert seen.last_seen_at - seen.began_at == timedelta(minutes=5)
    assert seen.address == "192.0.2.8"


@pytest.mark.parametrize("page", ["/", "/admin/accounts/user/", "/api/v1/patients"])
def test_a_copied_cookie_opens_nothing_in_another_browser_and_ends_the_sign_in(
    robin: User, page: str
) -> None:
    own = enter(robin)
    thief = Client(headers={"user-agent": SAFARI})
    thief.cookies[settings.SESSION_COOKIE_NAME] = own.cookies[settings.SESSION_COOKIE_NAME].value
    stolen = thief.get(page)
    assert stolen.status_code in {302, 401}
    assert own.get(PAGE).headers["Location"].startswith("/accounts/login/")
    assert SignIn.objects.get().ended_how == "copied"
    assert Event.objects.filter(code="signed_out", data__how="copied").count() == 1


@pytest.mark.parametrize(
    "headers", [{}, {"x-requested-with": "XMLHttpRequest", "accept": "application/json"}]
)
@pytest.mark.parametrize("page", ["/sign-ins/", "/admin/jsi18n/", "/office/queues/"])
def test_every_kind_of_request_ends_with_the_idle_time(
    robin: User, page: str, headers: dict[str, str]
) -> None:
    with time_machine.travel(builders.START, tick=False) as at:
        client = enter(robin)
        at.shift(settings.IDLE_TIMEOUT + timedelta(seconds=1))
        client.get(page, headers=headers)
        assert not is_signed_in(client)
        assert SignIn.objects.get().ended_how == "left_alone"


def test_a_post_after_the_idle_time_does_nothing(robin: User) -> None:
    with time_machine.travel(builders.START, tick=False) as at:
        client = enter(robin)
        at.shift(settings.IDLE_TIMEOUT + timedelta(seconds=1))
        client.post(f"{PAGE}end-others/")
        assert not Event.objects.filter(code="sign_ins_ended").exists()


def test_no_session_is_left_of_what_was_ended(robin: User) -> None:
    enter(robin)
    services.end_all(robin, services.End.RESET)
    assert not Session.objects.exists()
