"""What text is read as a document, and what is never put into one."""

import json
from datetime import UTC, datetime

import pytest

from apps.rules.decision import decide, evaluate_document
from apps.rules.entries import IncompleteFacts
from apps.rules.facts import (
    Facts,
    InvalidFacts,
    facts_to_document,
    load_document,
    parse_facts,
)
from apps.rules.policy import policy_by_version
from tests.rules.documents import (
    authorize,
    dispense,
)
from tests.rules.places import (
    full,
    pointers,
    set_at,
    value_at,
)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", '{"a": 1,}', "nul", "[" * 100_000, '{"a":' * 100_000, "1" * 5000, "NaN",
        " \n", '{"as_of": Infinity}', "{}".encode("utf-16"), "{}".encode("utf-32"),
        "{}".encode("utf-16-le"), b'"\xed\xa0\x80"', "{}\u2028",
        '{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 1}}', b"\xff\xfe\x00",
        b'{"program": "\xc3\x28"}', "{} {}",
    ],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_text_that_is_not_one_json_document_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidFacts) as refusal:
        load_document(text)
    (error,) = refusal.value.errors
    assert error["pointer"] == ""
    assert error["message"].endswith(".")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "The document is not JSON: it is empty."),
        ("\r\n", "The document is not JSON: it is empty."),
        ("{]\n", ("The document is not JSON: Expecting property name enclosed in double quotes "
         "at column 2.")),
        ('{"a\n', "The document is not JSON: Unterminated string starting at column 2."),
        ('{\n"a" 1}', "The document is not JSON: Expecting ':' delimiter at line 2, column 5."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_text_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(InvalidFacts) as refusal:
        load_document(text)
    assert refusal.value.errors == [{"pointer": "", "message": message}]


def test_a_byte_order_mark_of_utf_8_is_no_error() -> None:
    assert load_document(b"\xef\xbb\xbf{}\r\n") == {}


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u3000"])
@pytest.mark.parametrize(
    ("question", "pointer"),
    [
        ("authorize", "/prescriber/id"), ("authorize", "/agreements/0/prescriber"),
        ("authorize", "/prescriber/covers/0"), ("authorize", "/request/product"),
        ("authorize", "/counseling/0/topics/0"), ("dispense", "/pharmacy/id"),
        ("dispense", "/confirmation/pharmacy"), ("dispense", "/authorization/product"),
        ("dispense", "/prescription/product"), ("dispense", "/program"),
    ],
)  # fmt: skip
def test_a_blank_id_or_code_is_none(question: str, pointer: str, blank: str) -> None:
    document = full(question)
    document["prescriber"]["covers"] = ["PR2"]
    assert pointers(set_at(document, pointer, blank)) == [pointer]


def test_a_blank_indication_or_flag_is_none() -> None:
    document = full("authorize")
    document["request"]["indication"] = ""
    document["patient"]["advisory_flags"] = ["digoxin", " "]
    assert pointers(document) == ["/patient/advisory_flags/1", "/request/indication"]


@pytest.mark.parametrize(
    ("key", "text"), [("id", '"\\ud800"'), ("id", '"a\\u0000b"'), ("status", '"\\udfff"')]
)
def test_text_that_cannot_be_stored_is_refused(key: str, text: str) -> None:
    document = full()
    document["prescriber"][key] = json.loads(text)
    assert pointers(document) == [f"/prescriber/{key}"]
    assert evaluate_document(full())


@pytest.mark.parametrize("number", ["1e999", "-1e999", "1" + "0" * 400])
def test_a_number_beyond_all_measure_gives_an_error_or_an_answer(number: str) -> None:
    document = full()
    document["pregnancy_tests"][0]["sensitivity_miu_ml"] = load_document(number)
    if "e" in number:
        assert pointers(document) == ["/pregnancy_tests/0/sensitivity_miu_ml"]
    else:
        assert parse_facts(document).pregnancy_tests[0].sensitivity_miu_ml > 50


def test_an_endless_supply_gives_an_answer() -> None:
    document = full()
    document["dispenses"][0]["days_supply"] = 10**400
    assert "L-DSP-5" in evaluate_document(document)["unmet"]


def test_the_last_instants_of_the_calendar_give_an_answer() -> None:
    for question in (authorize, dispense):
        document = question("adult_male", as_of=datetime(9999, 6, 30, 12, tzinfo=UTC))
        document["as_of"] = "9999-12-31T23:59:59.999999Z"
        if "authorization" in document:
            document["authorization"]["expires_at"] = "9999-12-31T23:59:59Z"
        assert evaluate_document(document)["as_of"] == "9999-12-31T23:59:59.999999Z"


def test_a_message_never_repeats_a_value() -> None:
    with pytest.raises(InvalidFacts) as refusal:
        parse_facts(set_at(full(), "/patient/risk_category", "Jane Doe"))
    assert "Jane" not in str(refusal.value)


@pytest.mark.parametrize("question", ["authorize", "dispense"])
def test_facts_are_written_as_the_contract_has_them(question: str) -> None:
    """Every key of the question and none of the other, instants in UTC, absent ones null."""
    document = full(question)
    document["prescriber"]["covers"] = ["PR2"]
    facts = parse_facts(document)
    written = facts_to_document(facts)
    assert json.loads(json.dumps(written)) == written
    assert parse_facts(written) == facts
    others = {"authorize": {"pharmacy", "authorization", "confirmation", "prescription"},
              "dispense": {"request"}}[question]  # fmt: skip
    assert set(written) == set(Facts._fields) - others
    assert written["as_of"] == "2026-06-17T16:00:00Z"
    assert written["prescriber"] == {"id": "PR1", "status": "certified", "covers": ["PR2"]}
    assert written["patient"] == {
        "date_of_birth": "1976-01-15",
        "risk_category": "adult_frp",
        "breastfeeding": False,
        "category_basis": None,
        "cycle": None,
        "advisory_flags": [],
    }
    assert written["dispenses"][0] == {
        "dispensed_at": "2026-04-27T16:00:00Z",
        "days_supply": 28,
        "risk_category": "adult_frp",
        "authorized": True,
        "returned_at": None,
        "stopped_on": None,
    }


def test_errors_are_told_under_an_edition_that_is_given_and_where_none_is_in_force() -> None:
    wrong = set_at(full(), "/patient/cycle", "monthly")
    with pytest.raises(InvalidFacts) as refusal:
        parse_facts(wrong, policy_by_version("lenalidomide-2026-01"))
    assert [each["pointer"] for each in refusal.value.errors] == ["/patient/cycle"]
    found = pointers({**wrong, "as_of": "2019-06-17T12:00:00Z"})
    assert {"/as_of", "/patient/cycle"} <= set(found)


@pytest.mark.parametrize("question", ["authorize", "dispense"])
def test_facts_that_lack_an_object_of_their_question_are_never_decided(question: str) -> None:
    facts = parse_facts(full(question))._replace(
        request=None, pharmacy=None, authorization=None, prescription=None
    )
    with pytest.raises(IncompleteFacts, match=r"^an object of the question is missing$"):
        decide(facts)


STATES = ["issued", "confirmed", "dispensed", "void", "expired"]
STATUSES = ["pending", "certified", "suspended", "decertified"]


@pytest.mark.parametrize(
    ("question", "pointer", "codes"),
    [
        ("authorize", "/patient/cycle", ["regular", "irregular", "none"]),
        ("authorize", "/prescriber/status", STATUSES),
        ("dispense", "/pharmacy/status", STATUSES),
        ("authorize", "/agreements/0/signer", ["patient", "guardian", "representative"]),
        ("authorize", "/pregnancy_tests/0/result", ["negative", "positive", "indeterminate"]),
        ("authorize", "/pregnancy_tests/0/specimen", ["serum", "urine"]),
        ("authorize", "/bleeding_reports/0/kind", ["missed_period", "abnormal_bleeding"]),
        ("authorize", "/pregnancy_cases/0/subject", ["patient", "partner"]),
        ("authorize", "/pregnancy_cases/0/outcome",
         ["not_pregnant", "pregnancy_ended", "lost_to_follow_up", "unknown"]),
        ("authorize", "/authorizations/0/state", STATES),
        ("dispense", "/authorization/state", STATES),
        ("dispense", "/confirmation/handover", ["ship", "pickup"]),
        ("authorize", "/patient/category_basis/kind",
         ["natural_menopause", "hysterectomy", "bilateral_oophorectomy"]),
    ],
)  # fmt: skip
def test_every_code_of_the_contract_is_taken(question: str, pointer: str, codes: list[str]) -> None:
    document = full(question)
    document["patient"]["category_basis"] = {"kind": "hysterectomy", "on": "2015-03-04"}
    for code in codes:
        facts = parse_facts(set_at(document, pointer, code))
        assert value_at(facts_to_document(facts), pointer) == code


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/dispenses/0/days_supply", 1),
        ("/prescription/strength_mg", 0.5),
        ("/pregnancy_tests/0/sensitivity_miu_ml", 1),
        ("/counseling/0/given_at", "0002-01-01T00:00:00Z"),
        ("/counseling/0/given_at", "9999-12-31T23:59:59.999999Z"),
        ("/pharmacy/certified_until", "9999-12-31"),
    ],
)
def test_the_least_and_the_last_that_can_be_read_is_read(pointer: str, value: object) -> None:
    written = facts_to_document(parse_facts(set_at(full(), pointer, value)))
    assert value_at(written, pointer) == value
