"""The queues on the pages of the administration: counted, listed, given to people, worked."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Role
from apps.notices.models import Notice
from apps.oversight.models import Settlement
from apps.oversight.queues import SOURCES
from tests import builders
from tests.backoffice.conftest import signed_in
from tests.backoffice.test_actions import act, send
from tests.oversight import cases

pytestmark = pytest.mark.django_db


def test_the_front_page_counts_what_waits_and_leads_to_it(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, lapse=True)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    front = staff.get(reverse("admin:index"))
    counts = {each.label: each.count for each in front.context["waiting"]}
    assert {source.title for source in SOURCES.values()} < set(counts)
    assert counts["Interventions"] == 1
    assert counts["Pregnancy cases"] == 1
    assert counts["Pharmacies to certify or renew"] == 0
    for each in front.context["waiting"][: len(SOURCES)]:
        listed = staff.get(each.url)
        assert listed.context["page"].paginator.count == each.count, each.label
        for item, url in listed.context["rows"]:
            assert staff.get(url).status_code == 200, item.label


def test_a_late_item_is_named_on_the_front_page(cast: builders.Cast, staff: Client) -> None:
    cases.deviation(builders.enroll(cast.prescribing), recorded_at=clock.now() - timedelta(days=9))
    front = staff.get(reverse("admin:index"))
    assert "1 late" in front.content.decode()
    queue = staff.get(reverse("admin:queue", args=["deviation_major"]))
    assert "(late)" in queue.content.decode()
    assert staff.get(reverse("admin:queue", args=["gossip"])).status_code == 404


def test_an_item_is_assigned_to_somebody_who_may_do_it(
    cast: builders.Cast, staff: Client, administrator: Client
) -> None:
    deviation = cases.deviation(builders.enroll(cast.prescribing), "dispense_without_confirmation")
    address = reverse("admin:assign", args=["deviation_critical", deviation.pk])
    offered = staff.get(address).context["form"].fields["assignee_id"].choices
    seen = Event.objects.filter(code="record_viewed").latest("pk")
    assert seen.patient_id == deviation.patient_id
    assert [key for key, _ in offered] == [str(cast.administrator.actor.id)]
    refused = send(staff, address, assignee_id=str(cast.staff.actor.id), note="")
    assert refused.status_code == 200
    entered = {"assignee_id": str(cast.administrator.actor.id), "note": "You know the pharmacy"}
    assert send(staff, address, **entered).status_code == 302
    page = staff.get(reverse("admin:queue", args=["deviation_critical"]))
    assert page.context["rows"][0][0].assignee_id == cast.administrator.actor.id
    nobody = reverse("admin:assign", args=["deviation_critical", cast.prescriber.pk])
    assert staff.get(nobody).status_code == 404


def test_a_deviation_is_reviewed_and_corrected_and_accepted_by_an_administrator_only(
    cast: builders.Cast, staff: Client, administrator: Client
) -> None:
    """Rules §13."""
    patient = builders.enroll(cast.prescribing)
    first, second = (cases.deviation(patient, occurrence=day) for day in ("one", "two"))
    assert act(staff, first, "correct", corrective_action="Too early").status_code == 200
    for deviation in (first, second):
        assert act(staff, deviation, "review", reason="Calling the practice").status_code == 302
    assert act(staff, first, "correct", corrective_action="Books ahead").status_code == 302
    refused = staff.get(reverse("admin:evidence_deviation_do", args=[second.pk, "accept"]))
    assert refused.status_code == 403
    assert act(administrator, second, "accept", reason="A snow storm").status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("corrected", "accepted")


def test_the_assessment_report_is_shown_for_the_days_that_are_asked_for(
    cast: builders.Cast, staff: Client
) -> None:
    """Rules §13."""
    cases.deviation(builders.enroll(cast.prescribing))
    address = reverse("admin:assessment")
    shown = staff.get(address)
    assert "A scheduled pregnancy test was missed" in shown.content.decode()
    earlier = staff.get(address, {"from_on": "2025-01-01", "last_on": "2025-01-31"})
    assert "A scheduled pregnancy test was missed" not in earlier.content.decode()
    for days in (
        {"from_on": "2025-02-01", "last_on": "2025-01-31"},
        {"from_on": "2025-02-31", "last_on": "2025-03-31"},
        {"from_on": "2025-02-01"},
    ):
        refused = staff.get(address, days)
        assert refused.context["report"] is None
        assert "No report was made" in refused.content.decode()


def test_a_message_that_reached_nobody_is_settled_with_how_the_person_was_told(
    cast: builders.Cast, staff: Client
) -> None:
    builders.pregnancy_test(cast.prescribing, builders.enroll(cast.prescribing), result="positive")
    lost = Notice.objects.filter(state="scheduled").earliest("created_at")
    lost.state, lost.ended_at, lost.ended_reason = "undeliverable", clock.now(), "not_handed_over"
    lost.save()
    queue = reverse("admin:queue", args=["undeliverable_notice"])
    assert [item.subject_id for item, _ in staff.get(queue).context["rows"]] == [lost.pk]
    assert act(staff, lost, "settle", note=" ").status_code == 200
    assert act(staff, lost, "settle", note="Told by telephone").status_code == 302
    assert Settlement.objects.get().note == "Told by telephone"
    assert staff.get(queue).context["rows"] == []
    assert act(staff, lost, "settle", note="Again").status_code == 200


def test_who_is_not_of_the_office_sees_no_queue_and_an_auditor_assigns_nothing(
    cast: builders.Cast,
) -> None:
    deviation = cases.deviation(builders.enroll(cast.prescribing))
    builders.office_member(Role.AUDITOR, "auditor@program.example")
    seen = [reverse("admin:queue", args=["deviation_major"]), reverse("admin:assessment")]
    assigned = reverse("admin:assign", args=["deviation_major", deviation.pk])
    stranger = signed_in(cast.prescriber.email)
    auditor = signed_in("auditor@program.example")
    assert {stranger.get(page).status_code for page in (*seen, assigned)} == {403}
    assert {auditor.get(page).status_code for page in seen} == {200}
    assert auditor.get(assigned).status_code == 403
