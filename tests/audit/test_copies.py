"""Every record can be had as a whole: to be read, and as a file (21 CFR 11.10(b))."""

import hashlib
import json
from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse

from apps.audit.models import Event
from apps.audit.signatures import signatures_of
from apps.patients.models import Agreement, Patient
from tests.backoffice.conftest import SignIn
from tests.guards.world import our_models


def address(record: Model, page: str) -> str:
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=[quote(record.pk)])


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_kind_of_record_has_a_copy_to_read_and_one_to_keep(
    model: type[Model], sign_in: SignIn
) -> None:
    client, record = sign_in("auditor"), model._default_manager.first()
    assert record is not None
    page = client.get(address(record, "change"))
    assert address(record, "copy") in page.content.decode()
    assert client.get(address(record, "copy")).status_code == 200
    kept = json.loads(client.get(address(record, "copy_file")).content)
    text = json.dumps(kept["copy"], ensure_ascii=False, sort_keys=True)
    assert kept["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert kept["copy"]["id"] == str(record.pk)
    told = Event.objects.filter(code="record_copied", subject_id=str(record.pk))
    assert told.count() >= 2


def test_a_copy_holds_signatures_history_and_events(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    agreement: Any = Agreement.objects.exclude(prescriber_signed_at=None).earliest("recorded_at")
    kept = copied(client, agreement)
    meanings = {each["meaning"] for each in kept["signatures"]}
    assert {"Patient signed", "Prescriber signed"} < meanings
    digests = {each["content_sha256"] for each in kept["signatures"] if "method" in each}
    assert digests == set(signatures_of(agreement).values_list("content_digest", flat=True))
    assert {each["by"] for each in kept["signatures"]} >= {agreement.signer_name}
    assert kept["recorded_by"][0]["operation_id"] == str(agreement.operation_id)

    patient = Patient.objects.exclude(merged_into=None).first()
    assert patient is not None
    kept = copied(client, patient)
    assert kept["changes"][-1]["after"]["merged_into_id"] == str(patient.merged_into_id)
    codes = {event["code"] for event in kept["events"]}
    assert "patient_enrolled" in codes


def test_a_copy_never_holds_a_secret(sign_in: SignIn) -> None:
    shown = copied(sign_in("administrator"), Event.objects.earliest("pk"))
    assert shown["model"] == "audit.event"
    user = next(model for model in our_models() if model.__name__ == "User")
    kept = json.dumps(copied(sign_in("administrator"), user._default_manager.earliest("pk")))
    assert "password" not in kept


def copied(client: Any, record: Model) -> dict[str, Any]:
    """The copy as a file holds it."""
    kept: dict[str, Any] = json.loads(client.get(address(record, "copy_file")).content)["copy"]
    return kept
