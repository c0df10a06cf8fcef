"""What must be set before the trail can be sealed."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

WITHOUT_ANCHORS = (
    "Set TRAIL_ANCHOR_FILE to a file outside the database: without anchors, whoever owns the "
    "tables could rewrite the trail unseen."
)


@register(Tags.security, deploy=True)
def check_anchor_file(**_: Any) -> list[Error]:
    """Production anchors its seals."""
    if settings.TRAIL_ANCHOR_FILE:
        return []
    return [Error(WITHOUT_ANCHORS, id="audit.E001")]


def refuse_without_anchors() -> None:
    """Raises ImproperlyConfigured in production without an anchor file; asked at every start."""
    if settings.PRODUCTION and not settings.TRAIL_ANCHOR_FILE:
        raise ImproperlyConfigured(WITHOUT_ANCHORS)
