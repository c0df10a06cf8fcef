"""Finding somebody or something in a list: what is typed stays in the session, not in an address.

The list is asked with a key for it (`apps/core/searches.py`), so that its pages can be linked.
"""

from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from apps.core import searches
from apps.portal.access import PortalRequest

KEY: Final = "q"
LONGEST: Final = 60
FORGOTTEN: Final = "This search is no longer known. Type it again."


def typed(request: PortalRequest) -> str:
    """What was just sent to be found; "" for everything."""
    return request.POST.get("sought", "")[:LONGEST].replace("\x00", "").strip()


def to_list(request: PortalRequest, address: str, sought: str) -> HttpResponse:
    """To the first page of the list with what is sought, and what else it is narrowed to."""
    query = request.GET.copy()
    for name in ("page", KEY):
        query.pop(name, None)
    if sought:
        query[KEY] = searches.remember(request, sought)
    return redirect(f"{address}?{query.urlencode()}" if query else address)


def sought(request: PortalRequest) -> str:
    """What the list of this address is to show; "" for everything, also where it was forgotten."""
    key = request.GET.get(KEY, "")
    known = searches.recall(request, key) if key else ""
    if known is None:
        messages.info(request, FORGOTTEN)
    return known or ""
