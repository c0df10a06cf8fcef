"""Certification forms and the demo's clock."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.test import Client

from apps.core import clock
from apps.core.call import Role
from apps.providers import services as providers
from apps.providers.models import PrescriberEnrollment
from apps.rules.documents import document
from tests import builders
from tests.portal.people import browser_of, instant_parts, send, signed_in

pytestmark = pytest.mark.django_db


def pending_prescriber() -> Client:
    administrator = builders.office_member(Role.ADMINISTRATOR, "a@program.example")
    prescriber = providers.register_prescriber(
        administrator,
        npi=builders.npi(7),
        given_name="Pia",
        family_name="Pending",
        specialty="Hematology",
        phone="212-555-0100",
        email="pia@practice.example",
        practice_name="Practice",
    )
    assert prescriber.user is not None
    return signed_in(prescriber.user)


def test_a_pending_prescriber_lands_at_the_form_and_signs_every_point() -> None:
    browser = pending_prescriber()
    assert browser.get("/")["Location"] == "/certification/"
    codes = sorted(document("lenalidomide", "prescriber_enrollment").codes)

    refused = send(browser, "/certification/", attestations=codes[1:])
    assert "Not ticked yet" in refused.content.decode()
    send(browser, "/certification/", attestations=codes)

    assert PrescriberEnrollment.objects.get().attestations == codes
    waiting = browser.get("/certification/").content.decode()
    assert "Waiting for approval" in waiting
    assert "Sign all points" not in waiting


def test_outside_the_demo_there_is_no_clock_to_move(cast: builders.Cast) -> None:
    staff = browser_of(cast.staff)

    assert staff.get("/demo-clock/").status_code == 404
    assert staff.post("/demo-clock/", {"step": "7d"}).status_code == 404


def test_the_staff_move_the_demos_time_forward_and_come_back(
    settings: LazySettings, cast: builders.Cast
) -> None:
    settings.DEMO_CLOCK = True
    staff = browser_of(cast.staff)
    before = clock.now()
    assert "Move it forward by" in staff.get("/").content.decode()

    moved = staff.post("/demo-clock/", {"step": "7d", "next": "/demo-clock/?x=1"})

    assert moved["Location"] == "/demo-clock/?x=1"
    assert clock.now() - before >= timedelta(days=7)
    elsewhere = staff.post("/demo-clock/", {"step": "1h", "next": "https://evil.example/"})
    assert elsewhere["Location"] == "/demo-clock/"


def test_the_demos_time_moves_to_an_instant_but_never_back(
    settings: LazySettings, cast: builders.Cast
) -> None:
    settings.DEMO_CLOCK = True
    staff = browser_of(cast.staff)
    later = clock.now() + timedelta(days=40)

    refused = send(staff, "/demo-clock/", **instant_parts("to", clock.now() - timedelta(days=1)))
    assert "Time moves forward only" in refused.content.decode()
    send(staff, "/demo-clock/", **instant_parts("to", later))
    assert abs(clock.now() - later) < timedelta(minutes=2)


def test_only_the_staff_move_the_demos_time(settings: LazySettings, cast: builders.Cast) -> None:
    settings.DEMO_CLOCK = True
    pharmacist = browser_of(cast.dispensing)

    assert pharmacist.post("/demo-clock/", {"step": "7d"}).status_code == 403
    page = pharmacist.get("/check/").content.decode()
    assert "The program’s time is" in page
    assert "Move it forward by" not in page
