"""What a patient reads at once after a risky answer (L-SUR-3), and in which order. Pure.

The sentences are the program's document; nothing here decides what is risky.
"""

from collections.abc import Mapping
from dataclasses import replace

from apps.rules.documents import Document, document


def guidance(
    program: str, answers: Mapping[str, str], *, language: str | None = None
) -> Document | None:
    """What these answers to the patient's survey call for; None where none of them is risky."""
    survey = document(program, "patient_survey")
    text = document(program, "patient_guidance", language=language)
    risky = {
        item.code
        for item in survey.items
        if item.at_risk and answers.get(item.code) == item.at_risk
    }
    if not risky:
        return None
    called_for = [item for item in text.items if not item.when or item.when & risky]
    return replace(text, items=tuple(called_for))
