"""The office's figures, the lists that each number leads to, and what is saved of them."""

import csv
import io
import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Organization
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Role
from apps.oversight import services as oversight
from apps.patients.services import Identity
from tests import builders
from tests.oversight import cases
from tests.portal.people import browser_of, member, signed_in

pytestmark = pytest.mark.django_db

NUMBER = re.compile(r'href="(/office/lists/[^"]+)">(\d+)</a>')
FORMULA = Identity("=HYPERLINK(1)", "Synthetic", builders.START.date().replace(year=1960), "10002")
ANOTHER = Identity("Ada", "Other", date(1979, 7, 8), "99901")
MOST_STATEMENTS = 12


def saved(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def refuse(cast: builders.Cast, patient: Any) -> None:
    assert not builders.request(cast.prescribing, patient, "adult_frp").allowed


@pytest.fixture
def world(cast: builders.Cast) -> builders.Cast:
    """A woman who was refused, a man whose name is a formula, and two deviations of hers."""
    woman = builders.enroll(cast.prescribing, "adult_frp")
    builders.enroll(cast.prescribing, "adult_male", identity=FORMULA)
    cases.deviation(woman)
    closed = cases.deviation(woman, "dispense_too_early")
    oversight.start_review(cast.staff, deviation_id=closed.pk, reason="Looked into")
    oversight.correct_deviation(cast.staff, deviation_id=closed.pk, corrective_action="Told")
    refuse(cast, woman)
    return cast


def test_every_number_of_the_start_leads_to_as_many_rows(
    world: builders.Cast, staff: Client
) -> None:
    start = staff.get(reverse("home")).content.decode()
    numbers = NUMBER.findall(start)
    lists = {url.split("/")[3] for url, _ in numbers}
    assert lists == {"enrollment", "tests", "refusals", "deviations"}
    for url, number in numbers:
        shown = staff.get(url.replace("&amp;", "&"))
        assert shown.context["page"].paginator.count == int(number), url
    viewed = Event.objects.filter(code="list_viewed").latest("pk")
    assert viewed.data["list"] == "deviations"
    assert len(viewed.data["ids"]) == len(viewed.patient_ids or [])
    for figure in ("Enrollment", "Tests in window", "Refusals by reason", "Deviations by severity"):
        assert f'aria-label="{figure}, as bars; the table says the same"' in start


def test_a_list_narrows_and_says_so_when_nothing_fits(world: builders.Cast, staff: Client) -> None:
    page = reverse("office_list", args=["deviations"])
    assert len(staff.get(page, {"state": "at_work"}).context["rows"]) == 1
    assert len(staff.get(page, {"days": ""}).context["rows"]) == 2
    assert "Nothing fits" in staff.get(page, {"severity": "critical"}).content.decode()
    wrong = staff.get(page, {"severity": "gossip"}).content.decode()
    assert "<title>Error:" in wrong
    assert staff.get(reverse("office_list", args=["gossip"])).status_code == 404
    assert staff.get(reverse("export_list", args=["deviations"]), {"days": "8"}).status_code == 404


def test_a_saved_list_holds_no_formula_and_is_in_the_trail_with_its_ids(
    world: builders.Cast, staff: Client
) -> None:
    rows = saved(staff.get(reverse("export_list", args=["enrollment"]), {"days": ""}))
    assert rows[0][:2] == ["Patient", "Risk category"]
    names = {row[0] for row in rows[1:]}
    assert "'=HYPERLINK(1) Synthetic" in names
    told = Event.objects.get(code="list_exported")
    assert told.data["list"] == "enrollment"
    assert sorted(told.data["ids"]) == sorted(row[-3] for row in rows[1:])
    assert {str(each) for each in told.patient_ids or []} == {row[-2] for row in rows[1:]}

    (queued,) = saved(staff.get(reverse("export_queue", args=["deviation_major"])))[1:]
    assert queued[0].startswith("A scheduled pregnancy test was missed")
    assert Event.objects.filter(code="list_exported").latest("pk").data["ids"] == [queued[-3]]
    refused = saved(staff.get(reverse("export_list", args=["refusals"])))
    assert "L-PT-1: " in refused[1][4]
    # A spreadsheet sorts and counts with the times; an empty cell is empty
    assert refused[0][-1] == "Times in"
    assert {row[-1] for row in rows[1:]} == {"America/New_York"}
    assert datetime.fromisoformat(refused[1][1]).tzinfo is None
    assert not any("–" in row for row in rows)

    why = staff.get(reverse("office_decision", args=[refused[1][-3]])).content.decode()
    assert "There is no negative test that could be the first one." in why
    assert "It replays to itself." in why
    assert Event.objects.filter(code="decision_replayed").count() == 1


def test_start_and_lists_take_few_statements_however_many_rows(
    world: builders.Cast, staff: Client
) -> None:
    pages = [
        reverse("home"),
        reverse("queues"),
        *(
            reverse("office_list", args=[code])
            for code in ("enrollment", "tests", "refusals", "deviations")
        ),
    ]
    office = Organization.objects.get(kind="program")
    auditor = signed_in(member(Role.AUDITOR, office, "auditor@program.example"))
    assert "What waits" in auditor.get(pages[0]).content.decode()
    staff.get(pages[0])
    few = {url: statements(staff, url) for url in pages}
    assert max(few.values()) <= MOST_STATEMENTS, few
    patient = builders.enroll(world.prescribing, identity=ANOTHER)
    cases.deviation(patient, recorded_at=clock.now() - timedelta(days=9))
    refuse(world, patient)
    assert {url: statements(staff, url) for url in pages} == few


def statements(staff: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert staff.get(url).status_code == 200
    return len(asked)


def test_only_what_can_be_refused_for_is_a_reason_to_look_for(world: builders.Cast) -> None:
    form = browser_of(world.staff).get(reverse("office_list", args=["refusals"])).context["form"]
    offered = {value for value, _ in form.fields["reason"].choices}
    assert "L-PT-2:SECOND_TEST_MISSING" in offered
    assert "L-ENR-1:PRESCRIBER_CERTIFIED" not in offered
    # Met as well, until it lapses: its step renews it.
    assert "L-ENR-2:PHARMACY_CERTIFIED" not in offered
    assert "L-ENR-4:AGREEMENT_IN_FORCE" not in offered
