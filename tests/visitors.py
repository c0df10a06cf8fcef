"""Patients, and who speaks for them: codes as the office gives them, and their browsers."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse

from apps.core import one_time
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.patients.models import Patient, PatientCode
from tests.browsers import hidden_in
from tests.portal.people import date_parts


def give_code(call: Call, patient: Patient, **about: Any) -> PatientCode:
    """A one-time code that the care team or the office shows to the patient."""
    usual = {"purpose": "enter", "way": "shown", "identified": "in_person"}
    return evidence.issue_patient_code(call, patient_id=patient.pk, **{**usual, **about})


def digits(code: PatientCode) -> str:
    """What is read aloud."""
    return one_time.code_of(code.pk)


def knock(
    browser: Client, issued: PatientCode, *, born_on: date | None = None, **typed: Any
) -> Any:
    """Type what lets somebody in."""
    asked = {
        "submission": "00000000-0000-4000-8000-000000000001",
        "reference": one_time.reference_of(issued.pk),
        "code": digits(issued),
        **date_parts("born_on", born_on or issued.patient.born_on),
        **typed,
    }
    return browser.post(reverse("own_enter"), asked)


def visitor(call: Call, patient: Patient, **about: Any) -> Client:
    """A browser in which the patient, or who speaks for them, is in."""
    browser = Client()
    answer = knock(browser, give_code(call, patient, **about))
    assert answer.status_code == 302, answer.content.decode()
    return browser


def answer_questions(browser: Client, answers: dict[str, str]) -> Any:
    """Answer one question after the other; what the last one led to, or the first that led away."""
    said: Any = None
    for number, answer in enumerate(answers.values(), start=1):
        url = reverse("own_question", args=[number])
        said = browser.post(url, {"submission": str(uuid4()), "answer": answer})
        assert said.status_code == 302, said.content.decode()
        if said.headers["Location"] == reverse("own_guidance"):
            break
    return said


def send(browser: Client, name: str, **typed: Any) -> Any:
    """Open one of the own pages, then send its form with what it hides and what was typed."""
    shown = browser.get(reverse(name))
    assert shown.status_code == 200, name
    return browser.post(reverse(name), {**hidden_in(shown.context["form"]), **typed})
