"""Who gets in where: every endpoint of the URLconf × everybody who may call, and who was told.

One walk asserts both: what each answer is, and that the trail names every patient whom it shows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import URLPattern

from apps.api.endpoint import Endpoint
from apps.api.urls import version_1
from apps.audit.models import Event
from apps.core.call import Role
from apps.patients.models import Patient
from apps.providers.models import Practice
from tests import builders
from tests.api.clients import System, system
from tests.api.world import World, world
from tests.audit.seeing import Signs, Trail, signs_of_patients, untold
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

OK = range(200, 300)
EVERYBODY = (
    "owner",
    "colleague",
    "other",
    "pharmacy",
    "representative",
    "other pharmacy",
    "staff",
    "administrator",
    "auditor",
)
OFFICE = {"staff": 200, "administrator": 200, "auditor": 200}
PRACTICES = {"owner": 200, "colleague": 200, "other": 200}
COUNTERS = {"pharmacy": 200, "representative": 200, "other pharmacy": 200}
HIDDEN = {"colleague": 404, "other": 404}
READ = {"owner": 200, **HIDDEN, **OFFICE}
RECORD = {"owner": 201, **HIDDEN}
RECORD_OR_OFFICE = {**RECORD, "staff": 201, "administrator": 201}
CERTIFY = {"staff": 201, "administrator": 201}
ADMINISTRATOR = {"administrator": 201}
SUPPLY = {"other pharmacy": 404}

# Who gets which status; who is not named gets 403, and without a token everybody 401.
EXPECTED: dict[tuple[str, str], dict[str, int]] = {
    ("prescribers", "GET"): {**PRACTICES, **OFFICE},
    ("prescribers", "POST"): CERTIFY,
    ("prescriber", "GET"): {**PRACTICES, "other": 404, **OFFICE},
    ("prescriber-enrollments", "POST"): RECORD,
    # Certified already: the commands of who may certify meet a conflict of state.
    ("prescriber-certifications", "POST"): {"staff": 409, "administrator": 409},
    ("prescriber-standings", "POST"): ADMINISTRATOR,
    ("pharmacies", "GET"): {**COUNTERS, **OFFICE},
    ("pharmacies", "POST"): CERTIFY,
    ("pharmacy", "GET"): {**COUNTERS, "other pharmacy": 404, **OFFICE},
    # Certified, and not to be renewed before the end is near.
    ("pharmacy-enrollments", "POST"): {"representative": 409, "other pharmacy": 404},
    ("pharmacy-certifications", "POST"): {"staff": 409, "administrator": 409},
    ("pharmacy-standings", "POST"): ADMINISTRATOR,
    ("trainings", "GET"): {**COUNTERS, "other pharmacy": 404, **OFFICE},
    ("pharmacy-representatives", "POST"): ADMINISTRATOR,
    # Nobody is named as the successor.
    ("successor-confirmation", "POST"): {"administrator": 409},
    ("delegations", "GET"): READ,
    ("delegation-end", "POST"): RECORD_OR_OFFICE,
    ("coverage", "POST"): CERTIFY,
    ("transfers", "GET"): {**PRACTICES, **OFFICE},
    # The patient is the owner's already; who knows name, date of birth and more takes over.
    ("transfers", "POST"): {"owner": 409, "colleague": 201, "other": 201},
    ("hand-overs", "POST"): CERTIFY,
    ("stranded-patients", "GET"): OFFICE,
    ("patients", "GET"): {**PRACTICES, **OFFICE},
    ("patients", "POST"): {"owner": 201, "colleague": 201, "other": 201},
    ("patient", "GET"): READ,
    ("authorization-plan", "GET"): READ,
    ("agreements", "GET"): READ,
    ("agreements", "POST"): RECORD,
    ("agreement-signatures", "POST"): RECORD,
    ("category-changes", "GET"): READ,
    # One waits already.
    ("category-changes", "POST"): {**RECORD, "owner": 409},
    ("category-change-decision", "POST"): ADMINISTRATOR,
    ("category-change-withdrawal", "POST"): RECORD,
    ("therapy", "GET"): READ,
    ("therapy-events", "GET"): READ,
    ("therapy-events", "POST"): RECORD_OR_OFFICE,
    ("therapy-event-withdrawal", "POST"): RECORD_OR_OFFICE,
    ("representatives", "GET"): READ,
    # Somebody is named already.
    ("representatives", "POST"): {**HIDDEN, "owner": 409, "staff": 409, "administrator": 409},
    ("representative-end", "POST"): RECORD_OR_OFFICE,
    ("contact", "POST"): RECORD_OR_OFFICE,
    ("undeliverable-addresses", "GET"): READ,
    ("undeliverable-addresses", "POST"): CERTIFY,
    ("undeliverable-settlement", "POST"): RECORD_OR_OFFICE,
    ("pregnancy-tests", "GET"): READ,
    ("pregnancy-tests", "POST"): RECORD_OR_OFFICE,
    ("pregnancy-test-withdrawal", "POST"): RECORD_OR_OFFICE,
    ("contraception", "GET"): READ,
    ("contraception", "POST"): RECORD,
    ("contraception-withdrawal", "POST"): CERTIFY,
    ("obligations", "GET"): READ,
    ("obligations", "POST"): RECORD,
    ("counseling", "GET"): READ,
    ("counseling", "POST"): RECORD,
    ("health-statuses", "GET"): READ,
    ("health-statuses", "POST"): RECORD,
    ("patient-surveys", "GET"): READ,
    # The office alone records no survey that would make someone eligible.
    ("patient-surveys", "POST"): RECORD,
    ("bleeding-reports", "GET"): READ,
    ("bleeding-reports", "POST"): RECORD_OR_OFFICE,
    ("bleeding-report-withdrawal", "POST"): RECORD_OR_OFFICE,
    ("pregnancy-cases", "GET"): READ,
    # A pharmacy that dispensed to the patient reports; its representative does not dispense.
    ("pregnancy-cases", "POST"): {**RECORD_OR_OFFICE, "pharmacy": 201, "other pharmacy": 404},
    ("pregnancy-case-closure", "POST"): ADMINISTRATOR,
    ("pregnancy-case-details", "GET"): READ,
    ("pregnancy-case-details", "POST"): RECORD_OR_OFFICE,
    ("pregnancy-case-steps", "GET"): READ,
    ("case-step-completion", "POST"): CERTIFY,
    ("case-step-waiver", "POST"): ADMINISTRATOR,
    ("breastfeeding-reports", "POST"): RECORD_OR_OFFICE,
    ("all-interventions", "GET"): {**PRACTICES, **OFFICE},
    ("all-pregnancy-cases", "GET"): {**PRACTICES, **OFFICE},
    ("interventions", "GET"): READ,
    ("intervention-resolution", "POST"): CERTIFY,
    ("exceptions", "GET"): READ,
    ("intakes", "GET"): READ,
    ("intakes", "POST"): CERTIFY,
    ("intake-scan", "GET"): READ,
    ("obligations-withdrawal", "POST"): RECORD_OR_OFFICE,
    ("counseling-withdrawal", "POST"): RECORD_OR_OFFICE,
    ("health-status-withdrawal", "POST"): RECORD_OR_OFFICE,
    ("patient-survey-withdrawal", "POST"): RECORD_OR_OFFICE,
    ("agreement-withdrawal", "POST"): RECORD_OR_OFFICE,
    # The staff alone move nothing that would make the other one eligible.
    ("entry-moves", "POST"): RECORD,
    ("identity-corrections", "POST"): CERTIFY,
    # A change of category waits for one of the two: a conflict of state.
    ("merges", "POST"): {"staff": 409, "administrator": 409},
    ("duplicate-decisions", "POST"): CERTIFY,
    ("resemblances", "GET"): OFFICE,
    ("authorizations", "GET"): {**PRACTICES, **OFFICE},
    # This patient may be pregnant: refused by the rules, which is an answer.
    ("authorizations", "POST"): {**RECORD, "owner": 200},
    ("authorization", "GET"): READ,
    ("authorization-cancellation", "POST"): RECORD,
    ("eligibility-checks", "POST"): {"pharmacy": 200, "other pharmacy": 200},
    ("confirmations", "GET"): {**COUNTERS, **OFFICE},
    ("confirmations", "POST"): {"pharmacy": 201, "other pharmacy": 201},
    ("confirmation", "GET"): {**COUNTERS, "other pharmacy": 404, **OFFICE},
    ("confirmation-cancellation", "POST"): {"pharmacy": 201, "other pharmacy": 404},
    ("dispenses", "GET"): {**PRACTICES, **COUNTERS, **OFFICE},
    ("dispenses", "POST"): {"pharmacy": 201, "other pharmacy": 404},
    ("dispense", "GET"): {**READ, **COUNTERS, "other pharmacy": 404},
    ("dispense-return", "POST"): {"pharmacy": 201, "other pharmacy": 404},
    ("supply-stop", "POST"): {**SUPPLY, "pharmacy": 201, "staff": 201, "administrator": 201},
    ("shipment", "POST"): {**SUPPLY, "pharmacy": 201, "staff": 201, "administrator": 201},
    ("package-correction", "POST"): {
        **SUPPLY,
        **dict.fromkeys(("pharmacy", "staff", "administrator"), 201),
    },
    # Nothing has ended, was shipped or was entered late: conflicts of state for who may.
    ("shipment-outcome", "POST"): {**SUPPLY, "pharmacy": 409, "staff": 409, "administrator": 409},
    ("shipment-correction", "POST"): {
        **SUPPLY,
        **dict.fromkeys(("pharmacy", "staff", "administrator"), 409),
    },
    ("late-dispense-withdrawal", "POST"): {"staff": 409, "administrator": 409},
    ("supply-end-withdrawal", "POST"): {"staff": 409, "administrator": 409},
    ("late-dispenses", "POST"): {"pharmacy": 201, "other pharmacy": 201},
    ("patient-late-dispenses", "POST"): CERTIFY,
    ("exception-requests", "GET"): READ,
    ("outages", "GET"): dict.fromkeys(EVERYBODY, 200),
    ("outages", "POST"): ADMINISTRATOR,
    ("outage-end", "POST"): ADMINISTRATOR,
    ("outage-reconciliation", "GET"): OFFICE,
    ("decisions", "GET"): {**PRACTICES, **COUNTERS, **OFFICE},
    ("decision", "GET"): {**READ, **dict.fromkeys(COUNTERS, 404)},
    ("decision-replay", "GET"): OFFICE,
    ("patient-reminder-preferences", "GET"): READ,
    ("patient-reminder-preferences", "POST"): RECORD_OR_OFFICE,
    ("prescriber-reminder-preferences", "GET"): {**PRACTICES, "other": 404, **OFFICE},
    ("prescriber-reminder-preferences", "POST"): RECORD_OR_OFFICE,
    ("pharmacy-reminder-preferences", "GET"): {**COUNTERS, "other pharmacy": 404, **OFFICE},
    ("pharmacy-reminder-preferences", "POST"): {
        "representative": 201,
        "staff": 201,
        "administrator": 201,
    },
    ("reminders", "GET"): READ,
    ("messages", "GET"): dict.fromkeys(EVERYBODY, 200),
    # It was sent to the owner; the systems of the office are nobody's mailbox.
    ("message-reading", "POST"): {**dict.fromkeys(EVERYBODY, 404), "owner": 201},
    ("queues", "GET"): OFFICE,
    ("queue-items", "GET"): OFFICE,
    ("assignments", "POST"): CERTIFY,
    ("notice-settlement", "POST"): CERTIFY,
    ("deviations", "GET"): OFFICE,
    ("deviation", "GET"): OFFICE,
    ("deviation-review", "POST"): CERTIFY,
    ("deviation-correction", "POST"): CERTIFY,
    ("deviation-acceptance", "POST"): ADMINISTRATOR,
    ("assessment", "GET"): OFFICE,
    # Empty facts are invalid, which only those learn who may evaluate.
    ("evaluations", "POST"): dict.fromkeys(EVERYBODY, 422),
    ("documents", "GET"): dict.fromkeys(EVERYBODY, 200),
}
# Open to all: where tokens come from, and the description.
WITHOUT_TOKEN = {"token", "openapi", "docs"}
# They show no patient's data.
SILENT = {
    "prescribers",
    "prescriber",
    "pharmacies",
    "pharmacy",
    "documents",
    "outages",
    "trainings",
    "delegations",
}


def endpoints() -> Iterator[tuple[str, str, str]]:
    """Name, method and route of every endpoint in the URLconf."""
    for pattern in version_1:
        assert isinstance(pattern, URLPattern)
        view: type = getattr(pattern.callback, "view_class", object)
        if pattern.name in WITHOUT_TOKEN:
            continue
        assert issubclass(view, Endpoint), pattern
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if hasattr(view, method.lower()):
                yield str(pattern.name), method, str(pattern.pattern)


def test_every_endpoint_has_an_entry_in_this_matrix() -> None:
    assert {(name, method) for name, method, _ in endpoints()} == set(EXPECTED)


def filled(route: str, name: str, place: World) -> str:
    """The route with ids that exist."""
    path = route.replace("<uuid:entry_id>", place.paths.get(name, ""))
    for key, value in place.paths.items():
        path = path.replace(f"<uuid:{key}>", value).replace(f"<slug:{key}>", value)
    assert "<" not in path, path
    return path


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is done meanwhile leaves nothing behind: no call changes the next one's answer."""
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


