"""How a system gets a token: by its secret, by the one of before in its time, by a signature."""

import base64
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from oauth2_provider.cimd import CIMDError, SafeMetadataFetcher

from apps.accounts import services
from apps.accounts.models import ApiClient, ClientKeys, EarlierSecret, UsedAssertion
from apps.api.tokens import token_url
from apps.audit.models import Event, RowChange
from apps.core import clock
from apps.core.call import Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from tests import builders
from tests.api.clients import SECRET, System, system
from tests.api.keys import TYPE, assertion, ec_key, in_json_around, public_set, rsa_key

pytestmark = pytest.mark.django_db
NEW = "another-long-synthetic-secret-of-a-system"
DAY = timedelta(days=1)


@pytest.fixture
def pharmacy(cast: builders.Cast) -> System:
    return system(cast.pharmacy.organization_id, Role.PHARMACIST)


def ask(client: ApiClient, secret: str) -> Any:
    pair = base64.b64encode(f"{client.application.client_id}:{secret}".encode()).decode()
    return Browser().post(
        "/api/v1/token",
        {"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {pair}"},
    )


def rotate(cast: builders.Cast, client: ApiClient, **changed: Any) -> ApiClient:
    wanted = {"secret": NEW, "overlap": DAY, "reason": "A year has passed", **changed}
    return services.rotate_client_secret(cast.administrator, client_id=client.pk, **wanted)


# --- Secrets ------------------------------------------------------------------------------------


def test_both_secrets_open_until_the_earlier_one_ends(
    cast: builders.Cast, pharmacy: System
) -> None:
    client = pharmacy.client
    with time_machine.travel(clock.real_now(), tick=False) as at:
        rotate(cast, client)
        assert [ask(client, each).status_code for each in (SECRET, NEW)] == [200, 200]
        at.shift(DAY - timedelta(seconds=1))
        assert ask(client, SECRET).status_code == 200
        at.shift(1)
        answer = ask(client, SECRET)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert ask(client, NEW).status_code == 200


def test_each_use_of_the_earlier_secret_is_seen(cast: builders.Cast, pharmacy: System) -> None:
    rotate(cast, pharmacy.client)
    ask(pharmacy.client, NEW)
    assert not Event.objects.filter(code="earlier_secret_used").exists()
    for _ in range(2):
        ask(pharmacy.client, SECRET)
    earlier = EarlierSecret.objects.get()
    assert earlier.uses == 2
    assert earlier.last_used_at is not None
    event = Event.objects.filter(code="earlier_secret_used").latest("pk")
    assert (event.actor_id, event.actor_kind) == (pharmacy.client.pk, "client")
    rotated = Event.objects.get(code="client_secret_rotated")
    assert rotated.data == {"earlier_ends_at": earlier.ends_at.isoformat()}


def test_no_system_has_three_secrets(cast: builders.Cast, pharmacy: System) -> None:
    rotate(cast, pharmacy.client)
    rotate(cast, pharmacy.client, secret=f"{NEW}-too")
    opening = [ask(pharmacy.client, each).status_code for each in (SECRET, NEW, f"{NEW}-too")]
    assert opening == [401, 200, 200]


def test_a_secret_that_may_have_leaked_ends_at_once(cast: builders.Cast, pharmacy: System) -> None:
    rotate(cast, pharmacy.client, overlap=timedelta(0))
    assert ask(pharmacy.client, SECRET).status_code == 401
    assert ask(pharmacy.client, NEW).status_code == 200


def test_the_earlier_secret_is_ended_before_its_time(cast: builders.Cast, pharmacy: System) -> None:
    rotate(cast, pharmacy.client)
    administrator, client_id = cast.administrator, pharmacy.client.pk
    services.end_earlier_secret(administrator, client_id=client_id, reason="All changed over")
    assert ask(pharmacy.client, SECRET).status_code == 401
    with pytest.raises(Conflict):
        services.end_earlier_secret(administrator, client_id=client_id, reason="Again")


def test_only_administrators_rotate_with_a_reason_and_not_without_end(
    cast: builders.Cast, pharmacy: System
) -> None:
    with pytest.raises(NotAllowed):
        services.rotate_client_secret(
            cast.staff, client_id=pharmacy.client.pk, secret=NEW, overlap=DAY, reason="x"
        )
    with pytest.raises(InvalidRequest):
        rotate(cast, pharmacy.client, reason=" ")
    for overlap in (-DAY, settings.LONGEST_SECRET_OVERLAP + timedelta(seconds=1)):
        with pytest.raises(InvalidRequest):
            rotate(cast, pharmacy.client, overlap=overlap)
    assert not EarlierSecret.objects.exists()


