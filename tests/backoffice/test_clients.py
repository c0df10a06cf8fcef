"""Systems and sign-ins in the administration: secrets shown once, keys set, people let in anew."""

import json
import re
from typing import Any

import pytest
from django.core import mail
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts import services
from apps.accounts.models import ApiClient, ClientKeys, EarlierSecret, User
from apps.core.call import Role
from tests import browsers, builders
from tests.api.clients import SECRET
from tests.api.keys import public_set, rsa_key
from tests.api.test_tokens import ask, present

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: builders.Cast) -> ApiClient:
    return services.register_api_client(
        cast.administrator,
        organization_id=cast.pharmacy.organization_id,
        role=Role.PHARMACIST,
        name="Counter system",
        secret=SECRET,
    )


def act(browser: Client, record: Model, name: str, **entered: Any) -> Any:
    """Open an action's page and send it."""
    meta = record._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_do", args=[record.pk, name])
    form = browser.get(url).context["form"]
    return browser.post(url, {**browsers.hidden_in(form), **entered})


def test_a_new_secret_is_shown_once_and_both_open(administrator: Client, client: ApiClient) -> None:
    answer = act(administrator, client, "rotate", overlap_hours=48, reason="Yearly")
    assert "no-store" in answer["Cache-Control"]
    found = re.search(r"<dt>Client secret</dt><dd><code>([\w-]+)</code>", answer.content.decode())
    assert found is not None
    assert [ask(client, secret).status_code for secret in (SECRET, found[1])] == [200, 200]
    earlier = EarlierSecret.objects.get()
    said = administrator.get(f"/admin/accounts/earliersecret/{earlier.pk}/change/").content.decode()
    assert earlier.encoded not in said
    assert re.search(r"Uses:.*?readonly\">1<", said, re.DOTALL)
    act(administrator, client, "end-earlier", reason="All have changed over")
    assert ask(client, SECRET).status_code == 401


def test_an_overlap_without_end_is_refused_with_words(
    administrator: Client, client: ApiClient
) -> None:
    answer = act(administrator, client, "rotate", overlap_hours=100_000, reason="Yearly")
    assert "less than or equal to 720" in answer.content.decode()
    assert not EarlierSecret.objects.exists()


def test_keys_are_set_and_sign(administrator: Client, client: ApiClient) -> None:
    for jwks, said in (("no JSON", "This is no JSON"), ("{}", "at least one key"), ("", "One of")):
        answer = act(administrator, client, "keys", jwks=jwks, overlap_hours=0, reason="Signs")
        assert said in answer.content.decode()
    typed = json.dumps(public_set(rsa_key()))
    answer = act(administrator, client, "keys", jwks=typed, overlap_hours=0, reason="Signs")
    assert answer.status_code == 302
    assert present(client).status_code == 200
    assert ask(client, SECRET).status_code == 401
    page = administrator.get(f"/admin/accounts/clientkeys/{ClientKeys.objects.get().pk}/change/")
    assert "RSA" in page.content.decode()


def test_who_lost_everything_is_let_in_anew_and_invited(
    administrator: Client, cast: builders.Cast
) -> None:
    pharmacist = User.objects.get(memberships__role="pharmacist")
    pharmacist.set_password(builders.PASSWORD)
    pharmacist.save()
    act(administrator, pharmacist, "reset-sign-in", reason="Called back")
    pharmacist.refresh_from_db()
    assert not pharmacist.has_usable_password()
    assert mail.outbox[-1].to == [pharmacist.email]


def test_an_administrator_chooses_what_a_systems_tokens_are_for(
    administrator: Client, client: ApiClient
) -> None:
    url = reverse("admin:accounts_apiclient_do", args=[client.pk, "scopes"])
    offered = administrator.get(url).context["form"].fields["scopes"].choices
    assert "patients.read" not in dict(offered)
    assert act(administrator, client, "scopes", reason="Reads").context["form"].errors["scopes"]
    chosen = ["dispenses.read", "decisions.read"]
    assert act(administrator, client, "scopes", scopes=chosen, reason="Reads").status_code == 302
    client.refresh_from_db()
    assert client.scopes == sorted(chosen)
    act(administrator, client, "scopes", everything="on", scopes=chosen, reason="All")
    client.refresh_from_db()
    assert client.scopes is None


def test_no_system_is_offered_the_role_of_a_patient_or_of_who_signs_for_a_pharmacy(
    administrator: Client,
) -> None:
    form = administrator.get(reverse("admin:accounts_apiclient_add")).context["form"]
    offered = {code for code, _ in form.fields["role"].choices}
    assert {"pharmacist", "delegate", "auditor"} < offered
    assert not offered & {"patient", "representative", "system"}
