"""What is refused as invalid, clause by clause of the contract, with its pointer."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from apps.rules.decision import evaluate_document
from apps.rules.facts import parse_facts
from tests.rules.documents import (
    DAY,
    NOON,
    TICK,
    Document,
    adequate,
    authorize,
    case,
    iso,
    negative_test,
    on,
    supply,
)
from tests.rules.places import (
    EARLIER,
    LATER,
    NULLABLE,
    full,
    paths,
    pointers,
    remove_at,
    set_at,
    value_at,
)

EVERY_PLACE = [(q, p) for q in ("authorize", "dispense") for p in paths(full(q))]


@pytest.mark.parametrize("question", ["authorize", "dispense"])
def test_a_document_with_one_of_everything_is_valid(question: str) -> None:
    assert parse_facts(full(question)).question == question


@pytest.mark.parametrize(("question", "pointer"), EVERY_PLACE)
def test_a_wrong_type_is_refused_at_its_place(question: str, pointer: str) -> None:
    value = value_at(full(question), pointer)
    wrong: list[object] = [{"a": 1}, [1], "", 1.5, True, "2026-13-45"]
    if isinstance(value, bool):
        wrong = [0, 1, "true", [], {}]
    elif isinstance(value, int | float):
        wrong = ["10", True, [], {}]
    elif isinstance(value, list):
        wrong = [{}, "x", 1, False]
    elif isinstance(value, dict):
        wrong = [[], "x", 1, False]
    elif isinstance(value, str) and pointer.endswith(("id", "prescriber", "pharmacy", "product")):
        wrong = [1, 1.5, True, [], {}]
    elif "topics" in pointer or "covers" in pointer:
        wrong = [1, None, [], {}]
    for each in wrong:
        found = pointers(set_at(full(question), pointer, each))
        assert any(at == pointer or at.startswith(f"{pointer}/") for at in found), each


@pytest.mark.parametrize(("question", "pointer"), EVERY_PLACE)
def test_null_equals_absent_everywhere(question: str, pointer: str) -> None:
    *_, key = pointer.split("/")
    if key.isdigit():
        assert pointers(set_at(full(question), pointer, None))[0].startswith(pointer)
        return
    null = set_at(full(question), pointer, None)
    absent = remove_at(full(question), pointer)
    is_list = isinstance(value_at(full(question), pointer), list)
    if key in NULLABLE or is_list:
        if key == "confirmation":
            null["authorization"]["state"] = absent["authorization"]["state"] = "issued"
        assert parse_facts(null) == parse_facts(absent)
    elif key in {"closed_at", "outcome"}:
        assert pointers(null) == pointers(absent) == [pointer]
    else:
        assert pointers(null) == pointers(absent) == [pointer]


EVERY_OBJECT = [(q, p) for q, p in EVERY_PLACE if isinstance(value_at(full(q), p), dict)]


@pytest.mark.parametrize(("question", "pointer"), [("authorize", ""), *EVERY_OBJECT])
def test_an_unknown_key_is_refused(question: str, pointer: str) -> None:
    document = set_at(full(question), f"{pointer}/surprise", 1)
    assert pointers(document) == [f"{pointer}/surprise"]


def test_a_pointer_escapes_its_key() -> None:
    assert pointers({**full(), "a/b~c": 1}) == ["/a~1b~0c"]


@pytest.mark.parametrize(
    "pointer",
    [
        "/program", "/question", "/patient/risk_category", "/prescriber/status",
        "/pharmacy/status", "/agreements/0/signer", "/agreements/0/risk_category",
        "/pregnancy_tests/0/result", "/pregnancy_tests/0/specimen", "/contraception/0/methods/0",
        "/bleeding_reports/0/kind", "/pregnancy_cases/0/subject", "/pregnancy_cases/0/outcome",
        "/authorizations/0/state", "/dispenses/0/risk_category", "/overrides/0/rule",
        "/authorization/state", "/authorization/risk_category", "/confirmation/handover",
        "/prescription/risk_category",
    ],
)  # fmt: skip
def test_an_unknown_enumeration_value_is_refused(pointer: str) -> None:
    assert pointer in pointers(set_at(full(), pointer, "L-NONE-1"))


@pytest.mark.parametrize("kind", ["menarche", "tubal_ligation"])
def test_an_unknown_basis_is_refused(kind: str) -> None:
    document = authorize("adult_fnrp")
    document["patient"]["category_basis"]["kind"] = kind
    assert pointers(document) == ["/patient/category_basis/kind"]


def test_an_unknown_cycle_is_refused() -> None:
    document = authorize()
    document["patient"]["cycle"] = "monthly"
    assert pointers(document) == ["/patient/cycle"]


def test_topics_indications_and_flags_are_open() -> None:
    document = full("authorize")
    document["counseling"][0]["topics"].append("diet")
    document["request"]["indication"] = "Z99.9"
    document["patient"]["advisory_flags"] = ["left_handed"]
    assert evaluate_document(document)["policy_version"]


def test_an_exception_from_a_rule_that_is_not_overridable_is_valid() -> None:
    document = set_at(full(), "/overrides/0/rule", "L-PT-3")
    assert parse_facts(document).overrides[0].rule == "L-PT-3"


@pytest.mark.parametrize(
    "instant",
    [
        "2026-06-17T12:00:00", "2026-06-17", "2026-06-17 12:00:00Z", "2026-06-17T25:00:00Z",
        "2026-02-30T12:00:00Z", "tomorrow", "2026-06-17T12:00:00+25:00", 1781712000,
        "2026-06-17T12:00:00.1234567Z",
        "2026-06-17T12:00:00,1234567+00:00",
        "2026-06-17T120000Z",
        "2026-06-17T120000.1234567Z",
        "0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-01:00", "10000-01-01T00:00:00Z", "20260617T120000Z", "",
        "2026-06-17T12:00:00.5+02.30", "2026-06-17T12:00,30Z", "2026-06-17T12:00.30Z",
        "2026-06-17T12:00:309Z", "2026-06-17T12:00:007+02:00", "2026-06-17T12:00:59:9Z",
        "2026-06-17T12:00:00xZ", "2026-06-17T12:00:00TZ", "2026-06-17T12:00:00 Z",
        "2026-06-17T12:00:00Z\0", "2026-06-17T12:00:00Z\n", "2026-06-17T12:00:00.Z",
        "2026-06-17T12:00:00,5Z", "2026-06-17T12:00:00+0000", "2026-06-17T12:00:00+02",
        "2026-06-17T12:00:00+02:00:30", "2026-06-17T12:00:00+02:60", "2026-06-17T12Z",
        "2026-06-17T12:00:00z", "2026-06-17t12:00:00Z", "2026-W25-3T12:00:00Z",
        "2026-W25T12:00:00+00:00", "2026-168T12:00:00Z", " 2026-06-17T12:00:00Z",
        "2026-06-17T12:00:٠0Z", "2026-06-17T12:00:60Z",
        "2026-06-17T12:00:00−04:00",
    ],
)  # fmt: skip
def test_only_an_instant_with_an_offset_is_an_instant(instant: object) -> None:
    assert pointers(set_at(full(), "/pregnancy_tests/0/resulted_at", instant)) == [
        "/pregnancy_tests/0/resulted_at"
    ]


@pytest.mark.parametrize(
    "instant",
    [
        "2026-06-17T15:59:59.5Z",
        "2026-06-17T11:59:59.1-04:00",
        "2026-06-17T11:59:59.12345-04:00",
        "2026-06-17T11:59:59.123456-04:00",
        "2026-06-17T15:59Z", "2026-06-18T00:59:00+09:00",
        "2026-06-17T05:59:00-10:00", "2026-06-17T15:59:00.999999+00:00",
        "2026-06-17T15:59:00-00:00",
    ],
)  # fmt: skip
def test_any_offset_and_any_fraction_is_an_instant(instant: str) -> None:
    document = set_at(full(), "/counseling/0/given_at", instant)
    assert parse_facts(document).counseling[0].given_at.tzinfo is UTC


BAD_DATES = (
    "2026-2-3", "20260203", "2026-02-30", "2026-W01-1", "", 20260203, "2026-02-03Z", "2026-02-03\n",
    "2026-W01-01", "2026-02-٠3", "2026-0203",
)  # fmt: skip


@pytest.mark.parametrize("day", BAD_DATES)
def test_only_a_whole_date_is_a_date(day: object) -> None:
    assert pointers(set_at(full(), "/pharmacy/certified_until", day)) == [
        "/pharmacy/certified_until"
    ]


@pytest.mark.parametrize(
    ("question", "key"),
    [("authorize", key) for key in ("pharmacy", "authorization", "confirmation", "prescription")]
    + [("dispense", "request")],
)
def test_an_object_of_the_other_question_is_refused_unless_null(question: str, key: str) -> None:
    other = full("dispense" if question == "authorize" else "authorize")[key]
    assert pointers({**full(question), key: other}) == [f"/{key}"]
    assert parse_facts({**full(question), key: None}) == parse_facts(full(question))


Change = Callable[[Document], None]


def in_list(name: str, entry: Document) -> Change:
    def change(document: Document) -> None:
        document[name] = [entry]

    return change


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (in_list("pregnancy_tests", negative_test(NOON, resulted_at=iso(NOON - TICK))),
         "/pregnancy_tests/0/resulted_at"),
        (in_list("pregnancy_tests", negative_test(NOON, withdrawn_at=iso(NOON - TICK))),
         "/pregnancy_tests/0/withdrawn_at"),
        (in_list("contraception", adequate(NOON, recorded_at=iso(NOON - TICK))),
         "/contraception/0/recorded_at"),
        (in_list("contraception", adequate(NOON, withdrawn_at=iso(NOON - TICK))),
         "/contraception/0/withdrawn_at"),
        (in_list("contraception", adequate(NOON, on(NOON, -1))),
         "/contraception/0/in_use_since"),
        (in_list("bleeding_reports", {"reported_at": LATER, "kind": "missed_period",
                                      "withdrawn_at": EARLIER}),
         "/bleeding_reports/0/withdrawn_at"),
        (in_list("interventions", {"opened_at": LATER, "resolved_at": EARLIER}),
         "/interventions/0/resolved_at"),
        (in_list("pregnancy_cases", case(NOON - DAY, NOON - 2 * DAY, "unknown")),
         "/pregnancy_cases/0/closed_at"),
        (in_list("authorizations", {"issued_at": LATER, "expires_at": EARLIER, "state": "void"}),
         "/authorizations/0/expires_at"),
        (in_list("dispenses", supply(NOON - DAY, returned_at=EARLIER)),
         "/dispenses/0/returned_at"),
        (in_list("dispenses", supply(NOON - DAY, stopped_on=on(NOON, 2))),
         "/dispenses/0/stopped_on"),
        (in_list("overrides", {"rule": "L-DSP-5", "granted_at": LATER, "expires_at": EARLIER}),
         "/overrides/0/expires_at"),
        (lambda d: d["authorization"].update(expires_at=EARLIER), "/authorization/expires_at"),
        (lambda d: d["confirmation"].update(expires_at=EARLIER), "/confirmation/expires_at"),
    ],
)  # fmt: skip
def test_an_end_before_its_beginning_is_refused(change: Change, pointer: str) -> None:
    document = full()
    change(document)
    assert pointers(document) == [pointer]


def test_an_end_at_its_beginning_is_valid() -> None:
    document = full()
    document["pregnancy_tests"] = [negative_test(NOON - DAY, withdrawn_at=iso(NOON - DAY))]
    document["dispenses"] = [supply(NOON - DAY, returned_at=LATER, stopped_on=on(NOON, 1))]
    document["contraception"] = [adequate(NOON - DAY, on(NOON, 1))]
    assert parse_facts(document).dispenses[0].stopped_on is not None


def test_days_are_compared_in_the_zone_of_the_program() -> None:
    """Late evening in New York is the next day in UTC."""
    evening = datetime.fromisoformat("2026-06-16T23:30:00-04:00")
    document = full()
    document["dispenses"] = [supply(evening, stopped_on="2026-06-16")]
    document["contraception"] = [adequate(evening, "2026-06-16")]
    assert parse_facts(document).dispenses[0].days_supply == 28
    document["contraception"] = [adequate(evening, "2026-06-17")]
    assert pointers(document) == ["/contraception/0/in_use_since"]


@pytest.mark.parametrize("name", ["authorization", "confirmation"])
def test_what_is_verified_cannot_be_issued_after_as_of(name: str) -> None:
    document = full()
    document[name]["expires_at"] = iso(NOON + DAY)
    document[name]["issued_at"] = iso(NOON + TICK)
    assert pointers(document) == [f"/{name}/issued_at"]
    document[name]["issued_at"] = iso(NOON)
    assert parse_facts(document).as_of == NOON


def test_a_closed_case_has_an_outcome_and_an_open_one_has_none() -> None:
    document = full()
    document["pregnancy_cases"] = [case(NOON - DAY, NOON), case(NOON - DAY, None, "unknown")]
    assert pointers(document) == ["/pregnancy_cases/0/outcome", "/pregnancy_cases/1/closed_at"]


def test_nobody_is_born_after_as_of_or_after_her_basis() -> None:
    document = authorize("adult_fnrp")
    document["patient"]["date_of_birth"] = on(NOON, -1)
    document["patient"]["category_basis"] = None
    assert pointers(document) == ["/patient/date_of_birth"]
    document["patient"]["date_of_birth"] = "2015-03-05"
    document["patient"]["category_basis"] = {"kind": "hysterectomy", "on": "2015-03-04"}
    assert pointers(document) == ["/patient/category_basis/on"]
    document["patient"]["date_of_birth"] = "2015-03-04"
    assert parse_facts(document).patient.category_basis is not None


@pytest.mark.parametrize("number", [0, -1, -0.5, 0.0])
@pytest.mark.parametrize(
    "pointer",
    ["/pregnancy_tests/0/sensitivity_miu_ml", "/authorization/strength_mg",
     "/prescription/strength_mg"],
)  # fmt: skip
def test_a_sensitivity_or_strength_is_above_zero(pointer: str, number: float) -> None:
    assert pointers(set_at(full(), pointer, number)) == [pointer]


def test_a_requested_strength_is_above_zero() -> None:
    assert pointers(set_at(full("authorize"), "/request/strength_mg", 0)) == [
        "/request/strength_mg"
    ]


@pytest.mark.parametrize("days", [0, -28, 28.0, "28", True, 10**400 * -1])
def test_a_dispense_has_at_least_one_whole_day(days: object) -> None:
    assert pointers(set_at(full(), "/dispenses/0/days_supply", days)) == [
        "/dispenses/0/days_supply"
    ]


@pytest.mark.parametrize("days", [0, -1, 29, 10**400])
def test_a_requested_or_prescribed_number_of_days_is_judged_not_refused(days: int) -> None:
    request = set_at(full("authorize"), "/request/days_supply", days)
    assert "L-AUT-5" in evaluate_document(request)["unmet"]
    prescription = set_at(full(), "/prescription/days_supply", days)
    assert "L-DSP-6" in evaluate_document(prescription)["unmet"]


@pytest.mark.parametrize("pointer", ["/request/days_supply"])
@pytest.mark.parametrize("days", [28.0, "28", True, [], {}])
def test_a_requested_number_of_days_is_a_json_integer(pointer: str, days: object) -> None:
    assert pointers(set_at(full("authorize"), pointer, days)) == [pointer]


def test_two_dispenses_at_one_instant_are_refused_in_any_notation() -> None:
    document = full()
    document["dispenses"] = [
        supply(NOON) | {"dispensed_at": "2026-06-16T16:00:00Z"},
        supply(NOON) | {"dispensed_at": "2026-06-16T12:00:00-04:00", "returned_at": iso(NOON)},
    ]
    assert pointers(document) == ["/dispenses/1/dispensed_at"]


def test_an_unknown_program_and_an_instant_without_policy_are_refused() -> None:
    assert pointers({**full(), "program": "aspirin"}) == ["/program"]
    document = authorize()
    document["as_of"] = "2019-12-31T23:59:59.999999-05:00"
    assert "/as_of" in pointers(document)
    document = authorize("adult_male", as_of=datetime(2020, 1, 1, 5, tzinfo=UTC))
    assert parse_facts(document).program == "lenalidomide"


def test_every_error_of_a_document_is_told() -> None:
    document = full()
    set_at(document, "/patient/risk_category", "woman")
    set_at(document, "/pregnancy_tests/1/collected_at", "yesterday")
    set_at(document, "/contraception/0/methods", ["iud", "luck"])
    set_at(document, "/pharmacy", None)
    set_at(document, "/extra", 1)
    assert pointers(document) == [
        "/extra",
        "/patient/risk_category",
        "/pharmacy",
        "/pregnancy_tests/1/collected_at",
        "/contraception/0/methods/1",
    ]


def test_errors_between_objects_are_told_together_with_those_within() -> None:
    document = full()
    document["patient"] |= {"date_of_birth": on(NOON, -1), "cycle": "monthly"}
    document["pregnancy_tests"][0]["sensitivity_miu_ml"] = 0
    document["confirmation"] |= {"issued_at": iso(NOON + DAY), "expires_at": iso(NOON)}
    document["authorization"] |= {"issued_at": iso(NOON + TICK), "expires_at": "never"}
    document["dispenses"] = [supply(NOON), {"dispensed_at": 1}, 5, supply(NOON), supply(NOON)]
    assert pointers(document) == [
        "/patient/cycle",
        "/authorization/expires_at",
        "/pregnancy_tests/0/sensitivity_miu_ml",
        *[f"/dispenses/1/{key}" for key in
          ("dispensed_at", "days_supply", "risk_category", "authorized")],
        "/dispenses/2",
        "/confirmation/expires_at",
        "/patient/date_of_birth",
        "/authorization/issued_at",
        "/confirmation/issued_at",
        "/dispenses/3/dispensed_at",
        "/dispenses/4/dispensed_at",
    ]  # fmt: skip
    document |= {"as_of": "today", "dispenses": {}, "confirmation": 3}
    assert "/authorization/issued_at" not in pointers(document)


def test_errors_are_told_even_without_program_as_of_or_question() -> None:
    assert {"/program", "/question", "/as_of", "/patient", "/prescriber"} <= set(pointers({}))
    found = pointers({**full(), "program": 1, "as_of": None, "question": "why", "overrides": {}})
    assert found == ["/program", "/question", "/as_of", "/overrides"]


@pytest.mark.parametrize("document", [None, [], "x", 1, True])
def test_only_an_object_is_a_document(document: object) -> None:
    assert pointers(document) == [""]
