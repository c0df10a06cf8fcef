"""The office's lists, on pages and as files: deviations, refusals, tests, enrollment, queues."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from apps.core import clock
from apps.oversight import lists, selectors
from apps.oversight.lists import Listing
from apps.portal.access import PortalRequest, page, saw
from apps.portal.exporting import exported
from apps.portal.office_forms import ListForm
from apps.portal.program import PROGRAM, present_policy
from apps.portal.views.queues import OFFICE, PAGE_SIZE
from apps.rules.edition import Policy

# Where a row of each model is looked at.
PAGES = {
    "evidence.deviation": "deviation",
    "eligibility.decision": "office_decision",
    "patients.patient": "admin:patients_patient_change",
}
QUEUE_COLUMNS = (
    "What", "Patient", "Owner", "Waits since", "To be done by", "Late", "Who works on it",
    "Record id", "Patient id",
)  # fmt: skip


@page(*OFFICE)
def office_list(request: PortalRequest, code: str) -> HttpResponse:
    """One list, narrowed by its filters."""
    listing, policy = lists.listing_of(code), present_policy()
    form, found = _asked_for(request, listing, policy)
    asked = form.asked()
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(shown)
    if rows:
        saw(
            request,
            "list_viewed",
            patient_ids=_patients(rows),
            data={"list": code, "asked": asked, "ids": [str(row.pk) for row in rows]},
        )
    context = {
        "listing": listing,
        "form": form,
        "page": shown,
        "rows": [_cells(row, listing, policy) for row in rows],
        "export_url": f"{reverse('export_list', args=[code])}?{urlencode(asked)}",
    }
    return render(request, "office/list.html", context)


@page(*OFFICE)
def export_list(request: PortalRequest, code: str) -> HttpResponseBase:
    """The whole list as a file, narrowed as its page is."""
    listing, policy = lists.listing_of(code), present_policy()
    form, found = _asked_for(request, listing, policy)
    if form.errors:
        raise Http404
    return exported(
        request,
        code,
        (*listing.columns, "Record id", "Patient id"),
        found,
        lambda rows: (
            (*listing.cells(row, policy), row.pk, lists.patient_of(row) or "") for row in rows
        ),
        patient="pk" if code == "enrollment" else "patient_id",
        asked=form.asked(),
    )


@page(*OFFICE)
def export_queue(request: PortalRequest, kind: str) -> HttpResponseBase:
    """Everything of one kind that waits, as a file."""
    now = clock.now()
    found = selectors.waiting(request.call.actor, kind, program=PROGRAM, now=now)
    return exported(
        request,
        f"queue-{kind.replace('_', '-')}",
        QUEUE_COLUMNS,
        found,
        lambda rows: _items(rows, kind, now),
        patient="about_patient",
        others="about_others",
        asked={"kind": kind},
    )


def _asked_for(
    request: PortalRequest, listing: Listing, policy: Policy
) -> tuple[ListForm, QuerySet[Any]]:
    """The filters as they were sent, and the rows that fit them."""
    form = ListForm(request.GET or None, listing=listing, policy=policy)
    asked, actor = form.asked(), request.call.actor
    return form, lists.rows_of(actor, listing, program=PROGRAM, now=clock.now(), **asked)


def _items(rows: Any, kind: str, now: datetime) -> list[tuple[Any, ...]]:
    return [
        (
            item.label,
            item.patient,
            item.owner,
            item.opened_at,
            item.target_at,
            "late" if item.is_overdue else "",
            item.assignee,
            item.subject_id,
            item.patient_id or "",
        )
        for item in selectors.items(rows, kind, program=PROGRAM, now=now)
    ]


def _patients(rows: list[Any]) -> list[UUID]:
    return [found for row in rows if (found := lists.patient_of(row))]


def _cells(row: Any, listing: Listing, policy: Policy) -> list[Any]:
    """The cells of a row as components/table.html takes them, the first one a link."""
    first, *others = listing.cells(row, policy)
    url = reverse(PAGES[row._meta.label_lower], args=[row.pk])
    cells = [{"at": cell} if isinstance(cell, datetime) else cell for cell in others]
    return [{"text": first, "url": url}, *cells]