def ask(caller: System, method: str, path: str, body: Any) -> Any:
    """One call."""
    if method == "POST":
        return caller.post(path, body)
    query = {"program": "lenalidomide"} if path.startswith("documents/") else {}
    return caller.get(path, **query)


def test_everybody_gets_exactly_what_is_theirs_and_the_trail_tells_it() -> None:
    """Whoever is shown a patient, by reading or writing, leaves an event that names the patient."""
    place = world()
    patient = a_patient_who_visits(place)
    signs, trail = signs_of_patients(), Trail()
    wrong: list[str] = []
    for name, method, route in endpoints():
        path, body = filled(route, name, place), place.bodies.get(name, {})
        for who in EVERYBODY:
            with rolled_back():
                answer = ask(place.systems[who], method, path, body)
                told = trail.news() if answer.status_code in OK else []
            wrong += [
                f"{method} {name} by {who}: {fault}"
                for fault in (
                    *unlike_the_matrix(answer, EXPECTED[name, method].get(who, 403)),
                    *(f"shows {sign}" for sign in shown_untold(answer, told, signs)),
                    *(leaks(answer, place) if method == "GET" and is_stranger(who, name) else ()),
                    *(silences(name, told, place) if (method, who) == ("GET", "auditor") else ()),
                )
            ]
        for who, browser in {"nobody": Browser(), "a patient who visits": patient}.items():
            nobody = browser.generic(
                method, f"/api/v1/{path}", headers={"Idempotency-Key": str(uuid4())}
            )
            if nobody.status_code != 401:
                wrong.append(f"{method} {name} by {who}: {nobody.status_code}")
    assert not wrong, "\n".join(wrong)


