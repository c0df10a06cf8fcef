"""Every page × everybody, reading and writing: nobody meets what belongs to another.

A page that is not in the table below fails; what is another's answers like what does not exist.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from itertools import cycle, islice
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership, User
from apps.accounts.sign_ins import record_lock_out
from apps.core import clock, one_time
from apps.core.models import Operation
from apps.core.scans import columns_of
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.oversight import services as oversight
from apps.patients.models import AgreementScan, Patient
from apps.patients.services import Identity, Signatures
from apps.portal.tasks import make_record_copy
from apps.portal.urls import urlpatterns
from apps.prescriptions.models import Authorization
from tests import builders, costs, databases
from tests.api.world import Contents, contents
from tests.browsers import is_refused, request_of
from tests.conftest import connected_to
from tests.oversight import cases
from tests.portal.people import People, people
from tests.visitors import give_code, visitor

PRESCRIBERS = {"owner", "colleague", "other prescriber"}
PRESCRIBER_SIDE = PRESCRIBERS | {"delegate"}
COUNTER = {"pharmacist", "technician", "other pharmacist"}
REPRESENTATIVE = {"representative"}
PHARMACY = COUNTER | REPRESENTATIVE
STAFF = {"staff", "administrator"}
OFFICE = STAFF | {"auditor"}
READERS = PRESCRIBER_SIDE | PHARMACY | OFFICE

OWN_PATIENT = ({"owner", "delegate"}, PRESCRIBER_SIDE)
OWN_COUNTER = ({"pharmacist", "technician"}, COUNTER)
OWN_PHARMACY = ({"pharmacist", "technician", "representative"}, PHARMACY)
SITE = (REPRESENTATIVE, REPRESENTATIVE)

# For each page: who finds it, and in whose roles it exists at all. Of the second ones, who is not
# among the first gets a 404; everybody else a 403, and who is not signed in the sign-in.
WHO: dict[str, tuple[set[str], set[str]]] = {
    "home": (READERS, READERS),
    "demo_clock": (set(), STAFF),  # Only the demo has it.
    **dict.fromkeys(
        ("certification", "certification_pdf"),
        (PRESCRIBERS | REPRESENTATIVE, PRESCRIBERS | REPRESENTATIVE),
    ),
    "messages": (READERS, READERS),
    "message": ({"owner", "delegate"}, READERS),
    "reminder_preferences": (PRESCRIBER_SIDE | REPRESENTATIVE, PRESCRIBER_SIDE | REPRESENTATIVE),
    **dict.fromkeys(
        ("my_patients", "my_patients_csv"),
        (PRESCRIBER_SIDE, PRESCRIBER_SIDE),
    ),
    # The staff from a faxed or mailed form.
    **dict.fromkeys(
        ("enroll", "enroll_body", "enroll_agreement", "enroll_agreement_pdf", "enroll_duplicates",
         "enroll_discard"),
        (PRESCRIBER_SIDE | STAFF, PRESCRIBER_SIDE | STAFF),
    ),
    **dict.fromkeys(
        ("patient", "timeline", "let_in", "end_patient_access", "record", "survey_guidance",
         "pregnancy_case", "case_details",
         "change_category", "category_agreement", "withdraw_change", "say", "withdraw_saying",
         "name_representative", "end_representative", "patient_reminders",
         "patient_reminder_preferences", "correct_contact", "renew_agreement",
         "agreement_to_sign_pdf", "sign_agreement",
         "withdraw_test", "withdraw_entry", "withdraw_report", "request", "decision",
         "cancel_authorization", "prescription", "prescription_pdf"),
        OWN_PATIENT,
    ),
    "empty_agreement_pdf": (PRESCRIBER_SIDE | OFFICE, PRESCRIBER_SIDE | OFFICE),
    "agreement_pdf": ({"owner", "delegate"} | OFFICE, PRESCRIBER_SIDE | OFFICE),
    "agreement_scan": ({"owner", "delegate"} | OFFICE, PRESCRIBER_SIDE | OFFICE),
    "take_over": (PRESCRIBERS, PRESCRIBERS),
    "sign_take_over": (PRESCRIBERS, PRESCRIBERS),
    "former_patients": (PRESCRIBER_SIDE, PRESCRIBER_SIDE),
    "former_patient": ({"other prescriber"}, PRESCRIBER_SIDE),
    "delegates": (PRESCRIBERS, PRESCRIBERS),
    "end_delegation": ({"owner"}, PRESCRIBERS),
    "invite_delegate_again": ({"owner"}, PRESCRIBERS),
    "training": (PHARMACY, PHARMACY),
    **dict.fromkeys(
        ("my_sites", "staff", "invite_staff", "invite_staff_again", "record_training",
         "end_membership", "successor", "withdraw_successor"),
        SITE,
    ),
    "take_over_site": (set(), PHARMACY),  # Nobody is named as the successor.
    "check": (COUNTER, COUNTER),
    "late_dispense": (COUNTER, COUNTER),
    **dict.fromkeys(
        ("answer", "confirmation", "counter_checklist_pdf", "cancel_confirmation",
         "report_pregnancy",
         "report_pregnancy_when_counseling", "return_to_stock", "stop_supply", "ship",
         "end_shipment", "correct_shipment", "correct_package"),
        OWN_COUNTER,
    ),
    **dict.fromkeys(
        ("confirmations", "confirmations_csv", "dispenses", "dispenses_csv", "parcels"),
        (PHARMACY, PHARMACY),
    ),
    "receipt": OWN_PHARMACY,
    "empty_checklist_pdf": (PHARMACY | OFFICE, PHARMACY | OFFICE),
    "checklist_pdf": (OWN_PHARMACY[0] | OFFICE, PHARMACY | OFFICE),
    **dict.fromkeys(
        ("queues", "queue", "queue_item", "export_queue", "office_list", "export_list",
         "office_decision", "deviation", "assessment_report", "ask_for_record",
         "prescribers_certification_pdf", "pharmacys_certification_pdf"),
        (OFFICE, OFFICE),
    ),
    # Whoever asked, and nobody else of the office.
    **dict.fromkeys(
        ("record_copy", "record_copy_progress", "record_copy_file"), ({"auditor"}, OFFICE)
    ),
    **dict.fromkeys(
        ("assign_item", "give_back_item", "settle_notice", "review_deviation",
         "correct_deviation", "find_caller", "contact", "end_contact"),
        (STAFF, STAFF),
    ),
    **dict.fromkeys(
        ("accept_deviation", "settle_sign_ins"), ({"administrator"}, {"administrator"})
    ),
}  # fmt: skip
# They belong to everybody who signed in, and show people their own roles and sign-ins
# (test_roles.py, ../accounts/test_own_sign_ins.py).
# A visit opens these; everybody else, signed in or not, is led to where a visit begins.
OF_A_VISIT = {"own_today", "own_agreement", "own_agreement_pdf", "own_question", "own_report",
              "own_reminders"}  # fmt: skip
# Nothing calls for action; no question is answered; and to be sent only.
MOVING_ON = {"own_guidance", "own_survey", "own_leave", "own_language", "own_stay"}
OWN_ARGUMENTS = {"own_question": {"number": 1}}
WITHOUT_A_DOOR = {"why"}  # The rules, explained: everybody may read them.
ENTRANCE = {"own_enter": {}, "own_enter_by_link": {"reference": "K7QM2XRT9HW4"}}
ONES_OWN = {
    "choose_role",
    "send_as",
    "sign_ins",
    "end_sign_in",
    "end_other_sign_ins",
    "stay_signed_in",
}
VISITOR = Identity("Vera", "Visitor", date(1969, 5, 6), "60601")
MOVED = Identity("Mona", "Moved", date(1979, 7, 8), "40001")
LISTS = (
    "my_patients",
    "former_patients",
    "messages",
    "confirmations",
    "dispenses",
    "parcels",
    "check",
)
# And the way back to the page's own address, after a choice of its language.
VOLATILE = re.compile(rb'name="(?:csrfmiddlewaretoken|submission|next)" value="[\w/-]+"')


@dataclass(frozen=True)
class Place:
    """Who comes, what there is, and what stands in the address of each page."""

    everybody: People
    found: Contents
    addressed: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def place(registry: tuple[str, builders.Cast], django_db_blocker: Any) -> Iterator[Place]:
    """One committed world for the walks of this module, which change nothing that another meets."""
    with (
        django_db_blocker.unblock(),
        databases.clone(source=registry[0]) as name,
        connected_to(name),
    ):
        everybody = people(deepcopy(registry[1]))
        found = contents(everybody.cast)
        addressed = ids(everybody, found)
        assert make_record_copy() == 1
        yield Place(everybody, found, addressed)


def test_every_page_is_in_this_table() -> None:
    everybodys = ONES_OWN | OF_A_VISIT | MOVING_ON | set(ENTRANCE) | WITHOUT_A_DOOR
    assert {str(pattern.name) for pattern in urlpatterns} - everybodys == set(WHO)


def ids(everybody: People, found: Contents) -> dict[str, dict[str, Any]]:
    """What stands in the address of each page: ids that exist."""
    cast, paths = everybody.cast, found.paths
    patient = Patient.objects.get(pk=paths["patient_id"])
    issued = Authorization.objects.get(pk=paths["authorization_id"])
    asked = Decision.objects.get(confirmation_id=paths["confirmation_id"])
    dispense = {"dispense_id": paths["dispense_id"]}
    confirmation = {"confirmation_id": paths["confirmation_id"]}
    deviation = {"deviation_id": paths["deviation_id"]}
    reviewed = {"deviation_id": paths["deviation-correction"]}
    item = {"kind": "deviation_major", "subject_id": paths["subject_id"]}
    taken = {"kind": "deviation_major", "subject_id": _assigned(cast, patient)}
    member = Membership.objects.get(user__email="technician@pharmacy.example")
    technician, delegation = {"membership_id": member.pk}, {"delegation_id": paths["delegation_id"]}
    agreement = {"agreement_id": paths["agreement_id"]}
    authorized = {"authorization_id": paths["authorization_id"]}
    of_patient: dict[str, dict[str, Any]] = {
        "record": {"kind": "pregnancy-test"},
        "survey_guidance": {"survey_id": _risky_survey(cast, patient)},
        "pregnancy_case": {"case_id": paths["pregnancy-case-details"]},
        "case_details": {"case_id": paths["pregnancy-case-details"]},
        "withdraw_change": {"change_id": paths["category-change-withdrawal"]},
        "say": {"kind": "discontinue"},
        "agreement_to_sign_pdf": {"risk_category": "adult_frp"},
        "withdraw_saying": {"event_id": paths["therapy-event-withdrawal"]},
        "end_representative": {"representative_id": paths["representative-end"]},
        **dict.fromkeys(("sign_agreement", "agreement_pdf"), agreement),
        "agreement_scan": {"agreement_id": _scanned(patient)},
        "withdraw_test": {"test_id": paths["pregnancy-test-withdrawal"]},
        "withdraw_entry": {"kind": "agreement", "entry_id": paths["agreement-withdrawal"]},
        "withdraw_report": {"report_id": paths["bleeding-report-withdrawal"]},
    }
    of_issued: dict[str, dict[str, Any]] = {
        "decision": {"decision_id": paths["decision_id"]},
        **dict.fromkeys(("cancel_authorization", "prescription", "prescription_pdf"), authorized),
    }
    queue, listing = {"kind": "deviation_major"}, {"code": "deviations"}
    spoken_of = {"patient_id": patient.pk}
    site = {"pharmacy_id": cast.pharmacy.pk}
    copied = {"key": _copied(everybody, patient)}
    of_category = {"risk_category": "adult_frp"}
    others: dict[str, dict[str, Any]] = {
        "message": {"notice_id": paths["notice_id"]},
        "former_patient": {"patient_id": _former(cast)},
        "sign_take_over": {"risk_category": "adult_frp"},
        **dict.fromkeys(("end_delegation", "invite_delegate_again"), delegation),
        **dict.fromkeys(("end_membership", "invite_staff_again"), technician),
        **dict.fromkeys(("take_over_site", "pharmacys_certification_pdf"), site),
        "prescribers_certification_pdf": {"prescriber_id": cast.prescriber.pk},
        "answer": {"decision_id": asked.pk},
        **dict.fromkeys(("confirmation", "counter_checklist_pdf", "cancel_confirmation",
                         "report_pregnancy_when_counseling"), confirmation),
        "ask_for_record": {"patient_id": patient.pk},
        **dict.fromkeys(("record_copy", "record_copy_progress"), copied),
        "record_copy_file": {**copied, "kind": "json"},
        **dict.fromkeys(("empty_agreement_pdf", "empty_checklist_pdf"), of_category),
        **dict.fromkeys(("receipt", "checklist_pdf", "report_pregnancy", "return_to_stock",
                         "stop_supply", "ship", "end_shipment", "correct_shipment",
                         "correct_package"), dispense),
        **dict.fromkeys(("queue", "export_queue"), queue),
        **dict.fromkeys(("office_list", "export_list"), listing),
        "office_decision": {"decision_id": paths["decision_id"]},
        **dict.fromkeys(("contact", "end_contact"), spoken_of),
        **dict.fromkeys(("queue_item", "assign_item"), item),
        "give_back_item": taken,
        "settle_notice": {"subject_id": paths["notice-settlement"]},
        "settle_sign_ins": {"subject_id": _kept_out(cast)},
        **dict.fromkeys(("deviation", "review_deviation"), deviation),
        **dict.fromkeys(("correct_deviation", "accept_deviation"), reviewed),
    }  # fmt: skip
    patients_pages = {
        str(pattern.name): {"patient_id": patient.pk, **of_patient.get(str(pattern.name), {})}
        for pattern in urlpatterns
        if str(pattern.pattern).startswith("patients/<")
    }
    issued_pages = {
        name: {"patient_id": issued.patient_id, **more} for name, more in of_issued.items()
    }
    return {**patients_pages, **issued_pages, **others}


def _copied(everybody: People, patient: Patient) -> UUID:
    """A complete record for which the auditor asked."""
    auditor = everybody["auditor"]
    url = reverse("ask_for_record", args=[patient.pk])
    address = auditor.post(url, {"submission": uuid4(), "reason": "An inspection"})["Location"]
    return UUID(address.split("/")[-2])


def _risky_survey(cast: builders.Cast, patient: Patient) -> UUID:
    answers = {**builders.safe_answers("adult_frp"), "unprotected_contact": "yes"}
    made = evidence.record_patient_survey(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        completed_at=clock.now(),
        answers=answers,
    )
    return made.pk


def _kept_out(cast: builders.Cast) -> UUID:
    """The prescriber's account, which somebody could not get into."""
    assert cast.prescriber.user is not None
    record_lock_out(cast.prescriber.email)
    return cast.prescriber.user.pk


