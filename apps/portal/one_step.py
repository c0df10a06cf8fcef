"""Next steps that lead to one and the same form, said as one.

Presentation only: what must be met, and the decision's own list of steps, stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

NO_AGREEMENT: Final = frozenset(
    {
        "AGREEMENT_MISSING",
        "AGREEMENT_UNSIGNED",
        "AGREEMENT_OTHER_CATEGORY",
        "AGREEMENT_WRONG_SIGNER",
    }
)
NOT_ADEQUATE: Final = frozenset(
    {"CONTRACEPTION_MISSING", "CONTRACEPTION_LAPSED", "CONTRACEPTION_INADEQUATE"}
)
NOT_BEGUN: Final = frozenset({"CONTRACEPTION_NOT_BEGUN", "CONTRACEPTION_BROKEN"})
NOT_TESTED: Final = frozenset({"BLEEDING_NOT_TESTED"})
# What is done with the step of another reason, on the same form: it is not said again.
DONE_WITH: Final[Mapping[str, frozenset[str]]] = {
    "AGREEMENT_NEVER_BEGAN": NO_AGREEMENT,
    "AGREEMENT_WITH_NO_PRESCRIBER": NO_AGREEMENT,
    "CONTRACEPTION_NOT_BEGUN": NOT_ADEQUATE,
    "CONTRACEPTION_BROKEN": NOT_ADEQUATE,
    "CONTRACEPTION_ATTESTATION_MISSING": NOT_ADEQUATE | NOT_BEGUN,
    "CONTRACEPTION_ATTESTATION_OLD": NOT_ADEQUATE | NOT_BEGUN,
    "RECENT_TEST_TOO_OLD": NOT_TESTED,
    "RECENT_TEST_NOT_CLEARED": NOT_TESTED,
    "RECENT_TEST_MISSING": NOT_TESTED,
    "RECENT_TEST_NOT_COUNTING": NOT_TESTED,
    "AUTHORIZATION_NOT_IN_STATE": frozenset({"AUTHORIZATION_EXPIRED"}),
}
# What it asks for beyond that step, at the end of whose sentence it is said.
ADDS: Final[Mapping[str, str]] = {
    "CONTRACEPTION_NOT_BEGUN": ", and the day since which the methods are in use",
    "CONTRACEPTION_BROKEN": "; {days} days count from its beginning",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Who must do what, from when, until when; `url`: where it is recorded, where that is known.

    `reasons`: by code, the parameters of the reasons that ask for it.
    """

    who: str
    what: str
    not_before: datetime | None
    not_after: datetime | None
    url: str
    reasons: Mapping[str, Mapping[str, Any]]


def said_once(steps: Sequence[Step]) -> list[Step]:
    """The steps without those that are done with another one of the same person."""
    return [
        replace(step, what=_with_additions(step, steps))
        for step in steps
        if not any(_is_done_with(step, other) for other in steps)
    ]


def _is_done_with(step: Step, other: Step) -> bool:
    """Whether every reason of a step is answered by what is done for another one."""
    same = (step.who, step.not_before, step.not_after, step.url)
    return (
        bool(step.reasons)
        and same == (other.who, other.not_before, other.not_after, other.url)
        and all(not DONE_WITH.get(code, frozenset()).isdisjoint(other.reasons)
                for code in step.reasons)
    )  # fmt: skip


def _with_additions(step: Step, steps: Sequence[Step]) -> str:
    added = [
        ADDS[code].format(**params)
        for other in steps
        if _is_done_with(other, step)
        for code, params in other.reasons.items()
        if code in ADDS
    ]
    return f"{step.what.removesuffix('.')}{''.join(added)}." if added else step.what
