"""The patient's side in Spanish: pages, texts, notices; what was signed keeps its language."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.signatures import signatures_of
from apps.core import clock
from apps.notices.messages import message_of
from apps.notices.models import Notice
from apps.oversight.signed_records import is_unchanged
from apps.patients import reaching
from apps.patients.models import Agreement
from apps.patients.services import Signatures
from apps.reminders import preferences
from apps.reminders.preferences import Wishes
from apps.rules.documents import document
from bench import catalog
from tests import builders
from tests.papers.reading import flowing
from tests.visitors import answer_questions, digits, give_code, knock, send, visitor

SAFE = builders.safe_answers("adult_frp")
NAME = "Fiona Synthetic"
# What a page in Spanish may still say in English: names, and the other language's own.
ENGLISH = re.compile(r"\b(the|your|and|with|this|what|until|answer|code|sign)\b", re.IGNORECASE)


def speaks(browser: Client, language: str) -> Client:
    """The same browser, after a press on the name of a language."""
    chosen = browser.post(reverse("own_language"), {"language": language, "next": "/my/enter/"})
    assert chosen.headers["Location"] == "/my/enter/"
    return browser


def read(answer: Any) -> str:
    """What stands between the tags of a page's body."""
    body = answer.content.decode().partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


@pytest.mark.parametrize("language", catalog.LANGUAGES)
def test_every_text_of_the_patients_pages_is_translated(language: str) -> None:
    """None missing, none left over, each with its placeholders, and compiled as it stands."""
    assert catalog.problems(language) == []


@pytest.mark.parametrize("program", ["lenalidomide", "pomalidomide", "thalidomide"])
def test_every_text_of_a_program_that_a_patient_reads_is_translated(program: str) -> None:
    for kind in ("agreement", "patient_survey", "patient_guidance"):
        own, spanish = document(program, kind), document(program, kind, language="es")
        assert (own.language, spanish.language) == ("en", "es")
        assert (own.version, own.codes) == (spanish.version, spanish.codes)
        for english, translated in zip(own.items, spanish.items, strict=True):
            assert english.text != translated.text
            assert (english.at_risk, english.opens) == (translated.at_risk, translated.opens)
            assert english.text.endswith("?") == translated.text.endswith("?")
    # What nobody translated is read as it was written
    assert document(program, "checklist", language="es").language == "en"
    assert document(program, "agreement", language="fr").language == "en"


@pytest.mark.django_db
def test_a_patient_does_everything_in_spanish(cast: builders.Cast) -> None:
    waiting = Signatures("patient", NAME, prescriber_signed_at=clock.now())
    patient = builders.enroll(cast.prescribing, "adult_frp", signatures=waiting)
    preferences.set_patient_preferences(
        cast.prescribing, patient_id=patient.pk, wishes=Wishes(language="es")
    )

    # The entrance speaks the browser's language until somebody chooses one there
    stranger = Client(headers={"accept-language": "es-MX,es;q=0.9"})
    assert '<html lang="es">' in stranger.get("/my/enter/").content.decode()
    wrong = stranger.post("/my/enter/", {"submission": uuid4()})
    assert "Hay un problema" in read(wrong)
    assert "Error: Sus propias páginas" in wrong.content.decode()
    assert "Escriba la fecha." in read(wrong)
    assert '<html lang="en">' in speaks(stranger, "en").get("/my/enter/").content.decode()
    assert stranger.post(reverse("own_language"), {"language": "xx"}).cookies.items() == set()
    # No other page of the product does
    assert '<html lang="en-US">' in stranger.get("/accounts/login/").content.decode()

    # Inside, it is the one that the patient asked for
    browser = Client()
    knock(browser, give_code(cast.prescribing, patient))
    pages = [browser.get(url) for url in ("/my/", "/my/agreement/", "/my/survey/1/", "/my/report/",
                                          "/my/reminders/", "/my/nowhere/")]  # fmt: skip
    for page in pages:
        assert '<html lang="es">' in page.content.decode()
        assert page.headers["Content-Language"] == "es"
        said = read(page).replace("English", "").replace("Adult", "")
        assert not ENGLISH.search(said), said
    assert "Hay un acuerdo que espera su firma" in read(pages[0])
    assert "No daré mis cápsulas a nadie" in read(pages[1])

    # The agreement is signed as it was read; the prescriber's signature stays in the other one
    send(browser, "own_agreement", send_code="1")
    sent = message_of(Notice.objects.get(template="code_to_sign"))
    assert sent.subject == "Su código para firmar"
    code = patient.codes.get(purpose="sign")
    done = send(browser, "own_agreement", typed_name=NAME, code=digits(code))
    assert done.status_code == 302
    agreement = Agreement.objects.get()
    signed = {each.role: each for each in signatures_of(agreement)}
    texts = {role: json.loads(each.content)["text"] for role, each in signed.items()}
    assert {role: text["language"] for role, text in texts.items()} == {
        "patient": "es",
        "prescriber": "en",
    }
    assert texts["patient"]["wording"] != texts["prescriber"]["wording"]
    assert texts["patient"]["version"] == texts["prescriber"]["version"]
    assert all(is_unchanged(each, agreement) for each in signed.values())
    assert "Significado: Acuerdo, como paciente." in read(browser.get("/my/agreement/"))
    paper = flowing(browser.get("/my/agreement.pdf").content)
    words = ("Spanish", "No daré mis cápsulas a nadie", "English", "I will not share my capsules")
    assert all(each in paper for each in words), paper

    # So are the answers, and what is to be done at once is said in Spanish
    browser = visitor(cast.prescribing, patient)
    answer_questions(browser, SAFE)
    code = give_code(cast.prescribing, patient, purpose="sign")
    assert send(browser, "own_survey", typed_name=NAME, code=digits(code)).status_code == 302
    survey = patient.patientsurvey_set.get()
    assert survey.text_language == "es"
    assert is_unchanged(signatures_of(survey).get(), survey)
    answer_questions(browser, {**SAFE, "may_be_pregnant": "yes"})
    calm = read(browser.get("/my/what-to-do/"))
    assert "Deje de tomar las cápsulas ahora." in calm
    assert "Llame hoy a su médico" in calm
    assert cast.prescriber.phone in calm


@pytest.mark.django_db
def test_who_reads_spanish_and_changes_another_reminder_keeps_reading_it(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    browser = visitor(cast.prescribing, patient)
    speaks(browser, "es")
    offered = browser.get(reverse("own_reminders")).context["form"]
    assert offered["language"].value() == "es"

    typed = {"channels": "portal", "seen": offered["seen"].value()}
    send(browser, "own_reminders", language=offered["language"].value(), **typed)

    assert "Hoy" in read(browser.get("/my/"))


@pytest.mark.django_db
def test_a_report_says_that_it_arrived(cast: builders.Cast) -> None:
    browser = visitor(cast.prescribing, builders.authorized_frp(cast).patient)
    assert send(browser, "own_report", kind="lapse").status_code == 302
    assert "Your prescriber and the program are told." in read(browser.get("/my/what-to-do/"))


@pytest.mark.django_db
def test_who_speaks_for_a_patient_is_told_whom_the_questions_mean(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    gail = visitor(cast.prescribing, patient, for_representative=True)
    assert f"You answer for {patient}:" in gail.get(reverse("own_report")).content.decode()
    child = visitor(cast.prescribing, patient)
    assert "You answer for" not in child.get(reverse("own_report")).content.decode()