def _former(cast: builders.Cast) -> UUID:
    """A patient who was the other prescriber's, and was handed over."""
    other = User.objects.get(email="prescriber3@practice.example").prescriber
    moved = builders.enroll(builders.prescribing_call(other), identity=MOVED)
    evidence.hand_over_patients(
        cast.staff,
        from_prescriber_id=other.pk,
        to_prescriber_id=cast.prescriber.pk,
        patient_ids=[moved.pk],
        reason="Retires",
    )
    return moved.pk


def _assigned(cast: builders.Cast, patient: Patient) -> UUID:
    """A deviation that somebody of the staff has."""
    assert cast.staff.actor.id is not None
    taken = cases.deviation(patient, occurrence="taken")
    oversight.assign(
        cast.staff,
        program=builders.PROGRAM,
        kind="deviation_major",
        subject_id=taken.pk,
        assignee_id=cast.staff.actor.id,
    )
    return taken.pk


def test_nobody_meets_what_is_not_theirs(place: Place) -> None:
    """Reading and writing; what is another's reads like what does not exist, and stays as it is.

    Each view refuses every role in which it does not exist; one of them by turns meets a 403 page.
    What a page costs is counted at the same visit.
    """
    wrong: list[str] = []
    deeds, refused = Deeds(), _requests(place.everybody)
    turns = cycle(refused)
    for name, (insiders, roles) in WHO.items():
        turn = next((who for who in islice(turns, len(refused)) if who not in roles), None)
        args = place.addressed.get(name, {})
        url = reverse(name, kwargs=args)
        stranger = reverse(name, kwargs={**args, **_unknown(args)})
        for who, browser in place.everybody.browsers.items():
            if who in insiders:
                wrong += _refused(browser, name, who, url)
            elif who in roles:
                wrong += _told_apart(browser, name, who, url, stranger)
            elif who not in refused:
                wrong += _not_shut(browser, name, who, url, 302)
            else:
                wrong += _not_refused(refused[who], name, who, url)
                if who == turn:
                    wrong += _not_shut(browser, name, who, url, 403)
            if deeds.new():
                wrong.append(f"{name}: {who} did something")
    assert not wrong, "\n".join(wrong)