def unlike_the_matrix(answer: Any, wanted: int) -> Iterator[str]:
    """Another status than the matrix says."""
    if answer.status_code != wanted:
        yield f"{answer.status_code}, not {wanted} {answer.content.decode()[:300]}"


def is_stranger(who: str, name: str) -> bool:
    """Whether somebody knows nothing of the practice's patient, wherever it is not about them."""
    return who in {"colleague", "other"} and "prescriber" not in name


def shown_untold(answer: Any, told: list[Event], signs: Signs) -> set[str]:
    """What was shown of patients whom no event names, but in refusals."""
    return untold(answer, told, signs) if answer.status_code in OK else set()


def leaks(answer: Any, place: World) -> list[str]:
    """What an answer shows that is another's."""
    return [
        f"shows another's {secret}" for secret in place.secrets if secret in answer.content.decode()
    ]


def silences(name: str, told: list[Event], place: World) -> Iterator[str]:
    """Whether an auditor's look left not exactly one event of its own."""
    if name not in SILENT and len(told) != 1:
        yield f"leaves {len(told)} events"
    if name == "patients":
        auditor = place.systems["auditor"].client.pk
        (listed,) = (event for event in told if event.code == "patients_listed")
        if place.paths["patient_id"] not in listed.data["ids"] or listed.actor_id != auditor:
            yield "leaves an event that does not tell who listed whom"


def a_patient_who_visits(place: World) -> Browser:
    """A browser in which the patient is in: it knows no API."""
    patient = Patient.objects.get(pk=place.paths["patient_id"])
    return visitor(builders.prescribing_call(patient.prescriber), patient)


def test_a_colleague_who_covers_sees_the_patient() -> None:
    cast = builders.cast()
    practice, patient = cast.prescriber.practice_id, builders.enroll(cast.prescribing)
    of_practice = builders.certified_prescriber(cast.administrator, 2, practice_id=practice)
    stranger = builders.certified_prescriber(cast.administrator, 3)
    colleague, other = (
        system(each.practice_id, Role.PRESCRIBER, each.pk) for each in (of_practice, stranger)
    )
    assert colleague.get(f"patients/{patient.pk}").status_code == 404
    Practice.objects.filter(pk=practice).update(members_cover_each_other=True)
    assert colleague.get(f"patients/{patient.pk}").status_code == 200
    assert other.get(f"patients/{patient.pk}").status_code == 404