def test_an_ended_client_gets_no_token_by_any_secret(cast: builders.Cast, pharmacy: System) -> None:
    rotate(cast, pharmacy.client)
    services.end_api_client(cast.administrator, client_id=pharmacy.client.pk, reason="Closed")
    assert [ask(pharmacy.client, each).status_code for each in (SECRET, NEW)] == [401, 401]
    with pytest.raises(Conflict):
        rotate(cast, pharmacy.client)


def test_the_operator_rotates_from_the_console(pharmacy: System) -> None:
    client_id, said = pharmacy.client.application.client_id, StringIO()
    call_command("rotate_client_secret", client_id, "--reason", "Yearly", stdout=said)
    assert ask(pharmacy.client, said.getvalue().strip()).status_code == 200
    assert ask(pharmacy.client, SECRET).status_code == 200
    with pytest.raises(CommandError, match="no API client"):
        call_command("rotate_client_secret", "nobody", "--reason", "Yearly")
    with pytest.raises(CommandError, match="cannot stay valid"):
        call_command(
            "rotate_client_secret", client_id, "--overlap-hours", "1000", "--reason", "Yearly"
        )


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic AP8=", "Basic Og==", "Bearer x", "Basic bm9ib2R5"]
)
def test_no_sense_in_the_header_opens_nothing(pharmacy: System, header: str) -> None:
    answer = Browser().post(
        "/api/v1/token", {"grant_type": "client_credentials"}, headers={"Authorization": header}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_no_secret_is_in_the_history(cast: builders.Cast, pharmacy: System) -> None:
    rotate(cast, pharmacy.client)
    services.end_earlier_secret(cast.administrator, client_id=pharmacy.client.pk, reason="Done")
    hashed = EarlierSecret.objects.get().encoded
    assert not any(hashed in str(change.before) for change in RowChange.objects.all())


# --- Signatures ---------------------------------------------------------------------------------


@pytest.fixture
def signing(cast: builders.Cast, pharmacy: System) -> System:
    """The pharmacy's system, which signs."""
    services.set_client_keys(
        cast.administrator,
        client_id=pharmacy.client.pk,
        jwks=public_set(rsa_key(), ec_key()),
        reason="Signs from now on",
    )
    return pharmacy


def present(client: ApiClient, signed: str | None = None, **changed: str) -> Any:
    """Ask with an assertion; a right one, unless another is given."""
    signed = signed or assertion(client.application.client_id, token_url())
    fields = {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": signed,
        **changed,
    }
    return Browser().post("/api/v1/token", fields)


@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=["RS384", "ES384"])
def test_a_signed_request_gets_a_token_that_opens(signing: System, key: Any) -> None:
    signed = assertion(signing.client.application.client_id, token_url(), key=key)
    answer = present(signing.client, signed, scope="dispense")
    assert answer.status_code == 200
    assert answer.json()["scope"] == "dispense"
    signing.token = answer.json()["access_token"]
    assert signing.get("confirmations").status_code == 200
    assert present(signing.client, scope="administer").status_code == 400
    assert present(signing.client, scope="check").json()["scope"] == "check"


def test_with_keys_the_secret_ends(signing: System) -> None:
    assert ask(signing.client, SECRET).status_code == 401


def test_with_keys_the_secret_may_go_on_for_a_while(cast: builders.Cast, pharmacy: System) -> None:
    services.set_client_keys(
        cast.administrator,
        client_id=pharmacy.client.pk,
        jwks=public_set(rsa_key()),
        overlap=DAY,
        reason="Changes over",
    )
    assert ask(pharmacy.client, SECRET).status_code == 200
    assert present(pharmacy.client).status_code == 200
    assert EarlierSecret.objects.get().uses == 1


def test_an_assertion_is_used_once(signing: System) -> None:
    signed = assertion(signing.client.application.client_id, token_url())
    assert present(signing.client, signed).status_code == 200
    again = present(signing.client, signed)
    assert again.status_code == 401
    assert "used before" in again.json()["error_description"]
    same = assertion(signing.client.application.client_id, token_url(), jti="same")
    later = int(clock.real_now().timestamp()) + 280
    other = assertion(signing.client.application.client_id, token_url(), jti="same", exp=later)
    assert present(signing.client, same).status_code == 200
    assert present(signing.client, other).status_code == 401
    assert UsedAssertion.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"exp": None}, "exp has passed"),
        ({"exp": 0}, "exp has passed"),
        ({"exp": True}, "exp has passed"),
        ({"exp": "tomorrow"}, "exp has passed"),
        ({"exp": 10**12}, "five minutes"),
        ({"nbf": 10**12}, "nbf"),
        ({"jti": None}, "jti"),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 256}, "jti"),
        ({"aud": None}, "aud must be"),
        ({"aud": "https://elsewhere.example/token"}, "aud must be"),
        ({"aud": []}, "aud must be"),
        ({"iss": "another"}, "iss and sub"),
        ({"sub": None}, "iss and sub"),
        ({"iss": None, "sub": None}, "iss and sub"),
        ({"iss": "nobody", "sub": "nobody"}, "No client with this id"),
        ({"iss": "a\x00", "sub": "a\x00"}, "No client with this id"),
        ({"iss": "\ud800", "sub": "\ud800"}, "no signed JWT"),
        ({"jti": "\ud800"}, "no signed JWT"),
        ({"exp": float("nan")}, "no signed JWT"),
    ],
)
def test_what_an_assertion_claims_is_checked(
    signing: System, changed: dict[str, Any], said: str
) -> None:
    signed = assertion(signing.client.application.client_id, token_url(), **changed)
    answer = present(signing.client, signed)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert said in answer.json()["error_description"]
    assert not UsedAssertion.objects.exists()


