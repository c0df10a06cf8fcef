"""What is known at an instant: an entry, and its end, count from their own microsecond on."""

from datetime import datetime
from typing import Any

import pytest

from apps.rules.facts import parse_facts
from apps.rules.known import Known, known_at
from tests.rules.documents import (
    DAY,
    NOON,
    TICK,
    Document,
    a_test,
    adequate,
    authorize,
    case,
    iso,
    negative_test,
    supply,
)

AGREEMENT = authorize()["agreements"][0]
OBLIGATIONS = authorize()["obligations"][0]
EXPIRES = {"expires_at": iso(NOON + DAY), "state": "issued"}
# The list of the document, of the known ones, and an entry that happened or was recorded then.
HAPPENED: dict[str, tuple[str, str, Any]] = {
    "a signature of the patient": (
        "agreements",
        "agreements",
        lambda at: {**AGREEMENT, "patient_signed_at": iso(at)},
    ),
    "a signature of the prescriber": (
        "agreements",
        "agreements",
        lambda at: {**AGREEMENT, "prescriber_signed_at": iso(at)},
    ),
    "a test": ("pregnancy_tests", "tests", negative_test),
    "a result": (
        "pregnancy_tests",
        "tests",
        lambda at: a_test(NOON - DAY, "positive", resulted_at=iso(at)),
    ),
    "an attestation": ("contraception", "attestations", adequate),
    "a late record of one": (
        "contraception",
        "attestations",
        lambda at: adequate(NOON - DAY, recorded_at=iso(at)),
    ),
    "the obligations": (
        "obligations",
        "obligations",
        lambda at: {**OBLIGATIONS, "attested_at": iso(at)},
    ),
    "bleeding": (
        "bleeding_reports",
        "bleeding",
        lambda at: {"reported_at": iso(at), "kind": "missed_period"},
    ),
    "counseling": ("counseling", "counseling", lambda at: {"given_at": iso(at), "topics": []}),
    "a survey": (
        "patient_surveys",
        "surveys",
        lambda at: {"completed_at": iso(at), "used": False},
    ),
    "an intervention": ("interventions", "interventions", lambda at: {"opened_at": iso(at)}),
    "a case": ("pregnancy_cases", "cases", case),
    "an authorization": (
        "authorizations",
        "authorizations",
        lambda at: {**EXPIRES, "issued_at": iso(at)},
    ),
    "a dispense": ("dispenses", "dispenses", supply),
}
ENDED: dict[str, tuple[str, str, Any]] = {
    "a test withdrawn": (
        "pregnancy_tests",
        "tests",
        lambda at: negative_test(NOON - DAY, withdrawn_at=iso(at)),
    ),
    "an attestation withdrawn": (
        "contraception",
        "attestations",
        lambda at: adequate(NOON - DAY, withdrawn_at=iso(at)),
    ),
    "bleeding withdrawn": (
        "bleeding_reports",
        "bleeding",
        lambda at: {
            "reported_at": iso(NOON - DAY),
            "kind": "missed_period",
            "withdrawn_at": iso(at),
        },
    ),
    "an intervention resolved": (
        "interventions",
        "interventions",
        lambda at: {"opened_at": iso(NOON - DAY), "resolved_at": iso(at)},
    ),
    "a dispense returned": (
        "dispenses",
        "dispenses",
        lambda at: supply(NOON - DAY, returned_at=iso(at)),
    ),
}


def known(name: str, *entries: Document) -> Known:
    return known_at(parse_facts({**authorize(), name: list(entries)}))


def count(name: str, of: str, entry: Document) -> int:
    found: list[Any] = getattr(known(name, entry), of)
    return len(found)


@pytest.mark.parametrize("what", HAPPENED)
def test_what_happened_is_known_from_its_own_instant_on(what: str) -> None:
    name, of, entry = HAPPENED[what]
    counts = [count(name, of, entry(at)) for at in (NOON - TICK, NOON, NOON + TICK)]
    assert counts == [1, 1, 0]


@pytest.mark.parametrize("what", ENDED)
def test_what_is_over_no_longer_counts_from_that_instant_on(what: str) -> None:
    name, of, entry = ENDED[what]
    counts = [count(name, of, entry(at)) for at in (NOON - TICK, NOON, NOON + TICK)]
    assert counts == [0, 0, 1]


@pytest.mark.parametrize(
    ("closed_at", "open_still"), [(NOON - TICK, False), (NOON, False), (NOON + TICK, True)]
)
def test_a_case_is_open_until_the_instant_of_its_closure(
    closed_at: datetime, *, open_still: bool
) -> None:
    """L-PRG-1: and an open one is the patient's, without an outcome."""
    (found,) = known("pregnancy_cases", case(NOON - DAY, closed_at, "pregnancy_ended")).cases
    assert (found.closed_at is None, found.outcome is None) == (open_still, open_still)
    assert found.subject == "patient"


def test_a_case_of_a_partner_is_nothing_to_know_of_the_patient() -> None:
    assert known("pregnancy_cases", case(NOON - DAY, subject="partner")).cases == []


def test_evidence_is_in_order_of_time_however_it_came() -> None:
    ago = [NOON - days * DAY for days in (2, 3, 1)]
    for name, of, make, when in (
        ("contraception", "attestations", adequate, "attested_at"),
        ("dispenses", "dispenses", supply, "dispensed_at"),
    ):
        found = getattr(known(name, *map(make, ago)), of)
        assert [getattr(each, when) for each in found] == sorted(ago)
