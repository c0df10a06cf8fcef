"""The prescriber's pages: enrolling, recording, requesting; bad input; double submits."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.evidence.models import Counseling, PregnancyTest
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization
from tests import browsers, builders
from tests.portal.people import (
    browser_of,
    date_parts,
    instant_parts,
    people,
    proof,
    send,
    signed_paper,
)

pytestmark = pytest.mark.django_db

IDENTITY = {
    "given_name": "Nora",
    "family_name": "New",
    "postal_code": "10001",
    "phone": "",
    "email": "",
    "time_zone": "America/New_York",
}


def enroll(
    browser: Client, *, born_on: date, body: str, basis_on: date | None = None, **signed: Any
) -> Any:
    """The three steps; the answer to the last one."""
    send(browser, "/enroll/", **IDENTITY, **date_parts("born_on", born_on))
    basis = date_parts("basis_on", basis_on) if basis_on else {}
    send(browser, "/enroll/category/", body=body, **basis)
    defaults = {
        "signer": "patient",
        "signer_name": "Nora New",
        "how": "paper",
        "signer_relationship": "",
    }
    return send(browser, "/enroll/agreement/", **{**defaults, **signed})


@pytest.mark.parametrize(
    ("age", "body", "months_ago", "category"),
    [
        (40, "fertile", None, "adult_frp"),
        (40, "hysterectomy", 60, "adult_fnrp"),
        (40, "bilateral_oophorectomy", 60, "adult_fnrp"),
        (55, "natural_menopause", 30, "adult_fnrp"),
        (55, "natural_menopause", 10, "adult_frp"),
        (40, "male", None, "adult_male"),
        (12, "menses", None, "child_frp"),
        (12, "no_menses", None, "child_fnrp"),
        (12, "male", None, "child_male"),
    ],
)
def test_the_answers_lead_to_the_category(
    prescriber: Client, age: int, body: str, months_ago: int | None, category: str
) -> None:
    today = builders.today()
    born_on = date(today.year - age, 1, 1)
    basis_on = today - timedelta(days=30 * months_ago) if months_ago else None
    signed = {"signer": "guardian", "signer_relationship": "mother"} if age < 18 else {}

    enrolled = enroll(prescriber, born_on=born_on, body=body, basis_on=basis_on, **signed)

    patient = Patient.objects.get()
    agreement = patient.agreements.get()
    assert patient.categories.get().risk_category == category
    assert (bool(agreement.prescriber_signed_at), agreement.patient_signed_at) == (True, None)
    # What the patient's side signs on paper is entered next
    assert enrolled["Location"] == reverse("sign_agreement", args=[patient.pk, agreement.pk])
    entered = send(prescriber, enrolled["Location"], **signed_paper(clock.now()))
    assert entered["Location"] == reverse("patient", args=[patient.pk])
    agreement.refresh_from_db()
    assert agreement.patient_signed_at


def test_l_cat_4_a_guardian_who_signs_with_a_code_is_named_next(prescriber: Client) -> None:
    signed: dict[str, Any] = {"signer": "guardian", "signer_relationship": "mother", "how": "code"}
    led = enroll(prescriber, born_on=date(builders.today().year - 12, 1, 1), body="male", **signed)
    assert led["Location"] == reverse("name_representative", args=[Patient.objects.get().pk])


def test_an_operation_needs_its_date(prescriber: Client) -> None:
    send(prescriber, "/enroll/", **IDENTITY, **date_parts("born_on", date(1980, 1, 1)))

    refused = send(prescriber, "/enroll/category/", body="hysterectomy")

    assert "basis_on" in refused.context["form"].errors
    assert "<title>Error: " in refused.content.decode()


def test_what_was_typed_stays_after_an_error_and_between_the_steps(prescriber: Client) -> None:
    refused = send(
        prescriber,
        "/enroll/",
        **{**IDENTITY, "family_name": ""},
        **date_parts("born_on", date(1980, 1, 31)),
    )
    assert "Nora" in refused.content.decode()

    send(prescriber, "/enroll/", **IDENTITY, **date_parts("born_on", date(1980, 1, 31)))
    send(prescriber, "/enroll/category/", body="fertile")
    again = prescriber.get("/enroll/").content.decode()
    assert 'value="Nora"' in again
    assert 'value="1980"' in again
    assert re.search(
        r'value="fertile"[^>]*checked', prescriber.get("/enroll/category/").content.decode()
    )

    prescriber.post("/enroll/discard/")
    assert 'value="Nora"' not in prescriber.get("/enroll/").content.decode()


def test_a_draft_outlives_the_sign_in_and_is_one_persons_alone(cast: builders.Cast) -> None:
    everybody = people(cast)
    owner = everybody["owner"]
    born = date_parts("born_on", date(1980, 1, 31))
    # When typing pauses, what stands there is kept, unfinished as it is; but never a password
    typed = {**IDENTITY, "postal_code": "", "keep": "1", "password": "never kept"}
    typed["submission"] = str(uuid4())
    assert owner.post("/enroll/", {**typed, **born}).status_code == 204
    owner.logout()

    again = browser_of(cast.prescribing)
    assert "what you entered is kept" in again.get("/patients/").content.decode()
    shown = again.get("/enroll/")
    assert 'value="Nora"' in shown.content.decode()
    assert "There is a problem" not in shown.content.decode()
    assert "never kept" not in shown.content.decode()
    for name in ("delegate", "colleague"):
        assert 'value="Nora"' not in everybody[name].get("/enroll/").content.decode()

    # And who signs by themselves with a code is given one next; then there is no draft any more
    led = enroll(again, born_on=date(1980, 1, 31), body="fertile", how="code")
    patient = Patient.objects.get()
    assert led["Location"] == reverse("let_in", args=[patient.pk])
    assert patient.agreements.get().patient_signed_at is None
    assert 'value="Nora"' not in again.get("/enroll/").content.decode()


def test_a_step_that_is_left_keeps_what_is_typed(prescriber: Client) -> None:
    born = date_parts("born_on", date(1980, 1, 31))
    leaving = {"submission": str(uuid4()), "elsewhere": "1"}
    left = prescriber.post("/enroll/", {**IDENTITY, "family_name": "", **born, **leaving})
    assert left["Location"] == "/patients/"
    assert 'value="Nora"' in prescriber.get("/enroll/").content.decode()
    send(prescriber, "/enroll/", **IDENTITY, **born)
    back = send(prescriber, "/enroll/category/", body="fertile", elsewhere="1")
    assert back["Location"] == "/enroll/"
    assert re.search(
        r'value="fertile"[^>]*checked', prescriber.get("/enroll/category/").content.decode()
    )


def test_a_patient_who_signs_is_not_named_twice_and_somebody_else_is(prescriber: Client) -> None:
    refused = enroll(
        prescriber, born_on=date(1980, 1, 31), body="fertile", signer="representative",
        signer_name="", signer_relationship="daughter",
    )  # fmt: skip
    assert "signer_name" in refused.context["form"].errors
    undecided = enroll(
        prescriber, born_on=date(1980, 1, 31), body="fertile", signer="", signer_name=""
    )
    assert set(undecided.context["form"].errors) & {"signer", "signer_name"} == {"signer"}
    enroll(prescriber, born_on=date(1980, 1, 31), body="fertile", signer_name="")
    assert Patient.objects.get().agreements.get().signer_name == "Nora New"


def test_a_step_cannot_be_skipped(prescriber: Client) -> None:
    for later in ("/enroll/category/", "/enroll/agreement/", "/enroll/duplicates/"):
        assert prescriber.get(later)["Location"] == "/enroll/"


def test_a_date_of_birth_in_the_future_is_refused(prescriber: Client) -> None:
    tomorrow = builders.today() + timedelta(days=2)

    refused = send(prescriber, "/enroll/", **IDENTITY, **date_parts("born_on", tomorrow))

    assert "cannot lie in the future" in refused.content.decode()


def test_a_delegate_enrolls_and_the_prescriber_signs_afterwards(cast: builders.Cast) -> None:
    everybody = people(cast)
    enrolled = enroll(everybody["delegate"], born_on=date(1980, 1, 1), body="male")
    patient = Patient.objects.get()
    agreement = patient.agreements.get()
    assert enrolled.status_code == 302
    assert agreement.prescriber_signed_at is None

    url = reverse("sign_agreement", args=[patient.pk, agreement.pk])
    assert "prescriber_signs" not in everybody["delegate"].get(url).context["form"].fields
    send(everybody["owner"], url, prescriber_signs="on")

    agreement.refresh_from_db()
    assert agreement.prescriber_signed_at is not None


def test_a_likely_duplicate_is_shown_and_decided(cast: builders.Cast, prescriber: Client) -> None:
    born_on = date(1980, 1, 1)
    enroll(prescriber, born_on=born_on, body="male")
    first = Patient.objects.get()

    asked = enroll(prescriber, born_on=born_on, body="male")
    assert asked["Location"] == "/enroll/duplicates/"
    page = prescriber.get("/enroll/duplicates/").content.decode()
    assert "name, date of birth, contact" in page

    missing = send(prescriber, "/enroll/duplicates/", **{f"same_{first.pk}": "no"})
    assert missing.context["form"].errors
    assert Patient.objects.count() == 1
    send(
        prescriber, "/enroll/duplicates/",
        **{f"same_{first.pk}": "no", f"reason_{first.pk}": "A twin; compared the cards"},
    )  # fmt: skip
    assert Patient.objects.count() == 2


def test_the_same_person_leads_to_the_record_there_is(prescriber: Client) -> None:
    born_on = date(1980, 1, 1)
    enroll(prescriber, born_on=born_on, body="male")
    first = Patient.objects.get()
    enroll(prescriber, born_on=born_on, body="male")

    led = send(
        prescriber, "/enroll/duplicates/",
        **{f"same_{first.pk}": "yes", f"reason_{first.pk}": "The same card"},
    )  # fmt: skip

    assert led["Location"] == reverse("patient", args=[first.pk])
    assert Patient.objects.count() == 1


def test_another_practices_patient_is_not_shown_by_name(cast: builders.Cast) -> None:
    everybody = people(cast)
    born_on = date(1980, 1, 1)
    enroll(everybody["owner"], born_on=born_on, body="male")
    first = Patient.objects.get()
    enroll(everybody["other prescriber"], born_on=born_on, body="male")

    led = send(
        everybody["other prescriber"], "/enroll/duplicates/",
        **{f"same_{first.pk}": "yes", f"reason_{first.pk}": "The same card"},
    )  # fmt: skip

    assert "cared for by Practice 1" in led.content.decode()
    assert str(first.pk) not in led.content.decode()


def test_an_enrollment_sent_twice_enrolls_once(prescriber: Client) -> None:
    send(prescriber, "/enroll/", **IDENTITY, **date_parts("born_on", date(1980, 1, 1)))
    send(prescriber, "/enroll/category/", body="male")
    shown = prescriber.get("/enroll/agreement/")
    data = {
        **browsers.hidden_in(shown.context["form"]),
        **proof(prescriber, shown.context["form"]),
        "signer": "patient",
        "how": "paper",
        "signer_name": "Nora New",
    }

    first = prescriber.post("/enroll/agreement/", data)
    second = prescriber.post("/enroll/agreement/", data)

    patient = Patient.objects.get()
    own = reverse("patient", args=[patient.pk])
    assert first["Location"] == f"{own}agreements/{patient.agreements.get().pk}/"
    assert second["Location"] == own


def test_a_test_in_the_future_is_refused_beside_its_field(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("record", args=[patient.pk, "pregnancy-test"])
    # Nor is it supposed to be now: within 24 hours of the request, the hour counts (L-PT-2).
    assert prescriber.get(url).context["form"]["collected_at"].initial is None
    late = clock.now() + timedelta(days=1)

    refused = send(
        prescriber, url, result="negative", specimen="urine", sensitivity_miu_ml="25",
        **instant_parts("collected_at", late), **instant_parts("resulted_at", late),
    )  # fmt: skip

    assert "lies in the future" in str(refused.context["form"].errors["collected_at"])
    assert re.search(r'value="urine"[^>]*checked', refused.content.decode())
    assert not PregnancyTest.objects.exists()


def test_a_record_sent_twice_is_one_record_and_another_one_is_announced(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("record", args=[patient.pk, "counseling"])
    shown = prescriber.get(url)
    assert not shown.context["form"]["topics"].initial  # Nobody is told to have said anything.
    data = {
        "submission": shown.context["form"]["submission"].value(),
        "topics": ["contraception"],
        **instant_parts("given_at", clock.now() - timedelta(minutes=2)),
    }

    assert prescriber.post(url, data).status_code == 302
    assert prescriber.post(url, data).status_code == 302
    assert Counseling.objects.count() == 1

    changed = prescriber.post(url, {**data, "topics": ["contraception", "emergency_contraception"]})
    assert "sent before with other entries" in changed.content.decode()
    renewed = changed.context["form"]["submission"].value()
    assert renewed != data["submission"]
    again = {**data, "topics": ["contraception", "emergency_contraception"], "submission": renewed}
    assert prescriber.post(url, again).status_code == 302
    assert Counseling.objects.count() == 2

    # One key never answers for two records: nobody is told of an entry that is another's.
    named = replace(builders.IDENTITY, given_name="Greta", family_name="Other", phone="")
    identity = replace(named, born_on=date(1980, 1, 2), email="")
    other = builders.enroll(cast.prescribing, identity=identity)
    elsewhere = prescriber.post(reverse("record", args=[other.pk, "counseling"]), again)
    assert "sent before with other entries" in elsewhere.content.decode()


def test_a_man_has_no_page_for_pregnancy_tests(cast: builders.Cast, prescriber: Client) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")

    assert prescriber.get(reverse("record", args=[patient.pk, "pregnancy-test"])).status_code == 404
    assert prescriber.get(reverse("record", args=[patient.pk, "obligations"])).status_code == 200


def prescription(**fields: Any) -> dict[str, Any]:
    """A prescription and the survey of a woman on the pregnancy path."""
    return {
        "product": "lenalidomide",
        "strength_mg": "25",
        "days_supply": "28",
        "quantity": "21",
        "directions": "1 capsule daily on days 1 to 21 of 28",
        "indication": "c90.00",
        "survey": ["counseled", "category_confirmed", "tests_reviewed", "contraception_reviewed",
                   "cycle_reviewed"],
        **fields,
    }  # fmt: skip


def test_a_request_sent_twice_issues_one_authorization_and_leads_to_it_twice(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    url = reverse("request", args=[patient.pk])
    form = prescriber.get(url).context["form"]
    data = {**prescription(), **proof(prescriber, form), **browsers.hidden_in(form)}

    first, second = prescriber.post(url, data), prescriber.post(url, data)

    assert first["Location"] == second["Location"]
    issued = Authorization.objects.get()
    page = prescriber.get(first["Location"]).content.decode()
    assert str(issued) in page
    assert "Authorization issued" in page
    assert issued.indication == "C90.00"


def test_what_the_record_lacks_is_entered_with_the_request_and_nothing_is_asked_twice(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    url = reverse("request", args=[patient.pk])
    assert {"topics", "promises"} <= set(prescriber.get(url).context["form"].fields)

    send(
        prescriber, url,
        **prescription(survey=["counseled", "category_confirmed"]),
        topics=["no_sharing"],
        promises=["no_blood_donation", "no_sharing", "condom", "no_sperm_donation"],
    )  # fmt: skip

    assert Authorization.objects.count() == 1
    assert not {"topics", "promises"} & set(prescriber.get(url).context["form"].fields)


def test_a_refused_request_lists_every_requirement_with_who_acts(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    answer = send(
        prescriber, reverse("request", args=[patient.pk]),
        **prescription(), topics=["contraception", "emergency_contraception"],
        promises=["no_blood_donation", "no_sharing"],
    )  # fmt: skip

    refused = Decision.objects.get()
    page = prescriber.get(answer["Location"]).content.decode()
    assert "No authorization" in page
    for rule in refused.document["unmet"]:
        assert f"({rule})" in page
    assert page.count("Who acts:") == len(refused.document["unmet"])

    # The patient's page leads back to it
    record = prescriber.get(reverse("patient", args=[patient.pk])).content.decode()
    assert answer["Location"] in record


def test_an_attestation_that_is_not_ticked_is_named(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.ready_frp(cast.prescribing)

    refused = send(
        prescriber, reverse("request", args=[patient.pk]), **prescription(survey=["counseled"])
    )

    assert "Not ticked yet: I have reviewed the latest pregnancy test" in refused.content.decode()
    assert not Decision.objects.exists()


def test_days_beyond_any_supply_are_refused_beside_their_field(
    cast: builders.Cast, prescriber: Client
) -> None:
    url = reverse("request", args=[builders.ready_frp(cast.prescribing).pk])
    refused = send(prescriber, url, **prescription(days_supply="9" * 21))
    assert "days_supply" in refused.context["form"].errors


@pytest.mark.parametrize("typed", ["1 daily \u202eyliad 2", "1 \u200bdaily"])
def test_directions_read_as_they_are_written(
    cast: builders.Cast, prescriber: Client, typed: str
) -> None:
    url = reverse("request", args=[builders.ready_frp(cast.prescribing).pk])
    refused = send(prescriber, url, **prescription(directions=typed))
    assert list(refused.context["form"].errors) == ["directions"]
    assert not Authorization.objects.exists()


def test_a_test_is_withdrawn_with_a_reason_and_a_positive_one_is_not(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    test = builders.negative_test(cast.prescribing, patient)
    positive = builders.pregnancy_test(cast.prescribing, patient, result="positive")

    send(
        prescriber, reverse("withdraw_test", args=[patient.pk, test.pk]), reason="Another person's"
    )
    test.refresh_from_db()
    assert test.withdrawal_reason == "Another person's"

    refused = send(
        prescriber, reverse("withdraw_test", args=[patient.pk, positive.pk]), reason="A mistake"
    )
    assert refused.status_code == 403


def test_a_report_of_bleeding_is_withdrawn_with_a_reason(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    report = evidence.report_bleeding(
        cast.prescribing, patient_id=patient.pk, reported_at=clock.now(), kind="missed_period"
    )
    url = reverse("withdraw_report", args=[patient.pk, report.pk])
    assert url in prescriber.get(reverse("patient", args=[patient.pk])).content.decode()

    send(prescriber, url, reason="Another patient called")

    report.refresh_from_db()
    assert report.withdrawal_reason == "Another patient called"


def test_a_record_made_for_a_request_leads_back_to_it(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("request", args=[patient.pk])
    links = {link["url"] for link in prescriber.get(url).context["elsewhere"]}
    first_test = reverse("record", args=[patient.pk, "pregnancy-test"]) + "?to=request"
    assert first_test in links

    at = instant_parts("collected_at", clock.now() - timedelta(minutes=2))
    sent = send(
        prescriber, first_test, result="negative", specimen="urine", sensitivity_miu_ml="25",
        **at, **instant_parts("resulted_at", clock.now() - timedelta(minutes=2)),
    )  # fmt: skip
    assert sent["Location"] == url