def test_five_minutes_are_the_longest(signing: System) -> None:
    with time_machine.travel(clock.real_now().replace(microsecond=0), tick=False):
        now = int(clock.real_now().timestamp())
        client_id = signing.client.application.client_id
        for seconds, status in ((300, 200), (301, 401)):
            signed = assertion(client_id, token_url(), exp=now + seconds)
            assert present(signing.client, signed).status_code == status


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"kid": None}, "kid"),
        ({"kid": "unknown"}, "no such key"),
        ({"kid": "ec"}, "no such key"),
        ({"alg": "RS256"}, "RS384 or ES384"),
        ({"alg": "PS384"}, "RS384 or ES384"),
    ],
)
def test_how_an_assertion_is_signed_is_checked(
    signing: System, header: dict[str, Any], said: str
) -> None:
    signed = assertion(signing.client.application.client_id, token_url(), header=header)
    answer = present(signing.client, signed)
    assert answer.status_code == 401
    assert said in answer.json()["error_description"]


def test_another_key_under_the_same_name_opens_nothing(signing: System) -> None:
    thief = rsa_key("thief")
    signed = assertion(
        signing.client.application.client_id, token_url(), key=thief, header={"kid": "rsa"}
    )
    assert "signature" in present(signing.client, signed).json()["error_description"]


def test_an_unsigned_or_symmetric_assertion_opens_nothing(signing: System) -> None:
    right = assertion(signing.client.application.client_id, token_url())
    _, claims, _ = right.split(".")
    for header in ('{"alg":"none","kid":"rsa"}', '{"alg":"HS384","kid":"rsa"}'):
        forged = base64.urlsafe_b64encode(header.encode()).decode().rstrip("=")
        for signature in ("", "AAAA"):
            answer = present(signing.client, f"{forged}.{claims}.{signature}")
            assert answer.status_code == 401


@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=["RS384", "ES384"])
def test_a_signature_for_something_else_opens_for_no_claims_of_a_thiefs(
    signing: System, key: Any
) -> None:
    client_id, now = signing.client.application.client_id, int(clock.real_now().timestamp())
    seen = assertion(client_id, "https://elsewhere.example/token", key=key, exp=now - 9_000)
    told = {"aud": token_url(), "exp": now + 200, "jti": "of-a-thief"}
    assert present(signing.client, in_json_around(seen, **told)).status_code == 401
    right = assertion(client_id, token_url(), key=key)
    for another in (f"{right}=", f" {right}", f"{right}\n", right.replace(".", ".=", 1)):
        assert present(signing.client, another).status_code == 401
    assert not UsedAssertion.objects.exists()
    assert present(signing.client, right).status_code == 200


DEEP = base64.urlsafe_b64encode(b"[" * 2_400).decode()


@pytest.mark.parametrize(
    "nonsense",
    ["x", "a.b", "a.b.c", "e30.e30.", "W10.W10.W10", "x" * 9000, f"{DEEP}.e30.", f"e30.{DEEP}."],
)
def test_nonsense_is_no_assertion(signing: System, nonsense: str) -> None:
    assert present(signing.client, nonsense).status_code == 401


def test_type_and_client_id_must_fit(signing: System, cast: builders.Cast) -> None:
    other = system(cast.pharmacy.organization_id, Role.TECHNICIAN)
    own, foreign = (each.client.application.client_id for each in (signing, other))
    assert present(signing.client, client_id=own).status_code == 200
    assert present(signing.client, client_id=foreign).status_code == 401
    assert present(signing.client, client_assertion_type="x").status_code == 401


def test_a_client_without_keys_signs_nothing(pharmacy: System) -> None:
    assert present(pharmacy.client).status_code == 401


def test_an_ended_client_signs_nothing(cast: builders.Cast, signing: System) -> None:
    services.end_api_client(cast.administrator, client_id=signing.client.pk, reason="Closed")
    assert present(signing.client).status_code == 401


