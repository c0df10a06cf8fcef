"""Whoever is shown a patient leaves an event that names the patient: every page, found by itself.

The addresses come from the URL configuration, so a new page that shows somebody and says nothing
fails here, as does one that nobody of the cast can open.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, reverse

from apps.accounts.models import Membership
from apps.backoffice.records import RecordAdmin
from apps.core import clock
from apps.core.call import Actor, ActorKind, Role
from apps.eligibility.models import Decision
from apps.evidence import models as evidence
from apps.notices.models import Notice
from apps.oversight import selectors as oversight
from apps.oversight.queues import SOURCES
from apps.patients.models import (
    Agreement,
    CategoryChange,
    Patient,
    Representative,
)
from apps.portal import urls as portal
from apps.portal.views.records import ENTRIES
from apps.portal.views.therapy import SAYINGS
from apps.portal.views.withdrawing import NOUNS
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.providers.models import Delegation, Pharmacy
from apps.rules.policy import programs
from tests.audit.seeing import Look, Signs, signs_of_patients, watched
from tests.backoffice.conftest import PEOPLE, SignIn
from tests.builders import prescribing_call
from tests.guards.world import our_models
from tests.visitors import visitor

OK, FORBIDDEN, ENOUGH = 200, 403, 300
AUDITOR = Actor(kind=ActorKind.PERSON, id=UUID(int=1), role=Role.AUDITOR)

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
    "report_id": evidence.BleedingReport,
    "representative_id": Representative,
    "survey_id": evidence.PatientSurvey,
    "test_id": evidence.PregnancyTest,
}


# What nobody of this cast can open: it needs a message in the own mailbox, an at-risk answer, a
# successor who was named, a notice that reached nobody (their tests look at them).
CLOSED = {"message", "settle_notice", "survey_guidance", "withdraw_successor"}
SENT_ONLY = {"end_other_sign_ins", "end_sign_in", "send_as", "own_leave", "stay_signed_in"}
# Opened by a visit alone.
OWN = {"own_today", "own_agreement", "own_survey", "own_report", "own_reminders", "own_guidance"}


@pytest.fixture
def signs(filled: None) -> Signs:
    """What gives each patient away; one was signed for under a name that others bear."""
    Patient.objects.filter(given_name="Fiona").update(given_name="Fenella")
    return signs_of_patients()


# The values of the words in addresses, by the page's name.
WORDS: dict[str, dict[str, list[str]]] = {
    "record": {"kind": sorted(ENTRIES)},
    "say": {"kind": sorted(SAYINGS)},
    "withdraw_entry": {"kind": sorted(NOUNS)},
    "sign_take_over": {"risk_category": ["adult_frp"]},
    "own_enter_by_link": {"reference": ["K7QM2XRT9HW4"]},
}
# Steps of a form, which only lead on from the one before.
STEPS = {
    "category_agreement",
    "enroll_body",
    "enroll_agreement",
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
    if "subject_id" in wanted or name == "queue":
        yield from queue_items(wanted)
        return
    words = WORDS.get(name, {})
    rows = [ROWS[each] for each in wanted if each in ROWS and each != "patient_id"]
    if "entry_id" in wanted:
        rows = [evidence.PregnancyTest]
    for said in product(*words.values()):
        for found in rows[0]._default_manager.all() if rows else Patient.objects.all():
            given: dict[str, Any] = dict(zip(words, said, strict=True))
            for each in set(wanted) - set(given):
                own = found.pk if each != "patient_id" else None
                given[each] = own or getattr(found, "patient_id", found.pk)
            yield given
            if not wanted:
                return


def queue_items(wanted: list[str]) -> Iterator[dict[str, Any]]:
    """Everything that waits for the office."""
    for kind in SOURCES:
        rows = oversight.waiting(AUDITOR, kind, program=programs()[0], now=clock.now())
        for row in rows[:1]:
            given = {"kind": kind, "subject_id": row.pk}
            yield {each: given[each] for each in wanted}


def opened(name: str, client: Client) -> Iterator[tuple[str, Look]]:
    """What one person can open of a page: one address for each word in it, and what it showed."""
    seen = set()
    for given in arguments(name):
        said = given.get("kind", given.get("risk_category"))
        if said in seen:
            continue
        address = reverse(name, kwargs=given)
        with watched() as look:
            look.answers.append(client.get(address))
        if look.answers[0].status_code == FORBIDDEN:  # To the role, whatever the row.
            return
        if look.answers[0].status_code == OK:
            seen.add(said)
            yield address, look


def test_every_page_that_shows_a_patient_leaves_a_view_of_that_patient(
    sign_in: SignIn, signs: Signs
) -> None:
    clients = {who: sign_in(who) for who in PEOPLE}
    forgotten, closed = [], []
    for name in named():
        found = [(who, *each) for who, client in clients.items() for each in opened(name, client)]
        forgotten += [
            f"{who} {address} shows {sign}"
            for who, address, look in found
            for sign in look.untold(signs)
        ]
        if not found:
            closed.append(name)
    assert "\n".join(forgotten) == ""
    assert set(closed) == CLOSED | SENT_ONLY | OWN


def test_every_page_of_a_visit_leaves_a_view_of_its_patient(signs: Signs) -> None:
    patient = Patient.objects.get(family_name="Visitor")
    call = prescribing_call(patient.prescriber)
    browser, forgotten, shown = visitor(call, patient), [], set()
    for name in sorted(OWN):
        with watched() as look:
            look.answers.append(browser.get(reverse(name)))
        if look.answers[0].status_code == OK:
            shown.add(name)
            forgotten += [name for _ in look.untold(signs)]
            if patient.pk not in look.told:
                forgotten.append(name)
    assert not forgotten
    assert shown == OWN - {"own_guidance"}


def test_every_admin_page_that_shows_a_patient_leaves_a_view_of_that_patient(
    sign_in: SignIn, signs: Signs
) -> None:
    client = sign_in("administrator")
    forgotten, count = [], 0
    for address in dict.fromkeys(admin_addresses()):
        with watched() as look:
            look.answers.append(client.get(address))
        count += look.answers[0].status_code == OK
        forgotten += [f"{address} shows {sign}" for sign in look.untold(signs)]
    assert "\n".join(forgotten) == ""
    assert count > ENOUGH


def admin_addresses() -> Iterator[str]:
    """Every address of the administration, with the first and the last record of each kind."""
    for pattern in admin.site.get_urls():
        if isinstance(pattern, URLPattern):
            yield from site_addresses(pattern)
    for model in our_models():
        found = admin.site.get_model_admin(model)
        assert isinstance(found, RecordAdmin)
        patterns = [each for each in found.get_urls() if each.name]
        ends = model._default_manager.order_by("pk")
        for record in {end.pk: end for end in (ends.first(), ends.last()) if end}.values():
            for pattern in patterns:
                yield from record_addresses(found, pattern, record)


def record_addresses(found: RecordAdmin[Any], pattern: URLPattern, record: Model) -> Iterator[str]:
    """The pages about one record, and the list that it is in."""
    wanted = set(pattern.pattern.converters)
    if "name" in wanted:
        for action in found.record_actions:
            yield reverse(f"admin:{pattern.name}", args=[record.pk, action.name])
    else:
        yield reverse(f"admin:{pattern.name}", args=[record.pk] if wanted else [])


def site_addresses(pattern: URLPattern) -> Iterator[str]:
    """The pages that belong to no kind of record."""
    wanted = list(pattern.pattern.converters)
    if pattern.name in {None, "logout", "view_on_site", "app_list"}:
        return
    if wanted in (["kind"], ["kind", "subject_id"]):
        for given in queue_items(wanted):
            yield reverse(f"admin:{pattern.name}", kwargs=given)
    else:
        assert wanted == [], pattern
        yield reverse(f"admin:{pattern.name}")
