"""How often one client may call. A guard of the machine, not a rule of the program.

It fails open: when the cache is away, calls pass uncounted, and every rule still holds, for those
live in PostgreSQL (so does the count of checks that found no match).
"""

import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.api.authentication import client_of

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 60
SECONDS_TO_LEAVE_THE_CACHE_ALONE = 10


class ClientThrottle(BaseThrottle):
    """At most `API_CALLS_PER_MINUTE` by one API client, counted by the clock's minute."""

    cache_is_away_until = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002 - DRF's
        """Whether this call is within the client's share; True without a client or a cache."""
        client = client_of(request)
        if client is None or time.monotonic() < ClientThrottle.cache_is_away_until:
            return True
        window = int(time.time()) // WINDOW_SECONDS
        try:
            calls = _count(f"api:{client.actor.id}:{window}")
        except (RedisError, OSError):
            ClientThrottle.cache_is_away_until = time.monotonic() + SECONDS_TO_LEAVE_THE_CACHE_ALONE
            logger.warning("throttle_cache_unavailable")
            return True
        limit: int = settings.API_CALLS_PER_MINUTE
        return calls <= limit

    def wait(self) -> float:
        """Seconds until the next window opens."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS


def _count(key: str) -> int:
    cache = caches["throttle"]
    try:
        return cache.incr(key)
    except ValueError:
        # Of two first calls at once one adds, and the other counts on from there.
        return 1 if cache.add(key, 1, timeout=2 * WINDOW_SECONDS) else cache.incr(key)