def test_keys_are_changed_by_setting_them_anew(cast: builders.Cast, signing: System) -> None:
    services.set_client_keys(
        cast.administrator,
        client_id=signing.client.pk,
        jwks=public_set(rsa_key("newer")),
        reason="The old one may have leaked",
    )
    client_id = signing.client.application.client_id
    assert present(signing.client).status_code == 401
    newer = assertion(client_id, token_url(), key=rsa_key("newer"))
    assert present(signing.client, newer).status_code == 200
    assert EarlierSecret.objects.count() == 1


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": ["x"]},
        {"keys": [{"kty": "RSA"}]},
        {"keys": [rsa_key().export(as_dict=True)]},
        {"keys": [{"kty": "oct", "k": "AAAA", "kid": "a"}]},
        {"keys": [{**rsa_key().export_public(as_dict=True), "kid": ""}]},
        public_set(rsa_key("weak", 1024)),
        public_set(ec_key("p256", "P-256")),
    ],
    ids=["empty", "none", "text", "torn", "private", "symmetric", "nameless", "weak", "curve"],
)
def test_unfit_keys_are_not_taken(
    cast: builders.Cast, pharmacy: System, jwks: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest):
        services.set_client_keys(
            cast.administrator, client_id=pharmacy.client.pk, jwks=jwks, reason="x"
        )
    assert not ClientKeys.objects.exists()


@pytest.mark.parametrize("address", ["", "http://keys.example/jwks", "https://", "file:///etc/x"])
def test_an_unsafe_address_of_keys_is_not_taken(
    cast: builders.Cast, pharmacy: System, address: str
) -> None:
    with pytest.raises(InvalidRequest):
        services.set_client_keys(
            cast.administrator, client_id=pharmacy.client.pk, jwks_uri=address, reason="x"
        )


# --- Keys that the system publishes -------------------------------------------------------------


class Published:
    """What a system publishes, instead of the internet; counts how often it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.jwks: dict[str, Any] | None = public_set(rsa_key())
        self.asked = 0
        monkeypatch.setattr(SafeMetadataFetcher, "fetch", self.fetch)

    def fetch(self, _address: str) -> tuple[dict[str, Any], int]:
        self.asked += 1
        if self.jwks is None:
            raise CIMDError("The network is away.")
        return self.jwks, 300


@pytest.fixture
def published(cast: builders.Cast, pharmacy: System, monkeypatch: pytest.MonkeyPatch) -> Published:
    cache.clear()
    services.set_client_keys(
        cast.administrator,
        client_id=pharmacy.client.pk,
        jwks_uri="https://ehr.example/.well-known/jwks.json",
        reason="Publishes its keys",
    )
    return Published(monkeypatch)


def test_published_keys_are_asked_for_once_in_a_while(
    published: Published, pharmacy: System
) -> None:
    for _ in range(3):
        assert present(pharmacy.client).status_code == 200
    assert published.asked == 1


def test_a_new_key_is_found_and_nobody_makes_us_ask_without_end(
    published: Published, pharmacy: System
) -> None:
    client_id = pharmacy.client.application.client_id
    with time_machine.travel(clock.real_now(), tick=False) as at:
        assert present(pharmacy.client).status_code == 200
        published.jwks = public_set(rsa_key("newer"))
        for _ in range(3):
            newer = assertion(client_id, token_url(), key=rsa_key("newer"))
            assert present(pharmacy.client, newer).status_code == 401
        assert published.asked == 1
        at.shift(31)
        newer = assertion(client_id, token_url(), key=rsa_key("newer"))
        assert present(pharmacy.client, newer).status_code == 200
        assert published.asked == 2


def test_what_cannot_be_read_opens_nothing(published: Published, pharmacy: System) -> None:
    published.jwks = None
    answer = present(pharmacy.client)
    assert answer.status_code == 401
    assert "could not be read" in answer.json()["error_description"]
    cache.clear()
    published.jwks = {"keys": [rsa_key().export(as_dict=True)]}
    assert present(pharmacy.client).status_code == 401


@pytest.mark.parametrize(
    "address", ["https://127.0.0.1/jwks.json", "https://localhost/k", "https://10.0.0.1/jwks.json"]
)
def test_no_address_leads_into_our_own_network(
    cast: builders.Cast, pharmacy: System, address: str
) -> None:
    cache.clear()
    services.set_client_keys(
        cast.administrator, client_id=pharmacy.client.pk, jwks_uri=address, reason="x"
    )
    answer = present(pharmacy.client)
    assert answer.status_code == 401
    assert "could not be read" in answer.json()["error_description"]


@pytest.mark.parametrize("grant", ["", "password", "urn:ietf:params:oauth:grant-type:device_code"])
def test_there_is_one_grant_and_any_other_is_refused_as_the_standard_says(
    pharmacy: System, grant: str
) -> None:
    answer = pharmacy.browser.post("/api/v1/token", {"grant_type": grant})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
