"""Fail points around a real worker, from outside: the product knows nothing of them.

The worker loads this module with `--include` and its mail backend with EMAIL_BACKEND. The file
that FAIL_ORDER names says where it shall fail next, once, and which of its processes dies.
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

from tests.delivery import points

LONG_SECONDS = 600


def reach(point: str) -> None:
    """Die at once, or stop moving, if the order says so."""
    order = Path(os.environ["FAIL_ORDER"])
    try:
        fails_at, victim = order.read_text().split("\n")
        if fails_at != point:
            return
        order.unlink()
    except FileNotFoundError:
        return  # no order, or another process has just carried it out
    if victim == points.WHOLE_WORKER:
        os.killpg(os.getpgrp(), signal.SIGKILL)
    elif victim == points.ONE_PROCESS:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(LONG_SECONDS)


class FailingMailbox(EmailBackend):
    """Django's mailbox of files, with fail points around each hand-over."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        reach(points.BEFORE_HAND_OVER)
        reach(points.IN_HAND_OVER)
        handed_over = super().send_messages(email_messages)
        reach(points.AFTER_HAND_OVER)
        return handed_over or 0


def watch(connection: Any, **_: Any) -> None:
    """Follow the statements of a new connection."""
    if follow not in connection.execute_wrappers:
        connection.execute_wrappers.append(follow)


def follow(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    """Reach the fail points around the statements of claim, mark, planning and keeping."""
    is_update = sql.startswith('UPDATE "notices_notice"')
    is_claim, is_mark = is_update and '"attempts" =' in sql, is_update and '"sent_at" =' in sql
    if is_claim:
        reach(points.BEFORE_CLAIM)
    if sql.startswith('UPDATE "oversight_recordcopy"') and '"made_at" =' in sql:
        reach(points.BEFORE_KEEPING)
    result = execute(sql, params, many, context)
    if is_claim:
        reach(points.IN_CLAIM)
    if is_mark:
        reach(points.AFTER_MARK)
    if sql.startswith('INSERT INTO "notices_notice"'):
        reach(points.PLANNING)
    return result


connection_created.connect(watch)
