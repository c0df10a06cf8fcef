"""What a system's token is for: each endpoint needs one scope, and the administrator gives them."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.urls import URLPattern

from apps.accounts import services
from apps.accounts.models import ApiClient
from apps.accounts.scopes import MEANINGS, OPEN_TO, WORK_OF, Scope, Work, held
from apps.api.endpoint import READS, Endpoint
from apps.api.problems import MEDIA_TYPE
from apps.api.urls import version_1
from apps.audit.models import Event, RowChange
from apps.core.call import Role
from apps.core.errors import InvalidRequest, NotAllowed
from apps.eligibility import services as eligibility
from tests import builders
from tests.api.clients import System, system
from tests.api.test_access import endpoints

pytestmark = pytest.mark.django_db
DESCRIPTION = Path(__file__).parents[2] / "docs" / "openapi.yaml"
VIEWS: dict[str, type[Endpoint]] = {
    str(pattern.name): pattern.callback.view_class  # type: ignore[attr-defined]
    for pattern in version_1
    if isinstance(pattern, URLPattern)
    and issubclass(getattr(pattern.callback, "view_class", object), Endpoint)
}
ROLES = {
    Work.DISPENSE: Role.PHARMACIST,
    Work.PRESCRIBE: Role.PRESCRIBER,
    Work.ADMINISTER: Role.ADMINISTRATOR,
    Work.AUDIT: Role.AUDITOR,
}


@pytest.fixture
def pharmacy(cast: builders.Cast) -> System:
    return system(cast.pharmacy.organization_id, Role.PHARMACIST)


def works_of(view: type[Endpoint], method: str) -> frozenset[Work]:
    return view.to_read if method in READS else view.to_write


def ask(caller: System, method: str, route: str) -> Any:
    path = re.sub(r"<\w+:\w+>", lambda _: str(uuid4()), route)
    return caller.get(path) if method == "GET" else caller.post(path)


def choose(client: ApiClient, scopes: set[Scope]) -> None:
    ApiClient.objects.filter(pk=client.pk).update(scopes=sorted(scopes))


def test_each_endpoint_is_closed_without_its_scope_and_says_which(cast: builders.Cast) -> None:
    places = {
        Work.DISPENSE: cast.pharmacy.organization_id,
        Work.PRESCRIBE: cast.prescriber.practice_id,
    }
    office = cast.administrator.actor.own_organization
    systems = {
        work: system(places.get(work, office), role, prescriber=cast.prescriber.pk)
        if work is Work.PRESCRIBE
        else system(places.get(work, office), role)
        for work, role in ROLES.items()
    }
    wrong = []
    for name, method, route in endpoints():
        works = works_of(VIEWS[name], method)
        for work in works & ROLES.keys():
            caller, needed = systems[work], VIEWS[name].scope_of(method)
            choose(caller.client, {*OPEN_TO[work]} - {needed})
            answer = ask(caller, method, route)
            problem = answer.json()
            if (
                answer.status_code != 403
                or answer["Content-Type"] != MEDIA_TYPE
                or (problem["code"], problem["scope"]) != ("insufficient_scope", needed)
                or f'scope="{needed.value}"' not in answer["WWW-Authenticate"]
            ):
                wrong.append(f"{method} {name} by {work} without {needed}: {answer.content!r}")
            break
    assert wrong == []


def test_the_table_says_exactly_what_the_endpoints_open_to_each_work() -> None:
    opened: dict[Work, set[Scope]] = defaultdict(set)
    for name, method, _ in endpoints():
        for work in works_of(VIEWS[name], method):
            opened[work].add(VIEWS[name].scope_of(method))
    assert opened == OPEN_TO
    assert set(MEANINGS) == set(Scope)
    assert {*WORK_OF} == {*Role} - {Role.PATIENT, Role.SYSTEM}


def test_the_description_lists_the_scope_of_each_operation() -> None:
    described = yaml.load(DESCRIPTION.read_text(), Loader=yaml.CSafeLoader)
    for name, method, route in endpoints():
        path = "/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)
        operation = described["paths"][path][method.lower()]
        assert operation["security"] == [{"oauth2": [VIEWS[name].scope_of(method).value]}], name
    flows = described["components"]["securitySchemes"]["oauth2"]["flows"]
    assert set(flows["clientCredentials"]["scopes"]) == set(Scope)


def test_a_client_gets_all_that_it_holds_or_as_little_as_it_asks_for(pharmacy: System) -> None:
    everything = held(Role.PHARMACIST, None)
    assert set(pharmacy.authenticate().json()["scope"].split()) == everything
    assert pharmacy.get("confirmations").status_code == 200

    assert pharmacy.authenticate("check decisions.read").json()["scope"] == "check decisions.read"
    assert pharmacy.post("eligibility-checks").status_code == 422
    assert pharmacy.get("confirmations").status_code == 403
    # The name of before means all that the client holds.
    assert pharmacy.authenticate("dispense").json()["scope"] == "dispense"
    assert pharmacy.get("confirmations").status_code == 200

    for scope in ("evidence.read", "oversight.write", "administer", "nonsense"):
        answer = pharmacy.authenticate(scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_a_client_of_the_counter_that_only_checks(cast: builders.Cast, pharmacy: System) -> None:
    pharmacy.authenticate("dispense")
    services.set_client_scopes(
        cast.administrator, client_id=pharmacy.client.pk, scopes=["check"], reason="Verifies only"
    )
    # At once, for the tokens that are out, too.
    assert pharmacy.post("eligibility-checks").status_code == 422
    assert pharmacy.get("dispenses").json()["scope"] == "dispenses.read"
    assert pharmacy.authenticate("dispenses.read").status_code == 400
    assert pharmacy.authenticate().json()["scope"] == "check"

    told = Event.objects.get(code="client_scopes_set")
    assert (told.reason, told.data) == ("Verifies only", {"from": None, "to": ["check"]})
    change = RowChange.objects.filter(table_name="accounts_apiclient").latest("pk")
    assert (change.before or {})["scopes"] is None
    assert change.after["scopes"] == ["check"]

    services.set_client_scopes(
        cast.administrator, client_id=pharmacy.client.pk, scopes=None, reason="Dispenses again"
    )
    pharmacy.authenticate()
    assert pharmacy.get("dispenses").status_code == 200


def test_no_record_tells_more_than_the_scopes_are_for(
    cast: builders.Cast, pharmacy: System
) -> None:
    """What is shown beside a patient or a decision is of other areas."""
    authorization = builders.authorized_frp(cast)
    builders.confirm(cast.dispensing, authorization)
    practice = system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)
    path = f"patients/{authorization.patient_id}"
    made = ("authorization", "confirmation", "dispense")

    def beside(caller: System) -> list[bool]:
        (listed,) = caller.get("decisions").json()["results"]
        assert listed == caller.get(f"decisions/{listed['id']}").json()
        return [listed[name] is not None for name in made]

    choose(practice.client, {Scope.PATIENTS_READ})
    page = practice.get(path).json()
    assert (page["holds"], page["outlook"]) == (None, None)
    choose(practice.client, {Scope.PATIENTS_READ, Scope.DECISIONS_READ})
    page = practice.get(path).json()
    assert (page["holds"], page["outlook"]["unmet"]) == ([], ["L-AUT-3", "L-SUR-2"])
    for caller, scope, shown in (
        (pharmacy, Scope.DECISIONS_READ, [False, False, False]),
        (pharmacy, Scope.DISPENSES_READ, [True, True, False]),
    ):
        choose(caller.client, {Scope.DECISIONS_READ, scope})
        assert beside(caller) == shown
    for scope, is_shown in ((Scope.DECISIONS_READ, False), (Scope.AUTHORIZATIONS_READ, True)):
        choose(practice.client, {Scope.DECISIONS_READ, scope})
        listed = practice.get("decisions").json()["results"]
        assert any(each["authorization"] for each in listed) is is_shown


def test_a_pharmacy_reads_no_words_of_the_prescriber_in_what_it_once_asked(
    cast: builders.Cast, pharmacy: System
) -> None:
    authorization = builders.authorized_frp(cast)
    builders.confirm(cast.dispensing, authorization)
    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=authorization.pk, reason="She tested positive at home"
    )
    (listed,) = pharmacy.get("decisions").json()["results"]
    assert (listed["authorization"]["state"], listed["authorization"]["ended_reason"]) == (
        "void", "",
    )  # fmt: skip
    practice = system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)
    assert "tested positive at home" in practice.get("decisions").content.decode()


def test_no_client_holds_what_its_role_does_not(cast: builders.Cast, pharmacy: System) -> None:
    for scopes in (["patients.read"], ["check", "nonsense"], []):
        with pytest.raises(InvalidRequest) as refused:
            services.set_client_scopes(
                cast.administrator, client_id=pharmacy.client.pk, scopes=scopes, reason="More"
            )
        assert set(refused.value.fields) == {"scopes"}
    with pytest.raises(NotAllowed):
        services.set_client_scopes(
            cast.staff, client_id=pharmacy.client.pk, scopes=["check"], reason="Less"
        )
    made = services.register_api_client(
        cast.administrator,
        organization_id=cast.pharmacy.organization_id,
        role=Role.PHARMACIST,
        name="Verifier",
        secret=services.new_client_secret(),
        scopes=["decisions.read", "check"],
    )
    assert made.scopes == ["check", "decisions.read"]
