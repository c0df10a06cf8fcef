"""A page asks the database as often about many patients as about few; `bench pages` times many."""

import os
import statistics
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse, reverse_lazy

from apps.core import clock
from apps.evidence import services as evidence
from apps.patients import reaching
from apps.patients.services import Signatures
from tests import builders, costs
from tests.oversight import cases
from tests.portal.people import browser_of
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

FEW, MANY = 10, int(os.environ.get("REMS_PAGES_ROWS", "14"))
TIMES = 5
GUARDIAN = "Gail Guardian"


# Each page that grows with the program: who opens it, where, and how it tells its length.
PAGES = {
    "my_patients": ("prescriber", reverse_lazy("my_patients"), "{} patients"),
    "home": ("staff", reverse_lazy("home"), "{} items wait"),
    "queues": ("staff", reverse_lazy("queues"), ">{}</td>"),
    "queue": ("staff", reverse_lazy("queue", args=["deviation_major"]), "Family"),
    "enrollment": ("staff", reverse_lazy("office_list", args=["enrollment"]), "{} rows"),
    "deviations": ("staff", reverse_lazy("office_list", args=["deviations"]), "{} rows"),
    "assessment_report": ("staff", reverse_lazy("assessment_report"), ">{}</td>"),
}


def test_pages_ask_no_more_about_many_patients_than_about_few(
    cast: builders.Cast, staff: Client
) -> None:
    browsers = {"prescriber": browser_of(cast.prescribing), "staff": staff}
    enrolled(cast, range(FEW))
    few = {name: opened(browsers, name, FEW) for name in PAGES}
    enrolled(cast, range(FEW, MANY))
    plan_anew()
    many = {name: opened(browsers, name, MANY) for name in PAGES}
    assert many == few
    assert max(many.values()) <= costs.STATEMENTS


def test_a_list_that_is_partly_remembered_asks_no_more_than_any_page_may(
    cast: builders.Cast,
) -> None:
    enrolled(cast, range(2))
    browser = browser_of(cast.prescribing)
    browser.get(reverse("my_patients"))
    enrolled(cast, range(2, 3))
    with costs.counted() as spent:
        browser.get(reverse("my_patients"))
    assert len(spent.statements) <= costs.STATEMENTS


def enrolled(cast: builders.Cast, serials: range) -> None:
    """So many men, none like another, each with a rule that was broken."""
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
        patient = builders.enroll(cast.prescribing, "adult_male", identity=person)
        cases.deviation(patient)


def plan_anew() -> None:
    """What the server does by itself when it sees that a table grew; not within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


def opened(browsers: dict[str, Client], name: str, count: int) -> int:
    """How many statements a page takes; its time is left for the bench."""
    who, url, told = PAGES[name]
    browser = browsers[who]
    browser.get(url)
    with costs.counted() as spent:
        page = browser.get(url)
    assert told.format(count) in page.content.decode()
    times = []
    for _ in range(TIMES if costs.FIGURES else 0):
        before = time.perf_counter()
        browser.get(url)
        times.append(time.perf_counter() - before)
    if times:
        row = [name, count, statistics.median(times), len(spent.statements)]
        costs.leave("lists", row)
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
