"""Every form and list of the administration, and the ways in, sent with nonsense."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from hypothesis import strategies as st

from apps.backoffice.records import RecordAdmin
from apps.core.call import Role
from tests import builders
from tests.backoffice.conftest import PEOPLE, signed_in
from tests.fuzz import nonsense
from tests.fuzz.callers import code_of, confirmed_lately
from tests.fuzz.html import Form
from tests.fuzz.test_pages import a_fixed_noon
from tests.fuzz.trying import FORM_CASES, Figures, try_out
from tests.fuzz.typing_in import Typed
from tests.fuzz.visits import Visitor
from tests.guards import world
from tests.guards.world import our_models

__all__ = ["a_fixed_noon"]
pytestmark = pytest.mark.django_db

FIRST = 30
# The first lists what there is; nobody sets up an app who has one.
WITHOUT_FORM = {"mfa_index", "mfa_activate_totp"}
SIGN_IN = {
    "nobody": ("account_login", "account_reset_password"),
    "prescriber": (
        "account_change_password", "account_reauthenticate", "mfa_index", "mfa_activate_totp",
        "mfa_generate_recovery_codes", "mfa_add_webauthn", "mfa_deactivate_totp",
    ),
}  # fmt: skip


def test_nothing_in_the_administration_or_on_the_way_in_breaks_or_is_lost() -> None:
    """Forms; lists, asked for with addresses that nobody would write; and the ways in."""
    world.build(world.World(owner_url="", application_url=""))
    builders.office_member(Role.AUDITOR, PEOPLE["auditor"])
    figures, browser = Figures(), signed_in(PEOPLE["administrator"])
    known = [str(model._default_manager.values_list("pk").first()) for model in our_models()]
    visitor = Visitor(browser, known, code_of(browser), figures)
    pages = list(actions())
    for name, url in pages:
        visitor.try_page(name, url, max(2, FORM_CASES // 3 // len(pages)))
    ask_for_lists(visitor)
    ways_in(visitor)
    figures.leave("office")
    assert not figures.defects, figures.told()
    assert figures.without_form == WITHOUT_FORM


def ask_for_lists(visitor: Visitor) -> None:
    """The list of each kind of record."""
    visitor.reads_codes, models = True, our_models()
    for model in models:
        place, form = f"{model._meta.label} list", Form(kind(model, "changelist"), "get")
        asked = queries(model, visitor.known).map(partial(Typed, form, nonsense_in=[]))
        count = max(1, FORM_CASES // 6 // len(models))
        try_out(asked, count, partial(visitor.send, place), place=place)


def ways_in(visitor: Visitor) -> None:
    """Passwords and second factors, by who is signed in and by who is not."""
    for who, names in SIGN_IN.items():
        browser = Client() if who == "nobody" else confirmed_lately(signed_in(PEOPLE[who]))
        code = "123456" if who == "nobody" else code_of(browser)
        for name in names:
            one = Visitor(browser, visitor.known, code, visitor.figures)
            one.try_page(name, reverse(name), max(2, FORM_CASES // 100))


def queries(model: type[Model], known: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """What could stand behind a list's address: lookups, pages, orders, and no such thing."""
    columns = [field.name for field in model._meta.concrete_fields]
    lookups = ["exact", "in", "isnull", "gte", "year", "day", "password__startswith", "x"]
    filters = [f"{column}__{lookup}" for column in columns for lookup in lookups]
    names = st.sampled_from([*("qpoe"), "all", "_popup", "_to_field", "search", *columns, *filters])
    return st.dictionaries(names, nonsense.texts() | nonsense.identifiers(known), max_size=3)


def actions() -> Iterator[tuple[str, str]]:
    """The page of each action on a record that admits it, and of each record that is made."""
    for model in our_models():
        found = admin.site.get_model_admin(model)
        assert isinstance(found, RecordAdmin)
        name = str(model._meta.label)
        if found.registers is not None:
            yield f"{name} add", kind(model, "add")
        for action in found.record_actions:
            if Role.ADMINISTRATOR in action.roles:
                rows = model._default_manager.all()[:FIRST]
                row = next((each for each in rows if action.is_possible(each)), rows[0])
                yield f"{name} {action.name}", kind(model, "do", row.pk, action.name)


def kind(model: type[Model], page: str, *args: Any) -> str:
    """The address of a page about a kind of record."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)
