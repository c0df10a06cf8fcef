"""A document that has one of everything, and how to reach and change each place of it."""

import copy
from typing import Any

import pytest

from apps.rules.facts import InvalidFacts, parse_facts
from tests.rules.documents import (
    DAY,
    NOON,
    Document,
    authorize,
    case,
    dispense,
    iso,
)

LATER, EARLIER = iso(NOON - DAY), iso(NOON - 2 * DAY)
FULL = {
    "bleeding_reports": [{"reported_at": EARLIER, "kind": "missed_period", "withdrawn_at": LATER}],
    "interventions": [{"opened_at": EARLIER, "resolved_at": LATER}],
    "pregnancy_cases": [case(NOON - 9 * DAY, NOON - 8 * DAY, "not_pregnant")],
    "overrides": [{"rule": "L-DSP-5", "granted_at": EARLIER, "expires_at": LATER}],
}


def full(question: str = "dispense") -> Document:
    """A document that has one of everything."""
    if question == "authorize":
        return {**authorize("adult_frp", "continuing"), **copy.deepcopy(FULL)}
    return {**dispense("adult_frp", "continuing", handover="ship"), **copy.deepcopy(FULL)}


def pointers(document: object) -> list[str]:
    with pytest.raises(InvalidFacts) as refusal:
        parse_facts(document)
    assert all(error["message"] for error in refusal.value.errors)
    return [error["pointer"] for error in refusal.value.errors]


def set_at(document: Document, pointer: str, value: object) -> Document:
    """The document with one value replaced, or added."""
    *path, last = pointer.strip("/").split("/")
    place: Any = document
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return document


def remove_at(document: Document, pointer: str) -> Document:
    *path, last = pointer.strip("/").split("/")
    place: Any = document
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    del place[last]
    return document


def paths(value: object, pointer: str = "") -> list[str]:
    """The pointer of every value in a document."""
    found = [pointer] if pointer else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += paths(each, f"{pointer}/{key}")
    if isinstance(value, list):
        for position, each in enumerate(value):
            found += paths(each, f"{pointer}/{position}")
    return found


def value_at(document: Document, pointer: str) -> Any:
    place: Any = document
    for step in pointer.strip("/").split("/"):
        place = place[int(step)] if isinstance(place, list) else place[step]
    return place


NULLABLE = {
    "patient_signed_at", "prescriber_signed_at", "category_basis", "cycle", "certified_until",
    "withdrawn_at", "in_use_since", "resolved_at", "returned_at", "stopped_on", "indication",
    "prescriber_survey", "confirmation",
}  # fmt: skip
