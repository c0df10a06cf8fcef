"""What somebody searched for, in their own session under a key.

What was typed never reaches an address, and so no access log, no browser history and no referrer.
"""

import secrets
from typing import Final

from django.http import HttpRequest

SESSION_KEY: Final = "office_searches"
KEPT: Final = 20


def remember(request: HttpRequest, typed: str) -> str:
    """The key under which what was typed can be had again; the oldest ones are forgotten."""
    key = secrets.token_urlsafe(6)
    earlier = dict(list(request.session.get(SESSION_KEY, {}).items())[1 - KEPT :])
    request.session[SESSION_KEY] = {**earlier, key: typed.replace("\x00", "").strip()}
    return key


def recall(request: HttpRequest, key: str) -> str | None:
    """What was typed under that key; None when this sign-in knows no such search."""
    typed = request.session.get(SESSION_KEY, {}).get(key)
    return typed if isinstance(typed, str) else None
