"""How everything is logged: one JSON object a line, with ids, kinds and places in the code only.

Nothing passes but what is named here, so that no name, result or address of a person can leak:
not by a new key, not in an exception's words, not in what a library says.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final
from uuid import UUID

import orjson
import structlog

ALLOWED: Final = frozenset(
    {
        # whose doing it was
        "request_id", "correlation_id", "task_id", "parent_task_id", "child_task_id",
        "incident", "task", "child_task_name", "command",
        # a request
        "method", "route", "status", "code", "milliseconds", "duration_ms",
        # what it was about
        "notice", "copy", "owner", "kind", "move", "sweep", "seconds", "count", "frames",
        "signum", "signame", "expired", "terminated",
    }
)  # fmt: skip
SAID_ELSEWHERE: Final = frozenset({"event", "level", "timestamp", "logger", "exc_info"})
WORD: Final = re.compile(r"[^\s@\"']{1,200}")
HIDDEN: Final = "…"
FRAMES: Final = 30

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class AllowedOnly(logging.Formatter):
    """Writes a record as one line of JSON; of what it does not know, it names the keys alone."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        entries: dict[str, Any] = record.msg if isinstance(record.msg, dict) else {}
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": entries.get("event") if entries else said(record),
        }
        own = entries or structlog.contextvars.get_contextvars()
        line |= {key: own[key] for key in own if key in ALLOWED and is_harmless(own[key])}
        dropped = sorted(own.keys() - line.keys() - SAID_ELSEWHERE)
        if dropped:
            line["dropped"] = dropped
        line |= told_of(entries.get("exc_info") or record.exc_info)
        return orjson.dumps(line, default=str).decode()


def said(record: logging.LogRecord) -> str:
    """What a library says: its own words and numbers, without anything that it filled in.

    Words that it filled in before cannot be told from its own: then only the place is said.
    """
    words, given = record.msg, record.args
    if not given or not isinstance(words, str):
        return f"{record.module}.{record.funcName}"
    try:
        if isinstance(given, Mapping):
            return words % {key: _number_or_hidden(value) for key, value in given.items()}
        return words % tuple(map(_number_or_hidden, given))
    except (TypeError, ValueError):
        return words


def _number_or_hidden(value: object) -> object:
    return value if isinstance(value, int | float) else HIDDEN


def is_harmless(value: object) -> bool:
    """Numbers, ids and single words; a list of places in the code. Never a sentence."""
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    if isinstance(value, str):
        return WORD.fullmatch(value) is not None
    return value is None or isinstance(value, int | float | UUID)


def told_of(exc_info: Any) -> dict[str, Any]:
    """An exception by its kind and the way to it. Its words may hold a person's data."""
    if not exc_info:
        return {}
    error = _error_of(exc_info)
    if error is None:
        return {}
    return {"kind": type(error).__qualname__, "frames": frames_of(error)}


def _error_of(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    found: BaseException | None = (exc_info if isinstance(exc_info, tuple) else sys.exc_info())[1]
    return found


def frames_of(error: BaseException) -> list[str]:
    """Where an exception came from: file, line and function, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


PROCESSORS: Final[list[Any]] = [
    structlog.stdlib.filter_by_level,
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]
LOGGING: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": AllowedOnly}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would write the record beside ours, with its words.
        "django": {"handlers": [], "level": "INFO"},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
        "django_structlog": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # Which letters a paper uses is nobody's business, and a hundred lines for each paper.
        "fontTools": {"level": "WARNING"},
        "fpdf": {"level": "WARNING"},
    },
}
