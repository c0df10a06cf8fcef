"""A patient comes in with a code, on a phone, signs and answers; each page inspected."""

from datetime import date

import pytest

from apps.patients.models import Agreement, Patient
from tests import builders
from tests.journeys.site import NARROW, Person, Site, set_on
from tests.journeys.steps import SAFE_WITH_YES, write_identity

pytestmark = pytest.mark.browser

BORN = date(1986, 4, 5)


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


def enroll_unsigned(prescriber: Person) -> None:
    """Enroll a woman who will sign by herself."""
    prescriber.follow("Enroll a patient")
    write_identity(prescriber, "Fiona", BORN)
    prescriber.tick("Born with a uterus and ovaries, and none of the next three")
    prescriber.press("Continue")
    prescriber.choose("Who signs for the patient?", "The patient")
    prescriber.write("Name of who signs", "Fiona Journey")
    prescriber.tick("By themselves with a one-time code")
    prescriber.sign()
    prescriber.press("Enroll the patient")
    prescriber.sees("Fiona Journey is enrolled.")


def give_code(prescriber: Person, patient: Patient, purpose: str) -> list[str]:
    """What the page shows, once: the reference, if one, and the code."""
    prescriber.go(f"/patients/{patient.pk}/")
    prescriber.follow("Give the patient a one-time code")
    prescriber.choose("What is the code for?", purpose)
    prescriber.choose("How does it reach them?", "I tell or hand it over: show it to me, once")
    prescriber.choose("How do you know who it is?", "They are here, and I know who they are")
    prescriber.press("Give the code")
    shown = prescriber.page.locator(".rp-big-number").all_inner_texts()
    return [text.splitlines()[-1].strip() for text in shown]


def come_in(fiona: Person, reference: str, code: str) -> None:
    """The entrance."""
    fiona.go("/my/")
    fiona.write("Reference", reference)
    fiona.write("Code", code)
    fiona.write_date("The patient’s date of birth", BORN)
    fiona.press("Continue")


def answer(fiona: Person, risky: str = "") -> None:
    """Every question, safely but for one."""
    for question in fiona.page.get_by_role("group").all():
        legend = question.locator("legend").inner_text()
        if "?" in legend:
            safe = any(words in legend for words in SAFE_WITH_YES)
            yes = safe if not risky or risky not in legend else not safe
            set_on(question.get_by_label("Yes" if yes else "No", exact=True))


def test_a_patient_signs_on_a_phone_with_a_code_of_the_office(
    site: Site, cast: builders.Cast
) -> None:
    # Given an agreement that the prescriber has signed, and a code that she was told
    paula = site.meet(cast.prescriber.email)
    enroll_unsigned(paula)
    patient = Patient.objects.get()
    reference, code = give_code(paula, patient, "To come into their own pages")
    fiona = site.visitor(width=NARROW)

    # When she mistypes it, and then comes in
    come_in(fiona, reference, "0000 0000")
    fiona.sees("This did not work.")
    come_in(fiona, reference, code)
    fiona.sees("An agreement waits for your signature")
    fiona.portrays("patient-today")
    fiona.follow("Read and sign the agreement")
    (to_sign,) = give_code(paula, patient, "To sign there: they are in already, and have no e-mail")
    fiona.go("/my/agreement/")
    fiona.write("Your name", "Fiona Journey")
    fiona.write("Code to sign", to_sign)
    fiona.press("Sign")

    # Then the agreement is complete, and shows her name, the time and what it means
    fiona.sees("Signed by Fiona Journey on 1 June 2026")
    fiona.sees("Meaning: Agreement, as the patient.")
    assert Agreement.objects.get().patient_signed_at is not None

    # And an answer that means danger leads at once to what to do, without a code
    fiona.go("/my/survey/")
    answer(fiona, risky="Have you missed a period?")
    fiona.press("Send my answers")
    fiona.sees("Stop taking the capsules now.")
    fiona.follow("I have read this")
    fiona.sees("Something needs action now.")
    fiona.follow("Report a pregnancy, or what could lead to one")
    fiona.choose("What happened?", "I stopped or missed birth control, or had sex without it")
    fiona.press("Report it")
    fiona.sees("emergency contraception")
    fiona.go("/my/reminders/")
    fiona.press("Save")
    fiona.sees("We will remind you so.")
    fiona.press("Leave")
    fiona.sees("You have left.")
    fiona.go("/my/agreement/")
    fiona.sees("Your own pages")
