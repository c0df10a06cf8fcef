"""Health and figures: is the process alive, can it answer, how does it fare. Never of people."""

from http import HTTPStatus
from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from apps.ops import metrics as figures
from apps.ops.readiness import Readiness

BEARER = "Bearer "


@never_cache
@require_safe
def livez(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - every view takes one
    """The process answers; it looks at nothing else, so that a broken part restarts no server."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:  # noqa: ARG001 - every view takes one
    """Whether requests can be served: 503 only where nothing may be decided.

    Without the broker everything is still decided and recorded, and reminders go out once it is
    back: that is shown as degraded, and no reason to turn a pharmacy away.
    """
    found = Readiness()
    answer = {
        "status": found.status,
        "parts": {part.name: part.state for part in found.parts},
        "messages": found.messages,
    }
    unfit = found.status == "unavailable"
    return JsonResponse(answer, status=HTTPStatus.SERVICE_UNAVAILABLE if unfit else HTTPStatus.OK)


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for who bears METRICS_TOKEN; without that setting, for nobody."""
    if not settings.METRICS_TOKEN:
        raise Http404
    sent = request.headers.get("Authorization", "")
    expected = f"{BEARER}{settings.METRICS_TOKEN}"
    if not compare_digest(sent.encode(), expected.encode()):
        answer = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        answer["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return answer
    return HttpResponse(figures.text(), content_type=CONTENT_TYPE_LATEST)
