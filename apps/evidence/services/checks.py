"""Checks of form that the commands on evidence share. They never judge: the rules do."""

from collections.abc import Collection, Mapping
from datetime import datetime

from apps.core.errors import InvalidRequest
from apps.rules.documents import Document


def not_in_future(now: datetime, instants: Mapping[str, datetime | None]) -> None:
    """Raises InvalidRequest, naming each field whose instant lies after `now`."""
    late = {
        name: "This lies in the future. Enter when it really happened."
        for name, instant in instants.items()
        if instant is not None and instant > now
    }
    if late:
        raise InvalidRequest("What has not happened yet cannot be recorded.", late)


def one_of(code: str, codes: Collection[str], *, field: str) -> str:
    """The code. Raises InvalidRequest, naming the field, for one that is not in the list."""
    if code not in codes:
        raise InvalidRequest("Unknown code.", {field: f"One of: {', '.join(sorted(codes))}."})
    return code


def required_reason(reason: str, *, field: str = "reason") -> str:
    """The reason without blanks around it. Raises InvalidRequest for an empty one."""
    if not reason.strip():
        raise InvalidRequest("A reason is required.", {field: "Say why, for the record."})
    return reason.strip()


def complete_answers(document: Document, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers in the document's order. Raises InvalidRequest unless each is yes or no."""
    wrong = {
        f"answers.{item.code}": "Answer yes or no."
        for item in document.items
        if answers.get(item.code) not in {"yes", "no"}
    }
    wrong |= {
        f"answers.{code}": "This survey does not ask that."
        for code in answers
        if code not in document.codes
    }
    if wrong:
        raise InvalidRequest("The survey is not complete.", wrong)
    return {item.code: answers[item.code] for item in document.items}
