"""Fail points around a real worker, from outside: the product knows nothing of them.

The worker loads this module with `--include` and its mail backend with EMAIL_BACKEND. FAIL_POINT
names where it kills itself, with everything that it started; HANG_ONCE a file that it makes
before it stops moving in the middle of a hand-over.
"""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.db.backends.signals import connection_created

POINTS = (
    "while planning, before its commit",
    "before the claim",
    "in the claim, before its commit",
    "after the claim, before the hand-over",
    "after the hand-over, before the mark",
    "after the mark",
)
PLANNING, BEFORE_CLAIM, IN_CLAIM, BEFORE_HAND_OVER, AFTER_HAND_OVER, AFTER_MARK = POINTS
HANGING_SECONDS = 600


def reach(point: str) -> None:
    """Kill the worker and its children, unconditionally, if this is where it shall fail."""
    if os.environ.get("FAIL_POINT") == point:
        os.killpg(os.getpgrp(), signal.SIGKILL)
        time.sleep(HANGING_SECONDS)


def hang_once() -> None:
    """Stop moving, the first time."""
    flag = os.environ.get("HANG_ONCE")
    if flag and not Path(flag).exists():
        Path(flag).touch()
        time.sleep(HANGING_SECONDS)


class FailingMailbox(EmailBackend):
    """Django's mailbox of files, with fail points around each hand-over."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        reach(BEFORE_HAND_OVER)
        hang_once()
        handed_over = super().send_messages(email_messages)
        reach(AFTER_HAND_OVER)
        return handed_over or 0


def watch(connection: Any, **_: Any) -> None:
    """Follow the statements of a new connection."""
    if follow not in connection.execute_wrappers:
        connection.execute_wrappers.append(follow)


def follow(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Reach the fail points before and after the statements of claim, mark and planning."""
    is_update = sql.startswith('UPDATE "notices_notice"')
    is_claim, is_mark = is_update and '"attempts" =' in sql, is_update and '"sent_at" =' in sql
    if is_claim:
        reach(BEFORE_CLAIM)
    result = execute(sql, params, many, context)
    if is_claim:
        reach(IN_CLAIM)
    if is_mark:
        reach(AFTER_MARK)
    if sql.startswith('INSERT INTO "notices_notice"'):
        reach(PLANNING)
    return result


connection_created.connect(watch)
