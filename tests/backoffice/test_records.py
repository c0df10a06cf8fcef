"""Every record is findable, readable, bounded in its statements, and leaves a trail."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.backoffice.records import RecordAdmin
from apps.core.models import DemoClock
from apps.patients.models import Patient
from tests.backoffice.conftest import SignIn
from tests.guards.world import our_models

MODELS = our_models()
NOTHING_TO_SEARCH = {DemoClock}
MOST_STATEMENTS = 32


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def inline_code(html: str) -> list[str]:
    """What the Content-Security-Policy would refuse."""
    return re.findall(r"<style|<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=", html)


def test_every_record_has_a_page_and_can_be_searched() -> None:
    without = [model for model in MODELS if not admin.site.is_registered(model)]
    assert without == []
    for model in MODELS:
        found = admin.site.get_model_admin(model)
        assert isinstance(found, RecordAdmin), model
        searched = [*found.search_fields, *found.numbered, *found.ids]
        assert bool(searched) is (model not in NOTHING_TO_SEARCH), model


def test_what_names_a_patient_tells_whose_record_is_seen() -> None:
    """Or the trail could not answer who saw a patient's record."""
    for model in MODELS:
        found = admin.site.get_model_admin(model)
        names_one = any(field.related_model is Patient for field in model._meta.concrete_fields)
        if names_one or model is Patient:
            assert isinstance(found, RecordAdmin)
            assert found.patient, model


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_list_search_page_and_history_answer(model: type[Model], sign_in: SignIn) -> None:
    client = sign_in("administrator")
    record = model._default_manager.first()
    assert record is not None, "The world has a row of every kind."
    pages = {
        "list": url(model, "changelist"),
        "page": url(model, "change", record.pk),
        "history": url(model, "history", record.pk),
    }
    for page, address in pages.items():
        with CaptureQueriesContext(connection) as statements:
            answer = client.get(address)
        assert answer.status_code == 200, page
        assert inline_code(answer.content.decode()) == [], page
        assert len(statements) <= MOST_STATEMENTS, (page, len(statements))
    if model not in NOTHING_TO_SEARCH:
        found = client.post(url(model, "changelist"), {"q": str(record.pk)}, follow=True)
        assert found.status_code == 200
        assert found.context["cl"].typed == str(record.pk)
        assert found.context["cl"].query != str(record.pk)
