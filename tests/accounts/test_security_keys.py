"""What a browser sends as a security key's answer: anything that is none is a wrong answer."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from tests import builders
from tests.accounts.steps import AUTHENTICATE, LOGIN, enter_by_password, is_signed_in
from tests.browsers import give_app

pytestmark = pytest.mark.django_db

NO_KEYS: list[Any] = [
    {"id": "a"},
    {"id": 1, "rawId": 1, "response": []},
    {"id": "a", "rawId": "b", "response": {}},
    {"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "AA"}},
    {
        "id": "QUFB",
        "rawId": "QUFB",
        "type": "public-key",
        "response": {
            "clientDataJSON": "AA",
            "attestationObject": "AA",
            "authenticatorData": "AA",
            "signature": "AA",
        },
    },
    [1],
    "x",
]
SENT = [*map(json.dumps, NO_KEYS), '{"id": 1e999}', "[" * 20_000, "{", ""]


@pytest.mark.parametrize("sent", SENT)
def test_what_is_no_answer_of_a_key_sets_up_none(newcomer: User, sent: str) -> None:
    client = enter_by_password(newcomer)
    address = reverse("mfa_add_webauthn")
    assert client.get(address).status_code == 200
    answer = client.post(address, {"name": "Mine", "credential": sent})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not newcomer.authenticator_set.exists()


@pytest.mark.parametrize("sent", SENT)
def test_what_is_no_answer_of_a_key_lets_nobody_in(robin: User, sent: str) -> None:
    give_app(robin)
    client = Client()
    client.post(LOGIN, {"login": robin.email, "password": builders.PASSWORD})
    client.get(AUTHENTICATE)
    answer = client.post(AUTHENTICATE, {"credential": sent})
    assert answer.status_code == 200
    assert answer.context["webauthn_form"].errors
    assert not is_signed_in(client)
