"""My patients and a patient's page: order, search, states; how often the database is asked."""

import re
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.core import clock
from apps.evidence import services as evidence
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("patients", [1, 12])
def test_my_patients_asks_the_database_as_often_for_one_as_for_many(
    cast: builders.Cast,
    prescriber: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    patients: int,
) -> None:
    for number in range(patients):
        builders.enroll(
            cast.prescribing,
            identity=replace(
                builders.IDENTITY,
                family_name=f"Synthetic{number}",
                born_on=date(1980, 1, number + 1),
                email=f"{number}@patients.example",
                phone=f"212-555-03{number:02}",
                postal_code=f"100{number:02}",
            ),
        )
    prescriber.get("/patients/")
    with django_assert_max_num_queries(12) as asked:
        page = prescriber.get("/patients/")
    assert len(page.context["rows"]) == patients
    assert len(asked) <= 12


def test_the_pages_of_a_patient_ask_the_database_twelve_times_at_most(
    cast: builders.Cast,
    prescriber: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    made = builders.dispense(cast.dispensing, held).dispense
    assert made is not None
    for name in ("patient", "timeline", "request"):
        url = reverse(name, args=[made.patient_id])
        prescriber.get(url)
        with django_assert_max_num_queries(12):
            page = prescriber.get(url)
        if name == "patient":
            assert cast.pharmacy.name in page.content.decode()


def test_a_record_that_cannot_be_read_hides_no_other_and_names_who_acts(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    sound = builders.contraception(cast.prescribing, patient)
    sound.pk, sound.in_use_since = uuid4(), builders.today() + timedelta(days=9)
    sound.save(force_insert=True)

    rows = prescriber.get("/patients/").context["rows"]
    assert [row["line"].label for row in rows] == ["On hold"]
    for name in ("patient", "request"):
        page = prescriber.get(reverse(name, args=[patient.pk])).content.decode()
        assert "This record cannot be evaluated" in page
        assert "Call the program’s staff" in page


def test_my_patients_puts_holds_first_and_finds_by_name(
    cast: builders.Cast, prescriber: Client
) -> None:
    builders.enroll(cast.prescribing, "adult_male", identity=replace(
        builders.IDENTITY, given_name="Adam", family_name="Aaronson", born_on=date(1970, 1, 1),
        postal_code="60601", phone="", email="",
    ))  # fmt: skip
    held = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, held, result="positive")

    rows = prescriber.get("/patients/").context["rows"]
    assert [row["line"].label for row in rows] == ["On hold", "Closes today or overdue"]

    # What is remembered of the order gives way to what is recorded, and states can be chosen
    evidence.report_pregnancy(
        cast.prescribing, patient_id=rows[1]["patient"].pk, subject="partner",
        reported_at=clock.now(), source="The patient",
    )  # fmt: skip
    builders.obligations(cast.prescribing, rows[1]["patient"])
    chosen = prescriber.get("/patients/?state=hold")
    assert [row["patient"] for row in chosen.context["rows"]] == [held]
    assert "All (2)" in chosen.content.decode()
    assert "The program’s staff:" in chosen.content.decode()
    assert "Nobody is in this state now" in prescriber.get("/patients/?state=well").content.decode()

    asked = prescriber.post("/patients/?state=&page=2", {"sought": "aaron"})["Location"]
    assert "aaron" not in asked
    found = prescriber.get(asked).context["rows"]
    assert [str(row["patient"]) for row in found] == ["Adam Aaronson"]
    nobody = prescriber.post("/patients/", {"sought": "zz"}, follow=True)
    assert "No patient of this name" in nobody.content.decode()


def test_no_address_tells_who_a_patient_is(cast: builders.Cast, prescriber: Client) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    addresses = []
    for url in ("/patients/", reverse("patient", args=[patient.pk])):
        addresses += re.findall(r'(?:href|action)="([^"]*)"', prescriber.get(url).content.decode())

    assert len(addresses) > 20
    for told in (
        patient.family_name,
        patient.given_name,
        "1986",
        authorization.number,
        str(authorization),
    ):
        assert not any(told.lower() in address.lower() for address in addresses)
