"""The office's own pages: queues, who works on an item, deviations, the assessment report."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape, strip_tags

from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Role
from apps.evidence.models import Deviation
from apps.notices.models import Notice
from apps.oversight.models import Settlement
from apps.oversight.queues import SOURCES
from apps.patients import reaching, services
from apps.patients.models import Patient
from apps.patients.services import Identity
from tests import builders
from tests.oversight import cases
from tests.portal.people import browser_of, date_parts, send

pytestmark = pytest.mark.django_db

OFFICE = {"staff", "administrator", "auditor"}


@pytest.fixture
def deviation(cast: builders.Cast) -> Deviation:
    return cases.deviation(builders.enroll(cast.prescribing))


def item_page(deviation: Deviation, name: str = "queue_item") -> str:
    return reverse(name, args=[f"deviation_{deviation.severity}", deviation.pk])


def text(answer: Any) -> str:
    shown: str = answer.content.decode()
    return shown


def lost_message(cast: builders.Cast) -> Notice:
    patient = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    lost = Notice.objects.filter(state="scheduled").earliest("created_at")
    lost.state, lost.ended_at, lost.ended_reason = "undeliverable", clock.now(), "not_handed_over"
    lost.save()
    return lost


def test_the_queues_lead_to_every_item_and_say_what_is_late(
    staff: Client, cast: builders.Cast
) -> None:
    late = cases.deviation(
        builders.enroll(cast.prescribing), recorded_at=clock.now() - timedelta(days=9)
    )
    shown = text(staff.get(reverse("queues")))
    assert "1 late" in shown
    for kind in SOURCES:
        assert reverse("queue", args=[kind]) in shown
        assert staff.get(reverse("queue", args=[kind])).status_code == 200
    listed = text(staff.get(reverse("queue", args=["deviation_major"])))
    assert item_page(late) in listed
    assert "(late)" in listed
    assert "nobody yet" in listed
    listed_event = Event.objects.filter(code="queue_listed").latest("pk")
    assert listed_event.data["ids"] == [str(late.pk)]
    assert staff.get(reverse("queue", args=["gossip"])).status_code == 404


def test_the_start_of_the_office_says_how_much_waits(staff: Client, cast: builders.Cast) -> None:
    assert "Nothing waits." in text(staff.get(reverse("home")))
    cases.deviation(builders.enroll(cast.prescribing), recorded_at=clock.now() - timedelta(days=9))
    assert "1 item waits</strong>; 1 is late." in text(staff.get(reverse("home")))


def cells(answer: Any, heading: str) -> list[str]:
    found = re.findall(rf'data-label="{heading}">(.*?)</td>', text(answer))
    return [" ".join(strip_tags(cell).split()) for cell in found]


def owners(answer: Any) -> list[str]:
    return re.findall(r'scope="rowgroup" colspan="3">(.*?)</th>', text(answer))


def test_the_start_puts_the_roles_own_queues_first_and_says_what_one_works_on(
    staff: Client, administrator: Client, cast: builders.Cast, deviation: Deviation
) -> None:
    assert deviation.patient is not None
    cases.deviation(deviation.patient, "dispense_without_confirmation")
    cases.deviation(deviation.patient, occurrence="another day")
    send(staff, item_page(deviation))
    auditor = browser_of(builders.office_member(Role.AUDITOR, "auditor@program.example"))

    asked = {browser: browser.get(reverse("home")) for browser in (staff, administrator, auditor)}
    assert owners(asked[staff]) == ["Yours, as staff", "Owner: administrator"]
    assert cells(asked[staff], "Waiting") == ["2 (1 taken by you)", "1"]
    assert owners(asked[administrator]) == ["Yours, as administrator", "Owner: staff"]
    assert cells(asked[administrator], "Waiting") == ["1", "2"]
    assert owners(asked[auditor]) == ["Owner: administrator", "Owner: staff"]
    assert cells(asked[auditor], "Waiting") == ["1", "2"]

    kind = reverse("queue", args=[f"deviation_{deviation.severity}"])
    assert cells(staff.get(kind), "Who works on it") == ["you", "nobody yet"]
    named = escape(str(builders.person_of(cast.staff)))
    assert cells(administrator.get(kind), "Who works on it") == [named, "nobody yet"]
    every = staff.get(reverse("queues"))
    assert {"Staff (yours)", "Administrator"} <= set(cells(every, "Owner"))
    assert sorted(set(cells(every, "You work on"))) == ["1", "–"]
    assert cells(auditor.get(reverse("queues")), "You work on") == []


def test_what_waits_is_told_in_words_never_in_codes(staff: Client, cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_frp")
    builders.contraception(cast.prescribing, patient, lapse=True)
    listed = text(staff.get(reverse("queue", args=["intervention"])))
    assert "Contraception inadequate or lapsed" in listed
    assert "contraception_inadequate" not in listed
    shown = text(staff.get(reverse("queues")))
    assert ">7 days<" in shown
    assert ">24 hours<" in shown
    twin = builders.enroll(cast.prescribing, identity=Identity(
        patient.given_name, "Born-Otherwise", patient.born_on, "99901"))  # fmt: skip
    Patient.objects.filter(pk=twin.pk).update(postal_code=patient.postal_code)
    assert f"{twin} resembles {patient}" in text(staff.get(reverse("queue", args=["duplicate"])))
    both = text(staff.get(reverse("queue_item", args=["duplicate", twin.pk])))
    for each in (patient, twin):
        assert reverse("admin:patients_patient_change", args=[each.pk]) in both


def test_a_page_that_is_opened_from_a_queue_belongs_to_the_queues(
    staff: Client, deviation: Deviation
) -> None:
    shown = staff.get(reverse("deviation", args=[deviation.pk]))
    current = [link.label for link in shown.context["navigation"] if link.current]
    assert current == ["Queues"]


def test_an_item_is_taken_assigned_and_given_back(
    staff: Client, administrator: Client, cast: builders.Cast, deviation: Deviation
) -> None:
    shown = text(staff.get(item_page(deviation)))
    assert deviation.patient is not None
    assert (
        f"{deviation.patient.prescriber.full_name}, {deviation.patient.prescriber.phone}" in shown
    )
    assert send(staff, item_page(deviation)).status_code == 302
    assert "Take it" not in text(staff.get(item_page(deviation)))
    (item,) = cases.items(cast.staff, "deviation_major")
    assert item.assignee_id == cast.staff.actor.id

    chosen = {"assignee_id": str(cast.administrator.actor.id), "note": "Yours"}
    assert send(staff, item_page(deviation, "assign_item"), **chosen).status_code == 302
    (item,) = cases.items(cast.staff, "deviation_major")
    assert item.assignee_id == cast.administrator.actor.id
    assert "Yours" in text(administrator.get(item_page(deviation)))

    refused = send(staff, item_page(deviation, "give_back_item"), note="")
    assert "<title>Error:" in text(refused)
    given = send(staff, item_page(deviation, "give_back_item"), note="Called twice")
    assert given.status_code == 302
    (item,) = cases.items(cast.staff, "deviation_major")
    assert item.assignee_id is None
    assert "Called twice" in text(staff.get(item_page(deviation)))


def test_two_who_take_the_same_item_at_once_do_not_both_have_it(
    staff: Client, administrator: Client, cast: builders.Cast, deviation: Deviation
) -> None:
    opened = administrator.get(item_page(deviation))
    assert send(staff, item_page(deviation)).status_code == 302
    key = opened.context["form"]["submission"].value()
    second = administrator.post(item_page(deviation), {"submission": key})
    assert "works on this already" in text(second)


def test_a_deviation_is_worked_to_its_end(
    staff: Client, administrator: Client, deviation: Deviation
) -> None:
    """Rules §13: open, under review, corrected or accepted, each step with its words."""
    page = reverse("deviation", args=[deviation.pk])
    shown = text(staff.get(page))
    assert "A scheduled pregnancy test was missed (L-PT-4, open)" in shown
    assert reverse("correct_deviation", args=[deviation.pk]) not in shown
    correct = reverse("correct_deviation", args=[deviation.pk])
    early = send(staff, correct, corrective_action="Too early")
    assert "cannot be moved" in text(early)

    review = reverse("review_deviation", args=[deviation.pk])
    assert "<title>Error:" in text(send(staff, review, reason=" "))
    assert send(staff, review, reason="Calling the practice")["Location"] == page
    shown = text(staff.get(page))
    assert correct in shown
    assert reverse("accept_deviation", args=[deviation.pk]) not in shown
    accept = reverse("accept_deviation", args=[deviation.pk])
    assert accept in text(administrator.get(page))

    assert send(staff, correct, corrective_action="The practice books ahead").status_code == 302
    assert "The practice books ahead" in text(staff.get(page))
    assert staff.get(item_page(deviation)).status_code == 404


def test_only_an_administrator_accepts_a_deviation(
    staff: Client, administrator: Client, deviation: Deviation
) -> None:
    send(staff, reverse("review_deviation", args=[deviation.pk]), reason="Calling the practice")
    accept = reverse("accept_deviation", args=[deviation.pk])
    assert send(administrator, accept, reason="A snow storm").status_code == 302
    deviation.refresh_from_db()
    assert deviation.state == "accepted"


def test_a_message_that_reached_nobody_is_settled(staff: Client, cast: builders.Cast) -> None:
    lost = lost_message(cast)
    item = reverse("queue_item", args=["undeliverable_notice", lost.pk])
    settle = reverse("settle_notice", args=[lost.pk])
    assert settle in text(staff.get(item))
    assert send(staff, settle, note="Told by telephone").status_code == 302
    assert Settlement.objects.get().subject_id == str(lost.pk)
    assert staff.get(settle).status_code == 404


def test_the_report_is_shown_for_the_month_so_far_or_the_days_asked_for(
    staff: Client, deviation: Deviation
) -> None:
    page = reverse("assessment_report")
    assert "A scheduled pregnancy test was missed" in text(staff.get(page))
    now = clock.now()
    old = {
        **date_parts("from_on", now - timedelta(days=500)),
        **date_parts("last_on", now - timedelta(days=400)),
    }
    shown = staff.get(page, old)
    assert shown.context["report"] is not None
    assert "A scheduled pregnancy test was missed" not in text(shown)
    for answer in (staff.get(page), shown):
        address = answer.context["export_url"]
        assert f'href="{escape(address)}"' in text(answer)
        saved = staff.get(page + address)
        assert saved["Content-Type"].startswith("text/csv")
        is_shown = "A scheduled pregnancy test was missed" in text(answer)
        assert ("A scheduled pregnancy test was missed" in saved.content.decode()) == is_shown
    upside_down = {
        **date_parts("from_on", now - timedelta(days=400)),
        **date_parts("last_on", now - timedelta(days=500)),
    }
    assert staff.get(page, {**upside_down, "as": "csv"})["Content-Type"].startswith("text/html")
    for days in (upside_down, {"from_on_month": "2", "from_on_day": "31", "from_on_year": "2026"}):
        refused = staff.get(page, days)
        assert refused.context["report"] is None
        assert "<title>Error:" in text(refused)


def test_a_queues_page_takes_the_same_statements_however_much_waits(
    staff: Client, deviation: Deviation
) -> None:
    assert deviation.patient is not None
    page = reverse("queue", args=["deviation_major"])
    staff.get(page)
    with CaptureQueriesContext(connection) as few:
        staff.get(page)
    for day in range(5):
        cases.deviation(deviation.patient, occurrence=f"day {day}")
    with CaptureQueriesContext(connection) as many:
        staff.get(page)
    assert len(few) == len(many)


def test_of_two_who_may_be_one_the_trail_names_both(staff: Client, cast: builders.Cast) -> None:
    """Page, item, act, file and the administration's list: each shows both names."""
    patient = builders.enroll(cast.prescribing, "adult_frp")
    twin = builders.enroll(cast.prescribing, identity=Identity(
        patient.given_name, "Born-Otherwise", patient.born_on, "99901"))  # fmt: skip
    Patient.objects.filter(pk=twin.pk).update(postal_code=patient.postal_code)
    pages = [
        reverse("queue", args=["duplicate"]),
        reverse("queue_item", args=["duplicate", twin.pk]),
        reverse("assign_item", args=["duplicate", twin.pk]),
        reverse("export_queue", args=["duplicate"]),
        reverse("admin:queue", args=["duplicate"]),
    ]
    for page in pages:
        before = Event.objects.count()
        answer = staff.get(page)
        shown = b"".join(answer) if answer.streaming else answer.content
        assert f"{twin} resembles {patient}" in shown.decode(), page
        (event,) = Event.objects.order_by("pk")[before:]
        assert {event.patient_id, *(event.patient_ids or ())} - {None} == {twin.pk, patient.pk}, (
            page
        )


def test_an_address_that_reaches_nobody_is_told_with_the_form_for_another_one(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    contact = {"postal_code": "10001", "phone": "", "time_zone": "America/New_York"}
    services.correct_contact(
        cast.staff, patient_id=patient.pk, email="lost@nowhere.example", **contact
    )
    found = reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="email", finding="It bounced."
    )
    page = reverse("queue_item", args=["undeliverable_address", found.pk])
    form = reverse("admin:patients_patient_do", args=[patient.pk, "contact"])

    shown = text(staff.get(page))

    assert "lost@nowhere.example" in shown
    assert "It bounced." in shown
    assert form in shown
    auditor = browser_of(builders.office_member(Role.AUDITOR, "auditor@program.example"))
    assert form not in text(auditor.get(page))
    assert staff.get(form).status_code == 200
