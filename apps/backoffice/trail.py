"""The auditor's search of the trail, in words instead of codes, and its export as CSV or JSON.

What was typed stays in the session; addresses bear a key only. Looking and exporting are events.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.accounts.models import ApiClient, Organization, User
from apps.audit import selectors, verdicts
from apps.audit import services as audit
from apps.audit.models import Event
from apps.audit.selectors import Sought
from apps.backoffice import searching
from apps.backoffice.access import entered_call
from apps.backoffice.instants import program_zone, told
from apps.backoffice.shown import actor_named, patient_named, words_of
from apps.core import clock, searches, spreadsheets
from apps.core.call import Call, Channel, Role
from apps.patients.models import Patient, Representative
from apps.providers.models import Prescriber
from apps.rules.policy import policy_in_force, programs

READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
PAGE_SIZE = 50
AT_MOST = 200
WHO_VERIFIES = (
    "Whoever runs the installation goes through every seal, the anchor file and the triggers, each "
    "night or when you ask for it: manage.py verify_trail."
)
FOUND = {verdicts.WHOLE: "", verdicts.BROKEN: "The trail is broken. ", verdicts.NOT_TOLD: ""}
# What ended something of itself is told by a code; what a person wrote stays as it is.
CODE: Final = re.compile(r"[a-z]+(_[a-z]+)+")
COLUMNS = {
    "event": "Event",
    "occurred_at": "Exact time (UTC)",
    "what": "What",
    "code": "Code",
    "who": "Who",
    "role": "Role",
    "on_behalf_of": "On behalf of",
    "organization": "Organization",
    "channel": "Through",
    "address": "From",
    "credential": "Sign-in or token",
    "patient": "Patient",
    "patient_id": "Patient id",
    "patient_ids": "Patients on the list",
    "subject_model": "About",
    "subject_id": "Its id",
    "reason": "Reason",
    "operation_id": "Operation",
    "data": "More",
}


class TrailForm(forms.Form):
    """What to look for; all that is filled in must fit."""

    patient = forms.CharField(
        required=False, max_length=100, help_text="Name, id, or a number of an authorization."
    )
    person = forms.CharField(
        required=False, max_length=100, help_text="Who did or saw it: name, e-mail or id."
    )
    organization = forms.CharField(required=False, max_length=100, help_text="Name or id.")
    code = forms.ChoiceField(required=False, label="What")
    channel = forms.ChoiceField(
        required=False,
        label="Through",
        choices=[("", "any way"), *((each.value, words_of(each.value)) for each in Channel)],
    )
    from_on = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"})
    )
    last_on = forms.DateField(
        required=False, label="To (included)", widget=forms.DateInput(attrs={"type": "date"})
    )
    operation = forms.UUIDField(required=False, help_text="The id of an operation.")

    meant: dict[str, list[UUID]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(code, words_of(code)) for code in selectors.codes()]
        self.fields["code"] = forms.ChoiceField(
            required=False, label="What", choices=[("", "anything"), *known]
        )
        self.order_fields(
            [
                "patient", "person", "organization", "code", "channel", "from_on", "last_on",
                "operation",
            ]
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Who is meant, by id. Nobody who fits is left out without a word."""
        typed = super().clean() or self.cleaned_data
        self.meant = {name: find(typed[name]) for name, find in FINDERS.items() if typed.get(name)}
        for name, ids in self.meant.items():
            if len(ids) > AT_MOST:
                self.add_error(name, f"More than {AT_MOST} fit: type more of it, or an id.")
        first, last = typed.get("from_on"), typed.get("last_on")
        if first and last and first > last:
            self.add_error("last_on", "This day is before the first one.")
        return typed

    def unknown(self) -> list[str]:
        """The fields that name nobody: that no event fits then tells nothing of who looked."""
        return [str(self[name].label) for name, ids in self.meant.items() if not ids]

    def sought(self) -> Sought:
        """What was typed, as ids and instants; days are those of the program's zone."""
        typed = self.cleaned_data
        return Sought(
            patient_ids=self.meant.get("patient"),
            actor_ids=self.meant.get("person"),
            organization_ids=self.meant.get("organization"),
            code=typed["code"],
            channel=typed["channel"],
            operation_id=typed["operation"],
            since=_beginning(typed["from_on"]),
            until=_beginning(typed["last_on"], days=1),
        )


def reader_of(request: HttpRequest) -> Call:
    """The call of an auditor or administrator. Raises PermissionDenied for everybody else."""
    call = entered_call(request)
    if call.actor.role not in READERS:
        raise PermissionDenied
    return call


