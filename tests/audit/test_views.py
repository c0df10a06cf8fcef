"""Whoever is shown a patient leaves an event that names the patient: every page, found by itself.

The addresses come from the URL configuration, so a new page that shows somebody and says nothing
fails here, as does one that nobody of the cast can open.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.audit.models import Event
from apps.eligibility.models import Decision
from apps.evidence import models as evidence
from apps.notices.models import Notice
from apps.oversight.lists import LISTINGS
from apps.patients.models import (
    Agreement,
    CategoryChange,
    Patient,
    Representative,
)
from apps.portal import urls as portal
from apps.portal.views.records import ENTRIES
from apps.portal.views.therapy import SAYINGS
from apps.portal.views.withdrawing import KINDS, NOUNS
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.providers.models import Delegation, Pharmacy, Prescriber
from tests.audit.seeing import Signs, Trail, named_in, untold
from tests.backoffice.conftest import PEOPLE, SignIn
from tests.backoffice.pages import queue_items
from tests.builders import prescribing_call
from tests.portal.test_scope import WHO
from tests.visitors import visitor

OK, FORBIDDEN = 200, 403

# What the addresses of the pages call by an id.
ROWS: dict[str, type[Model]] = {
    "agreement_id": Agreement,
    "authorization_id": Authorization,
    "case_id": evidence.PregnancyCase,
    "change_id": CategoryChange,
    "confirmation_id": Confirmation,
    "decision_id": Decision,
    "delegation_id": Delegation,
    "deviation_id": evidence.Deviation,
    "dispense_id": Dispense,
    "event_id": evidence.TherapyEvent,
    "membership_id": Membership,
    "notice_id": Notice,
    "patient_id": Patient,
    "pharmacy_id": Pharmacy,
    "prescriber_id": Prescriber,
    "report_id": evidence.BleedingReport,
    "representative_id": Representative,
    "survey_id": evidence.PatientSurvey,
    "test_id": evidence.PregnancyTest,
}


# What nobody of this cast can open: it needs a message in the own mailbox, an at-risk answer, a
# successor who was named, a notice that reached nobody, sign-ins that failed, a copy that somebody
# asked for (their tests look at them).
CLOSED = {
    "message",
    "record_copy",
    "record_copy_file",
    "record_copy_progress",
    "settle_notice",
    "settle_sign_ins",
    "survey_guidance",
    "withdraw_successor",
}
SENT_ONLY = {
    "end_other_sign_ins",
    "end_sign_in",
    "end_contact",
    "send_as",
    "own_leave",
    "own_language",
    "own_stay",
    "stay_signed_in",
}
# Opened by a visit alone.
OWN = {
    "own_today",
    "own_agreement",
    "own_agreement_pdf",
    "own_survey",
    "own_question",
    "own_report",
    "own_reminders",
    "own_guidance",
}


# The values of the words in addresses, by the page's name.
WORDS: dict[str, dict[str, list[Any]]] = {
    "record": {"kind": sorted(ENTRIES)},
    "say": {"kind": sorted(SAYINGS)},
    "withdraw_entry": {"kind": sorted(NOUNS)},
    "sign_take_over": {"risk_category": ["adult_frp"]},
    "own_enter_by_link": {"reference": ["K7QM2XRT9HW4"]},
    "own_question": {"number": [1]},
    "office_list": {"code": sorted(LISTINGS)},
    "export_list": {"code": sorted(LISTINGS)},
    "empty_agreement_pdf": {"risk_category": ["adult_frp"]},
    "agreement_to_sign_pdf": {"risk_category": ["adult_frp"]},
    "empty_checklist_pdf": {"risk_category": ["adult_frp"]},
}
# Steps of a form, which only lead on from the one before.
STEPS = {
    "category_agreement",
    "enroll_body",
    "enroll_agreement",
    "enroll_agreement_pdf",
    "enroll_duplicates",
    "enroll_discard",
    "demo_clock",
}


def named() -> list[str]:
    """Every page by name."""
    return [str(each.name) for each in portal.urlpatterns if each.name not in STEPS]


def arguments(name: str) -> Iterator[dict[str, Any]]:
    """What may stand in a page's address: rows with their own patient, words that it knows."""
    pattern = next(each for each in portal.urlpatterns if each.name == name)
    wanted = list(pattern.pattern.converters)
    if "subject_id" in wanted or name in {"queue", "export_queue"}:
        yield from queue_items(wanted)
        return
    words = WORDS.get(name, {})
    rows = [ROWS[each] for each in wanted if each in ROWS and each != "patient_id"]
    for said in product(*words.values()):
        if "entry_id" in wanted:
            rows = [KINDS.get(each, Agreement) for each in said]
        for found in rows[0]._default_manager.all() if rows else Patient.objects.all():
            given: dict[str, Any] = dict(zip(words, said, strict=True))
            for each in set(wanted) - set(given):
                own = found.pk if each != "patient_id" else None
                given[each] = own or getattr(found, "patient_id", found.pk)
            yield given
            if set(wanted) <= set(words):
                break


def exists_for(who: str, name: str) -> bool:
    """Whether a page is there in somebody's role; in all others it is shut: test_scope.py."""
    _, roles = WHO.get(name, (set(), set()))
    return name not in WHO or {"prescriber": "owner"}.get(who, who) in roles


def opened(name: str, client: Client, trail: Trail) -> Iterator[tuple[str, Any, list[Event]]]:
    """What one person can open of a page: one address for each word in it, and what it left."""
    seen = set()
    for given in arguments(name):
        said = given.get("kind", given.get("risk_category", given.get("code")))
        if said in seen:
            continue
        address = reverse(name, kwargs=given)
        answer, told = client.get(address), trail.news()
        if answer.status_code == FORBIDDEN:  # To the role, whatever the row.
            return
        if answer.status_code == OK:
            seen.add(said)
            yield address, answer, told


def test_every_page_that_shows_a_patient_leaves_a_view_of_that_patient(
    sign_in: SignIn, signs: Signs
) -> None:
    clients = {who: sign_in(who) for who in PEOPLE}
    trail, forgotten, closed = Trail(), [], []
    for name in named():
        found = [
            (who, *each)
            for who, client in clients.items()
            if exists_for(who, name)
            for each in opened(name, client, trail)
        ]
        forgotten += [
            f"{who} {address} shows {sign}"
            for who, address, answer, told in found
            for sign in untold(answer, told, signs)
        ]
        if not found:
            closed.append(name)
    assert "\n".join(forgotten) == ""
    assert set(closed) == CLOSED | SENT_ONLY | OWN


def test_every_page_of_a_visit_leaves_a_view_of_its_patient(signs: Signs) -> None:
    patient = Patient.objects.get(family_name="Visitor")
    call = prescribing_call(patient.prescriber)
    browser, forgotten, shown = visitor(call, patient), [], set()
    trail = Trail()
    for name in sorted(OWN):
        given = {word: said for word, (said,) in WORDS.get(name, {}).items()}
        answer, told = browser.get(reverse(name, kwargs=given)), trail.news()
        if answer.status_code == OK:
            shown.add(name)
            forgotten += [name for _ in untold(answer, told, signs)]
            if patient.pk not in named_in(told):
                forgotten.append(name)
    assert not forgotten
    assert shown == OWN - {"own_guidance", "own_survey"}
