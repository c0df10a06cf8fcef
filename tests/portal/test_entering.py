"""How a patient comes in: a reference, its code, a date of birth, once; how a visit ends."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock, one_time
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence import services as evidence
from apps.notices.models import Notice
from apps.notices.sending import send as send_notice
from apps.patients import reaching, services
from apps.patients.models import Patient, PatientCode, PatientVisit
from tests import builders
from tests.browsers import hidden_in
from tests.portal.people import browser_of
from tests.visitors import digits, give_code, knock, visitor

pytestmark = pytest.mark.django_db

TODAY = "/my/"
OTHER = replace(
    builders.IDENTITY, given_name="Olga", family_name="Other", born_on=date(1970, 2, 3),
    postal_code="99501", phone="", email="",
)  # fmt: skip


@pytest.fixture
def patient(cast: builders.Cast) -> Patient:
    return builders.enroll(cast.prescribing)


def is_in(browser: Client) -> bool:
    return bool(browser.get(TODAY).status_code == 200)


def refusal(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [str(error) for error in answer.context["form"].non_field_errors()]


def test_a_code_lets_one_browser_in_once_and_the_session_holds_a_visit_and_nothing_else(
    cast: builders.Cast, patient: Patient
) -> None:
    code, browser = give_code(cast.staff, patient), Client()
    assert not is_in(browser)
    assert knock(browser, code).headers["Location"] == TODAY
    assert is_in(browser)

    visit = PatientVisit.objects.get()
    assert dict(browser.session.items()) == {"patient_visit": str(visit.pk)}
    assert refusal(knock(Client(), code))  # It was used.
    (event,) = Event.objects.filter(code="patient_entered")
    assert (event.patient_id, event.role) == (patient.pk, "patient")
    assert event.actor_id == patient.pk
    viewed = Event.objects.filter(code="own_record_viewed", role="patient")
    assert {each.patient_id for each in viewed} == {patient.pk}


def test_whatever_is_wrong_reads_alike_and_the_database_holds_digests_only(
    cast: builders.Cast, patient: Patient
) -> None:
    builders.enroll(cast.prescribing, identity=OTHER)
    code = give_code(cast.prescribing, patient)
    expired = give_code(cast.prescribing, Patient.objects.get(family_name="Other"))
    wrong = [
        knock(Client(), code, code="00000000"),
        knock(Client(), code, born_on=OTHER.born_on),
        knock(Client(), code, reference="K7QM2XRT9HW4"),
        knock(Client(), code, reference=one_time.reference_of(expired.pk)),
    ]
    said = {tuple(refusal(answer)) for answer in wrong}
    assert len(said) == 1
    assert not PatientVisit.objects.exists()
    code.refresh_from_db()
    assert code.wrong_attempts == 2
    kept = {str(value) for value in PatientCode.objects.values_list().get(pk=code.pk)}
    assert not kept & {digits(code), one_time.reference_of(code.pk)}
    with_time = clock.real_now() + settings.PATIENT_CODE_LENGTHS["enter"]
    with time_machine.travel(with_time + timedelta(seconds=1)):
        assert tuple(refusal(knock(Client(), code))) in said


def test_wrong_tries_void_a_code_and_a_new_one_ends_the_lock(
    cast: builders.Cast, patient: Patient
) -> None:
    code, browser = give_code(cast.prescribing, patient), Client()
    for _ in range(settings.PATIENT_WRONG_CODES):
        knock(browser, code, code="00000000")
    assert refusal(knock(browser, code))
    assert Event.objects.filter(code="patient_entry_failed", patient_id=patient.pk).count() == 6
    assert knock(browser, give_code(cast.prescribing, patient)).status_code == 302
    assert [each.ended_how for each in PatientCode.objects.order_by("issued_at")] == [
        "replaced",
        "",
    ]


def test_too_many_failures_from_one_address_are_refused_unseen(
    cast: builders.Cast, patient: Patient, settings: Any
) -> None:
    settings.ADDRESS_LIMIT = 2
    code, browser = give_code(cast.prescribing, patient), Client(REMOTE_ADDR="203.0.113.7")
    for _ in range(2):
        knock(browser, code, reference="K7QM2XRT9HW4")
    assert knock(browser, code).status_code == 429
    assert knock(Client(REMOTE_ADDR="203.0.113.8"), code).status_code == 302


def test_a_link_by_mail_holds_an_opaque_reference_and_looking_uses_nothing_up(
    cast: builders.Cast, patient: Patient
) -> None:
    code = give_code(cast.prescribing, patient, way="email", identified="on_record")
    notice = Notice.objects.get(template="code_to_enter")
    assert set(notice.params) == {"one_time"}
    assert send_notice(notice.pk)
    text = mail.outbox[0].body
    link = next(word for word in text.split() if "/my/enter/" in word)
    path = link.removeprefix(settings.PORTAL_URL)
    assert one_time.spaced(digits(code)) in text
    browser = Client()
    for _ in range(3):
        assert browser.get(path).status_code == 200
    stranger = browser.get(reverse("own_enter_by_link", args=["K7QM2XRT9HW4"]))
    assert stranger.status_code == 200
    assert digits(code) not in browser.get(path).content.decode()
    answer = knock(browser, code)
    assert answer.headers["Location"] == TODAY


def test_a_page_warns_before_a_visit_ends_and_goes_on_with_it_where_asked(
    cast: builders.Cast, patient: Patient
) -> None:
    with time_machine.travel(clock.real_now(), tick=False) as machine:
        browser = visitor(cast.prescribing, patient)
        page = browser.get(TODAY).content.decode()
        # The visit is noted to the minute: it never ends before the page says so.
        assert 'data-warn-after="720" data-ends-after="840"' in page
        assert f'action="{reverse("own_stay")}"' in page
        machine.shift(timedelta(minutes=14))
        assert browser.post(reverse("own_stay")).status_code == 204
        machine.shift(timedelta(minutes=14))
        assert is_in(browser)
        machine.shift(settings.PATIENT_IDLE_TIMEOUT + timedelta(seconds=1))
        assert browser.post(reverse("own_stay")).status_code == 401
    assert "rp-idle" not in Client().get(reverse("own_enter")).content.decode()


def test_a_visit_ends_when_left_alone_when_too_old_in_another_browser_and_when_left(
    cast: builders.Cast, patient: Patient
) -> None:
    now = clock.real_now()
    with time_machine.travel(now, tick=False) as machine:
        browser = visitor(cast.prescribing, patient)
        machine.shift(settings.PATIENT_IDLE_TIMEOUT + timedelta(seconds=1))
        assert not is_in(browser)
        browser = visitor(cast.prescribing, patient)
        went_on = []
        for _ in range(5):
            machine.shift(timedelta(minutes=14))
            went_on.append(is_in(browser))
        assert went_on == [True, True, True, True, False]
        browser = visitor(cast.prescribing, patient)
        stolen = Client(headers={"user-agent": "Firefox/140"})
        stolen.cookies = browser.cookies
        assert not is_in(stolen)
        assert not is_in(browser)
        browser = visitor(cast.prescribing, patient)
        assert browser.post(reverse("own_leave")).status_code == 302
        assert not is_in(browser)
        visitor(cast.prescribing, patient)
        visitor(cast.prescribing, patient)
    ends = PatientVisit.objects.order_by("began_at", "code__issued_at", "code__recorded_at")
    assert sorted(each.ended_how for each in ends) == [
        "", "copied", "left", "left_alone", "replaced", "too_old",
    ]  # fmt: skip


def changes(cast: builders.Cast, patient: Patient) -> dict[str, Any]:
    """What makes codes and visits void, by name."""
    return {
        "a new agreement": lambda: evidence.renew_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            program=builders.PROGRAM,
            signatures=services.Signatures(
                "patient",
                "Fiona Synthetic",
                patient_signed_at=clock.now(),
                prescriber_signed_at=clock.now(),
            ),
        ),
        "a withdrawn agreement": lambda: evidence.withdraw_entry(
            cast.prescribing,
            kind="agreement",
            entry_id=patient.agreements.get(withdrawn_at=None, patient_signed_at__isnull=False).pk
            if patient.agreements.count() == 1
            else patient.agreements.latest("recorded_at").pk,
            reason="Mistake",
        ),
        "another address": lambda: services.correct_contact(
            cast.staff,
            patient_id=patient.pk,
            postal_code="10001",
            phone="",
            email="new@patients.example",
            time_zone="America/New_York",
        ),
        "the office's word": lambda: evidence.end_patient_access(
            cast.staff, patient_id=patient.pk, reason="The phone was stolen"
        ),
        "leaving the program": lambda: evidence.withdraw_from_program(
            cast.prescribing,
            patient_id=patient.pk,
            program=builders.PROGRAM,
            happened_on=builders.program_day(clock.now()),
            reason="Wish",
            said_by="Fiona",
        ),
        "a death": lambda: evidence.record_death(
            cast.prescribing,
            patient_id=patient.pk,
            happened_on=builders.program_day(clock.now()),
            reason="Progression",
            said_by="Family",
        ),
    }


def test_what_changes_the_record_ends_open_codes_and_visits_at_once(
    cast: builders.Cast, patient: Patient
) -> None:
    survived = []
    for name, change in changes(cast, patient).items():
        browser = visitor(cast.prescribing, patient)
        code = give_code(cast.prescribing, patient)
        key = browser.session.session_key
        change()
        if is_in(browser) or Session.objects.filter(session_key=key).exists():
            survived.append(f"visit: {name}")
        if knock(Client(), code).status_code == 302:
            survived.append(f"code: {name}")
    assert not survived
    with pytest.raises(Conflict):
        give_code(cast.prescribing, patient)


def test_what_is_sent_after_somebody_else_ended_the_visit_is_said_to_be_lost(
    cast: builders.Cast, patient: Patient
) -> None:
    """Else who just told of a danger would believe that it is known."""
    browser = visitor(cast.prescribing, patient)
    evidence.end_patient_access(cast.staff, patient_id=patient.pk, reason="A wrong person")
    answer = browser.post(reverse("own_survey"), {"may_be_pregnant": "yes"}, follow=True)
    assert "what you just sent was not recorded" in answer.content.decode()


def test_a_merge_ends_what_is_open_of_either_record(cast: builders.Cast, patient: Patient) -> None:
    other = builders.enroll(cast.prescribing, identity=OTHER)
    browsers = [visitor(cast.prescribing, each) for each in (patient, other)]
    evidence.merge_patients(cast.staff, kept_id=patient.pk, merged_id=other.pk, reason="One person")
    assert not any(is_in(browser) for browser in browsers)
    assert is_in(visitor(cast.prescribing, patient))


def test_who_may_give_a_code_to_whom(cast: builders.Cast, patient: Patient) -> None:
    stranger = builders.prescribing_call(builders.certified_prescriber(cast.administrator, 2))
    with pytest.raises(NotFound):
        give_code(stranger, patient)
    with pytest.raises(NotAllowed):
        give_code(cast.dispensing, patient)
    with pytest.raises(InvalidRequest) as refused:
        give_code(cast.staff, patient, for_representative=True)
    assert "for_representative" in refused.value.fields
    with pytest.raises(InvalidRequest) as refused:
        give_code(cast.staff, patient, identified="on_record")
    assert "identified" in refused.value.fields
    Patient.objects.filter(pk=patient.pk).update(email="", phone="")
    with pytest.raises(InvalidRequest) as refused:
        give_code(cast.staff, patient, way="email")
    assert "way" in refused.value.fields
    with pytest.raises(InvalidRequest, match="no number on record") as refused:
        give_code(cast.staff, patient, identified="called_back")
    assert "identified" in refused.value.fields


def test_who_speaks_for_a_patient_enters_as_themself_and_is_out_when_they_do_no_more(
    cast: builders.Cast, patient: Patient
) -> None:
    speaks = reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="representative", name="Rob Relative",
        relationship="brother", email="rob@people.example",
    )  # fmt: skip
    browser = visitor(cast.prescribing, patient, for_representative=True)
    assert "Rob Relative" in browser.get(TODAY).content.decode()
    assert Event.objects.get(code="patient_entered").actor_id == speaks.pk
    reaching.end_representative(cast.prescribing, representative_id=speaks.pk, reason="Wish")
    assert not is_in(browser)


def test_a_guardian_is_out_when_the_patient_comes_of_age_and_is_let_in_no_more(
    cast: builders.Cast,
) -> None:
    """L-CAT-4."""
    patient = builders.enroll(cast.prescribing, "child_frp")
    reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    born = patient.born_on
    of_age = datetime(born.year + 18, born.month, born.day, tzinfo=ZoneInfo("America/New_York"))
    with time_machine.travel(of_age - timedelta(minutes=1), tick=False) as machine:
        gail = visitor(cast.prescribing, patient, for_representative=True)
        code = give_code(cast.prescribing, patient, for_representative=True)
        assert is_in(gail)
        machine.shift(timedelta(minutes=1))
        assert not is_in(gail)
        assert refusal(knock(Client(), code))
        with pytest.raises(InvalidRequest) as refused:
            give_code(cast.prescribing, patient, for_representative=True)
        assert "for_representative" in refused.value.fields
        assert is_in(visitor(cast.prescribing, patient))


def test_the_care_teams_page_shows_a_code_once_and_ends_access(
    cast: builders.Cast, patient: Patient
) -> None:
    team = browser_of(cast.prescribing)
    url = reverse("let_in", args=[patient.pk])
    shown = team.get(url).context["form"]
    asked = {
        "submission": shown["submission"].value(), "purpose": "enter", "person": "patient",
        "way": "shown", "identified": "in_person",
    }  # fmt: skip
    page = team.post(url, asked).content.decode()
    code = PatientCode.objects.get()
    assert one_time.spaced(digits(code)) in page
    assert "a second code to sign" not in page  # It comes by e-mail.
    assert one_time.spaced(digits(code)) not in team.get(url).content.decode()
    # A button pressed twice is one showing; what is sent again later shows nothing
    assert one_time.spaced(digits(code)) in team.post(url, asked).content.decode()
    with time_machine.travel(clock.real_now() + timedelta(seconds=11), tick=True):
        again = team.post(url, asked, follow=True)
        assert again.redirect_chain == [(url, 302)]
        assert "its code was shown then" in again.content.decode()
        assert one_time.spaced(digits(code)) not in again.content.decode()
    assert PatientCode.objects.get().ended_at is None
    browser = Client()
    knock(browser, code)
    assert "In now: the patient" in team.get(url).content.decode()
    end = reverse("end_patient_access", args=[patient.pk])
    form = team.get(end).context["form"]
    team.post(end, {"submission": form["submission"].value(), "reason": "Another person’s phone"})
    assert not is_in(browser)


@pytest.mark.parametrize("end", ["used", "replaced", "ended", "expired"])
def test_a_code_that_opens_nothing_any_more_is_not_shown_again(
    cast: builders.Cast, patient: Patient, end: str
) -> None:
    team = browser_of(cast.prescribing)
    url = reverse("let_in", args=[patient.pk])
    asked = {
        **hidden_in(team.get(url).context["form"]), "purpose": "enter", "person": "patient",
        "way": "shown", "identified": "in_person",
    }  # fmt: skip
    team.post(url, asked)
    code = PatientCode.objects.get()
    if end == "used":
        knock(Client(), code)
    elif end == "replaced":
        team.post(url, {**asked, **hidden_in(team.get(url).context["form"])})
    elif end == "ended":
        evidence.end_patient_access(cast.prescribing, patient_id=patient.pk, reason="A mistake")

    later = timedelta(days=2) if end == "expired" else timedelta(0)
    with time_machine.travel(clock.real_now() + later, tick=True):
        team = browser_of(cast.prescribing)
        again = team.post(url, asked, follow=True)

    assert again.redirect_chain == [(url, 302)]
    page = again.content.decode()
    assert "opens nothing any more" in page
    assert one_time.spaced(digits(code)) not in page


def test_a_form_in_letters_that_nobody_reads_is_refused_as_a_page() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get(reverse("own_enter"))  # With the cookie against forgery, the form is read.
    odd = "application/x-www-form-urlencoded; charset=utf-7"
    answer = browser.post(reverse("own_enter"), "code=1", content_type=odd)
    assert answer.status_code == 400
    assert "This request could not be read" in answer.content.decode()


def test_without_an_address_a_second_code_to_sign_is_offered(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, identity=replace(builders.IDENTITY, email=""))
    team = browser_of(cast.prescribing)
    url = reverse("let_in", args=[patient.pk])
    page = team.post(
        url,
        {
            "submission": team.get(url).context["form"]["submission"].value(), "purpose": "enter",
            "person": "patient", "way": "shown", "identified": "in_person",
        },
    ).content.decode()  # fmt: skip
    assert f"{url}?for=sign" in page
    assert team.get(f"{url}?for=sign").context["form"]["purpose"].value() == "sign"


@pytest.mark.parametrize("part", ["born_on_month", "born_on_day", "born_on_year"])
def test_no_number_is_too_long_for_a_date(cast: builders.Cast, patient: Patient, part: str) -> None:
    code, typed = give_code(cast.staff, patient), {part: "2147483648"}
    answer = knock(Client(), code, born_on=None, **typed)
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["born_on"]
    assert is_in(Client()) is False
    assert knock(Client(), code).status_code == 302


def test_whoever_lets_a_minor_in_is_told_that_no_guardian_is_named(
    cast: builders.Cast, prescriber: Client
) -> None:
    """The guardian who signed at the enrollment is not thereby one who may come in."""
    boy = builders.enroll(cast.prescribing, "child_male")
    woman = builders.enroll(
        cast.prescribing, identity=replace(builders.IDENTITY, family_name="Other")
    )
    naming, told = reverse("name_representative", args=[boy.pk]), "No parent or guardian is named"

    before = prescriber.get(reverse("let_in", args=[boy.pk])).content.decode()
    assert told in before
    assert naming in before
    assert told not in prescriber.get(reverse("let_in", args=[woman.pk])).content.decode()
    reaching.name_representative(
        cast.prescribing, patient_id=boy.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    assert told not in prescriber.get(reverse("let_in", args=[boy.pk])).content.decode()


def test_a_guardian_is_not_called_to_the_questions_that_the_child_answers(
    cast: builders.Cast,
) -> None:
    """After the first supply the next one needs the patient's survey."""
    boy = builders.enroll(cast.prescribing, "child_male")
    reaching.name_representative(
        cast.prescribing, patient_id=boy.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    builders.obligations(cast.prescribing, boy)
    builders.counseling(cast.prescribing, boy)
    issued = builders.request(cast.prescribing, boy, "child_male").authorization
    assert issued is not None
    confirmed = builders.confirm(cast.dispensing, issued).confirmation
    assert confirmed is not None
    assert builders.dispense(cast.dispensing, confirmed).allowed

    called = 'class="usa-button usa-button--big" href="/my/survey/"'
    child = visitor(cast.prescribing, boy).get("/my/").content.decode()
    gail = visitor(cast.prescribing, boy, for_representative=True).get("/my/").content.decode()
    assert called in child
    assert called not in gail
    assert "The patient answers these questions" in gail


def test_who_speaks_for_a_child_stands_in_a_new_agreement(
    cast: builders.Cast, prescriber: Client
) -> None:
    boy = builders.enroll(cast.prescribing, "child_male")
    url = reverse("renew_agreement", args=[boy.pk])
    assert prescriber.get(url).context["form"]["signer_name"].value() is None
    reaching.name_representative(
        cast.prescribing, patient_id=boy.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    form = prescriber.get(url).context["form"]
    assert [form[name].value() for name in ("signer", "signer_name", "signer_relationship")] == [
        "guardian",
        "Gail Guardian",
        "mother",
    ]
