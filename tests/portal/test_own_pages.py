"""What a patient, or who speaks for them, does on their own pages: sign, answer, report, choose."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.audit.models import Event, Meaning, Signature
from apps.audit.signatures import signatures_of
from apps.core import clock, one_time
from apps.core.errors import Conflict, InvalidRequest
from apps.evidence import services as evidence
from apps.evidence.models import PatientSurvey
from apps.oversight.signed_records import is_unchanged
from apps.patients import reaching, visits
from apps.patients.models import Agreement, Patient, PatientCode, PatientVisit
from apps.patients.services import Signatures
from apps.reminders import preferences
from apps.reminders.models import ReminderPreference
from apps.reminders.preferences import Wishes
from tests import builders
from tests.browsers import hidden_in
from tests.portal.people import browser_of
from tests.visitors import answer_questions, digits, give_code, send, visitor

pytestmark = pytest.mark.django_db

NAME = "Fiona Synthetic"
MARKUP = '<form action="/my/report/">'
SAFE = builders.safe_answers("adult_frp")


def waiting(signer: str = "patient", name: str = NAME) -> Signatures:
    """The prescriber has signed; the patient's side has not."""
    related = "" if signer == "patient" else "mother"
    return Signatures(signer, name, related, prescriber_signed_at=clock.now())


def enrolled(cast: builders.Cast, category: str = "adult_frp", **signed: Any) -> Patient:
    return builders.enroll(cast.prescribing, category, signatures=waiting(**signed))


def code_to_sign(cast: builders.Cast, patient: Patient, **about: Any) -> str:
    return digits(give_code(cast.prescribing, patient, purpose="sign", **about))


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200, answer
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


def test_to_ask_for_a_code_keeps_the_name_and_leads_to_where_it_is_typed(
    cast: builders.Cast,
) -> None:
    browser = visitor(cast.prescribing, enrolled(cast))
    asked = send(browser, "own_agreement", typed_name=NAME, code="", send_code="1")
    assert asked["Location"].startswith("/my/agreement/")
    shown = browser.get(asked["Location"]).content.decode()
    assert f'value="{NAME}"' in shown
    # What is sent from there does not stay there: an error is at the top
    assert 'action="/my/agreement/"' in shown


def test_the_patient_signs_the_agreement_with_name_and_fresh_code(cast: builders.Cast) -> None:
    patient = enrolled(cast)
    browser = visitor(cast.prescribing, patient)
    today = browser.get("/my/").content.decode()
    assert "An agreement waits for your signature" in today
    code = code_to_sign(cast, patient)
    typed = {"typed_name": NAME, "code": code}
    assert "typed_name" in errors(send(browser, "own_agreement", typed_name="Fay", code=code))
    assert "code" in errors(send(browser, "own_agreement", typed_name=NAME, code="00000000"))
    assert not Signature.objects.filter(meaning=Meaning.AGREEMENT_AS_PATIENT).exists()
    assert Event.objects.filter(code="signing_failed", patient_id=patient.pk).exists()

    assert send(browser, "own_agreement", **typed).status_code == 302

    agreement = Agreement.objects.get()
    assert agreement.patient_signed_at is not None
    (own,) = [each for each in signatures_of(agreement) if each.role == "patient"]
    assert (own.printed_name, own.method, own.user_id) == (NAME, "one_time_code", None)
    assert own.code_id == PatientCode.objects.get(purpose="sign").pk
    assert is_unchanged(own, agreement)
    page = browser.get("/my/agreement/").content.decode()
    assert f"Signed by <strong>{NAME}</strong>" in page
    assert "with the name, typed, and a one-time code" in page
    assert "Agreement, as the patient" in page


def test_a_code_signs_once_and_its_own_patients_agreement_only(cast: builders.Cast) -> None:
    patient = enrolled(cast)
    browser = visitor(cast.prescribing, patient)
    typed = {"typed_name": NAME, "code": code_to_sign(cast, patient)}
    send(browser, "own_agreement", **typed)
    answer_questions(browser, SAFE)
    survey = send(browser, "own_survey", **typed)
    assert "code" in errors(survey)
    assert not PatientSurvey.objects.exists()


