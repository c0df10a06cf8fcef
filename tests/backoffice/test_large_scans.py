"""A scan that is too large costs nobody what they typed; what is larger still is not received."""

from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.backoffice.intake_forms import FORMS
from apps.core.scans import MAX_SCAN_BYTES
from apps.evidence.models import Intake, IntakeScan
from apps.patients.models import Patient
from tests import builders
from tests.backoffice.test_actions import act, page, said
from tests.backoffice.test_identity import a_fax, a_negative_test

pytestmark = pytest.mark.django_db

MEGABYTE = 1_000_000


def file_of(size: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.pdf", b"%PDF-1.7 " + b"x" * (size - 9))


@pytest.fixture
def patient(cast: builders.Cast) -> Patient:
    return builders.enroll(cast.prescribing)


@pytest.mark.parametrize("size", [MAX_SCAN_BYTES + 1, 7 * MEGABYTE, 19 * MEGABYTE])
def test_a_scan_that_is_too_large_gives_the_form_back_with_what_was_typed(
    cast: builders.Cast, patient: Patient, staff: Client, size: int
) -> None:
    entered = {**a_fax(cast), **a_negative_test(), "told_by_name": "Wilhelmina Longname"}
    answer = act(staff, patient, "intake-pregnancy-test", **{**entered, "scan": file_of(size)})
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {"scan"}
    assert "This file is larger than 5 MB." in said(answer)
    assert 'value="Wilhelmina Longname"' in answer.content.decode()
    assert not Intake.objects.exists()
    assert not IntakeScan.objects.exists()

    largest = {**a_fax(cast), **a_negative_test(), "scan": file_of(MAX_SCAN_BYTES)}
    answer = act(staff, patient, "intake-pregnancy-test", **largest)
    assert answer.status_code == 302, said(answer)
    assert IntakeScan.objects.get().size == MAX_SCAN_BYTES


def test_every_form_that_takes_a_scan_says_so_at_its_field(patient: Patient, staff: Client) -> None:
    for form in FORMS:
        slug = f"intake-{form.kind.replace('_', '-')}"
        answer = act(staff, patient, slug, scan=file_of(7 * MEGABYTE), told_by_name="Nina Nurse")
        assert answer.status_code == 200, slug
        assert "larger than 5 MB" in str(answer.context["form"].errors["scan"]), slug
        assert 'value="Nina Nurse"' in answer.content.decode(), slug


def test_beyond_the_hard_limit_nothing_is_read(patient: Patient, staff: Client) -> None:
    sent: dict[str, Any] = {"scan": file_of(21 * MEGABYTE)}
    answer = staff.post(page(patient, "intake-pregnancy-test"), sent)
    assert answer.status_code == 413
    assert "<h1>This is too large</h1>" in answer.content.decode()
    # Where no page takes a file, the limit stays as it was
    assert Client().post("/accounts/login/", {"scan": file_of(7 * MEGABYTE)}).status_code == 413


def test_no_more_of_a_file_is_kept_than_shows_that_it_is_too_large(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    entered = {**a_fax(cast), "scan": file_of(19 * MEGABYTE)}
    answer = act(staff, patient, "intake-pregnancy-test", **entered)
    assert answer.context["form"].files["scan"].size == settings.LARGEST_UPLOAD