def trail_page(site: AdminSite, request: HttpRequest) -> HttpResponseBase:
    """The form, what was found, and the two exports."""
    call = reader_of(request)
    if request.method == "POST":
        return _sent(request, call)
    key = request.GET.get(searching.SEARCH, "")
    typed = _typed(request, key)
    form = TrailForm(typed)
    found: list[Event] = []
    further = ""
    if form.is_valid():
        sought = form.sought()
        found = list(_page(sought, request.GET.get("before", "")))
        _tell(call, "trail_searched", sought, selectors.patients_in(_rows(found)), len(found))
        if len(found) == PAGE_SIZE:
            further = f"?{searching.SEARCH}={key}&before={found[-1].pk}"
    context = {
        **site.each_context(request),
        "title": "Search the trail",
        "form": form,
        "key": key,
        "forgotten": typed is None,
        "rows": [_shown(event) for event in found],
        "further": further,
        "unknown": form.unknown() if form.is_valid() else [],
        "verdict": told_of_all(),
        "errors": form.errors,
    }
    return TemplateResponse(request, "admin/trail.html", context)


def told_of_all() -> str:
    """What was found when the whole trail was last verified, and who verifies it."""
    last = verdicts.latest()
    if last is None:
        return f"The whole trail was not verified yet. {WHO_VERIFIES}"
    return f"Verified on {told(last.at)}. {FOUND[last.code]}{last.said} {WHO_VERIFIES}"


def _sent(request: HttpRequest, call: Call) -> HttpResponseBase:
    """A search, which goes on under its key; or an export of one."""
    kind = request.POST.get("export", "")
    if kind:
        # Of a search that is no longer known nothing is exported: not everything instead.
        form = TrailForm(_typed(request, request.POST.get(searching.SEARCH, "")))
        if kind not in EXPORTS or not form.is_valid():
            raise Http404
        return _export(call, kind, form.sought())
    entered = {name: request.POST.get(name, "") for name in TrailForm.base_fields}
    key = searches.remember(request, json.dumps(entered))
    return redirect(f"{reverse('admin:trail')}?{searching.SEARCH}={key}")


def _typed(request: HttpRequest, key: str) -> dict[str, Any] | None:
    """What was typed into the form under a key; all the trail without one.

    None for a key that this sign-in does not know, or that stands for the search of a list.
    """
    if not key:
        return {}
    try:
        typed = json.loads(searches.recall(request, key) or "")
    except json.JSONDecodeError:
        return None
    return typed if isinstance(typed, dict) else None


def _page(sought: Sought, before: str) -> QuerySet[Event]:
    found = named(selectors.events(sought)).order_by("-pk")
    return found.filter(pk__lt=int(before))[:PAGE_SIZE] if before.isdecimal() else found[:PAGE_SIZE]


def _rows(found: Iterable[Event]) -> QuerySet[Event]:
    return Event.objects.filter(pk__in=[event.pk for event in found])


def named(events: QuerySet[Event]) -> QuerySet[Event]:
    """The events with the names behind their ids."""
    return events.annotate(
        actor_name=actor_named("actor_id"),
        patient_name=patient_named("patient_id"),
        organization_name=Subquery(
            Organization.objects.filter(pk=OuterRef("organization_id")).values("name")[:1]
        ),
        prescriber_name=Subquery(
            Prescriber.objects.filter(pk=OuterRef("prescriber_id"))
            .annotate(name=Concat("given_name", Value(" "), "family_name"))
            .values("name")[:1]
        ),
    )


def as_row(event: Any) -> dict[str, Any]:
    """One event in words, with what the words stand for."""
    return {
        "event": event.pk,
        "occurred_at": event.occurred_at.isoformat(),
        "what": words_of(event.code),
        "code": event.code,
        "who": event.actor_name or words_of(event.actor_kind),
        "role": words_of(event.role),
        "on_behalf_of": event.prescriber_name or "",
        "organization": event.organization_name or "",
        "channel": words_of(event.channel),
        "address": event.address,
        "credential": event.credential,
        "patient": event.patient_name or "",
        "patient_id": str(event.patient_id or ""),
        "patient_ids": [str(each) for each in event.patient_ids or []],
        "subject_model": event.subject_model,
        "subject_id": event.subject_id,
        "reason": event.reason,
        "operation_id": str(event.operation_id),
        "data": event.data,
    }


def _shown(event: Event) -> dict[str, Any]:
    """A row of the page: the words, with the instant as people read it."""
    return {
        **as_row(event),
        "at": event.occurred_at,
        "listed": len(event.patient_ids or []),
        "reason": words_of(event.reason) if CODE.fullmatch(event.reason) else event.reason,
    }


# --- Exports ------------------------------------------------------------------------------------


