"""The office takes in, checks, corrects and merges in the administration (L-SRC-1, 3; L-PAT-1)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import escape

from apps.accounts.models import User
from apps.audit.models import Event
from apps.backoffice.instants import told
from apps.backoffice.intake_forms import FORMS
from apps.backoffice.shown import page_of
from apps.core import clock
from apps.eligibility.models import PolicyEdition
from apps.evidence import services as evidence
from apps.evidence.models import (
    Intake,
    ObligationsAttestation,
    PregnancyCase,
    PregnancyTest,
)
from apps.patients.models import DuplicateDecision, IdentityCorrection, Patient, PatientMerge
from apps.patients.services import Identity, Signatures
from tests import browsers, builders
from tests.backoffice.test_actions import act, page, said
from tests.backoffice.test_bars import offers

pytestmark = pytest.mark.django_db

SCAN = b"%PDF-1.7 a synthetic form"


@pytest.fixture(autouse=True)
def no_counted_sign_ins() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def patient(cast: builders.Cast) -> Patient:
    return builders.enroll(cast.prescribing)


def today() -> str:
    return clock.now().astimezone(ZoneInfo("America/New_York")).date().isoformat()


def a_fax(cast: builders.Cast) -> dict[str, Any]:
    return {
        "channel": "fax",
        "told_by": "prescriber",
        "told_by_name": "Nina Nurse",
        "prescriber_id": str(cast.prescriber.pk),
        "scan": SimpleUploadedFile("scan.pdf", SCAN),
    }


def a_negative_test() -> dict[str, Any]:
    return {
        "result": "negative",
        "sensitivity_miu_ml": "25",
        "specimen": "serum",
        "collected_on": today(),
        "resulted_on": today(),
    }


def other_born(patient: Patient) -> str:
    return patient.born_on.isoformat()


def asked(answer: Any) -> str:
    """What a page asks before it does anything; that is no error."""
    assert answer.status_code == 200
    text: str = answer.content.decode()
    assert "<title>Error:" not in text
    assert "errornote" not in text
    assert answer.context["form"].question
    return text


def send_again(client: Client, answer: Any, to: str, typed: dict[str, Any]) -> Any:
    """The page that asked, sent as it stands."""
    return client.post(to, {**browsers.hidden_in(answer.context["form"]), **typed})


def test_a_faxed_test_is_entered_checked_by_another_and_its_scan_downloaded_l_src_1(
    cast: builders.Cast, patient: Patient, staff: Client, administrator: Client
) -> None:
    answer = act(staff, patient, "intake-pregnancy-test", **a_fax(cast), **a_negative_test())
    assert answer.status_code == 302, said(answer)
    intake = Intake.objects.get()
    assert intake.state == "waiting"
    assert "It waits for a second person." in staff.get(answer.url).content.decode()
    assert not offers(staff, intake, "accept")
    assert offers(administrator, intake, "accept")
    assert "Another person" in said(act(staff, intake, "accept"))
    assert not PregnancyTest.objects.exists()
    download = administrator.get(
        reverse("admin:evidence_intakescan_download", args=[intake.scan_id])
    )
    assert (download.content, download["Content-Type"]) == (SCAN, "application/pdf")
    assert Event.objects.filter(code="intake_scan_viewed", patient_id=patient.pk).exists()
    assert act(administrator, intake, "accept").status_code == 302
    assert PregnancyTest.objects.get().date_only
    assert administrator.get(page(intake, "accept")).status_code == 200


def test_an_intake_is_refused_with_a_reason(
    cast: builders.Cast, patient: Patient, staff: Client, administrator: Client
) -> None:
    act(staff, patient, "intake-pregnancy-test", **a_fax(cast), **a_negative_test())
    intake = Intake.objects.get()
    assert "This field is required" in said(act(administrator, intake, "refuse"))
    act(administrator, intake, "refuse", reason="Illegible")
    intake.refresh_from_db()
    assert (intake.state, intake.refusal_reason) == ("refused", "Illegible")


def test_what_a_caller_cannot_have_said_is_told_beside_its_field(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    entered = {**a_fax(cast), "channel": "phone", "kind": "missed_period"}
    answer = act(staff, patient, "intake-bleeding-report", **entered)
    assert "Say how you verified the caller" in said(answer)
    assert "verification" in answer.context["form"].errors
    assert not Intake.objects.exists()


def test_each_kind_of_intake_has_its_page(patient: Patient, staff: Client) -> None:
    assert {form.kind for form in FORMS} == set(Intake.Kind.values)
    for form in FORMS:
        answer = staff.get(page(patient, f"intake-{form.kind.replace('_', '-')}"))
        assert answer.status_code == 200
        assert 'enctype="multipart/form-data"' in answer.content.decode()


def test_a_survey_by_phone_is_asked_question_by_question(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    answers = {f"answer_{code}": a for code, a in builders.safe_answers("adult_frp").items()}
    entered = {
        **a_fax(cast),
        "channel": "phone",
        "verification": "identifiers",
        "program": builders.PROGRAM,
        "completed_on": today(),
    }
    del entered["scan"]
    answer = act(staff, patient, "intake-patient-survey", **entered, **answers)
    assert answer.status_code == 302, said(answer)
    intake = Intake.objects.get()
    assert intake.content["answers"] == builders.safe_answers("adult_frp")
    # Who checks it reads what was asked
    shown = staff.get(page_of(intake)).content.decode()
    assert "<li>Have you given any of your capsules to someone else? No</li>" in shown
    assert "Shared drug" not in shown


def test_an_entry_is_withdrawn_or_moved_in_the_administration_l_src_3(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    entry = builders.obligations(cast.prescribing, patient)
    other = builders.enroll(
        cast.prescribing,
        identity=Identity("Olga", "Other", builders.today().replace(year=1980), "20001"),
    )
    typed = {"sought": "Olga Other", "sought_born_on": other_born(other), "reason": "Mixed up"}
    answer = act(staff, entry, "move", **typed)
    assert "Is this the right patient?" in asked(answer)
    assert "second person checks" in said(send_again(staff, answer, page(entry, "move"), typed))
    act(staff, entry, "withdraw", reason="Mixed up")
    entry.refresh_from_db()
    assert entry.withdrawal_reason == "Mixed up"
    assert not ObligationsAttestation.objects.filter(patient=other).exists()


def test_two_records_are_compared_side_by_side_before_they_are_merged_l_pat_1(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    other = builders.enroll(
        cast.prescribing,
        identity=Identity("Olga", "Other", patient.born_on.replace(year=1980), "20001"),
    )
    typed = {"sought": "olga", "sought_born_on": other_born(other), "reason": "One person"}
    answer = act(staff, patient, "merge", **typed)
    text = asked(answer)
    assert "side by side" in text
    assert "Olga Other" in text
    assert "Fiona Synthetic" in text
    assert not PatientMerge.objects.exists()
    assert Event.objects.filter(code="record_viewed").latest("pk").patient_ids == [other.pk]
    done = send_again(staff, answer, page(patient, "merge"), typed)
    assert done.status_code == 302
    assert PatientMerge.objects.get().merged == other


def test_who_resembles_this_record_is_named_and_stands_there_ready_l_pat_1(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    assert "Resembling" not in staff.get(page(patient, "merge")).content.decode()
    twin = Patient.objects.get(pk=builders.enroll(cast.prescribing, identity=Identity(
        patient.given_name, "Born-<b>Otherwise", patient.born_on, "99901")).pk)  # fmt: skip
    twin.postal_code = patient.postal_code
    twin.save()
    for action in ("merge", "two-persons"):
        answer = staff.get(page(patient, action))
        linked = f'Resembling: <a href="{page_of(twin)}">{escape(twin)}</a>, born '
        assert linked in answer.content.decode()
        form = answer.context["form"]
        assert form["sought"].value() == str(twin)
        assert form["sought_born_on"].value() == twin.born_on
        assert Event.objects.filter(code="record_viewed").latest("pk").patient_ids == [twin.pk]


def test_an_intake_is_read_in_words_and_names_who_entered_it(
    cast: builders.Cast, patient: Patient, staff: Client, administrator: Client
) -> None:
    act(staff, patient, "intake-pregnancy-test", **a_fax(cast), **a_negative_test())
    intake = Intake.objects.get()
    shown = administrator.get(page_of(intake)).content.decode()
    assert "Result: Negative" in shown
    assert "{" not in shown.partition("Content")[2].partition("Risk category")[0]
    entered_by = User.objects.get(pk=intake.entered_by_id)
    assert f">{entered_by}<" in shown
    assert str(intake.entered_by_id) not in shown.replace(page_of(entered_by), "")


def test_an_intake_of_a_signature_names_the_agreement_and_leads_to_it(
    cast: builders.Cast, patient: Patient, staff: Client, administrator: Client
) -> None:
    unsigned = evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=Signatures(signer="patient", signer_name="Fiona Synthetic"),
    )
    signed = {"agreement_id": str(unsigned.pk), "patient_signed_on": today()}
    answer = act(staff, patient, "intake-agreement-signature", **a_fax(cast), **signed)
    assert answer.status_code == 302, said(answer)
    shown = administrator.get(page_of(Intake.objects.get())).content.decode()
    named = f"{unsigned}, {told(unsigned.recorded_at)}"
    linked = f'Agreement: <a href="{page_of(unsigned)}">{escape(named)}</a>'
    assert f"<li>{linked}</li>" in shown
    assert str(unsigned.pk) not in shown.replace(page_of(unsigned), "")


def test_two_persons_who_resemble_each_other_are_decided_to_be_two(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    other = builders.enroll(
        cast.prescribing,
        identity=Identity("Olga", "Other", patient.born_on.replace(year=1980), "20001"),
    )
    typed = {"sought": str(other.pk), "reason": "Twins"}
    answer = act(staff, patient, "two-persons", **typed)
    assert "two persons?" in asked(answer)
    assert not DuplicateDecision.objects.exists()
    send_again(staff, answer, page(patient, "two-persons"), typed)
    assert DuplicateDecision.objects.get().reason == "Twins"


def test_a_wrong_date_of_birth_is_corrected_once_whom_it_resembles_was_looked_at_l_pat_1(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    right = patient.born_on.replace(year=1980)
    other = builders.enroll(
        cast.prescribing, identity=Identity("Olga", "<b>Synthetic", right, patient.postal_code)
    )
    typed = {
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "born_on": right.isoformat(),
        "source_document": "Passport, seen at the practice",
        "reason": "Two digits were mixed up",
    }
    answer = act(staff, patient, "identity", **typed)
    assert escape(f"Olga <b>Synthetic, born {date_format(right)}") in asked(answer)
    assert not IdentityCorrection.objects.exists()
    assert Event.objects.filter(code="record_viewed").latest("pk").patient_ids == [other.pk]
    form = answer.context["form"]
    again = {name: form[name].value() for name in ("submission", "looked_at", "seen")}
    done = staff.post(page(patient, "identity"), {**typed, **again})
    assert done.status_code == 302, said(done)
    patient.refresh_from_db()
    assert patient.born_on == right
    correction = IdentityCorrection.objects.get()
    assert correction.resembled == [other.pk]
    shown = staff.get(page_of(correction)).content.decode()
    assert "Passport, seen at the practice" in shown
    listed = staff.get(reverse("admin:patients_identitycorrection_changelist"))
    assert "Passport, seen at the practice" in listed.content.decode()


def test_the_other_record_is_found_by_a_number_or_by_its_name_and_birth_l_pat_1(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    """Of several who fit, the one that is meant is chosen; nobody finds this record itself."""
    born_on = patient.born_on.replace(year=1980)
    who = (
        Identity("Olga", "Otherby", born_on, "20001"),
        Identity("Ulf", "Otherman", born_on, "99950"),
    )
    first, second = (builders.enroll(cast.prescribing, "adult_male", identity=each) for each in who)
    reason = {"reason": "One person"}
    alone = said(act(staff, patient, "merge", sought="Olga Otherby", **reason))
    assert "give the date of birth, too" in alone
    own = {"sought": str(patient), "sought_born_on": patient.born_on.isoformat()}
    assert "Nobody fits" in said(act(staff, patient, "merge", **own, **reason))
    typed = {"sought": "Other", "sought_born_on": born_on.isoformat(), **reason}
    several = act(staff, patient, "merge", **typed)
    assert "2 records fit" in asked(several)
    typed["which"] = str(second.pk)
    shown = send_again(staff, several, page(patient, "merge"), typed)
    assert "one person’s?" in asked(shown)
    assert shown.context["form"].comparison[0][2] == str(second)
    builders.prepare(cast.prescribing, first, "adult_male")
    authorization = builders.request(cast.prescribing, first, "adult_male").authorization
    assert authorization is not None
    by_number = act(staff, patient, "merge", sought=authorization.number, **reason)
    assert by_number.context["form"].comparison[0][2] == str(first)
    assert not PatientMerge.objects.exists()


@pytest.mark.parametrize("way", ["reported_on", "reported_at"])
def test_a_suspected_pregnancy_told_by_phone_opens_a_case_at_once_l_prg_1(
    way: str, cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    entered = {**a_fax(cast), "channel": "phone", "verification": "identifiers"}
    del entered["scan"]
    when = {way: today()} if way == "reported_on" else {f"{way}_0": today(), f"{way}_1": "00:00"}
    answer = act(staff, patient, "intake-pregnancy-report", **entered, subject="patient", **when)
    assert answer.status_code == 302, said(answer)
    assert PregnancyCase.objects.get().source == "Nina Nurse"


def test_what_an_intake_says_is_asked_on_its_page(patient: Patient, staff: Client) -> None:
    for form in FORMS:
        answer = staff.get(page(patient, f"intake-{form.kind.replace('_', '-')}"))
        assert set(form.said) <= set(answer.context["form"].fields)


def test_a_one_time_code_is_shown_in_the_administration_once(
    patient: Patient, staff: Client
) -> None:
    to = page(patient, "let-in")
    typed = {
        **browsers.hidden_in(staff.get(to).context["form"]),
        "purpose": "enter",
        "way": "shown",
        "identified": "in_person",
    }
    shown = staff.post(to, typed)
    code = shown.context["code"]
    assert code in shown.content.decode()
    with time_machine.travel(clock.real_now() + timedelta(seconds=11), tick=True):
        again = staff.post(to, typed, follow=True)
    assert code not in again.content.decode()
    assert "its code was shown then" in again.content.decode()


def test_a_patients_record_says_first_how_it_stands(
    cast: builders.Cast, patient: Patient, staff: Client
) -> None:
    before = staff.get(page_of(patient)).content.decode()
    assert "How it stands now" in before
    assert "Therapy: not started" in before
    assert "Not met: There is no negative test that could be the first one. (L-PT-1)" in before
    entered = {**a_fax(cast), "kind": "missed_period", "reported_on": today()}
    act(staff, patient, "intake-bleeding-report", **entered)
    assert "(L-PT-8)" in staff.get(page_of(patient)).content.decode()


def test_a_policy_edition_leads_to_the_decisions_made_under_it(
    cast: builders.Cast, administrator: Client
) -> None:
    decision = builders.request(cast.prescribing, builders.ready_frp(cast.prescribing), "adult_frp")
    edition = PolicyEdition.objects.get(version=decision.policy_version)
    shown = administrator.get(page_of(edition)).content.decode()
    listed = f"{reverse('admin:eligibility_decision_changelist')}?policy_version={edition.version}"
    assert f'<a href="{listed}">1</a>' in shown
    assert "policy diff" in shown
    assert page_of(decision) in administrator.get(listed).content.decode()
