"""Checks of form that every app's commands share. They never judge: the rules do."""

from apps.core.errors import InvalidRequest


def required_reason(
    text: str, *, field: str = "reason", hint: str = "Say why, for the record."
) -> str:
    """The reason without blanks around it. Raises InvalidRequest, naming the field, without one."""
    if not text.strip():
        raise InvalidRequest("A reason is required.", {field: hint})
    return text.strip()