def as_csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """Rows with a heading, for a spreadsheet: no cell is taken for a formula."""
    zone = program_zone()

    def told(row: dict[str, Any]) -> list[Any]:
        """The time by the program's clock, which sorts and counts; the exact one beside it."""
        at = datetime.fromisoformat(row["occurred_at"])
        return [spreadsheets.instant(at, zone), *(row[name] or "" for name in COLUMNS)]

    heads = [f"When ({zone.key})", *COLUMNS.values()]
    return spreadsheets.lines(heads, (told(row) for row in rows))


def as_json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """One JSON array, an object a line."""
    yield "["
    for number, row in enumerate(rows):
        yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)
    yield "\n]\n"


EXPORTS = {"csv": (as_csv, "text/csv; charset=utf-8"), "json": (as_json, "application/json")}


def _export(call: Call, kind: str, sought: Sought) -> StreamingHttpResponse:
    """All that fits, oldest first; the event comes first, and is not among them."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    found = selectors.events(sought).filter(pk__lte=newest)
    _tell(call, "trail_exported", sought, selectors.patients_in(found), found.count(), format=kind)
    write, content_type = EXPORTS[kind]
    rows = (as_row(event) for event in named(found).order_by("pk").iterator(chunk_size=1_000))
    made_at = f"{clock.real_now():%Y%m%dT%H%M%SZ}"
    return StreamingHttpResponse(
        write(rows),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="trail-{made_at}.{kind}"'},
    )


def _tell(
    call: Call, code: str, sought: Sought, patients: set[UUID], count: int, **more: str
) -> None:
    """What was looked for, as ids; never as it was typed."""
    given = {
        "patients": _texts(sought.patient_ids),
        "people": _texts(sought.actor_ids),
        "organizations": _texts(sought.organization_ids),
        "code": sought.code or None,
        "channel": sought.channel or None,
        "operation": str(sought.operation_id) if sought.operation_id else None,
        "since": sought.since.isoformat() if sought.since else None,
        "until": sought.until.isoformat() if sought.until else None,
    }
    # Somebody who was looked for and is nobody here is an empty list: not anybody.
    data = {name: value for name, value in given.items() if value is not None}
    audit.record_view(
        call, code, patient_ids=patients, data={"sought": data, "events": count, **more}
    )


def _texts(ids: Iterable[UUID] | None) -> str | None:
    return None if ids is None else ", ".join(str(each) for each in ids)


# --- What was typed -----------------------------------------------------------------------------


def _patients(typed: str) -> list[UUID]:
    found = searching.condition(
        typed,
        texts=("given_name", "family_name"),
        numbered=("authorizations__number", "authorizations__confirmations__number"),
        ids=("pk",),
    )
    return list(
        Patient.objects.filter(found).values_list("pk", flat=True).distinct()[: AT_MOST + 1]
    )


def _actors(typed: str) -> list[UUID]:
    found = searching.condition(
        typed, texts=("given_name", "family_name", "email"), numbered=(), ids=("pk",)
    )
    people = User.objects.filter(found).values_list("pk", flat=True)[: AT_MOST + 1]
    systems = searching.condition(
        typed, texts=("organization__name", "application__name"), numbered=(), ids=("pk",)
    )
    clients = ApiClient.objects.filter(systems).values_list("pk", flat=True)[: AT_MOST + 1]
    # In a visit the patient acts, or who speaks for them.
    named = searching.condition(
        typed, texts=("given_name", "family_name"), numbered=(), ids=("pk",)
    )
    patients = Patient.objects.filter(named).values_list("pk", flat=True)[: AT_MOST + 1]
    speaking = searching.condition(typed, texts=("name",), numbered=(), ids=("pk",))
    speakers = Representative.objects.filter(speaking).values_list("pk", flat=True)[: AT_MOST + 1]
    return [*people, *clients, *patients, *speakers]


def _organizations(typed: str) -> list[UUID]:
    found = searching.condition(typed, texts=("name",), numbered=(), ids=("pk",))
    return list(Organization.objects.filter(found).values_list("pk", flat=True)[: AT_MOST + 1])


# Who is meant by what was typed into a field; one more than are looked for at once, at most.
FINDERS = {"patient": _patients, "person": _actors, "organization": _organizations}


def _beginning(on: date | None, *, days: int = 0) -> datetime | None:
    if on is None:
        return None
    zone = policy_in_force(programs()[0], clock.now()).calendar.zone
    last = date.max - timedelta(days=days + 1)  # Where the zone reaches into the next year.
    return datetime.combine(min(on, last) + timedelta(days=days), time(), tzinfo=zone)
