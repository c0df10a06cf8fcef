"""What the sender of a document reads: every error in plain words, at its place."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from apps.rules.facts import InvalidFacts, load_document, parse_facts
from apps.rules.policy import programs
from tests.rules.documents import (
    DAY,
    NOON,
    TICK,
    Document,
    adequate,
    case,
    iso,
    negative_test,
    on,
    supply,
)
from tests.rules.places import full, set_at

INSTANT_NEEDED = (
    "A date and time with an offset is needed, such as 2026-03-03T14:05:00-05:00 or "
    "2026-03-03T19:05:00Z, with at most six digits after the second."
)
OUTSIDE = "The instant is outside the years 2 to 9999. Check the year."
TESTED, RESULTED = "/pregnancy_tests/0/collected_at", "/pregnancy_tests/0/resulted_at"


def errors(document: object) -> dict[str, str]:
    """Each pointer with its message."""
    with pytest.raises(InvalidFacts) as refusal:
        parse_facts(document)
    found = refusal.value.errors
    assert str(refusal.value) == "; ".join(
        f"{each['pointer'] or '(document)'}: {each['message']}" for each in found
    )
    return {each["pointer"]: each["message"] for each in found}


@pytest.mark.parametrize(
    ("pointer", "value", "message"),
    [
        (RESULTED, "2026-06-17", INSTANT_NEEDED),
        (RESULTED, 5, INSTANT_NEEDED),
        (RESULTED, "2026-02-30T12:00:00Z", "There is no such date, time or offset. Correct it."),
        (RESULTED, "2026-06-17T12:00:00+25:00",
         "There is no such date, time or offset. Correct it."),
        (RESULTED, "0001-12-31T23:59:59Z", OUTSIDE),
        (RESULTED, "9999-12-31T23:59:59-01:00", OUTSIDE),
        (RESULTED, "0001-01-01T00:00:00+01:00", OUTSIDE),
        ("/pharmacy/certified_until", "17.06.2026", "A date is needed, in the form YYYY-MM-DD."),
        ("/pharmacy/certified_until", 5, "A date is needed, in the form YYYY-MM-DD."),
        ("/pharmacy/certified_until", "2026-02-30",
         "There is no such date. Give a date in the form YYYY-MM-DD."),
        ("/patient/breastfeeding", 0, "true or false is needed."),
        ("/prescription/days_supply", 28.0,
         "A whole number is needed, without a decimal point or quotes."),
        ("/dispenses/0/days_supply", "28",
         "A whole number is needed, without a decimal point or quotes."),
        ("/dispenses/0/days_supply", 0, "A whole number of at least 1 is needed."),
        ("/prescription/strength_mg", "10", "A number is needed, without quotes."),
        ("/prescription/strength_mg", 0, "A number above zero is needed."),
        ("/prescription/strength_mg", float("inf"), "The number is too large."),
        ("/prescriber/id", 1, "A string is needed."),
        ("/prescriber/id", json.loads('"\\ud800"'),
         "The string holds half of a character (a lone surrogate). Send whole characters."),
        ("/prescriber/id", "a\0b", "The string holds a NUL character. Remove it."),
        ("/prescriber/id", " ", "The string is blank. Give the id or the code."),
        ("/confirmation/handover", "throw", "One of these codes is needed: pickup, ship."),
        ("/question", "why", "One of these codes is needed: authorize, dispense."),
        ("/prescriber/covers", "PR2", "A list is needed."),
        ("/prescriber/covers/0", 5, "A string is needed."),
        ("/counseling", {}, "A list is needed."),
        ("/patient", [], "An object is needed."),
        ("/patient/shoe_size", 9, "This key is unknown here. Remove it or correct its name."),
        ("/pharmacy/status", None, "This value is required and is missing."),
        ("/request", {}, "This object belongs to the other question. Remove it."),
        ("/as_of", "2019-12-31T12:00:00Z",
         "No policy of the program is in force at this instant."),
        ("/program", "aspirin",
         f"One of these codes is needed: {', '.join(sorted(programs()))}."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_what_is_needed(
    pointer: str, value: object, message: str
) -> None:
    document = full()
    document["prescriber"]["covers"] = ["PR2"]
    assert errors(set_at(document, pointer, value)).items() >= {(pointer, message)}


def before(beginning: str) -> str:
    return f"This is before {beginning}. Correct one of the two."


@pytest.mark.parametrize(
    ("name", "entry", "expected"),
    [
        ("pregnancy_cases", case(NOON - DAY, NOON),
         {"outcome": "A closed case needs its outcome."}),
        ("pregnancy_cases", case(NOON - DAY, None, "unknown"),
         {"closed_at": "A case with an outcome needs the instant at which it was closed."}),
        ("pregnancy_cases", case(NOON, NOON - DAY, "unknown"),
         {"closed_at": before("reported_at")}),
        ("pregnancy_tests",
         negative_test(NOON, resulted_at=iso(NOON - TICK), withdrawn_at=iso(NOON - TICK)),
         {"resulted_at": before("collected_at"), "withdrawn_at": before("collected_at")}),
        ("dispenses", supply(NOON - DAY, returned_at=iso(NOON - 2 * DAY), stopped_on=on(NOON, 2)),
         {"returned_at": before("dispensed_at"),
          "stopped_on":
          "This is before the day of the dispense in the program's zone. Correct it."}),
        ("contraception",
         adequate(NOON, on(NOON, -1), recorded_at=iso(NOON - TICK), withdrawn_at=iso(NOON - TICK)),
         {"recorded_at": before("attested_at"),
          "withdrawn_at": before("attested_at"),
          "in_use_since":
          "This is after the day of the attestation in the program's zone. Correct it."}),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_told_at_each_place(
    name: str, entry: Document, expected: Mapping[str, str]
) -> None:
    found = errors({**full(), name: [entry]})
    assert found == {f"/{name}/0/{key}": message for key, message in expected.items()}


def test_what_contradicts_another_object_is_told_at_both_objects_places() -> None:
    document = full()
    document["patient"] |= {"date_of_birth": on(NOON, -1)}
    for name in ("authorization", "confirmation"):
        document[name] |= {"issued_at": iso(NOON + TICK), "expires_at": iso(NOON + DAY)}
    document["dispenses"] = [supply(NOON - DAY), supply(NOON - 2 * DAY), supply(NOON - DAY)]
    after = "This is after as_of. Correct one of the two."
    assert errors(document) == {
        "/patient/date_of_birth": "The date of birth is after as_of. Correct one of the two.",
        "/authorization/issued_at": after,
        "/confirmation/issued_at": after,
        "/dispenses/2/dispensed_at": "Another dispense has the same instant. Give each its own.",
    }


def test_a_basis_before_the_birth_is_told() -> None:
    document = full()
    document["patient"]["category_basis"] = {"kind": "hysterectomy", "on": "1950-01-01"}
    assert errors(document) == {
        "/patient/category_basis/on": "This is before the date of birth. Correct one of the two."
    }


def test_who_is_born_today_can_be_a_patient_today() -> None:
    document: dict[str, Any] = full()
    document["patient"]["date_of_birth"] = on(NOON)
    assert parse_facts(document).patient.date_of_birth == NOON.date()


def test_only_an_object_can_be_the_facts() -> None:
    assert errors([]) == {"": "The facts must be a JSON object."}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff", "The document is not UTF-8 text."),
        ("[" * 100_000, "The document is nested too deeply."),
        ("1" * 5000, "The document holds a number with too many digits."),
        ("[NaN]", "The document is not JSON that can be read: NaN is not a number."),
        ('{"a": 1, "a": 1}',
         "The document is not JSON that can be read: an object has the same key twice."),
    ],
    ids=lambda value: repr(value[:12]),
)  # fmt: skip
def test_text_that_is_no_document_is_told_why(text: str | bytes, message: str) -> None:
    with pytest.raises(InvalidFacts) as refusal:
        load_document(text)
    assert refusal.value.errors == [{"pointer": "", "message": message}]
