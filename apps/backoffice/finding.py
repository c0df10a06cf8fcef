"""One search for everything that has a name, a number or an NPI: what fits, by kind of record.

It asks each kind's own search, so that the same words find the same rows as in its list.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst

from apps.accounts.models import Organization, User
from apps.audit import services as audit
from apps.backoffice import searching
from apps.backoffice.access import entered_call
from apps.backoffice.records import FORGOTTEN, RecordAdmin
from apps.backoffice.shown import page_of
from apps.core import searches
from apps.patients.models import Patient, Representative
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.providers.models import Pharmacy, Practice, Prescriber

# Who bears an NPI or a name comes before whom it leads to: a pharmacy before all its dispenses.
KINDS: Final = (
    Prescriber, Pharmacy, Practice, Patient, User, Representative, Organization, Authorization,
    Confirmation, Dispense,
)  # fmt: skip
MOST_OF_A_KIND: Final = 8


@dataclass(frozen=True, slots=True)
class Group:
    """What fits of one kind of record; `more`: there is more, in its list."""

    title: str
    records: list[tuple[str, str]]
    list_url: str
    more: bool


def find_page(site: AdminSite, request: HttpRequest) -> HttpResponse:
    """What was typed comes as POST and goes on under its key, as in every list."""
    if request.method == "POST":
        key = searches.remember(request, request.POST.get(searching.SEARCH, ""))
        return redirect(f"{reverse('admin:find')}?{searching.SEARCH}={key}")
    key = request.GET.get(searching.SEARCH, "")
    typed = searches.recall(request, key) if key else ""
    found = [_group(site, request, kind, key) for kind in KINDS] if typed else []
    shown = [(group, rows) for group, rows in found if rows]
    if typed:
        _tell(site, request, [rows for _, rows in shown])
    context = {
        **site.each_context(request),
        "title": "Find anything",
        "typed": typed or "",
        "groups": [group for group, _ in shown],
        "forgotten": FORGOTTEN if typed is None else "",
    }
    return TemplateResponse(request, "admin/find.html", context)


def _group(
    site: AdminSite, request: HttpRequest, kind: type[Any], key: str
) -> tuple[Group, list[Any]]:
    records = site.get_model_admin(kind)
    rows = records.get_queryset(request).select_related(*_related(records))
    found, twice = records.get_search_results(request, rows, key)
    chosen = list((found.distinct() if twice else found).order_by("pk")[: MOST_OF_A_KIND + 1])
    meta = kind._meta
    changelist = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    shown = chosen[:MOST_OF_A_KIND]
    group = Group(
        title=capfirst(str(meta.verbose_name_plural)),
        records=[(str(row), page_of(row)) for row in shown],
        list_url=f"{changelist}?{searching.SEARCH}={key}",
        more=len(chosen) > MOST_OF_A_KIND,
    )
    return group, shown


def _related(records: Any) -> tuple[str, ...]:
    related = records.list_select_related
    return tuple(related) if isinstance(related, (tuple, list)) else ()


def _tell(site: AdminSite, request: HttpRequest, found: list[list[Any]]) -> None:
    """One event: the ids of what was found, and of the patients whom it is about."""
    patients: set[UUID] = set()
    for rows in found:
        records = site.get_model_admin(type(rows[0]))
        if isinstance(records, RecordAdmin):
            patients.update(filter(None, (records.patient_id_of(row) for row in rows)))
    audit.record_view(
        entered_call(request),
        "records_listed",
        patient_ids=patients,
        data={
            "model": "everything",
            "ids": [f"{row._meta.label_lower}:{row.pk}" for rows in found for row in rows],
        },
    )
