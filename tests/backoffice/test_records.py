"""Every kind of record has a page, is found, and tells whose it is."""

from django.contrib import admin

from apps.backoffice.records import RecordAdmin
from apps.core.models import DemoClock
from apps.patients.models import Patient
from tests.backoffice.conftest import SignIn
from tests.backoffice.pages import MODELS, kind

NOTHING_TO_SEARCH = {DemoClock}


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


def test_every_record_is_found_by_its_id(sign_in: SignIn) -> None:
    """Every list, page and history: test_walk.py."""
    client = sign_in("administrator")
    wrong = []
    for model in MODELS:
        if model in NOTHING_TO_SEARCH:
            continue
        record = model._default_manager.first()
        assert record is not None, "The world has a row of every kind."
        found = client.post(kind(model, "changelist"), {"q": str(record.pk)}, follow=True)
        listed = found.context["cl"] if found.status_code == 200 else None
        if listed is None or listed.typed != str(record.pk) or listed.query == str(record.pk):
            wrong.append((model, found.status_code))
    assert wrong == []
