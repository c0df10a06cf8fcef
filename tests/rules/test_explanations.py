"""Every answer's reason, dates, window and next step are exactly these."""

from typing import Any

import pytest

from apps.rules.decision import evaluate_document
from apps.rules.reasons import REASONS
from tests.rules.explanations import POLICIES, cases, said_of

CASES = list(cases())


@pytest.mark.parametrize(("facts", "said"), CASES)
def test_a_decision_says_exactly_this(facts: dict[str, Any], said: dict[str, Any]) -> None:
    assert said_of(facts) == said


def test_every_reason_is_among_them() -> None:
    told = {reason for _, said in CASES for _, reason, *_ in said["requirements"]}
    assert told == set(REASONS)


def test_a_reason_says_itself_whether_its_requirement_holds() -> None:
    for facts, _ in CASES:
        for each in evaluate_document(facts, POLICIES[facts["program"]])["requirements"]:
            if not each.get("overridden"):
                assert REASONS[each["reason"]].met is each["met"], each["reason"]
