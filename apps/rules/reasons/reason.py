"""What the text of one reason is: its sentence, and for an unmet rule the next step.

No text itself; those are in the modules beside this one.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason's sentence; unmet ones, and those that lapse, name their owner and next step."""

    message: str
    who: str | None = None
    what: str | None = None
    waits: bool = False
    """Whether the step can only be taken in the requirement's own window."""
    met: bool = False
    """Whether the requirement holds, for now or for good: such a reason refuses nothing."""


def held(message: str) -> Reason:
    """A reason of a met requirement."""
    return Reason(message, met=True)


def lapses(who: str, message: str, what: str) -> Reason:
    """A reason of a met requirement that lapses by itself, and the step that renews it."""
    return Reason(message, who, what, met=True)


def by(who: str, message: str, what: str) -> Reason:
    """A reason of an unmet requirement, and the step that its owner can take at once."""
    return Reason(message, who, what)


def waits_for(who: str, message: str, what: str) -> Reason:
    """The same, for a step that can only be taken in the requirement's own window."""
    return Reason(message, who, what, waits=True)
