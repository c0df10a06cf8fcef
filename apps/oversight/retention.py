"""What the product may dispose of, after how long, and what of it a legal hold keeps. Reads only.

Whatever is not listed here is kept for the life of the program: docs/adr/0015.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from apps.accounts.models.clients import OLD_ASSERTIONS
from apps.accounts.models.sign_ins import ENDED_SIGN_INS, OLD_WRONG_CODES
from apps.audit.disposal import Disposable
from apps.core import clock
from apps.core.errors import InvalidRequest
from apps.notices.models import CLOSED_NOTICES

# The framework's own tables hold what sign-in needs, and addresses; no trigger guards them.
OF_AN_ADDRESS = """
    EXISTS (
        SELECT FROM audit_legalhold h
        JOIN accounts_membership m ON m.organization_id = h.organization_id
        JOIN accounts_user u ON u.id = m.user_id
        WHERE h.lifted_at IS NULL AND u.email = {row}.username
    )
"""
ATTEMPTS = Disposable(over="true", since="{row}.attempt_time", held=OF_AN_ADDRESS, days=7)
SESSIONS = Disposable(over="true", since="{row}.expire_date", held="false", days=0)
TOKENS = Disposable(over="true", since="{row}.expires", held="false", days=0)


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one table that may go: how people call them, and when they may."""

    name: str
    days: int
    label: str
    table: str
    rows: Disposable
    key: str = "id"

    @property
    def period(self) -> timedelta:
        """How long they stay. Raises InvalidRequest for a setting below the least period."""
        days: int = settings.RETENTION_DAYS.get(self.name, self.days)
        if days < self.rows.days:
            raise InvalidRequest(
                f"{_setting(self.name)} is {days}: it must be {self.rows.days} or more."
            )
        return timedelta(days=days)

    @property
    def closed_since(self) -> str:
        """Since when a row is over, as SQL; `r` is the row."""
        return self.rows.since.format(row="r")

    @property
    def is_past(self) -> str:
        """Whether a row is over since before an instant, which is a parameter, as SQL."""
        over = self.rows.over.format(row="r")
        return f"coalesce({over} AND {self.closed_since} < %s, false)"

    @property
    def is_held(self) -> str:
        """Whether a legal hold keeps it, as SQL."""
        return self.rows.held.format(row="r")


KINDS = {
    kind.name: kind
    for kind in (
        Kind("sessions", 1, "Sessions that ran out", "django_session", SESSIONS, "session_key"),
        Kind("tokens", 30, "Tokens that ran out", "oauth2_provider_accesstoken", TOKENS),
        Kind("attempts", 90, "Failed sign-ins, counted", "axes_accessattempt", ATTEMPTS),
        Kind("failures", 90, "Failed sign-ins, each", "axes_accessfailurelog", ATTEMPTS),
        Kind("accesses", 90, "Addresses and browsers of sign-ins", "axes_accesslog", ATTEMPTS),
        Kind("wrong_codes", 90, "Wrong second factors", "accounts_wrongcode", OLD_WRONG_CODES),
        Kind("assertions", 30, "Signed token requests", "accounts_usedassertion", OLD_ASSERTIONS),
        Kind("sign_ins", 400, "Sign-ins that have ended", "accounts_signin", ENDED_SIGN_INS),
        Kind("notices", 2_192, "Notices, but sent reminders", "notices_notice", CLOSED_NOTICES),
    )
}


@dataclass(frozen=True, slots=True)
class Due:
    """Of one kind: how many rows there are, how many are past their period, how many of those a
    legal hold keeps, and since when the oldest that may go is over."""

    kind: Kind
    rows: int
    past: int
    held: int
    oldest: datetime | None

    @property
    def may_go(self) -> int:
        """How many would be disposed of now."""
        return self.past - self.held


def due(kind: Kind) -> Due:
    """What of a kind may go now. Raises InvalidRequest for a setting below the least period."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*), count(*) FILTER (WHERE is_past),
                count(*) FILTER (WHERE is_past AND is_held),
                min(since) FILTER (WHERE is_past AND NOT is_held)
            FROM {kind.table} r
            CROSS JOIN LATERAL (
                SELECT {kind.is_past} AS is_past,
                    {kind.closed_since} AS since
            ) age
            CROSS JOIN LATERAL (SELECT is_past AND {kind.is_held} AS is_held) kept
            """,  # noqa: S608 - composed of constants only
            [limit(kind)],
        )
        return Due(kind, *(cursor.fetchone() or (0, 0, 0, None)))


def limit(kind: Kind) -> datetime:
    """Rows that are over since before this instant may go. Real time."""
    return clock.real_now() - kind.period


@dataclass(frozen=True, slots=True)
class Disposed:
    """What a batch took: how many rows, over since when, and a digest of their keys."""

    count: int
    oldest: datetime | None
    newest: datetime | None
    keys: str


def delete_batch(kind: Kind, size: int) -> Disposed:
    """Delete at most `size` rows that may go, the oldest first; inside the command `dispose`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM {kind.table} r WHERE r.{kind.key} IN (
                SELECT r.{kind.key} FROM {kind.table} r
                WHERE {kind.is_past} AND NOT {kind.is_held}
                ORDER BY {kind.closed_since} LIMIT %s
            ) RETURNING r.{kind.key}::text, {kind.closed_since}
            """,  # noqa: S608 - composed of constants only
            [limit(kind), size],
        )
        gone = sorted(cursor.fetchall())
    keys = hashlib.sha256("\n".join(key for key, _ in gone).encode()).hexdigest()
    instants = [since for _, since in gone]
    return Disposed(len(gone), min(instants, default=None), max(instants, default=None), keys)


def is_owner() -> bool:
    """Whether we are connected as the role that owns the tables; no other may dispose."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(has_table_privilege(name, 'DELETE')) FROM unnest(%s::text[]) name",
            [[kind.table for kind in KINDS.values()]],
        )
        (may_delete,) = cursor.fetchone() or (False,)
        return bool(may_delete)


def all_due() -> list[Due]:
    """What may go, kind by kind. Raises InvalidRequest for settings that cannot be meant."""
    if strange := settings.RETENTION_DAYS.keys() - KINDS.keys():
        raise InvalidRequest(f"{_setting(min(strange))} names nothing that may be disposed of.")
    return [due(kind) for kind in KINDS.values()]


def _setting(name: str) -> str:
    return f"RETENTION_{name.upper()}_DAYS"
