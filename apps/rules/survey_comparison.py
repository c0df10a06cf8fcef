"""What the prescriber's survey states, and where the patient's answers differ from it (L-SUR-1, 3).

Pure. The documents say which answers must agree; what differs is for the program's staff.
"""

from collections.abc import Mapping
from typing import Any, Final

from apps.rules.documents import Document

ASSUMED_CYCLE: Final = "regular"
"""The tests are planned for a regular cycle while none is recorded."""


def statement(facts: Mapping[str, Any], *, days_supply: int) -> dict[str, Any]:
    """What the prescriber states beside the answers: the record as it stood, and the days asked.

    `facts` is the contract's document, its lists in order of time; what is withdrawn is not stated.
    """
    tests = [each for each in facts["pregnancy_tests"] if each["withdrawn_at"] is None]
    last_test = tests[-1] if tests else None
    counseling = facts["counseling"]
    return {
        "cycle": facts["patient"]["cycle"],
        "last_test": last_test
        and {name: last_test[name] for name in ("collected_at", "resulted_at", "result")},
        "counseled_at": counseling[-1]["given_at"] if counseling else None,
        "days_supply": days_supply,
    }


def differing(
    patient_survey: Document,
    patient_answers: Mapping[str, str],
    stated: Mapping[str, Any],
    prescriber_answers: Mapping[str, str],
) -> tuple[str, ...]:
    """The codes of the patient's questions whose answers do not agree with the prescriber's.

    A question that the patient was not asked, or the prescriber did not state, is not compared.
    """
    said = {**prescriber_answers, "cycle": stated["cycle"] or ASSUMED_CYCLE}
    return tuple(
        item.code
        for item in patient_survey.items
        if item.compares in said
        and item.code in patient_answers
        and said[item.compares] not in item.agrees.get(patient_answers[item.code], frozenset())
    )
