"""What happened elsewhere is typed by who knows it: nobody confirms in a hurry what none said."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import builders
from tests.eligibility.supplies import man, shipped
from tests.portal.people import send

pytestmark = pytest.mark.django_db


def begins_with(browser: Client, url: str) -> dict[str, Any]:
    """What stands in a form when it is opened."""
    form = browser.get(url).context["form"]
    return {bound.name: bound.value() for bound in form.visible_fields()}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("pregnancy-test", ["collected_at", "resulted_at", "sensitivity_miu_ml"]),
        ("survey", ["completed_at"]),
        ("bleeding", ["reported_at"]),
        ("pregnancy", ["reported_at"]),
    ],
)
def test_a_record_of_what_was_elsewhere_begins_empty(
    cast: builders.Cast, prescriber: Client, kind: str, names: list[str]
) -> None:
    """L-PT-2, L-PT-8, L-PRG-2: a time that nobody said would count, or hide a late report."""
    patient = builders.enroll(cast.prescribing)
    shown = begins_with(prescriber, reverse("record", args=[patient.pk, kind]))
    assert [shown[name] for name in names] == [None] * len(names)


@pytest.mark.parametrize(
    ("kind", "name"), [("contraception", "attested_at"), ("counseling", "given_at")]
)
def test_what_is_said_face_to_face_happens_now(
    cast: builders.Cast, prescriber: Client, kind: str, name: str
) -> None:
    patient = builders.enroll(cast.prescribing)
    assert begins_with(prescriber, reverse("record", args=[patient.pk, kind]))[name] is not None


def test_nobody_signed_on_paper_before_somebody_says_when(
    cast: builders.Cast, prescriber: Client
) -> None:
    """L-ENR-3"""
    patient = builders.enroll(cast.prescribing)
    asked = send(
        prescriber,
        reverse("renew_agreement", args=[patient.pk]),
        signer="patient",
        signer_name="Fiona Synthetic",
        how="paper",
    )
    for url in (asked["Location"], reverse("sign_take_over", args=["adult_frp"])):
        assert begins_with(prescriber, url)["patient_signed_at"] is None
    unsaid = send(prescriber, asked["Location"])
    assert {"patient_signed_at", "scan"} <= set(unsaid.context["form"].errors)


def test_the_request_supposes_no_sensitivity(cast: builders.Cast, prescriber: Client) -> None:
    """L-PT-2"""
    patient = builders.enroll(cast.prescribing)
    shown = begins_with(prescriber, reverse("request", args=[patient.pk]))
    assert shown["sensitivity_miu_ml"] is None


def test_a_pharmacy_says_when_a_shipment_ended_and_a_pregnancy_was_reported(
    cast: builders.Cast, pharmacist: Client
) -> None:
    """L-DSP-9, L-PRG-1"""
    made = shipped(cast, man(cast))
    assert begins_with(pharmacist, reverse("end_shipment", args=[made.pk]))["happened_at"] is None
    report = reverse("report_pregnancy", args=[made.pk])
    assert begins_with(pharmacist, report)["reported_at"] is None