def test_a_visit_opens_its_own_pages_only_and_nobody_else_opens_them(place: Place) -> None:
    """A patient's session is nobody's at every other door; no page of theirs names a record."""
    everybody, found, addressed = place.everybody, place.found, place.addressed
    patient = Patient.objects.get(pk=found.paths["patient_id"])
    visitors = [visitor(everybody.cast.prescribing, patient), _other_visitor(everybody.cast)]
    wrong: list[str] = []
    deeds = Deeds()
    doors = {name: reverse(name, kwargs=addressed.get(name, {})) for name in WHO}
    others = ("/admin/", "/accounts/2fa/", reverse("sign_ins"), reverse("choose_role"))
    for name, url in {**doors, **dict(zip(others, others, strict=True))}.items():
        wrong += _not_shut(visitors[0], name, "a visitor", url, 302)
        if deeds.new():
            wrong.append(f"{name}: a visitor did something")
    secrets = {*found.secrets, str(patient), patient.phone, patient.email}
    for name in OF_A_VISIT | MOVING_ON:
        url = reverse(name, kwargs=OWN_ARGUMENTS.get(name))
        for who, browser in everybody.browsers.items():
            answer = browser.get(url)
            entrance = answer.headers.get("Location") == reverse("own_enter")
            if not entrance and answer.status_code != 405:
                wrong.append(f"{name}: {who} gets {answer.status_code}")
        own, spent = costs.fetched(visitors[0], url)
        wrong += costs.too_dear(name, "a visitor", own, spent)
        other = visitors[1].get(url)
        if name in OF_A_VISIT and {own.status_code, other.status_code} != {200}:
            wrong.append(f"{name}: visitors get {own.status_code} and {other.status_code}")
        page = other.content.decode(errors="replace")
        wrong += [f"{name} shows a visitor another's {each}" for each in secrets if each in page]
    assert not wrong, "\n".join(wrong)


