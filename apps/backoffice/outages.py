"""Outages: declare, end, and reconcile what they left behind."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from apps.audit import services as audit
from apps.backoffice.access import entered_call
from apps.backoffice.actions import ActionForm, RecordAction, roles_of
from apps.backoffice.instants import InstantField, told
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.core import clock
from apps.core.call import Call
from apps.eligibility import reconciliation
from apps.eligibility import services as eligibility
from apps.patients.models import Patient
from apps.prescriptions.models import Outage, OutageCheck


class DeclareForm(ActionForm):
    """What has failed, since when."""

    from_at = InstantField(
        label="Since",
    )
    parts = forms.MultipleChoiceField(
        label="What has failed", choices=Outage.Part.choices, widget=forms.CheckboxSelectMultiple
    )
    description = forms.CharField(
        widget=forms.Textarea, max_length=1000, help_text="What could not be done, and by whom."
    )


class EndForm(ActionForm):
    """When it ended."""

    until_at = InstantField(
        label="Until",
    )


class CheckForm(ActionForm):
    """Which entry was compared with its paper."""

    entry = forms.ChoiceField()
    note = forms.CharField(
        widget=forms.Textarea, max_length=1000, help_text="What you compared it with."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outage = cast("Outage", self.record)
        waiting = [
            entry
            for entry in reconciliation.entries(outage, clock.now())
            if entry.checked_by_id is None
        ]
        names = _names(entry.patient_id for entry in waiting)
        self.named = list(names)
        cast("forms.ChoiceField", self.fields["entry"]).choices = [
            (
                f"{entry.model}:{entry.id}",
                _label(entry, names),
            )
            for entry in waiting
        ]

    def patients_offered(self) -> list[UUID]:
        """Those whose entries wait here by name."""
        return [*super().patients_offered(), *self.named]


def _label(entry: reconciliation.Entry, names: dict[UUID, str]) -> str:
    what = f"{entry.name.capitalize()} of {names[entry.patient_id]}"
    return f"{what}, {told(entry.happened_at)}"


def _names(patient_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What patients are called."""
    return {pk: str(patient) for pk, patient in Patient.objects.in_bulk(patient_ids).items()}


def _declare(call: Call, _: None, entered: dict[str, Any]) -> Outage:
    return eligibility.declare_outage(
        call,
        from_at=entered["from_at"],
        parts=entered["parts"],
        description=entered["description"],
    )


def _end(call: Call, outage: Outage, entered: dict[str, Any]) -> Outage:
    return eligibility.end_outage(call, outage_id=outage.pk, until_at=entered["until_at"])


def _check(call: Call, outage: Outage, entered: dict[str, Any]) -> OutageCheck:
    model, _, identity = entered["entry"].partition(":")
    return eligibility.check_outage_entry(
        call,
        outage_id=outage.pk,
        subject_model=model,
        subject_id=UUID(identity),
        note=entered["note"],
    )


@admin.display(description="reconciliation")
def _reconciliation(outage: Outage) -> str:
    return format_html(
        '<a href="{}">What it left behind</a>',
        reverse("admin:prescriptions_outage_reconciliation", args=[outage.pk]),
    )


@admin.register(Outage)
class OutageAdmin(RecordAdmin[Outage]):
    """Times in which some part of the program failed."""

    list_display = ("from_at", "until_at", "parts", "description", _reconciliation)
    list_filter = ("from_at", ("until_at", admin.EmptyFieldListFilter))
    date_hierarchy = "from_at"
    ordering = ("-from_at",)
    search_fields = ("description",)
    also = (_reconciliation,)
    registers = RecordAction(
        name="declare",
        label="Declare an outage",
        explanation=(
            "Administrators are told. Windows go on running: nothing is extended by itself. What "
            "is done on paper meanwhile is entered afterwards with its real time."
        ),
        form=DeclareForm,
        roles=roles_of(eligibility.declare_outage),
        carry_out=_declare,
        done="The outage is declared.",
    )
    record_actions = (
        RecordAction(
            name="end",
            label="End the outage",
            explanation="Once. Then everything that was done on paper is entered and checked.",
            form=EndForm,
            roles=roles_of(eligibility.end_outage),
            carry_out=_end,
            done="The outage has ended.",
            is_possible=lambda outage: outage.until_at is None,
        ),
        RecordAction(
            name="check",
            label="Check an entry",
            explanation=(
                "You compared an entry that somebody else made with the paper that it came from."
            ),
            form=CheckForm,
            roles=roles_of(eligibility.check_outage_entry),
            carry_out=_check,
            done="The entry is checked.",
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and the page of what an outage left behind."""
        page = path(
            "<uuid:outage_id>/reconciliation/",
            self.admin_site.admin_view(self.reconciliation_view),
            name="prescriptions_outage_reconciliation",
        )
        return [page, *super().get_urls()]

    def reconciliation_view(self, request: HttpRequest, outage_id: UUID) -> HttpResponse:
        """Entries to check, and windows that ran out with what to do for each."""
        outage = Outage.objects.filter(pk=outage_id).first()
        if outage is None:
            raise Http404
        found = reconciliation.reconciliation(outage, clock.now())
        audit.record_view(
            entered_call(request),
            "outage_reconciliation_viewed",
            subject=outage,
            patient_ids=found.patient_ids,
        )
        names = _names(found.patient_ids)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Reconciliation: {outage}",
            "opts": self.opts,
            "outage": outage,
            "entries": [
                (each, _page(each.model, each.id), names[each.patient_id]) for each in found.entries
            ],
            "ran_out": [
                (each, _page(each.model, each.id), names[each.patient_id]) for each in found.ran_out
            ],
            "unchecked": found.unchecked,
        }
        return TemplateResponse(request, "admin/reconciliation.html", context)


def _page(model: str, identity: UUID) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_change", args=[identity])


@admin.register(OutageCheck)
class OutageCheckAdmin(RecordAdmin[OutageCheck]):
    """Entries of an outage that a second person checked."""

    list_display = ("recorded_at", link("outage", "outage"), "subject_model", "note")
    list_select_related = ("outage",)
    list_filter = ("subject_model", "recorded_at")
    ordering = ("-recorded_at",)
    search_fields = ("note",)
    ids = ("subject_id", "entered_by_id", "checked_by_id")
