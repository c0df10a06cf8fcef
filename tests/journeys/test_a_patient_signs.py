"""A patient comes in with a code, on a phone, signs and answers; each page inspected."""

from datetime import date

import pytest

from apps.evidence.models import PatientSurvey
from apps.patients.models import Agreement, Patient
from tests import builders
from tests.journeys.site import NARROW, Person, Site, set_on
from tests.journeys.steps import write_identity

pytestmark = pytest.mark.browser

BORN = date(1986, 4, 5)
SAFE_WITH_SI = ("Ha hablado su médico", "Entiende usted", "Son regulares", "Usa dos métodos")


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
    prescriber.sees("Fiona Journey is registered, and enrolled once both sides have signed.")


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
    """One question after the other, in Spanish, safely but for one; until a page asks nothing."""
    options = fiona.page.get_by_role("radio")
    while options.count():
        asked = fiona.page.locator("legend").inner_text()
        yes = any(words in asked for words in SAFE_WITH_SI) != bool(risky and risky in asked)
        set_on(options.nth(0 if yes else 1))
        fiona.press("Siguiente")
        # They look alike: the first one was looked at.
        fiona.inspects = options.count() == 0
    fiona.inspects = True


def choose_spanish(fiona: Person) -> None:
    """From her first page on."""
    fiona.go("/my/")
    fiona.press("Español")
    fiona.sees("Hoy")


def go_on_and_send(fiona: Person) -> None:
    """From what to do at once, over today, to the questions that were left."""
    fiona.follow("He leído esto")
    fiona.sees("Hay algo que hacer ahora.")
    fiona.follow("Seguir con las preguntas")
    fiona.sees("Pregunta 5 de 12")
    answer(fiona)
    fiona.sees("Revise sus respuestas")
    fiona.press("Enviar mis respuestas")
    fiona.sees("Deje de tomar las cápsulas ahora.")


def report_a_lapse(fiona: Person) -> None:
    """What she tells between surveys."""
    fiona.follow("I have read this")
    fiona.sees("Something needs action now.")
    fiona.follow("Report a pregnancy, or what could lead to one")
    fiona.choose("What happened?", "I stopped or missed birth control, or had sex without it")
    fiona.press("Report it")
    fiona.sees("emergency contraception")


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

    # When she reads on in her own language, and answers what she is asked there
    choose_spanish(fiona)
    fiona.go("/my/survey/")
    fiona.sees("Pregunta 1 de 12")
    fiona.press("Siguiente")
    fiona.sees("Hay un problema")
    answer(fiona, risky="¿Le ha faltado una regla?")

    # Then the one answer that means danger leads at once to what to do, without a code
    fiona.sees("Qué hacer ahora")
    fiona.sees("Deje de tomar las cápsulas ahora.")
    fiona.sees(cast.prescriber.phone)
    assert PatientSurvey.objects.count() == 0
    paula.go(f"/patients/{patient.pk}/")
    paula.sees("On hold")

    # And nothing of her other answers is lost: she goes on where she stopped, and sends them
    go_on_and_send(fiona)
    assert PatientSurvey.objects.get().text_language == "es"

    # And what she tells between surveys leads there as well, in the language that she takes
    fiona.press("English")
    fiona.sees("Stop taking the capsules now.")
    report_a_lapse(fiona)

    # And she chooses how she is reminded, and leaves
    fiona.go("/my/reminders/")
    fiona.press("Save")
    fiona.sees("We will remind you so.")
    fiona.press("Leave")
    fiona.sees("You have left.")
    fiona.go("/my/agreement/")
    fiona.sees("Your own pages")
