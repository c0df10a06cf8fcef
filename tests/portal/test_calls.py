"""The call center: found by what callers can say, verified before anything is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.evidence.models import Intake
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization
from tests import browsers, builders
from tests.portal.people import date_parts, send

pytestmark = pytest.mark.django_db

FIND = "/office/calls/"


def text(answer: Any) -> str:
    shown: str = answer.content.decode()
    return shown


def find(staff: Client, **typed: Any) -> str:
    sent = send(staff, FIND, **typed)
    assert sent.status_code == 302
    assert not any(
        str(value) in sent["Location"] for value in typed.values() if len(str(value)) > 3
    )
    return text(staff.get(sent["Location"]))


def verified(staff: Client, page: str, **more: str) -> Any:
    said = {
        "channel": "phone",
        "told_by": "patient",
        "told_by_name": "Fiona Synthetic",
        "verification": "identifiers",
        **more,
    }
    return send(staff, page, **said)


def test_a_caller_is_found_by_number_by_name_with_date_of_birth_or_by_npi(
    staff: Client, cast: builders.Cast
) -> None:
    issued = builders.authorized_frp(cast)
    patient = issued.patient
    born = date_parts("born_on", patient.born_on)
    for typed in ({"number": issued.number.lower()}, {"name": patient.family_name, **born}):
        assert reverse("contact", args=[patient.pk]) in find(staff, **typed)
    sought = Event.objects.filter(code="caller_sought").latest("pk")
    assert sought.patient_ids == [patient.pk]
    assert str(cast.prescriber) in find(staff, npi=cast.prescriber.npi)
    assert cast.pharmacy.name in find(staff, npi=cast.pharmacy.npi)
    wrong_day = date_parts("born_on", patient.born_on + timedelta(days=1))
    nobody = find(staff, name=patient.family_name, **wrong_day)
    assert "Nobody fits" in nobody
    # What was typed stays: it is asked for again, and mended
    assert f'value="{patient.family_name}"' in nobody
    assert f'value="{patient.born_on.year}"' in nobody
    for incomplete in ({}, {"name": patient.family_name}):
        assert "<title>Error:" in text(send(staff, FIND, **incomplete))
    assert "no longer known" in text(staff.get(FIND, {"q": "elsewhere"}))


def test_nothing_is_told_before_the_caller_is_verified_and_that_is_recorded(
    staff: Client, cast: builders.Cast, settings: LazySettings
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    page = reverse("contact", args=[patient.pk])
    asked = text(staff.get(page))
    assert "Read nothing out" in asked
    assert patient.postal_code in asked
    assert "Who must do what" not in asked
    assert "Enter what" not in asked

    assert "<title>Error:" in text(verified(staff, page, verification=""))
    failed = verified(staff, page, verification="not_verified")
    assert failed["Location"] == FIND
    refused = Event.objects.get(code="caller_not_verified")
    assert (refused.patient_id, refused.data["told_by"]) == (patient.pk, "patient")
    assert "Fiona" not in str(refused.data)
    assert "Read nothing out" in text(staff.get(page))

    on_the_phone = verified(staff, page)["Location"]
    assert on_the_phone.startswith(f"{page}?call=")
    kept = Event.objects.get(code="contact_recorded")
    assert kept.data["verification"] == "identifiers"
    told = text(staff.get(on_the_phone))
    assert "An authorization can be requested" in told
    assert "Enter what the caller says" in told
    assert "Signature of an agreement" not in told

    settings.DEMO_CLOCK = True
    clock.set_demo_time(clock.now() + timedelta(minutes=31))
    assert "Read nothing out" in text(staff.get(on_the_phone))


def test_what_a_verified_caller_says_is_entered_and_the_call_goes_on(
    staff: Client, cast: builders.Cast
) -> None:
    patient: Patient = builders.ready_frp(cast.prescribing)
    page = reverse("contact", args=[patient.pk])
    on_the_phone = verified(staff, page)["Location"]
    entry = reverse("admin:patients_patient_do", args=[patient.pk, "intake-bleeding-report"])
    entry = f"{entry}?{on_the_phone.partition('?')[2]}"
    assert entry in text(staff.get(on_the_phone))
    shown = staff.get(entry)
    assert shown.context["back_url"] == on_the_phone
    said = {name: shown.context["form"][name].value() for name in ("submission", "channel",
            "told_by", "told_by_name", "verification")}  # fmt: skip
    reported = {
        "kind": "missed_period",
        "reported_on": builders.program_day(clock.now()).isoformat(),
    }
    entered = staff.post(entry, {**said, **reported}, follow=True)
    assert entered.redirect_chain[-1][0] == on_the_phone
    assert "It is in effect." in text(entered)
    assert "On hold" in text(entered)
    intake = Intake.objects.get()
    assert (intake.told_by_name, intake.verification) == ("Fiona Synthetic", "identifiers")
    assert not Authorization.objects.exists()

    over = staff.post(reverse("end_contact", args=[patient.pk]), follow=True)
    assert "The contact is over." in text(over)
    assert "Read nothing out" in text(staff.get(on_the_phone))


def test_a_survey_taken_by_phone_is_answered_now_and_is_not_asked_again(
    staff: Client, cast: builders.Cast
) -> None:
    """L-SRC-1: until a second person has checked it, the page says that it was entered."""
    patient = builders.enroll(cast.prescribing, "adult_male")
    on_the_phone = verified(staff, reverse("contact", args=[patient.pk]))["Location"]
    call = on_the_phone.partition("?")[2]
    by_fax = reverse("admin:patients_patient_do", args=[patient.pk, "intake-patient-survey"])
    entry = f"{by_fax}?{call}"
    form = staff.get(entry).context["form"]
    said = {name: form[name].value() for name in ("submission", "channel", "told_by",
            "told_by_name", "verification", "program")}  # fmt: skip
    now = form["completed_at"].initial
    assert abs(now - clock.now()) < timedelta(minutes=2)
    said |= {"completed_at_0": f"{now:%Y-%m-%d}", "completed_at_1": f"{now:%H:%M}"}
    answers = {f"answer_{code}": a for code, a in builders.safe_answers("adult_male").items()}

    entered = text(staff.post(entry, {**said, **answers}, follow=True))

    assert "It waits for a second person." in entered
    assert "Entered, and not counted yet" in entered
    assert reverse("queue_item", args=["intake_check", Intake.objects.get().pk]) in entered
    # By fax nobody is asked: the paper says when.
    assert staff.get(by_fax).context["form"]["completed_at"].initial is None


def test_who_calls_next_about_the_same_patient_is_verified_anew(
    staff: Client, cast: builders.Cast
) -> None:
    """L-SRC-1"""
    patient = builders.ready_frp(cast.prescribing)
    page = reverse("contact", args=[patient.pk])
    first = verified(staff, page)["Location"]
    assert "Fiona Synthetic" in text(staff.get(first))

    # Nobody said that the first call was over; the next one comes minutes later.
    again = staff.get(page)
    assert "Read nothing out" in text(again)
    assert "Who must do what" not in text(again)
    assert again.context["form"]["told_by_name"].value() is None

    # Nor is an entry that comes in another way, as a fax, the first caller's.
    entry = reverse("admin:patients_patient_do", args=[patient.pk, "intake-bleeding-report"])
    form = staff.get(entry).context["form"]
    assert [form[name].value() for name in ("told_by_name", "verification")] == [None, None]

    second = verified(staff, page, told_by_name="Nina Nurse", told_by="prescriber")["Location"]
    assert second != first
    assert "Read nothing out" in text(staff.get(first))
    assert "Nina Nurse" in text(staff.get(second))
    follows = staff.get(f"{entry}?{second.partition('?')[2]}").context["form"]
    assert follows["told_by_name"].value() == "Nina Nurse"


def test_a_verification_sent_again_neither_lasts_longer_nor_goes_on_after_its_end(
    staff: Client, cast: builders.Cast, settings: LazySettings
) -> None:
    """L-SRC-1"""
    settings.DEMO_CLOCK = True
    patient = builders.ready_frp(cast.prescribing)
    page = reverse("contact", args=[patient.pk])
    form = staff.get(page).context["form"]
    said = {
        **browsers.hidden_in(form), "channel": "phone", "told_by": "patient",
        "told_by_name": "Fiona Synthetic", "verification": "identifiers",
    }  # fmt: skip
    first = staff.post(page, said)["Location"]
    assert staff.post(page, said)["Location"] == first
    assert "Fiona Synthetic" in text(staff.get(first))

    staff.post(reverse("end_contact", args=[patient.pk]))
    again = staff.post(page, said, follow=True)
    assert "Say again who speaks" in text(again)
    assert "Read nothing out" in text(again)

    second = verified(staff, page)["Location"]
    clock.set_demo_time(clock.now() + timedelta(minutes=31))
    later = staff.post(page, said, follow=True)
    assert "Read nothing out" in text(later)
    assert "Read nothing out" in text(staff.get(second))
    assert Event.objects.filter(code="contact_recorded").count() == 2


@pytest.mark.parametrize(
    "said",
    [{"verification": "signature"}, {"told_by_name": "\u202e\u200b"}],
    ids=["a signature by phone", "a name that nobody sees"],
)
def test_a_caller_is_verified_in_a_way_that_can_have_been_under_a_name(
    staff: Client, cast: builders.Cast, said: dict[str, str]
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    answer = verified(staff, reverse("contact", args=[patient.pk]), **said)
    assert set(answer.context["form"].errors) == set(said)
    assert not Event.objects.filter(code="contact_recorded").exists()


def test_a_caller_is_told_the_state_as_time_has_made_it(
    staff: Client, cast: builders.Cast, settings: LazySettings
) -> None:
    """L-AUT-7"""
    settings.DEMO_CLOCK = True
    issued = builders.authorized_frp(cast)
    held = builders.confirm(cast.dispensing, issued).confirmation
    assert held is not None
    page = reverse("contact", args=[issued.patient_id])

    def state() -> str:
        told = staff.get(verified(staff, page)["Location"]).context["authorization"]
        return str(next(each["text"] for each in told if each["label"] == "State"))

    assert state() == "Confirmed"
    clock.set_demo_time(held.expires_at + timedelta(seconds=1))
    assert state() == "Issued"
    clock.set_demo_time(issued.expires_at + timedelta(seconds=1))
    assert state() == "Expired"


def test_a_pharmacy_is_told_and_enters_nothing_here(staff: Client, cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    page = reverse("contact", args=[patient.pk])
    answer = verified(staff, page, told_by="pharmacy", told_by_name="Philip Anders")
    told = text(staff.get(answer["Location"]))
    assert "A pharmacy enters what it does on its own pages" in told
    assert "intake-" not in told
    assert "Tell a pharmacy only what an eligibility check says" in told
    other = text(staff.get(verified(staff, page)["Location"]))
    assert "Tell a pharmacy only" not in other


def test_what_only_the_next_authorization_asks_for_is_not_asked_of_the_caller_now(
    staff: Client, cast: builders.Cast
) -> None:
    patient = builders.authorized_frp(cast).patient
    page = reverse("contact", args=[patient.pk])
    shown = staff.get(verified(staff, page)["Location"]).context
    assert not [step for step in shown["steps"] if "survey" in step.what]
    assert [step.what for step in shown["later_steps"]] == ["Answer the patient survey."]


def test_what_a_patient_cannot_have_is_not_entered(staff: Client, cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    going_on = verified(staff, reverse("contact", args=[patient.pk]))["Location"]
    offered = {label for label, _ in staff.get(going_on).context["entries"]}
    assert {"Counseling", "Patient survey", "Suspected pregnancy"} <= offered
    assert not {"Pregnancy test", "Contraception", "Missed period or bleeding"} & offered
