"""The timeline of a patient: every entry drawn and told, and plans that record nothing."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import PregnancyTest
from apps.patients.models import Patient
from apps.portal.timeline import Entry, Lane, Look
from apps.portal.timeline_drawing import CROWDED, LANE_HEIGHT, LAST_TICK, drawing
from apps.rules.calendar import Calendar
from tests import builders
from tests.portal.people import browser_of, date_parts, send

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
CALENDAR = Calendar(ZoneInfo("America/New_York"))


@pytest.fixture
def prescriber(cast: builders.Cast) -> Client:
    return browser_of(cast.prescribing)


def shown(browser: Client, patient: Patient, **typed: Any) -> Any:
    """The page as it is, or after days were supposed."""
    address = reverse("timeline", args=[patient.pk])
    return send(browser, address, **typed) if typed else browser.get(address)


def told(answer: Any) -> list[tuple[str, str]]:
    """What the table says and in which state, the earliest first."""
    return [(what, state) for what, _, _, state, _ in answer.context["rows"]]


def drawn(answer: Any) -> list[str]:
    """What the shapes say of themselves."""
    svg = answer.content.decode().partition("<svg")[2].partition("</svg>\n<ul")[0]
    return re.findall(r"<title>(.*?)</title>", svg)


def test_the_drawing_and_the_table_say_the_same(cast: builders.Cast, prescriber: Client) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    made = builders.dispense(cast.dispensing, held).dispense
    assert made is not None
    answer = shown(prescriber, made.patient)
    entries = told(answer)
    assert sorted(f"{what}: {state}" for what, state in entries) == sorted(drawn(answer))
    assert entries.count(("Pregnancy test", "Negative")) == 2
    assert ("Contraception attested", "No lapse") in entries
    assert ("28 days dispensed", "Counts") in entries
    assert ("Supply", "Left") in entries
    number = str(made.authorization)
    assert (f"Authorization {number}", "Dispensed") in entries
    assert any(state in {"Coming", "Due until then"} for _, state in entries)


def test_nothing_lies_outside_the_drawing(cast: builders.Cast, prescriber: Client) -> None:
    patient = builders.authorized_frp(cast).patient
    content = shown(prescriber, patient).content.decode()
    places = re.findall(r'\b(?:x|x1|width)="(\d+\.\d\d)%"', content)
    assert len(places) > 5
    assert all(0 <= float(each) <= 100 for each in places)


def test_a_positive_test_and_its_hold_stand_out_until_the_case_is_closed(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    answer = shown(prescriber, patient)
    assert ("Pregnancy test", "Positive") in told(answer)
    assert ("Pregnancy case: patient", "Open") in told(answer)
    assert "No authorization is in sight" in answer.content.decode()
    assert "rp-timeline--alarm" in answer.content.decode()


def test_a_withdrawn_entry_is_still_told(cast: builders.Cast, prescriber: Client) -> None:
    patient = builders.ready_frp(cast.prescribing)
    test = PregnancyTest.objects.filter(patient=patient).latest("collected_at")
    evidence.withdraw_pregnancy_test(cast.prescribing, test_id=test.pk, reason="Another person's")
    assert ("Negative test", "Withdrawn") in told(shown(prescriber, patient))


def test_what_waits_is_dated_and_what_is_supposed_moves_it(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    as_it_is = shown(prescriber, patient)
    first = as_it_is.context["expected"].possible_from
    assert first is not None
    assert ("An authorization is possible", "If all that is planned is done") in told(as_it_is)
    today = builders.today()
    later = shown(
        prescriber,
        patient,
        **date_parts("first_test_on", today + 30 * DAY),
        **date_parts("contraception_since", today + 5 * DAY),
    )
    assert later.context["expected"].possible_from > first
    assert not PregnancyTest.objects.exists()


def test_a_day_that_no_plan_reaches_is_refused_beside_its_field(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    on = builders.today() + 400 * DAY
    answer = shown(prescriber, patient, **date_parts("first_test_on", on))
    assert "a plan looks no further ahead" in answer.content.decode()
    assert answer.content.decode().count("<title>Error:") == 1
    assert told(answer)


def test_a_man_has_a_timeline_and_nothing_to_suppose(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    answer = shown(prescriber, patient)
    assert answer.status_code == 200
    assert answer.context["form"] is None


def test_looking_leaves_an_event_that_names_the_patient(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    shown(prescriber, patient)
    assert Event.objects.filter(code="timeline_viewed", patient_id=patient.pk).count() == 1


def test_what_is_older_than_half_a_year_is_left_to_the_record(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    assert ("Pregnancy test", "Negative") in told(shown(prescriber, patient))
    with time_machine.travel(clock.now() + 184 * DAY, tick=True):
        assert ("Pregnancy test", "Negative") not in told(
            shown(browser_of(cast.prescribing), patient)
        )


def test_marks_that_crowd_stand_above_and_below_by_turns_and_no_day_is_named_at_the_edge() -> None:
    now = builders.START
    weekly = [
        Entry(Lane.TESTS, "Pregnancy test", "Negative", Look.DONE, now - each * 7 * DAY)
        for each in range(26)
    ]
    made = drawing(sorted(weekly, key=lambda each: each.from_at), now, CALENDAR)
    (row,) = made.rows
    places = [(float(shape.x.rstrip("%")), shape.middle) for shape in row.shapes]
    for (one_x, one), (other_x, other) in pairwise(places):
        assert other_x - one_x < CROWDED
        assert one != other
    top, bottom = row.title_at, row.title_at + LANE_HEIGHT
    assert all(top < middle < bottom for _, middle in places)
    assert made.told == "Pregnancy tests: 26"
    assert all(float(tick.x.rstrip("%")) <= LAST_TICK for tick in made.ticks)