def test_wrong_codes_to_sign_void_them_and_a_new_one_ends_that(cast: builders.Cast) -> None:
    patient = enrolled(cast)
    browser = visitor(cast.prescribing, patient)
    code = code_to_sign(cast, patient)
    for _ in range(settings.PATIENT_WRONG_CODES):
        send(browser, "own_agreement", typed_name=NAME, code="00000000")
    assert "code" in errors(send(browser, "own_agreement", typed_name=NAME, code=code))
    again = code_to_sign(cast, patient)
    assert send(browser, "own_agreement", typed_name=NAME, code=again).status_code == 302


def test_a_code_is_sent_to_the_address_on_record_and_what_was_typed_stays(
    cast: builders.Cast,
) -> None:
    patient = enrolled(cast)
    browser = visitor(cast.prescribing, patient)
    assert answer_questions(browser, SAFE).headers["Location"] == reverse("own_survey")
    assert send(browser, "own_survey", send_code="1").status_code == 302
    page = browser.get(reverse("own_survey"))
    assert [answer for _, _, answer in page.context["answered"]].count("Yes") == 4
    code = PatientCode.objects.get(purpose="sign")
    assert (code.way, code.patient_id) == ("email", patient.pk)
    assert one_time.spaced(digits(code)) not in page.content.decode()
    done = send(browser, "own_survey", typed_name=NAME, code=digits(code))
    assert done.headers["Location"] == "/my/"
    survey = PatientSurvey.objects.get()
    (own,) = signatures_of(survey)
    assert (own.meaning, own.method) == (Meaning.OWN_SURVEY, "one_time_code")
    assert is_unchanged(own, survey)
    answer_questions(browser, SAFE)
    for _ in range(5):
        send(browser, "own_survey", send_code="1")
    assert PatientCode.objects.filter(purpose="sign").count() == 5


def test_a_risky_answer_counts_without_a_code_and_leads_to_what_to_do(
    cast: builders.Cast,
) -> None:
    patient = builders.authorized_frp(cast).patient
    browser = visitor(cast.prescribing, patient)
    assert browser.get("/my/what-to-do/").headers["Location"] == "/my/"
    answers = {**SAFE, "may_be_pregnant": "yes"}
    answer = answer_questions(browser, answers)

    # At once, of the third question alone, signed by nobody; and no survey is made of it
    assert answer.headers["Location"] == "/my/what-to-do/"
    page = browser.get("/my/what-to-do/").content.decode()
    assert "Stop taking the capsules now." in page
    assert "Answer the other questions" in page
    today = browser.get("/my/").content.decode()
    assert "Read this first" in today
    assert "You have not sent your answers yet" in today
    assert not PatientSurvey.objects.filter(at_risk=True).exists()
    case, opened = patient.pregnancycase_set.get(), patient.intervention_set.get()
    assert (case.operation.role, opened.questions) == ("patient", ["may_be_pregnant"])
    assert patient.authorizations.get().state == "void"
    given = Event.objects.get(code="risky_answer_given")
    assert given.data["question"] == "may_be_pregnant"

    # Whoever goes on sends the rest, without a code; nothing counts twice
    for number in range(4, len(SAFE) + 1):
        value = list(answers.values())[number - 1]
        browser.post(
            reverse("own_question", args=[number]), {"submission": uuid4(), "answer": value}
        )
    assert send(browser, "own_survey").headers["Location"] == "/my/what-to-do/"
    survey = PatientSurvey.objects.get(at_risk=True)
    assert (survey.at_risk, survey.operation.role, survey.text_language) == (True, "patient", "en")
    assert not signatures_of(survey).exists()
    assert patient.pregnancycase_set.get() == case
    assert patient.intervention_set.get() == opened
    # And what was sent is not there to be sent again
    assert browser.post(reverse("own_survey"), {}).headers["Location"] == "/my/"