def test_the_entrance_is_everybodys_and_says_the_same_to_all(place: Place) -> None:
    patient = Patient.objects.get(pk=place.found.paths["patient_id"])
    code = give_code(place.everybody.cast.prescribing, patient)
    real = reverse("own_enter_by_link", args=[one_time.reference_of(code.pk)])
    pages = {name: Client().get(reverse(name, kwargs=args)) for name, args in ENTRANCE.items()}
    assert {page.status_code for page in pages.values()} == {200}
    there, nowhere = Client().get(real), pages["own_enter_by_link"]
    assert VOLATILE.sub(b"", there.content) == VOLATILE.sub(b"", nowhere.content)


def _scanned(patient: Patient) -> Any:
    """A patient's agreement whose signed paper is kept."""
    signed = patient.agreements.filter(patient_signed_at__isnull=False).latest("recorded_at")
    AgreementScan.objects.create(
        agreement=signed,
        **columns_of(builders.SCAN),
        recorded_at=signed.recorded_at,
        operation=signed.operation,
    )
    return signed.pk


def _other_visitor(cast: builders.Cast) -> Client:
    now = clock.now()
    signed = Signatures("patient", "Vera Visitor", patient_signed_at=now, prescriber_signed_at=now)
    other = builders.enroll(cast.prescribing, identity=VISITOR, signatures=signed)
    return visitor(cast.prescribing, other)


