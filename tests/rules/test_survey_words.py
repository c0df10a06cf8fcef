"""What patients are asked and told speaks of their own risk category, in every language."""

import re

import pytest

from apps.rules.documents import document
from apps.rules.policy import programs
from apps.rules.reasons import REASONS

LANGUAGES = ("en", "es")
MEN = ("adult_male", "child_male")
WOMEN = ("adult_frp", "child_frp", "adult_fnrp", "child_fnrp")
OF_WOMEN = re.compile(
    r"\byour (periods|ability to become)|\bare you pregnant|capacidad de quedar|\bsus reglas"
)
OF_MEN = re.compile(r"\bsperm|\bsemen\b|partner of yours|pareja suya")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", programs())
def test_nobody_is_asked_about_a_body_that_is_not_theirs(program: str, language: str) -> None:
    """L-SUR-2: one question asks each patient whether the facts of the category changed."""
    for category in (*MEN, *WOMEN):
        asked = document(program, "patient_survey", category, language=language)
        assert asked.language == language
        assert "facts_changed" in asked.codes
        other = OF_WOMEN if category in MEN else OF_MEN
        assert [each.code for each in asked.items if other.search(each.text.lower())] == []


def test_no_next_step_of_every_category_speaks_of_one_sex() -> None:
    """L-CON-6 is asked of everybody: its steps are read on everybody's pages."""
    texts = [REASONS[code].what or "" for code in REASONS if code.startswith("OBLIGATIONS")]
    assert texts
    assert [text for text in texts if re.search(r"\b(fe)?males?\b", text)] == []