def test_answers_are_kept_as_they_are_given_and_belong_to_one_visit(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    browser = visitor(cast.prescribing, patient)
    first, second = (reverse("own_question", args=[number]) for number in (1, 2))
    assert "own_survey" not in browser.session
    assert browser.get(reverse("own_survey")).headers["Location"] == first
    assert browser.post(first, {"submission": uuid4()}).status_code == 200
    assert (
        browser.post(first, {"submission": uuid4(), "answer": "yes"}).headers["Location"] == second
    )

    # Nobody skips one, and who comes back goes on where they stopped
    ahead = reverse("own_question", args=[5])
    assert browser.get(ahead).headers["Location"] == reverse("own_survey")
    assert browser.get(reverse("own_survey")).headers["Location"] == second
    back = browser.get(first)
    assert back.context["form"].initial["answer"] == "yes"
    assert "Question 1 of 12" in back.content.decode()

    # Neither the address nor a cookie holds them, and they count for nothing
    assert "counseled" not in str(browser.cookies)
    assert not PatientSurvey.objects.exists()
    browser.post(reverse("own_leave"))
    again = visitor(cast.prescribing, patient)
    assert again.get(reverse("own_survey")).headers["Location"] == first


@pytest.mark.parametrize(
    ("kind", "left", "told"),
    [
        ("may_be_pregnant", "pregnancycase_set", "Your prescriber will do a pregnancy test"),
        ("missed_period", "bleedingreport_set", "Stop taking the capsules now."),
        ("abnormal_bleeding", "bleedingreport_set", "Stop taking the capsules now."),
        ("lapse", "contraceptionattestation_set", "emergency contraception"),
    ],
)
def test_a_report_counts_at_once_and_leads_to_what_to_do(
    cast: builders.Cast, kind: str, left: str, told: str
) -> None:
    patient = builders.authorized_frp(cast).patient
    before = getattr(patient, left).count()
    browser = visitor(cast.prescribing, patient)
    assert send(browser, "own_report", kind=kind).headers["Location"] == "/my/what-to-do/"
    assert getattr(patient, left).count() == before + 1
    assert told in browser.get("/my/what-to-do/").content.decode()


def test_nobody_is_called_to_a_next_supply_while_something_must_be_settled_first(
    cast: builders.Cast,
) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    next_supply = ("Your next supply can be prepared", "Answer the questions for your next supply")
    with time_machine.travel(clock.now() + timedelta(days=23)):
        browser = visitor(cast.prescribing, held.authorization.patient)
        steps = [str(each.text) for each in browser.get("/my/").context["steps"]]
        assert set(next_supply) <= set(steps)
        send(browser, "own_report", kind="lapse")
        steps = [str(each.text) for each in browser.get("/my/").context["steps"]]
        assert "Tell your prescriber which birth control you use" in steps
        assert not set(next_supply) & set(steps)


def test_what_falls_due_in_months_stands_apart_from_what_to_do_now(cast: builders.Cast) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    shown = visitor(cast.prescribing, held.authorization.patient).get("/my/")
    later = [str(each.text) for each in shown.context["later"]]
    assert "Sign a new agreement with your prescriber" in later
    assert "Have your pregnancy test (one every week)" in [
        str(each.text) for each in shown.context["steps"]
    ]
    assert "<h2>Later</h2>" in shown.content.decode()


def test_who_cannot_reach_the_prescriber_finds_the_programs_number(
    cast: builders.Cast, settings: Any
) -> None:
    settings.PROGRAM_PHONE = "800-555-0142"
    patient = enrolled(cast)
    pages = [
        visitor(cast.prescribing, patient).get("/my/"),
        Client().get(reverse("own_enter")),
        Client().get(reverse("account_login")),
    ]
    assert all(b"tel:800-555-0142" in page.content for page in pages)


def test_a_patient_who_comes_to_the_staffs_sign_in_is_shown_the_way(db: None) -> None:
    assert reverse("own_enter") in Client().get(reverse("account_login")).content.decode()


def test_a_man_reports_his_partners_pregnancy_and_no_period(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    browser = visitor(cast.prescribing, patient)
    assert "kind" in errors(send(browser, "own_report", kind="missed_period"))
    send(browser, "own_report", kind="partner_may_be_pregnant")
    assert patient.pregnancycase_set.get().subject == "partner"
    assert "Your partner should see a doctor" in browser.get("/my/what-to-do/").content.decode()


def test_a_guardian_signs_for_a_child_and_neither_reads_nor_gives_the_childs_answers(
    cast: builders.Cast,
) -> None:
    patient = enrolled(cast, "child_frp", signer="guardian", name="Gail Guardian")
    named = reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    child = visitor(cast.prescribing, patient)
    for page in ("/my/", "/my/agreement/"):
        told = child.get(page).content.decode()
        assert "The agreement names Gail Guardian as the person who signs" in told
        assert "There is nothing to do now" not in told
        assert "Nothing waits for your signature" not in told
    gail = visitor(cast.prescribing, patient, for_representative=True)
    code = code_to_sign(cast, patient, for_representative=True)
    typed = {"typed_name": "gail  guardian", "code": code}
    answer_questions(child, builders.safe_answers("child_frp"))
    assert "code" in errors(send(child, "own_survey", typed_name=NAME, code=code))
    assert send(gail, "own_agreement", **typed).status_code == 302
    signed = signatures_of(Agreement.objects.get()).get(role="patient")
    assert (signed.meaning, signed.printed_name) == (
        Meaning.AGREEMENT_AS_GUARDIAN,
        "Gail Guardian",
    )
    risky = {**builders.safe_answers("child_frp"), "donated_blood": "yes"}
    answer_questions(child, risky)
    assert "Call the place where you donated" in child.get("/my/what-to-do/").content.decode()
    assert gail.get("/my/what-to-do/").headers["Location"] == "/my/"
    assert "The patient answers" in gail.get("/my/survey/").content.decode()
    assert named.ended_at is None


ANSWERS = ("may_be_pregnant", "missed_period", "unusual_bleeding", "unprotected_contact")


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        *(
            ("own_survey", {**builders.safe_answers("child_frp"), question: "yes"})
            for question in ANSWERS
        ),
        *(("own_report", {"kind": kind}) for kind in ("may_be_pregnant", "missed_period", "lapse")),
    ],
)
def test_a_guardian_is_told_nothing_of_what_follows_from_the_childs_answers_and_reports(
    cast: builders.Cast, page: str, typed: dict[str, str]
) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    builders.contraception(cast.prescribing, patient, since=builders.program_day(clock.now()))
    gail = visitor(cast.prescribing, patient, for_representative=True)
    child = visitor(cast.prescribing, patient)
    before = gail.get("/my/").context["steps"]
    if page == "own_survey":
        answer_questions(child, typed)
    else:
        send(child, page, **typed)
    assert "Read this first" in child.get("/my/").content.decode()
    after = gail.get("/my/")
    assert "Read this first" not in after.content.decode()
    assert before
    assert after.context["steps"] == before  # What falls due would betray it, too.
    assert gail.get("/my/what-to-do/").headers["Location"] == "/my/"
    # What the guardian reports, they go on reading.
    for kind in ("lapse", "missed_period"):
        assert send(gail, "own_report", kind=kind).headers["Location"] == "/my/what-to-do/"
        assert gail.get("/my/what-to-do/").status_code == 200


