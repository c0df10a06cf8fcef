"""The base of every page about records: read-only, searchable, linked, and leaving a trail.

Nothing is added, changed or deleted by the admin itself: actions call services.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.utils import (
    lookup_spawns_duplicates,
    unquote,
)
from django.contrib.admin.views.main import ChangeList
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import (
    Count,
    DurationField,
    Field,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    UUIDField,
)
from django.db.models.constants import LOOKUP_SEP
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst

from apps.audit import services as audit
from apps.audit.selectors import patients_in
from apps.backoffice import searching
from apps.backoffice.access import entered_call, office_call
from apps.backoffice.actions import ActionForm, RecordAction
from apps.backoffice.copying import copy_file, copy_page, events_of
from apps.backoffice.history import history_of
from apps.backoffice.lists import LOOKUPS, SearchedList, beyond_columns
from apps.backoffice.searching import SEARCH, as_uuid
from apps.backoffice.shown import along, page_of, person
from apps.backoffice.signed import signature_lines
from apps.core import searches
from apps.core.call import Call
from apps.core.errors import CommandError
from apps.patients.models import Patient

M = TypeVar("M", bound=Model)

HOW_RECORDED = {"id", "recorded_at", "operation"}
FORGOTTEN = "This search is no longer known: what is typed stays with one sign-in. Type it again."


class RecordAdmin(admin.ModelAdmin[M]):
    """A kind of record. `patient` is the path to the patient whom it is about, if it is.

    `numbered` are the paths of numbers and NPIs to search by, `ids` those of bare ids; `hidden`
    columns (secrets) are never shown, `instead` shows some fields in another way. `registers`
    makes a record through a service; `record_actions` do something to one, and their pages show
    `decided_on` of it.
    """

    patient: ClassVar[str] = ""
    numbered: ClassVar[tuple[str, ...]] = ()
    ids: ClassVar[tuple[str, ...]] = ()
    hidden: ClassVar[tuple[str, ...]] = ()
    instead: ClassVar[dict[str, Callable[[Any], str]]] = {}
    also: ClassVar[tuple[Callable[[Any], str], ...]] = ()
    decided_on: ClassVar[tuple[Any, ...]] = ()
    registers: ClassVar[RecordAction | None] = None
    record_actions: ClassVar[tuple[RecordAction, ...]] = ()

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    # Counts beside the filters tell of rows that are not listed, and so not in the trail.
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    search_help_text = "Words, in any order."
    change_form_template = "admin/record.html"
    change_list_template = "admin/record_list.html"
    object_history_template = "admin/record_history.html"

    # --- Who may: the office looks, nobody writes --------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return office_call(request) is not None

    def has_view_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return office_call(request) is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        call = office_call(request)
        return call is not None and self.registers is not None and self.registers.is_offered(call)

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return False

    # --- What is shown -----------------------------------------------------------------------

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> list[Any]:
        """Every column but the hidden ones, in the model's order; how it was recorded is last."""
        columns: Sequence[Field[Any, Any]] = self.model._meta.concrete_fields
        names = [field.name for field in columns if field.name not in self.hidden]
        names.sort(key=lambda name: (name in HOW_RECORDED, name == "id"))
        people = {name: person(name) for name in names if name.endswith("_by_id")}
        return [*({**people, **self.instead}.get(name, name) for name in names), *self.also]

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> list[Any]:
        return self.get_fields(request, obj)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SearchedList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """The rows that match what was typed under the key `search_term`."""
        if not search_term:
            return queryset, False
        typed = searches.recall(request, search_term)
        if typed is None:
            messages.warning(request, FORGOTTEN)
            return queryset.none(), False
        own = ["pk"] if isinstance(self.model._meta.pk, UUIDField) else []
        paths = [str(name) for name in self.get_search_fields(request)]
        found = searching.condition(
            typed,
            texts=[name for name in paths if name not in {*self.numbered, *self.ids}],
            numbered=self.numbered,
            ids=[*own, *self.ids],
        )
        twice = any(lookup_spawns_duplicates(self.opts, f"{name}__exact") for name in paths)
        return queryset.filter(found), twice

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """As the stock one, but never by a hidden column: how many rows are found would tell it.

        Nor by a column whose values an address does not write, as lists and lengths of time; nor in
        another way than `LOOKUPS`, such as a pattern: the database may be unable to read it.
        """
        column = lookup.split(LOOKUP_SEP, maxsplit=1)[0]
        if not LOOKUPS.issuperset(beyond_columns(self.model, lookup)):
            return False
        kinds = {type(field) for field in self.opts.get_fields() if field.name == column}
        if column in self.hidden or kinds & {ArrayField, DurationField, JSONField}:
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*(str(name) for name in self.search_fields), *self.numbered, *self.ids]

    # --- Pages -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and one for each action."""
        doing = path(
            "<path:object_id>/do/<slug:name>/",
            self.admin_site.admin_view(self.action_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_do",
        )
        copies = [
            path(
                f"<path:object_id>/{ending}",
                self.admin_site.admin_view(view),
                name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
            )
            for ending, name, view in (
                ("copy/", "copy", self.copy_view),
                ("copy.json", "copy_file", self.copy_file_view),
            )
        ]
        return [doing, *copies, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list; a search comes as POST and goes on under its key."""
        if request.method == "POST":
            query = request.GET.copy()
            query.pop("p", None)
            query[SEARCH] = searches.remember(request, request.POST.get(SEARCH, ""))
            if not request.POST.get(SEARCH, "").strip():
                del query[SEARCH]
            return redirect(f"{request.path}?{query.urlencode()}")
        if any("\x00" in value for _, values in request.GET.lists() for value in values):
            raise BadRequest("PostgreSQL knows no such character.")
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        response = super().changelist_view(request, {**title, **(extra_context or {})})
        if isinstance(response, TemplateResponse):
            self._record_list(request, (response.context_data or {})["cl"])
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The record's page, with its actions and what belongs to it; nothing is sent to it."""
        if request.method == "POST":
            raise PermissionDenied
        record = self._found(request, object_id)
        call = entered_call(request)
        context = {
            **(extra_context or {}),
            "title": str(record),
            "subtitle": None,
            "present": self.present(call, record),
            "record_actions": [
                (action, self._url(action, record), action.bars(call, record))
                for action in self.record_actions
                if action.is_offered(call, record)
            ],
            "related": related_to(record, self.admin_site),
            "copy_url": f"admin:{self.opts.app_label}_{self.opts.model_name}_copy",
            "signatures": signature_lines(record),
        }
        response = super().change_view(request, object_id, form_url, context)
        self._record_view(request, record, "record_viewed")
        return response

    def present(self, call: Call, record: M) -> list[str]:
        """How the record stands now, in sentences that come first on its page."""
        return []

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done to the record or seen of it, and what it was before."""
        record = self._found(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {record}",
            "opts": self.opts,
            "object": record,
            "record_url": page_of(record),
            "history": history_of(record),
        }
        self._record_view(request, record, "record_history_viewed")
        return TemplateResponse(request, "admin/record_history.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A form that calls the registering service; for most records there is none."""
        if self.registers is None or not self.has_add_permission(request):
            raise PermissionDenied
        return self._act(request, self.registers, None)

    def action_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """The page of one action on one record."""
        action = next((each for each in self.record_actions if each.name == name), None)
        if action is None:
            raise Http404
        if not action.is_offered(entered_call(request)):
            raise PermissionDenied
        return self._act(request, action, self._found(request, object_id))

    def copy_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A copy of the record to be read and printed (21 CFR 11.10(b))."""
        record = self._found(request, object_id)
        self._record_view(request, record, "record_copied", patients_in(events_of(record)))
        return copy_page(self, request, record)

    def copy_file_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The same copy as a file."""
        record = self._found(request, object_id)
        self._record_view(request, record, "record_copied", patients_in(events_of(record)))
        return copy_file(self, request, record)

    # --- How an action goes ------------------------------------------------------------------

    def _act(self, request: HttpRequest, action: RecordAction, record: M | None) -> HttpResponse:
        form = action.form(
            request.POST or None, request.FILES or None, request=request, record=record
        )
        if request.method == "POST" and form.is_valid() and not form.question:
            result = self._attempt(action, form, record)
            if result is not None:
                return self.after(request, action, form, record, result)
        context = {
            **self.admin_site.each_context(request),
            "title": action.label if record is None else f"{action.label}: {record}",
            "opts": self.opts,
            "action": action,
            "form": form,
            "fieldsets": form.fieldsets(),
            "record": record,
            "record_url": page_of(record) if record is not None else "",
            "back_url": self.back_url(request, record),
            "about": self._about(request, record) if record is not None else None,
            "errors": form.errors,
            "bar": action.bars(form.call, record),
        }
        self._record_offer(request, form, record)
        return TemplateResponse(request, "admin/record_action.html", context)

    def back_url(self, request: HttpRequest, record: M | None) -> str:
        """Where somebody goes who opened an action's page and does nothing."""
        if record is not None:
            return page_of(record)
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _about(self, request: HttpRequest, record: M) -> helpers.Fieldset | None:
        """Whom and what a decision is about, as it is made: the patient, and `decided_on`."""
        is_of_another = not isinstance(record, Patient) and self.patient_id_of(record) is not None
        names = [*([self._whose] if is_of_another else []), *self.decided_on]
        if not names:
            return None
        form = self.get_form(request, record, change=True)(instance=record)
        return helpers.Fieldset(
            form, "What this is about", readonly_fields=names, fields=names, model_admin=self
        )

    @admin.display(description="patient")
    def _whose(self, record: M) -> str:
        patient_id = self.patient_id_of(record)
        if patient_id is None:
            return "about no patient"
        patient = Patient.objects.get(pk=patient_id)
        born_on = date_format(patient.born_on)
        return format_html('<a href="{}">{}</a>, born {}', page_of(patient), patient, born_on)

    def _attempt(self, action: RecordAction, form: ActionForm, record: M | None) -> Model | None:
        """What the service made; None when it objected, and then the form says why."""
        try:
            return action.carry_out(form.called_once(), record, form.cleaned_data)
        except CommandError as error:
            form.show(error)
            return None

    def after(
        self,
        request: HttpRequest,
        action: RecordAction,
        form: ActionForm,
        record: M | None,
        result: Model,
    ) -> HttpResponse:
        """Say that it is done, and go to the record."""
        messages.success(request, action.done)
        return redirect(page_of(record if record is not None else result))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> M | None:
        """The record of an address; none for a key with a character that no database keeps."""
        return None if "\x00" in object_id else super().get_object(request, object_id, from_field)

    def _found(self, request: HttpRequest, object_id: str) -> M:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        return record

    def _url(self, action: RecordAction, record: M) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_do"
        return reverse(name, args=[record.pk, action.name])

    # --- The trail ---------------------------------------------------------------------------

    def patient_id_of(self, record: M) -> UUID | None:
        """The patient whom a record is about, if it is about one."""
        found = along(record, self.patient) if self.patient else None
        return found if isinstance(found, UUID) else None

    def others_on(self, record: M) -> Iterable[UUID]:
        """Every patient whom a record refers to, such as the other one of two that resemble."""
        return [
            named
            for field in self.model._meta.concrete_fields
            if field.related_model is Patient
            and (named := getattr(record, field.attname)) is not None
        ]

    def _record_view(
        self, request: HttpRequest, record: M, code: str, others: Iterable[UUID] = ()
    ) -> None:
        audit.record_view(
            entered_call(request),
            code,
            patient_id=self.patient_id_of(record),
            patient_ids={*self.others_on(record), *others} - {self.patient_id_of(record)} or None,
            subject=record,
        )

    def _record_offer(self, request: HttpRequest, form: ActionForm, record: M | None) -> None:
        """One event for an action's page: the record's patient, and those to choose from."""
        call, offered = entered_call(request), form.patients_offered() or None
        if record is not None or offered:
            audit.record_view(
                call,
                "record_viewed",
                patient_id=self.patient_id_of(record) if record is not None else None,
                patient_ids=offered,
                subject=record,
            )

    def patients_listed(self, rows: list[M]) -> set[UUID]:
        """The patients whom the rows of a list are about or refer to."""
        return {
            *(found for row in rows if (found := self.patient_id_of(row))),
            *(other for row in rows for other in self.others_on(row)),
        }

    def _record_list(self, request: HttpRequest, changelist: SearchedList) -> None:
        """One event for a list: the ids of its rows and of the patients whom they are about.

        That a question about somebody found nothing is an answer, too: whom it names is told.
        """
        rows, asked = list(changelist.result_list), changelist.narrowed_by
        if rows or asked:
            audit.record_view(
                entered_call(request),
                "records_listed",
                patient_ids=self.patients_listed(rows) | _patients_asked_about(request, changelist),
                data={
                    "model": self.opts.label_lower,
                    "ids": [str(row.pk) for row in rows],
                    **({"narrowed_by": asked} if asked else {}),
                },
            )


def _patients_asked_about(request: HttpRequest, changelist: SearchedList) -> set[UUID]:
    """The patients whose ids a list was asked for."""
    given = [value for _, values in request.GET.lists() for value in values]
    ids = [found for value in (*given, changelist.typed or "") if (found := as_uuid(value))]
    return set(Patient.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def related_to(record: Model, site: admin.AdminSite) -> list[tuple[str, int, str]]:
    """Everything that names this record: what, how many, where. One statement for all counts."""
    found = [
        relation
        for relation in record._meta.related_objects
        if site.is_registered(relation.related_model)
    ]
    if not found:
        return []
    counts = record._meta.model._default_manager.filter(pk=record.pk).annotate(
        **{f"related_{at}": _count(relation) for at, relation in enumerate(found)}
    )
    row = counts.values_list(*(f"related_{at}" for at in range(len(found)))).get()
    links = []
    for relation, count in zip(found, row, strict=True):
        if count:
            meta = relation.related_model._meta
            changelist = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            lookup = f"{relation.field.name}__exact={record.pk}"
            links.append((str(meta.verbose_name_plural), count, f"{changelist}?{lookup}"))
    return sorted(links)


def _count(relation: Any) -> Coalesce:
    field = relation.field
    rows = relation.related_model._default_manager.filter(**{field.name: OuterRef("pk")})
    counted = rows.order_by().values(field.name).annotate(count=Count("*")).values("count")
    return Coalesce(Subquery(counted), 0)
