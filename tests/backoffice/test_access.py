"""Who may open what: each role at every address of the administration, and crafted requests."""

from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.audit.models import Event
from apps.backoffice.records import RecordAdmin
from apps.core import clock
from apps.core.call import Role
from tests import browsers, builders
from tests.backoffice.conftest import PEOPLE, SignIn, signed_in
from tests.guards.world import our_models

OFFICE = ("administrator", "staff", "auditor")
STRANGERS = ("prescriber", "pharmacist")
MODELS = our_models()
REGISTERED = {
    "administrator": {"Membership", "ApiClient", "Prescriber", "Pharmacy", "Outage"},
    "staff": {"Membership", "Prescriber", "Pharmacy"},
    "auditor": set(),
}


def kind(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def record_admin(model: type[Model]) -> RecordAdmin[Any]:
    found = admin.site.get_model_admin(model)
    assert isinstance(found, RecordAdmin)
    return found


def addresses() -> list[str]:
    """Every page of the administration that can be looked at."""
    found = [reverse("admin:index"), reverse("admin:misses"), reverse("admin:jsi18n")]
    found += [reverse("admin:assessment"), reverse("admin:queue", args=["deviation_major"])]
    labels = {model._meta.app_label for model in MODELS}
    found += [reverse("admin:app_list", args=[label]) for label in sorted(labels)]
    for model in MODELS:
        record = model._default_manager.first()
        assert record is not None
        found += [kind(model, "changelist"), kind(model, "add")]
        found += [kind(model, page, record.pk) for page in ("change", "history", "delete")]
        found += [
            kind(model, "do", record.pk, action.name)
            for action in record_admin(model).record_actions
        ]
    return found


@pytest.mark.parametrize("who", STRANGERS)
def test_who_is_not_of_the_office_is_refused_at_every_address(who: str, sign_in: SignIn) -> None:
    client = sign_in(who)
    answers = {address: client.get(address).status_code for address in addresses()}
    assert set(answers.values()) == {403}, answers
    assert client.get(reverse("admin:login")).status_code == 403


@pytest.mark.parametrize("who", ["delegate", "representative"])
def test_their_colleagues_are_refused_too(who: str, sign_in: SignIn) -> None:
    assert sign_in(who).get(reverse("admin:index")).status_code == 403


def test_who_is_not_signed_in_is_led_to_the_one_sign_in_and_back(sign_in: SignIn) -> None:
    client = sign_in("nobody")
    for address in addresses():
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.headers["Location"] == f"/admin/login/?next={quote(address)}", address
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.templates[0].name == "account/login.html"
    assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/admin/"
    again = client.get(reverse("admin:login"), {"next": "/admin/misses/"})
    assert again.headers["Location"] == "/accounts/login/?next=/admin/misses/"


@pytest.mark.parametrize("who", ["staff", "auditor"])  # The administrator: test_records.py.
def test_the_office_looks_at_every_list_and_page(who: str, sign_in: SignIn) -> None:
    client = sign_in(who)
    for model in MODELS:
        record = model._default_manager.first()
        assert record is not None
        assert client.get(kind(model, "changelist")).status_code == 200, model
        assert client.get(kind(model, "change", record.pk)).status_code == 200, model


@pytest.mark.parametrize("who", OFFICE)
def test_the_office_adds_only_through_services_and_deletes_nothing(
    who: str, sign_in: SignIn
) -> None:
    client = sign_in(who)
    for model in MODELS:
        record = model._default_manager.first()
        assert record is not None
        registers = model.__name__ in REGISTERED[who]
        assert client.get(kind(model, "add")).status_code == (200 if registers else 403), model
        assert client.get(kind(model, "delete", record.pk)).status_code == 403, model


@pytest.mark.parametrize("who", OFFICE)
def test_an_action_is_open_to_the_roles_that_its_service_admits(who: str, sign_in: SignIn) -> None:
    client = sign_in(who)
    for model in MODELS:
        record = model._default_manager.first()
        assert record is not None
        for action in record_admin(model).record_actions:
            allowed = who in {role.value for role in action.roles}
            answer = client.get(kind(model, "do", record.pk, action.name))
            assert answer.status_code == (200 if allowed else 403), (model, action.name)


def test_an_auditor_is_offered_nothing_to_do() -> None:
    for model in MODELS:
        found = record_admin(model)
        actions = [*found.record_actions, *filter(None, [found.registers])]
        assert all("auditor" not in {role.value for role in each.roles} for each in actions), model


@pytest.mark.parametrize("who", OFFICE)
def test_crafted_requests_write_nothing(who: str, sign_in: SignIn) -> None:
    client = sign_in(who)
    for model in MODELS:
        record = model._default_manager.order_by("pk").first()
        assert record is not None
        before = model._default_manager.filter(pk=record.pk).values().get()
        rows = model._default_manager.count()
        fields = {field.name: "1" for field in model._meta.concrete_fields}
        key = {"_selected_action": str(record.pk)}
        crafted = [
            (kind(model, "change", record.pk), {**fields, "_save": "Save"}),
            (kind(model, "delete", record.pk), {"post": "yes"}),
            (kind(model, "changelist"), {**key, "action": "delete_selected", "post": "yes"}),
            (kind(model, "changelist"), {"form-TOTAL_FORMS": "1", "_save": "Save"}),
            (kind(model, "add"), fields),
            *(
                (kind(model, "do", record.pk, action.name), {})
                for action in record_admin(model).record_actions
            ),
        ]
        for address, content in crafted:
            assert client.post(address, content).status_code in {200, 302, 403}, address
        assert model._default_manager.filter(pk=record.pk).values().get() == before, model
        if model is not Event:  # Looking leaves events.
            assert model._default_manager.count() == rows, model


def test_an_ended_membership_closes_the_door_at_once(filled: None) -> None:
    builders.office_member(Role.STAFF, "leaving@program.example")
    client = signed_in("leaving@program.example")
    membership = Membership.objects.get(user__email="leaving@program.example")
    assert client.get(reverse("admin:index")).status_code == 200
    Membership.objects.filter(pk=membership.pk).update(ended_at=clock.now())
    assert client.get(reverse("admin:index")).status_code == 403


def test_a_page_without_the_forgery_token_is_refused(filled: None) -> None:
    client = Client(enforce_csrf_checks=True)
    staff = Membership.objects.get(user__email=PEOPLE["staff"]).user
    client.cookies = browsers.signed_in(staff).cookies
    model = next(model for model in MODELS if model.__name__ == "Intervention")
    record = model._default_manager.first()
    assert record is not None
    answer = client.post(kind(model, "do", record.pk, "resolve"), {"outcome": "Forged"})
    assert answer.status_code == 403
    record.refresh_from_db()
    assert getattr(record, "resolved_at") is None  # noqa: B009 - the model is generic here


def test_no_names_are_had_past_the_trail(sign_in: SignIn) -> None:
    names = {"app_label": "patients", "model_name": "patient", "field_name": "merged_into"}
    answer = sign_in("auditor").get(reverse("admin:autocomplete"), names)
    assert answer.status_code == 404


def test_no_list_is_narrowed_by_what_is_hidden(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    hidden = [
        (model, column)
        for model in apps.get_models()
        if admin.site.is_registered(model)
        for column in record_admin(model).hidden
    ]
    assert {"password", "session_key", "data"} <= {column for _, column in hidden}
    for model, column in hidden:
        address = kind(model, "changelist")
        assert client.get(address).status_code == 200
        for lookup in (column, f"{column}__startswith", f"{column}__isnull"):
            assert client.get(address, {lookup: "1"}).status_code == 400, lookup