def test_who_came_after_the_guardian_named_does_not_sign_in_their_name(cast: builders.Cast) -> None:
    patient = enrolled(cast, "child_frp", signer="guardian", name="Gail Guardian")
    reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name="Bob Guardian",
        relationship="father",
    )  # fmt: skip
    bob = visitor(cast.prescribing, patient, for_representative=True)
    told = bob.get("/my/agreement/").content.decode()
    assert "names Gail Guardian as the person who signs" in told
    call = visits.call_of(PatientVisit.objects.get())
    with pytest.raises(Conflict, match="Gail Guardian signs this agreement"):
        evidence.sign_own_agreement(call, agreement_id=Agreement.objects.get().pk)


def test_an_agreement_that_was_begun_before_the_one_in_effect_is_not_signed_any_more(
    cast: builders.Cast,
) -> None:
    """It would void the authorization that rests on the one in effect (L-AUT-8)."""
    patient = enrolled(cast)
    browser = visitor(cast.prescribing, patient)
    left_open = Agreement.objects.get()
    call = visits.call_of(PatientVisit.objects.get())
    assert browser.get("/my/agreement/").context["signed"] == left_open
    evidence.renew_agreement(
        cast.prescribing, patient_id=patient.pk, program=builders.PROGRAM,
        signatures=Signatures(
            "patient", NAME, patient_signed_at=clock.now(), prescriber_signed_at=clock.now()
        ),
    )  # fmt: skip
    browser = visitor(cast.prescribing, patient)
    assert "An agreement waits" not in browser.get("/my/").content.decode()
    with pytest.raises(Conflict, match="A later agreement"):
        evidence.sign_own_agreement(call, agreement_id=left_open.pk)


