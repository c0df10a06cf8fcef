"""The requirement table: which rule is asked when, in the contract's order.

One short function a rule, by topic in the modules beside this one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from apps.rules.edition import Policy
from apps.rules.finding import Finding
from apps.rules.requirements import (
    authorization,
    contraception,
    dispensing,
    enrollment,
    first_window,
    pregnancy,
    surveys,
)
from apps.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class Requirement:
    """A rule of the table: for which questions and whom it is asked, and its function."""

    rule: str
    questions: frozenset[str]
    applies: Callable[[Terms], bool] | None
    check: Callable[[Terms], Finding]


def _needs_basis(terms: Terms) -> bool:
    return terms.category.needs_basis


def _is_female(terms: Terms) -> bool:
    return terms.category.female


def _on_pregnancy_path(terms: Terms) -> bool:
    return terms.category.pregnancy_path


def _initiates_on_pregnancy_path(terms: Terms) -> bool:
    return terms.category.pregnancy_path and terms.path == "initiation"


def _needs_recent_test(terms: Terms) -> bool:
    """A program that asks for no second test asks an initiation for a recent one, too."""
    return terms.category.pregnancy_path and (
        terms.facts.question == "dispense"
        or terms.path == "continuing"
        or "L-PT-2" not in terms.policy.rules
    )


def _is_surveyed(terms: Terms) -> bool:
    return terms.category.patient_survey != "never"


def _has_confirmation(terms: Terms) -> bool:
    return terms.facts.confirmation is not None


def _ships_on_pregnancy_path(terms: Terms) -> bool:
    confirmation = terms.facts.confirmation
    return (
        terms.category.pregnancy_path
        and confirmation is not None
        and confirmation.handover == "ship"
    )


_A: Final = frozenset({"authorize"})
_D: Final = frozenset({"dispense"})
_AD: Final = _A | _D

REQUIREMENTS: Final[tuple[Requirement, ...]] = (
    Requirement("L-ENR-1", _AD, None, enrollment.prescriber_certified),
    Requirement("L-ENR-2", _D, None, enrollment.pharmacy_certified),
    Requirement("L-ENR-3", _AD, None, enrollment.agreement_current),
    Requirement("L-ENR-4", _A, None, enrollment.agreement_in_force),
    Requirement("L-ENR-5", _A, None, enrollment.agreement_with_prescriber),
    Requirement("L-CAT-1", _AD, None, enrollment.age_fits_category),
    Requirement("L-CAT-2", _AD, _needs_basis, enrollment.basis_recorded),
    Requirement("L-PT-1", _A, _initiates_on_pregnancy_path, pregnancy.first_test),
    Requirement("L-PT-2", _A, _initiates_on_pregnancy_path, pregnancy.second_test),
    Requirement("L-PT-3", _AD, _needs_recent_test, pregnancy.recent_test),
    Requirement("L-WIN-1", _AD, _initiates_on_pregnancy_path, first_window.first_window_not_missed),
    Requirement("L-PT-5", _AD, None, pregnancy.no_positive_test),
    Requirement("L-PT-6", _AD, _is_female, pregnancy.no_indeterminate_test),
    Requirement("L-PT-8", _AD, _is_female, pregnancy.bleeding_evaluated),
    Requirement("L-PRG-1", _AD, None, pregnancy.no_pregnancy_case),
    Requirement("L-CON-1", _AD, _on_pregnancy_path, contraception.contraception_adequate),
    Requirement(
        "L-CON-2", _A, _initiates_on_pregnancy_path, contraception.contraception_long_enough
    ),
    Requirement("L-CON-3", _A, _on_pregnancy_path, contraception.contraception_attested),
    Requirement("L-CON-6", _AD, None, contraception.obligations_attested),
    Requirement("L-CON-7", _AD, _is_female, contraception.not_breastfeeding),
    Requirement("L-SUR-1", _A, None, surveys.prescriber_survey),
    Requirement("L-SUR-2", _A, _is_surveyed, surveys.patient_survey),
    Requirement("L-SUR-3", _AD, None, surveys.no_open_intervention),
    Requirement("L-SUR-4", _A, None, surveys.counseling_given),
    Requirement("L-AUT-3", _A, None, authorization.no_open_authorization),
    Requirement("L-AUT-4", _D, None, authorization.authorization_not_expired),
    Requirement("L-AUT-5", _A, None, authorization.request_fits),
    Requirement("L-AUT-7", _D, None, authorization.authorization_state),
    Requirement("L-AUT-8", _D, None, authorization.authorization_stands),
    Requirement("L-DSP-3", _D, _has_confirmation, dispensing.confirmation_valid),
    Requirement("L-DSP-4", _D, None, dispensing.prescription_category_agrees),
    Requirement("L-DSP-5", _D, None, dispensing.supply_nearly_used),
    Requirement("L-DSP-6", _D, None, dispensing.prescription_matches),
    Requirement("L-DSP-9", _D, _ships_on_pregnancy_path, dispensing.shipped_on_day_of_confirmation),
)


@cache
def asked_under(policy: Policy) -> dict[str, tuple[Requirement, ...]]:
    """The requirements that a program asks for each question, in the table's order."""
    return {
        question: tuple(
            each
            for each in REQUIREMENTS
            if question in each.questions and each.rule in policy.rules
        )
        for question in ("authorize", "dispense")
    }
