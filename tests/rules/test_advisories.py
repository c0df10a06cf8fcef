"""Advisories (§11): each one that the page names is given, and none changes an answer."""

from datetime import UTC, datetime

import pytest

from apps.rules.advisories import regimen_advice
from apps.rules.policy import policy_in_force

POLICY = policy_in_force("lenalidomide", datetime(2026, 6, 1, tzinfo=UTC))
NAMED = {
    "REGIMEN_UNLIKE_MULTIPLE_MYELOMA",
    "REGIMEN_UNLIKE_MANTLE_CELL_LYMPHOMA",
    "REGIMEN_UNLIKE_DEL_5Q_MDS",
    "RENAL_IMPAIRMENT",
    "DIGOXIN",
    "CLOT_RISK",
    "CLOT_RISK_CONTRACEPTION",
    "CHRONIC_LYMPHOCYTIC_LEUKEMIA",
    "STORAGE_DEVIATION",
}


def test_the_policy_has_every_advisory_that_the_page_names() -> None:
    assert {each.code for each in POLICY.advisories} == NAMED


@pytest.mark.parametrize(
    ("indication", "quantity", "days_supply", "expected"),
    [
        ("C90.00", 21, 28, []),
        ("C90.00", 28, 28, ["REGIMEN_UNLIKE_MULTIPLE_MYELOMA"]),
        ("C83.10", 20, 28, ["REGIMEN_UNLIKE_MANTLE_CELL_LYMPHOMA"]),
        ("D46.C", 28, 28, []),
        ("D46.C", 21, 28, ["REGIMEN_UNLIKE_DEL_5Q_MDS"]),
        # Fourteen capsules for fourteen days may be days 1 to 14 of the usual cycle.
        ("C90.00", 14, 14, []),
        ("Z00", 5, 28, []),
        ("", 5, 28, []),
    ],
)
def test_a_number_of_capsules_unlike_the_usual_one_is_remarked_on(
    indication: str, quantity: int, days_supply: int, expected: list[str]
) -> None:
    advice = regimen_advice(
        POLICY, indication=indication, quantity=quantity, days_supply=days_supply
    )
    assert [each.code for each in advice] == expected
    messages = {each.code: each.message for each in POLICY.advisories}
    assert [each.message for each in advice] == [messages[code] for code in expected]
