"""Health: is the process alive, can it answer. Tells of parts and ages, never of people."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu import Connection
from kombu.exceptions import OperationalError

from apps.core import clock
from apps.eligibility import editions
from apps.notices.models import Notice

BROKER_SECONDS = 2
LATE = timedelta(minutes=5)


@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - every view takes one
    """The process answers; it looks at nothing else, so that a broken part restarts no server."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - every view takes one
    """Whether requests can be served: 503 only without the database, or with changed policies.

    Without the broker everything is still decided and recorded, and reminders go out once it is
    back: that is shown as degraded, and no reason to turn a pharmacy away.
    """
    parts = {"database": _database(), "broker": _broker()}
    if parts["database"] == "ok":
        parts["policies"] = "changed" if editions.problems() else "ok"
        parts["notices"] = _notices()
    if parts["database"] != "ok" or parts["policies"] != "ok":
        status = "unavailable"
    else:
        status = "ok" if set(parts.values()) == {"ok"} else "degraded"
    answer: dict[str, Any] = {"status": status, "parts": parts}
    return JsonResponse(answer, status=503 if status == "unavailable" else 200)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _broker() -> str:
    try:
        with Connection(
            settings.CELERY_BROKER_URL,
            connect_timeout=BROKER_SECONDS,
            transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        ) as broker:
            broker.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except (OperationalError, OSError):
        return "unreachable"
    return "ok"


def _notices() -> str:
    """Late when a notice that fell due a while ago still waits: then nothing sweeps or sends."""
    waiting = Notice.objects.filter(state=Notice.State.SCHEDULED, due_at__lt=clock.now() - LATE)
    return "late" if waiting.exists() else "ok"
