"""The prescriber's pages: entries of a mere date, entries withdrawn, records merged."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import PregnancyTest
from apps.patients.models import Patient
from apps.patients.services import NotDuplicate
from tests import builders
from tests.browsers import hidden_in
from tests.portal.people import date_parts, instant_parts, send

pytestmark = pytest.mark.django_db


def test_a_test_without_a_time_counts_from_the_start_of_its_day_l_src_2(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    resulted = clock.now() - timedelta(minutes=2)
    answer = send(
        prescriber,
        reverse("record", args=[patient.pk, "pregnancy-test"]),
        result="negative",
        specimen="urine",
        sensitivity_miu_ml="25",
        **date_parts("collected_at", date(2026, 3, 8)),
        collected_at_time="",
        **instant_parts("resulted_at", resulted),
    )
    assert answer.status_code == 302, answer.context["form"].errors
    test = PregnancyTest.objects.get()
    assert (test.date_only, test.collected_at.isoformat()) == (True, "2026-03-08T05:00:00+00:00")
    shown = prescriber.get(reverse("patient", args=[patient.pk])).content.decode()
    assert 'data-label="Collected" scope="row">8 March 2026</th>' in shown


def test_a_day_without_a_time_in_the_future_is_told_beside_its_field(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    later = clock.now() + timedelta(days=2)
    answer = send(
        prescriber,
        reverse("record", args=[patient.pk, "bleeding"]),
        kind="missed_period",
        **{**instant_parts("reported_at", later), "reported_at_time": ""},
    )
    assert "lies in the future" in str(answer.context["form"].errors["reported_at"])


@pytest.mark.parametrize("kind", ["obligations", "counseling", "patient_survey", "health_status"])
def test_what_this_side_entered_is_withdrawn_and_stays_struck_out_l_src_3(
    cast: builders.Cast, prescriber: Client, kind: str
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.prepare(cast.prescribing, patient, "adult_frp")
    evidence.record_health_status(
        cast.prescribing, patient_id=patient.pk, cycle="regular", breastfeeding=False
    )
    sets: dict[str, Any] = {
        "obligations": patient.obligationsattestation_set,
        "counseling": patient.counseling_set,
        "patient_survey": patient.patientsurvey_set,
        "health_status": patient.healthstatus_set,
    }
    entry = sets[kind].get()
    page = reverse("patient", args=[patient.pk])
    url = reverse("withdraw_entry", args=[patient.pk, kind, entry.pk])
    assert url in prescriber.get(page).content.decode()
    assert send(prescriber, url, reason="Another person's").status_code == 302
    entry.refresh_from_db()
    assert entry.withdrawal_reason == "Another person's"
    shown = prescriber.get(page).content.decode()
    assert "<s>" in shown
    assert "Withdrawn: Another person" in shown
    assert url not in shown


def test_a_withdrawn_agreement_stays_struck_out(cast: builders.Cast, prescriber: Client) -> None:
    patient = builders.enroll(cast.prescribing)
    agreement = patient.agreements.get()
    url = reverse("withdraw_entry", args=[patient.pk, "agreement", agreement.pk])
    assert send(prescriber, url, reason="Signed for another one").status_code == 302
    shown = prescriber.get(reverse("patient", args=[patient.pk])).content.decode()
    assert "<s>Adult female of reproductive potential</s>" in shown


@pytest.mark.parametrize("kind", ["counseling", "agreement"])
def test_an_entry_is_withdrawn_on_the_page_of_its_own_patient_only(
    cast: builders.Cast, prescriber: Client, kind: str
) -> None:
    patient = builders.enroll(cast.prescribing)
    another = replace(
        builders.IDENTITY, given_name="Greta", family_name="Other", born_on=date(1971, 2, 3),
        phone="", email="",
    )  # fmt: skip
    other = builders.enroll(cast.prescribing, identity=another)
    builders.prepare(cast.prescribing, other, "adult_frp")
    entries: dict[str, Any] = {"counseling": other.counseling_set, "agreement": other.agreements}
    entry = entries[kind].get()
    own = reverse("withdraw_entry", args=[other.pk, kind, entry.pk])
    sent = {**hidden_in(prescriber.get(own).context["form"]), "reason": "A mistake"}
    url = reverse("withdraw_entry", args=[patient.pk, kind, entry.pk])

    assert prescriber.get(url).status_code == 404
    assert prescriber.post(url, sent).status_code == 404

    entry.refresh_from_db()
    assert entry.withdrawn_at is None
    assert prescriber.post(own, sent).status_code == 302


def test_an_entry_of_a_merged_record_is_withdrawn_on_the_page_of_the_kept_one(
    cast: builders.Cast, prescriber: Client
) -> None:
    kept = builders.enroll(cast.prescribing)
    entry = merged(cast, kept).obligationsattestation_set.get()
    url = reverse("withdraw_entry", args=[kept.pk, "obligations", entry.pk])
    assert send(prescriber, url, reason="A mistake").status_code == 302
    entry.refresh_from_db()
    assert entry.withdrawal_reason == "A mistake"


def test_an_entry_of_no_known_kind_has_no_page(cast: builders.Cast, prescriber: Client) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("withdraw_entry", args=[patient.pk, "mood", patient.pk])
    assert prescriber.get(url).status_code == 404


def merged(cast: builders.Cast, kept: Patient) -> Patient:
    other = builders.enroll(
        cast.prescribing,
        identity=replace(builders.IDENTITY, given_name="Greta"),
        not_duplicates=(NotDuplicate(kept.pk, "She says so"),),
    )
    builders.obligations(cast.prescribing, other)
    evidence.merge_patients(cast.staff, kept_id=kept.pk, merged_id=other.pk, reason="One person")
    return other


def test_a_merged_record_leads_to_the_kept_one_which_shows_both_l_pat_1(
    cast: builders.Cast, prescriber: Client
) -> None:
    kept = builders.enroll(cast.prescribing)
    builders.obligations(cast.prescribing, kept)
    other = merged(cast, kept)
    answer = prescriber.get(reverse("patient", args=[other.pk]))
    assert answer["Location"] == reverse("patient", args=[kept.pk])
    shown = prescriber.get(answer["Location"]).content.decode()
    assert shown.count("no blood donation") == 2
    listed = prescriber.get("/patients/").content.decode()
    assert "Greta" not in listed
    assert "Fiona" in listed


def test_a_page_of_a_merged_record_records_nothing_and_names_the_kept_one(
    cast: builders.Cast, prescriber: Client
) -> None:
    kept = builders.enroll(cast.prescribing)
    other = merged(cast, kept)
    refused = send(
        prescriber,
        reverse("record", args=[other.pk, "counseling"]),
        topics=["contraception"],
        **instant_parts("given_at", clock.now() - timedelta(minutes=2)),
    )
    assert str(kept.pk) in refused.content.decode()
    assert not other.counseling_set.exists()
