"""What every page knows: who is signed in, in which role, and where they may go."""

from typing import Any

from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """The names that `base.html` expects."""
    return {}