def test_no_list_shows_what_is_not_theirs(place: Place) -> None:
    everybody, found = place.everybody, place.found
    secrets = [
        *found.secrets,
        "Synthetic",
        "Issued",
        "Waitman",
        found.bodies["confirmations"]["number"],
    ]
    outsiders = ("colleague", "other prescriber", "other pharmacist")
    seen = []
    for name in LISTS:
        for who in outsiders:
            if who in WHO[name][0]:
                page = everybody[who].get(reverse(name)).content.decode()
                seen += [(name, who, secret) for secret in secrets if secret in page]
    assert not seen
    own = everybody["owner"].get(reverse("my_patients")).content.decode()
    assert "Synthetic" in own


def _unknown(args: dict[str, Any]) -> dict[str, Any]:
    """The same address with ids that nothing has."""
    return {key: uuid4() for key in args if key.endswith("_id") or key == "key"}


def _refused(browser: Client, name: str, who: str, url: str) -> Iterator[str]:
    answer, spent = costs.fetched(browser, url)
    if answer.status_code not in {200, 302, 405}:
        yield f"{name}: {who} gets {answer.status_code}"
    yield from costs.too_dear(name, who, answer, spent)


class Deeds:
    """What was carried out since the last look."""

    def __init__(self) -> None:
        self._known = Operation.objects.count()

    def new(self) -> int:
        """How many commands were carried out meanwhile."""
        before, self._known = self._known, Operation.objects.count()
        return self._known - before


def _told_apart(browser: Client, name: str, who: str, url: str, stranger: str) -> Iterator[str]:
    for method in (browser.get, browser.post):
        there, nowhere = method(url), method(stranger)
        if {there.status_code, nowhere.status_code} - {404, 405}:
            yield f"{name}: {who} gets {there.status_code}, and {nowhere.status_code} for nothing"
        if VOLATILE.sub(b"", there.content) != VOLATILE.sub(b"", nowhere.content):
            yield f"{name}: {who} can tell what exists from what does not"


def _requests(everybody: People) -> dict[str, HttpRequest]:
    """A request of each who is signed in."""
    browsers = everybody.browsers.items()
    return {who: request_of(browser) for who, browser in browsers if who != "nobody"}


def _not_refused(request: HttpRequest, name: str, who: str, url: str) -> Iterator[str]:
    for method in ("GET", "POST"):
        if not is_refused(request, method, url):
            yield f"{name}: {who} is let in by {method}"


def _not_shut(browser: Client, name: str, who: str, url: str, expected: int) -> Iterator[str]:
    for method in (browser.get, browser.post):
        status = method(url).status_code
        if status != expected:
            yield f"{name}: {who} gets {status}, not {expected}"
