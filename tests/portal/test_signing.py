"""Signing on the pages: what is asked for, what is shown, what wrong components lead to."""

import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.test import Client

from apps.accounts.models import SignIn
from apps.accounts.services.sign_ins import end_all
from apps.audit.models import Event, Signature
from apps.core.models import Operation
from apps.notices.models import Notice
from apps.providers import services as providers
from apps.providers.models import Prescriber
from apps.providers.signing import LATEST
from apps.rules.documents import document
from tests import browsers, builders
from tests.portal.people import browser_of, send, signed_in
from tests.second_factors import new_code

pytestmark = pytest.mark.django_db

URL = "/certification/"
CODES = sorted(document(builders.PROGRAM, "prescriber_enrollment").codes)


@pytest.fixture
def pending(cast: builders.Cast) -> Prescriber:
    """A prescriber who is to sign the enrollment form."""
    return providers.register_prescriber(
        cast.administrator,
        npi=builders.npi(9),
        given_name="Petra",
        family_name="Pending",
        specialty="Hematology",
        phone="212-555-0100",
        email="petra@practice.example",
        practice_name="Practice 9",
    )


@pytest.fixture
def browser(pending: Prescriber) -> Client:
    return browser_of(builders.prescribing_call(pending))


def sign(browser: Client, **typed: Any) -> Any:
    return send(browser, URL, attestations=CODES, **typed)


def signatures(pending: Prescriber) -> Any:
    return Signature.objects.filter(user_id=pending.user_id)


def failures() -> list[str]:
    failed = Event.objects.filter(code="signing_failed").order_by("pk")
    return [event.data["component"] for event in failed]


def test_the_form_says_who_signs_when_and_what_that_means(browser: Client) -> None:
    page = browser.get(URL).content.decode()
    assert "I, <strong>Petra Pending</strong>, sign this enrollment form as the prescriber" in page
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="one-time-code"' in page


def test_the_first_signature_takes_both_components_and_is_shown(
    browser: Client, pending: Prescriber
) -> None:
    assert sign(browser).status_code == 302

    assert signatures(pending).get().method == "all_components"
    page = " ".join(browser.get(URL).content.decode().split())
    assert "Signed by <strong>Petra Pending</strong> on" in page
    assert "Meaning: Prescriber’s enrollment form and attestations." in page
    assert "with password and second factor" in page
    assert "does not say what was signed" not in page


def test_within_the_period_the_password_signs_and_after_it_both_are_asked_for_again(
    cast: builders.Cast, browser: Client, pending: Prescriber
) -> None:
    session = browser.session
    session[LATEST] = time.time() - settings.SIGNING_PERIOD.total_seconds() + 60
    session.save()
    assert "one-time-code" not in browser.get(URL).content.decode()

    session[LATEST] = time.time() - settings.SIGNING_PERIOD.total_seconds() - 1
    session.save()
    assert "one-time-code" in browser.get(URL).content.decode()

    session[LATEST] = time.time() - 60
    session.save()
    assert sign(browser).status_code == 302
    assert signatures(pending).get().method == "one_component"
    # Each signature prolongs the period.
    assert browser.session[LATEST] > session[LATEST]


@pytest.mark.parametrize(
    ("wrong", "component"),
    [({"password": "not the password"}, "password"), ({"code": "00000000"}, "code")],
)
def test_a_wrong_component_signs_nothing_loses_nothing_and_leaves_an_event(
    browser: Client, pending: Prescriber, wrong: dict[str, str], component: str
) -> None:
    answer = sign(browser, **wrong)

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Nothing was signed." in answer.context["form"].errors[component][0]
    assert page.count("checked") == len(CODES)
    assert "not the password" not in page
    assert not signatures(pending).exists()
    assert failures() == [component]
    assert sign(browser).status_code == 302


def test_a_code_is_used_up_even_where_the_command_objects_and_is_not_asked_for_again(
    cast: builders.Cast,
) -> None:
    """A page that comes back after a right signature asks for the password alone."""
    assert cast.pharmacy.representative is not None
    boss = signed_in(cast.pharmacy.representative)
    own = sorted(document(builders.PROGRAM, "pharmacy_enrollment").codes)

    refused = send(boss, URL, attestations=own)

    page = refused.content.decode()
    assert "it can be renewed from" in page
    assert "one-time-code" not in page
    assert not Signature.objects.filter(user_id=cast.pharmacy.representative_id).exclude(
        printed_name="Sam Signer"
    )


def test_an_incomplete_form_asks_for_no_proof_yet(browser: Client) -> None:
    answer = send(browser, URL, attestations=CODES[1:], password="wrong")
    assert answer.status_code == 200
    assert failures() == []


def test_a_form_without_the_components_is_refused(browser: Client, pending: Prescriber) -> None:
    answer = sign(browser, password="", code="")
    assert answer.context["form"].errors["password"] == ["Type your password to sign."]
    assert answer.context["form"].errors["code"] == ["Type the code to sign."]
    assert not signatures(pending).exists()


