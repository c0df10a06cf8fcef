"""Comparing risk categories: whether a change asks less of a patient (L-CAT-3). Pure."""

from datetime import date
from typing import Final, Protocol

from apps.rules.edition import Category

MENOPAUSE: Final = "natural_menopause"

_SURVEYS: Final = ("never", "periodic", "later", "each")
"""How often a patient answers the survey, the rarest first."""


def asks_less(before: Category, after: Category) -> bool:
    """Whether a change of category takes away monitoring: then it waits for an administrator.

    Off the pregnancy path; from a female to a male category; or with fewer surveys. Coming onto
    the pregnancy path never waits, whatever else it takes away (L-CAT-3; choice).
    """
    if after.pregnancy_path:
        return False
    if before.pregnancy_path or (before.female and not after.female):
        return True
    return _SURVEYS.index(after.patient_survey) < _SURVEYS.index(before.patient_survey)


class Basis(Protocol):
    """Why a woman is not of reproductive potential, and its date (L-CAT-2)."""

    @property
    def kind(self) -> str: ...
    @property
    def on(self) -> date: ...


def basis_asks_less(before: Basis | None, after: Basis | None) -> bool:
    """Whether another basis waits for an administrator, though the category stays (choice).

    Instead of natural menopause, or an earlier one: bleeding would no longer begin the 24 months
    anew (L-PT-8), or fewer of them would be left (L-CAT-2). A later one takes effect at once.
    """
    if before is None or after is None or before.kind != MENOPAUSE:
        return False
    return after.kind != MENOPAUSE or after.on < before.on
