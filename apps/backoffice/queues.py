"""Pages of the queues: what waits of one kind, who works on it; and the assessment report."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.audit import services as audit
from apps.backoffice.access import entered_call
from apps.backoffice.actions import ActionForm, RecordAction, roles_of
from apps.core import clock
from apps.core.call import Call
from apps.core.errors import CommandError, NotFound
from apps.oversight import selectors, services
from apps.oversight.assessment import assessment
from apps.oversight.models import Assignment
from apps.oversight.selectors import Item
from apps.patients.selectors import patients_on
from apps.rules.policy import policy_in_force, programs

PAGE_SIZE = 50


class AssignForm(ActionForm):
    """Who is to work on an item."""

    assignee_id = forms.ChoiceField(label="Who works on it")
    note = forms.CharField(
        widget=forms.Textarea,
        max_length=400,
        required=False,
        help_text="What the person should know. It stays on record.",
    )

    def __init__(self, *args: Any, owner: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = selectors.people_who_work(owner)
        self.fields["assignee_id"] = forms.ChoiceField(
            label="Who works on it",
            choices=[(str(person.pk), str(person)) for person in people],
            initial=str(self.call.actor.id),
        )
        self.order_fields(["assignee_id", "note"])


def assigning(kind: str) -> RecordAction:
    """The action that gives an item of this kind to somebody."""

    def carry_out(call: Call, subject: Any, entered: dict[str, Any]) -> Assignment:
        return services.assign(
            call,
            program=programs()[0],
            kind=kind,
            subject_id=subject.pk,
            assignee_id=UUID(entered["assignee_id"]),
            note=entered["note"],
        )

    return RecordAction(
        name="assign",
        label="Assign",
        explanation=(
            "Whoever has an item sees to it that it is done by its target time. It can be given "
            "to somebody else at any moment; every assignment stays on record."
        ),
        form=AssignForm,
        roles=roles_of(services.assign),
        carry_out=carry_out,
        done="It is assigned.",
    )


def queue_page(site: AdminSite, request: HttpRequest, kind: str) -> TemplateResponse:
    """The items of one kind, those with the nearest target first."""
    call, now, program = entered_call(request), clock.now(), programs()[0]
    try:
        rows = selectors.waiting(call.actor, kind, program=program, now=now)
    except NotFound as error:
        raise Http404(error.message) from error
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    found = selectors.items(list(page), kind, program=program, now=now)
    if found:
        audit.record_view(
            call,
            "queue_listed",
            patient_ids=[named for item in found for named in item.patient_ids],
            data={"kind": kind, "ids": [str(item.subject_id) for item in found]},
        )
    context = {
        **site.each_context(request),
        "title": selectors.source_of(kind).title,
        "task": selectors.source_of(kind).task,
        "then": selectors.source_of(kind).then,
        "target": selectors.target_of(kind, program=program, now=now),
        "page": page,
        "rows": [(item, _page_of(item)) for item in found],
        "kind": kind,
        "may_assign": assigning(kind).is_offered(call),
    }
    return TemplateResponse(request, "admin/queue.html", context)


def assign_page(site: AdminSite, request: HttpRequest, kind: str, subject_id: UUID) -> HttpResponse:
    """Give one item to somebody of the office."""
    action = assigning(kind)
    if not action.is_offered(entered_call(request)):
        raise PermissionDenied
    try:
        source = selectors.source_of(kind)
    except NotFound as error:
        raise Http404(error.message) from error
    subject = source.model._default_manager.filter(pk=subject_id).first()
    if subject is None:
        raise Http404
    owner = selectors.target_of(kind, program=programs()[0], now=clock.now()).owner
    form = AssignForm(request.POST or None, request=request, record=subject, owner=owner)
    if request.method == "POST" and form.is_valid():
        try:
            action.carry_out(form.called_once(), subject, form.cleaned_data)
        except CommandError as error:
            form.show(error)
        else:
            messages.success(request, action.done)
            return redirect("admin:queue", kind)
    if about := patients_on([subject]):
        audit.record_view(
            entered_call(request), "record_viewed", patient_id=about[0], subject=subject
        )
    context = {
        **site.each_context(request),
        "title": f"{action.label}: {subject}",
        "opts": subject._meta,
        "action": action,
        "form": form,
        "fieldsets": form.fieldsets(),
        "record": subject,
        "record_url": reverse("admin:queue", args=[kind]),
        "back_url": reverse("admin:queue", args=[kind]),
        "errors": form.errors,
    }
    return TemplateResponse(request, "admin/record_action.html", context)


class PeriodForm(forms.Form):
    """The days that a report is about."""

    from_on = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last_on = forms.DateField(label="To (included)", widget=forms.DateInput(attrs={"type": "date"}))


def assessment_page(site: AdminSite, request: HttpRequest) -> TemplateResponse:
    """The assessment report of a period, the month so far unless another one is asked for."""
    now, program = clock.now(), programs()[0]
    calendar = policy_in_force(program, now).calendar
    today = now.astimezone(calendar.zone).date()
    usual = {"from_on": today.replace(day=1).isoformat(), "last_on": today.isoformat()}
    form = PeriodForm(request.GET if "from_on" in request.GET else usual)
    report = None
    if form.is_valid():
        try:
            report = assessment(
                entered_call(request).actor, program=program, now=now, **form.cleaned_data
            )
        except CommandError as error:
            for name, message in getattr(error, "fields", {}).items():
                form.add_error(name, message)
    context = {
        **site.each_context(request),
        "title": "Assessment report",
        "form": form,
        "report": report,
        "errors": form.errors,
    }
    return TemplateResponse(request, "admin/assessment.html", context)


def _page_of(item: Item) -> str:
    name = item.subject_model.replace(".", "_")
    return reverse(f"admin:{name}_change", args=[item.subject_id])
