"""Who may enter the administration, and crafted requests. Each page: test_walk.py."""

from urllib.parse import quote

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Role
from tests import browsers, builders
from tests.backoffice.conftest import PEOPLE, SignIn, signed_in
from tests.backoffice.pages import (
    MODELS,
    OFFICE,
    ends,
    kind,
    pages_of,
    pages_of_the_site,
    record_admin,
)
from tests.browsers import is_refused, request_of

STRANGERS = ("prescriber", "pharmacist")


def addresses() -> list[str]:
    """Every page of the administration, with one record of each kind."""
    pages = [*pages_of_the_site()]
    for model in MODELS:
        pages += pages_of(model, ends(model)[:1])
    return [page.address for page in pages if page.name != "login"]


@pytest.mark.parametrize("who", STRANGERS)
def test_who_is_not_of_the_office_is_refused_at_every_address(who: str, sign_in: SignIn) -> None:
    """By each view, before it does anything: pages answer with that refusal (the next test)."""
    request = request_of(sign_in(who))
    open_to_them = [each for each in addresses() if not is_refused(request, "GET", each)]
    assert open_to_them == []


@pytest.mark.parametrize("who", [*STRANGERS, "delegate", "representative"])
def test_whoever_is_refused_gets_a_403_reading_and_writing(who: str, sign_in: SignIn) -> None:
    client = sign_in(who)
    model = next(model for model in MODELS if model.__name__ == "Intervention")
    some = [page.address for page in pages_of(model, ends(model)[:1])]
    some += [reverse(f"admin:{name}") for name in ("index", "login", "jsi18n", "misses")]
    answers = {
        (ask.__name__, address): ask(address).status_code
        for address in some
        for ask in (client.get, client.post)
    }
    assert set(answers.values()) == {403}, answers


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


def test_an_auditor_is_offered_nothing_to_do() -> None:
    for model in MODELS:
        found = record_admin(model)
        actions = [*found.record_actions, *filter(None, [found.registers])]
        assert all("auditor" not in {role.value for role in each.roles} for each in actions), model


@pytest.mark.parametrize("who", OFFICE)
def test_nothing_is_changed_deleted_or_done_to_many_by_anybody(who: str, sign_in: SignIn) -> None:
    """Each page of the stock admin asks these first, whatever is sent to it."""
    request = request_of(sign_in(who))
    for model in MODELS:
        found, record = record_admin(model), model._default_manager.first()
        assert found.has_view_permission(request, record), model
        for each in (None, record):
            assert not found.has_change_permission(request, each), model
            assert not found.has_delete_permission(request, each), model
        assert found.get_actions(request) == {}, model
        assert found.list_editable == (), model
        assert found.get_inline_instances(request, record) == [], model


@pytest.mark.parametrize("who", OFFICE)
def test_crafted_requests_write_nothing(who: str, sign_in: SignIn) -> None:
    """Of an administrator everything; of the others what differs by role, and the rest at some."""
    client, sections = sign_in(who), set()
    for model in MODELS:
        record = ends(model)[0]
        before = model._default_manager.filter(pk=record.pk).values().get()
        rows = model._default_manager.count()
        fields = {field.name: "1" for field in model._meta.concrete_fields}
        crafted = [
            (kind(model, "add"), fields),
            *(
                (kind(model, "do", record.pk, action.name), {})
                for action in record_admin(model).record_actions
            ),
        ]
        if who == "administrator" or model._meta.app_label not in sections:
            sections.add(model._meta.app_label)
            crafted += crafted_of_stock(model, record, fields)
        for address, content in crafted:
            assert client.post(address, content).status_code in {200, 302, 403}, address
        assert model._default_manager.filter(pk=record.pk).values().get() == before, model
        if model is not Event:  # Looking leaves events.
            assert model._default_manager.count() == rows, model


def crafted_of_stock(
    model: type[Model], record: Model, fields: dict[str, str]
) -> list[tuple[str, dict[str, str]]]:
    """What stock pages would carry out, were it not refused to everybody (the test above)."""
    key = {"_selected_action": str(record.pk)}
    return [
        (kind(model, "change", record.pk), {**fields, "_save": "Save"}),
        (kind(model, "delete", record.pk), {"post": "yes"}),
        (kind(model, "changelist"), {**key, "action": "delete_selected", "post": "yes"}),
        (kind(model, "changelist"), {"form-TOTAL_FORMS": "1", "_save": "Save"}),
    ]


def test_an_ended_membership_closes_the_door_at_once(filled: None) -> None:
    builders.office_member(Role.STAFF, "leaving@program.example")
    client = signed_in("leaving@program.example")
    membership = Membership.objects.get(user__email="leaving@program.example")
    assert client.get(reverse("admin:index")).status_code == 200
    Membership.objects.filter(pk=membership.pk).update(ended_at=clock.now())
    assert client.get(reverse("admin:index")).status_code == 403


def test_what_was_typed_in_a_role_of_the_office_that_ended_can_be_copied(filled: None) -> None:
    builders.office_member(Role.STAFF, "gone@program.example")
    client = signed_in("gone@program.example")
    model = next(model for model in MODELS if model.__name__ == "Intervention")
    record = model._default_manager.first()
    assert record is not None
    url = kind(model, "do", record.pk, "resolve")
    token = str(client.get(url).context["csrf_token"])
    Membership.objects.filter(user__email="gone@program.example").update(ended_at=clock.now())

    typed = {"outcome": "Spoke to her\nat noon", "password": "Opens-what-signs", "code": "123456"}
    answer = client.post(url, {**typed, "csrfmiddlewaretoken": token}, follow=True)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Nothing was saved: the role in which this page was opened has ended" in page
    assert "Spoke to her<br>at noon" in page
    assert "Opens-what-signs" not in page
    assert "123456" not in page
    record.refresh_from_db()
    assert getattr(record, "resolved_at") is None  # noqa: B009 - the model is generic here


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