def test_a_category_change_takes_effect_with_the_patients_signature_and_ends_the_visit(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    evidence.change_category(
        cast.prescribing, patient_id=patient.pk, program=builders.PROGRAM,
        risk_category="adult_frp", basis=None, reason="Menses", said_by="The patient",
        signatures=waiting(),
    )  # fmt: skip
    browser = visitor(cast.prescribing, patient)
    done = send(browser, "own_agreement", typed_name=NAME, code=code_to_sign(cast, patient))
    assert done.headers["Location"] == reverse("own_enter")
    assert patient.categories.latest("recorded_at").risk_category == "adult_frp"
    assert "this visit has ended" in browser.get(reverse("own_enter")).content.decode()
    assert PatientVisit.objects.get().ended_how == "record_changed"


def test_an_agreement_whose_text_has_changed_is_not_signed(cast: builders.Cast) -> None:
    patient = enrolled(cast)
    browser = visitor(cast.prescribing, patient)
    code = code_to_sign(cast, patient)
    opened = hidden_in(browser.get(page := reverse("own_agreement")).context["form"])
    made = replace_text(patient)
    for asks in ({}, {"send_code": "1"}):
        answer = browser.post(page, {**opened, "typed_name": NAME, "code": code, **asks})
        assert "has changed since" in answer.content.decode()
    made.refresh_from_db()
    assert made.patient_signed_at is None


def replace_text(patient: Patient) -> Agreement:
    """An agreement to a text of before, after the one that waits."""
    now = Agreement.objects.get(patient=patient)
    said = {
        field.attname: getattr(now, field.attname)
        for field in Agreement._meta.concrete_fields
        if field.attname not in {"id", "text_version", "recorded_at"}
    }
    later = now.recorded_at + timedelta(milliseconds=1)
    return Agreement.objects.create(**said, text_version="agreement-2020-01", recorded_at=later)


def test_preferences_are_the_patients_own_to_set(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    browser = visitor(cast.prescribing, patient)
    assert send(browser, "own_reminders", channels="email", language="es").status_code == 302
    assert ReminderPreference.objects.get(patient=patient).language == "es"


def test_what_the_practice_set_meanwhile_is_told_before_it_is_replaced(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    browser = visitor(cast.prescribing, patient)
    url = reverse("own_reminders")
    typed = {"language": "en", "quiet_from": "21:00", "quiet_until": "07:00"}
    tab = {**typed, **hidden_in(browser.get(url).context["form"])}
    quiet = Wishes(channels=("sms",), quiet_from=time(20), quiet_until=time(6), language="es")
    preferences.set_patient_preferences(cast.prescribing, patient_id=patient.pk, wishes=quiet)

    told = browser.post(url, tab)

    assert ReminderPreference.objects.get().quiet_from == time(20)
    assert told.context["form"].errors["channels"] == ["On record by now: Text message."]
    again = {**typed, **hidden_in(told.context["form"])}
    assert browser.post(url, again).status_code == 302
    assert ReminderPreference.objects.get().quiet_from == time(21)


def test_in_the_demo_the_pages_show_the_codes_and_elsewhere_never(
    cast: builders.Cast, settings: Any
) -> None:
    patient = enrolled(cast)
    code = give_code(cast.prescribing, patient)
    link = reverse("own_enter_by_link", args=[one_time.reference_of(code.pk)])
    assert one_time.spaced(digits(code)) not in Client().get(link).content.decode()
    settings.SHOW_SECOND_FACTOR_CODES = True
    assert one_time.spaced(digits(code)) in Client().get(link).content.decode()
    browser = visitor(cast.prescribing, patient)
    to_sign = give_code(cast.prescribing, patient, purpose="sign")
    assert one_time.spaced(digits(to_sign)) in browser.get("/my/agreement/").content.decode()


def test_nobody_signs_for_a_patient_without_a_code(cast: builders.Cast) -> None:
    patient = enrolled(cast)
    visitor(cast.prescribing, patient)
    call = visits.call_of(PatientVisit.objects.get())
    with pytest.raises(InvalidRequest) as refused:
        evidence.sign_own_agreement(call, agreement_id=Agreement.objects.get().pk)
    assert "signature" in refused.value.fields
    with pytest.raises(InvalidRequest):
        evidence.record_patient_survey(
            call, patient_id=patient.pk, program=builders.PROGRAM, answers=SAFE,
            completed_at=clock.now(),
        )  # fmt: skip
    assert not PatientSurvey.objects.exists()


def test_markup_in_a_name_is_shown_as_it_was_typed(cast: builders.Cast) -> None:
    patient = enrolled(cast, "child_frp", signer="guardian", name=MARKUP)
    reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name=MARKUP, relationship="mother"
    )
    mother = visitor(cast.prescribing, patient, for_representative=True)
    office = browser_of(cast.staff)
    giving = reverse("admin:patients_patient_do", args=[patient.pk, "let-in"])
    for page in (mother.get("/my/agreement/"), office.get(giving)):
        shown = page.content.decode()
        assert (MARKUP in shown, escape(MARKUP) in shown) == (False, True)
