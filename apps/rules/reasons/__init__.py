"""The texts of every reason: its sentence, and for an unmet rule who must do what next.

Texts only, no logic: a door can translate them from the reason's code and parameters.
"""

from typing import Final

from apps.rules.reasons.enrollment import ENROLLMENT
from apps.rules.reasons.evidence import EVIDENCE
from apps.rules.reasons.pregnancy import PREGNANCY
from apps.rules.reasons.reason import Reason
from apps.rules.reasons.supply import SUPPLY

REASONS_OF: Final[dict[str, dict[str, Reason]]] = {
    **ENROLLMENT,
    **PREGNANCY,
    **EVIDENCE,
    **SUPPLY,
}
"""Every reason by rule, then by code."""

REASONS: Final[dict[str, Reason]] = {
    code: reason for reasons in REASONS_OF.values() for code, reason in reasons.items()
}
"""Every reason by its code; no two rules share one."""

EXCUSED: Final = "An exception excuses this until {until_at}."
"""What stands after the sentence of an excused requirement (L-DSP-10)."""

ACTION_WHEN_AUTHORIZED: Final = (
    "prescriber",
    "Issue the authorization and give the prescription to a certified pharmacy.",
)
ACTION_WHEN_ELIGIBLE: Final = ("pharmacy", "Confirm the supply.")
ACTION_WHEN_CONFIRMED: Final = (
    "pharmacy",
    "Counsel the patient, complete the checklist, and hand over or ship the supply.",
)
