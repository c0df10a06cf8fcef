"""Comparing risk categories: whether a change asks less of a patient (L-CAT-3). Pure."""

from typing import Final

from apps.rules.edition import Category

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
