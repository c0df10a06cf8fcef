"""From where: the trail tells the address and the sign-in or token behind every act and view."""

import hashlib
import socket
from typing import Any

import pytest
from django.test import RequestFactory

from apps.audit import services as audit
from apps.audit.models import Event
from apps.core import origin
from apps.core.call import SYSTEM_CALL, Role
from apps.core.models import Operation
from tests import builders
from tests.api.clients import system
from tests.portal.people import browser_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.7", "192.0.2.1"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.66, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.66, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "192.0.2.1"),
        (1, "2001:DB8::1", "2001:db8::1"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:DB8::1]:4711", "2001:db8::1"),
        (1, "<script>", ""),
    ],
)
def test_the_address_is_what_the_trusted_proxies_saw(
    proxies: int, forwarded: str, address: str, settings: Any
) -> None:
    settings.PROXY_COUNT = proxies
    request = RequestFactory().get(
        "/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="192.0.2.1"
    )
    assert origin.address_of(request) == address


def test_a_page_leaves_the_address_and_a_digest_of_the_session(cast: builders.Cast) -> None:
    browser = browser_of(cast.prescribing)
    browser.get("/patients/", REMOTE_ADDR="203.0.113.8")
    event = Event.objects.get(code="patients_listed")
    key = str(browser.session.session_key)
    assert event.address == "203.0.113.8"
    assert event.credential == hashlib.sha256(key.encode()).hexdigest()[:32]
    assert key not in str(event.__dict__)


def test_the_api_leaves_the_address_and_a_digest_of_the_token(cast: builders.Cast) -> None:
    caller = system(
        cast.prescriber.practice_id,
        Role.PRESCRIBER,
        cast.prescriber.pk,
        REMOTE_ADDR="203.0.113.9",
    )
    caller.get("patients")
    event = Event.objects.get(code="patients_listed")
    digest = hashlib.sha256(caller.token.encode()).hexdigest()
    assert (event.address, event.credential) == ("203.0.113.9", digest[:32])


def test_a_command_and_its_event_come_from_one_place(cast: builders.Cast) -> None:
    caller = system(
        cast.administrator.actor.own_organization, Role.ADMINISTRATOR, REMOTE_ADDR="203.0.113.9"
    )
    caller.make(
        f"pharmacies/{cast.pharmacy.pk}/standings", {"event": "suspend", "reason": "An audit"}
    )
    event = Event.objects.latest("pk")
    operation = Operation.objects.get(pk=event.operation_id)
    assert (operation.address, operation.credential) == (event.address, event.credential)
    assert operation.address == "203.0.113.9"


def test_a_check_comes_from_somewhere_too(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    caller = system(cast.pharmacy.organization_id, Role.PHARMACIST, REMOTE_ADDR="203.0.113.9")
    asked = {
        "number": authorization.number,
        "born_on": authorization.patient.born_on.isoformat(),
        "risk_category": "adult_frp",
    }
    caller.make("eligibility-checks", asked)
    assert caller.post("eligibility-checks", {**asked, "born_on": "1950-01-01"}).status_code == 404
    events = Event.objects.filter(code__startswith="eligibility_check")
    assert {event.code for event in events} == {"eligibility_checked", "eligibility_check_missed"}
    assert {event.address for event in events} == {"203.0.113.9"}
    assert Operation.objects.get(name="verify").address == "203.0.113.9"


def test_a_process_leaves_its_user_and_host_and_no_credential() -> None:
    event = audit.record_view(SYSTEM_CALL, "signed_in")
    event.refresh_from_db()
    user, _, host = event.address.partition("@")
    assert (bool(user), host, event.credential) == (True, socket.gethostname(), "")


def test_one_request_never_lends_its_origin_to_what_comes_after(client: Any) -> None:
    client.get("/livez", REMOTE_ADDR="203.0.113.8")
    assert origin.present() is origin.OF_PROCESS
