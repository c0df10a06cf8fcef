"""What somebody typed and did not finish, kept beside their sign-ins: no end of one loses it.

It lies in the table of sessions, signed as they are, under a key that only this installation works
out. It opens nothing, and what proves who signs must never come into it.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import salted_hmac

KEPT_FOR: Final = timedelta(days=14)
"""So long after the last entry a draft is kept; real time."""
SALT: Final = "apps.accounts.drafts"
KEY_LENGTH: Final = 32


def draft_of(whose: str) -> dict[str, str]:
    """What was kept under this name; nothing where nothing was, or it grew too old."""
    return drafts_of([whose]).get(whose, {})


def drafts_of(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """What was kept under each of these names, where something was; asked for together."""
    keys = {_key(name): name for name in names}
    kept = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return {keys[each.session_key]: SessionStore().decode(each.session_data) for each in kept}


def keep_draft(whose: str, typed: Mapping[str, str]) -> None:
    """Keep this in place of what was kept under this name before."""
    Session.objects.update_or_create(
        session_key=_key(whose),
        defaults={
            "session_data": SessionStore().encode(dict(typed)),
            "expire_date": timezone.now() + KEPT_FOR,
        },
    )


def forget_draft(whose: str) -> None:
    """Drop what was kept under this name."""
    Session.objects.filter(session_key=_key(whose)).delete()


def _key(whose: str) -> str:
    return salted_hmac(SALT, whose, algorithm="sha256").hexdigest()[:KEY_LENGTH]
