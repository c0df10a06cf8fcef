"""The contract's own cases: scenarios with their answers, and an independent calculator."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps.rules.decision import evaluate_document
from apps.rules.policy import policy_by_version
from apps.rules.schedule import next_test_due
from tests.rules.documents import dispense, is_met, iso, on, start_of, supply

DATA = Path(__file__).parent / "data"
SCENARIOS = [json.loads(line) for line in (DATA / "scenarios.jsonl").read_text().splitlines()]
VECTORS = json.loads((DATA / "fill-window-vectors.json").read_text())["vectors"]
POLICY = policy_by_version("lenalidomide-2026-01")


def category_of(vector: dict[str, Any]) -> str:
    return "adult_frp" if vector["category"] == "frp" else "adult_male"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["id"])
def test_a_scenario_is_answered_as_expected(scenario: dict[str, Any]) -> None:
    decision = evaluate_document(scenario["facts"])
    assert {key: decision[key] for key in scenario["expected"]} == scenario["expected"]


def test_there_are_120_scenarios() -> None:
    assert len(SCENARIOS) == 120


@pytest.mark.parametrize("vector", [v for v in VECTORS if "nextTest" in v])
def test_the_next_test_falls_on_the_day_that_the_calculator_gives(vector: dict[str, Any]) -> None:
    due = next_test_due(
        date.fromisoformat(vector["anchor"]),
        date.fromisoformat(vector["therapyStart"]),
        vector.get("cycles"),
        POLICY,
    )
    assert due == date.fromisoformat(vector["nextTest"])


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if "allowed" in v and not v.get("subsequent")]
)
def test_the_fill_window_closes_when_the_calculator_closes_it(vector: dict[str, Any]) -> None:
    check = start_of(date.fromisoformat(vector["check"]))
    document = dispense(category_of(vector), as_of=check)
    anchor = start_of(date.fromisoformat(vector["anchor"]))
    rule = "L-AUT-4"
    if vector["category"] == "frp":
        rule = "L-PT-3"
        document["pregnancy_tests"] = [
            {
                **document["pregnancy_tests"][0],
                "collected_at": iso(anchor),
                "resulted_at": iso(anchor),
            }
        ]
    else:
        document["authorization"]["issued_at"] = iso(anchor)
    assert is_met(document, rule) is vector["allowed"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.get("subsequent")])
def test_the_next_supply_waits_as_the_calculator_says(vector: dict[str, Any]) -> None:
    check = start_of(date.fromisoformat(vector["check"]))
    document = dispense(category_of(vector), as_of=check)
    days_ago = 28 - vector["daysLeft"]
    dispensed_on = date.fromisoformat(on(check, days_ago))
    document["dispenses"] = [supply(start_of(dispensed_on), category_of(vector))]
    assert is_met(document, "L-DSP-5") is vector["allowed"]
