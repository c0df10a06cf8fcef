"""A list asks the database as often for many patients as for few; `bench pages` times many."""

import os
import statistics
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from apps.patients import reaching
from apps.patients.services import Signatures
from tests import builders, costs
from tests.portal.people import browser_of
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

FEW, MANY = 10, int(os.environ.get("REMS_PAGES_ROWS", "14"))
TIMES = 5
GUARDIAN = "Gail Guardian"


def test_a_long_list_of_patients_asks_no_more_than_a_short_one(
    cast: builders.Cast,
) -> None:
    browser = browser_of(cast.prescribing)
    enrolled(cast, range(FEW))
    few = opened(browser, FEW)
    enrolled(cast, range(FEW, MANY))
    assert opened(browser, MANY) == few <= costs.STATEMENTS


def enrolled(cast: builders.Cast, serials: range) -> None:
    """So many men, none like another."""
    for serial in serials:
        person = replace(
            builders.IDENTITY,
            given_name=f"Given{serial}",
            family_name=f"Family{serial}",
            born_on=date(1950, 1, 1) + timedelta(days=13 * serial),
            postal_code=str(10_000 + serial),
            phone="",
            email="",
        )
        builders.enroll(cast.prescribing, "adult_male", identity=person)


def opened(browser: Client, count: int) -> int:
    """How many statements the list takes; its time is left for the bench."""
    url = reverse("my_patients")
    browser.get(url)
    with costs.counted() as spent:
        page = browser.get(url)
    assert f"{count} patients" in page.content.decode()
    times = []
    for _ in range(TIMES if costs.FIGURES else 0):
        before = time.perf_counter()
        browser.get(url)
        times.append(time.perf_counter() - before)
    if times:
        costs.leave("lists", [count, statistics.median(times), len(spent.statements)])
    return len(spent.statements)


def test_a_guardians_page_of_the_day_asks_no_more_for_what_many_left_unsigned(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name=GUARDIAN,
        relationship="mother",
    )  # fmt: skip
    few = asked_by(visitor(cast.prescribing, patient, for_representative=True), "own_today")
    for name in (GUARDIAN, "Bob Guardian", "Una Guardian"):
        signed = Signatures("guardian", name, "parent", prescriber_signed_at=clock.now())
        evidence.renew_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            program=builders.PROGRAM,
            signatures=signed,
        )
    gail = visitor(cast.prescribing, patient, for_representative=True)
    assert asked_by(gail, "own_today") == few <= costs.STATEMENTS
    assert "An agreement waits" in gail.get(reverse("own_today")).content.decode()


def asked_by(browser: Client, name: str) -> int:
    """How many statements a page takes."""
    assert browser.get(reverse(name)).status_code == costs.OK
    with costs.counted() as spent:
        browser.get(reverse(name))
    return len(spent.statements)