def test_three_wrong_components_in_a_row_end_the_sign_in_and_tell_the_administrators(
    browser: Client, pending: Prescriber
) -> None:
    sign(browser, password="wrong")
    sign(browser, code="00000000")
    answer = sign(browser, password="wrong")

    assert answer["Location"] == "/accounts/login/"
    assert browser.get(URL).status_code == 302
    assert "Your sign-in was ended" in browser.get("/accounts/login/").content.decode()
    assert failures() == ["password", "code", "password"]
    misused = Event.objects.get(code="signing_misused")
    assert (misused.subject_id, misused.data) == (str(pending.user_id), {"failures": 3})
    assert misused.actor_id == pending.user_id
    assert SignIn.objects.latest("ended_at").ended_how == SignIn.End.MISUSE
    notice = Notice.objects.get(template="signing_misused")
    assert notice.address == "administrator@program.example"


@pytest.mark.parametrize("password", ["wrong", builders.PASSWORD])
def test_a_sign_in_that_another_request_ended_meanwhile_signs_nothing(
    browser: Client, pending: Prescriber, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    def ended_meanwhile(request: Any, **given: Any) -> Any:
        end_all(request.user, SignIn.End.MISUSE)
        return authenticate(request, **given)

    monkeypatch.setattr("apps.providers.signing.authenticate", ended_meanwhile)
    answer = sign(browser, password=password)

    assert answer["Location"] == "/accounts/login/"
    assert "Your sign-in was ended" in browser.get("/accounts/login/").content.decode()
    assert not signatures(pending).exists()


def test_a_right_signature_begins_the_count_anew(browser: Client, cast: builders.Cast) -> None:
    for _ in range(2):
        sign(browser, password="wrong")
    assert sign(browser).status_code == 302
    other = browser_of(cast.prescribing)
    assert not browser.session["signing_failures_of"]
    assert other.get(URL).status_code == 200


def test_failed_signatures_count_towards_the_lock_out(
    browser: Client, pending: Prescriber, settings: Any
) -> None:
    settings.SIGNING_FAILURES = 100
    answers = [sign(browser, password="wrong") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[-1].status_code in {403, 429}
    locked = sign(browser)
    assert locked.status_code in {403, 429}
    assert not signatures(pending).exists()


def test_who_has_no_second_factor_is_led_to_set_one_up(
    browser: Client, pending: Prescriber
) -> None:
    Authenticator.objects.filter(user_id=pending.user_id).delete()
    assert "Set up a second factor" in browser.get(URL).content.decode()

    answer = sign(browser)
    assert "no second factor yet" in answer.context["form"].errors["password"][0]
    assert not signatures(pending).exists()


def test_a_security_key_is_used_just_before_and_each_use_signs_once(
    browser: Client, pending: Prescriber
) -> None:
    Authenticator.objects.filter(user_id=pending.user_id).delete()
    Authenticator.objects.create(user_id=pending.user_id, type="webauthn", data={})
    assert "Confirm with your security key" in browser.get(URL).content.decode()
    answer = sign(browser)
    assert "Confirm with your security key" in answer.context["form"].errors["password"][0]

    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "webauthn", "reauthenticated": True, "at": time.time()}
    ]
    session["account_authentication_methods_user"] = str(pending.user_id)
    session.save()
    assert sign(browser).status_code == 302
    assert signatures(pending).get().method == "all_components"

    session = browser.session
    session[LATEST] = 0
    session.save()
    answer = sign(browser)
    assert "Confirm with your security key" in answer.context["form"].errors["password"][0]
    assert signatures(pending).count() == 1


def test_the_same_page_sent_twice_is_one_signature(browser: Client, pending: Prescriber) -> None:
    assert pending.user is not None
    shown = browser.get(URL)
    data = {
        **browsers.hidden_in(shown.context["form"]),
        "attestations": CODES,
        "password": builders.PASSWORD,
        "code": new_code(pending.user),
    }

    first, second = browser.post(URL, data), browser.post(URL, data)

    assert (first.status_code, second.status_code) == (302, 302)
    assert signatures(pending).count() == 1


def test_neither_password_nor_code_is_kept_anywhere(browser: Client, pending: Prescriber) -> None:
    """Not even a digest that contains them: it would let their text be guessed at leisure."""
    shown = browser.get(URL)
    assert pending.user is not None
    data = {
        **browsers.hidden_in(shown.context["form"]),
        "attestations": CODES,
        "password": builders.PASSWORD,
        "code": new_code(pending.user),
    }
    browser.post(URL, data)
    kept = Operation.objects.get(
        name="sign_prescriber_enrollment", key=data["submission"]
    ).body_digest

    # The same page with another proof is the same request: the proof is no part of its digest.
    again = browser.post(URL, {**data, "code": ""})

    assert (again.status_code, len(kept or "")) == (302, 64)
    for session in Session.objects.all():
        assert builders.PASSWORD not in str(session.get_decoded())
