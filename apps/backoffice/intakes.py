"""Admin pages of intakes: entered from a patient's page, checked by another person (L-SRC-1)."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from apps.audit import services as audit
from apps.backoffice.access import entered_call
from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.intake_forms import FORMS, IntakeForm
from apps.backoffice.naming import BY_PATIENT, NAMES, NUMBERS
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import in_lines, link, words_of
from apps.core.call import Call
from apps.core.errors import NotFound
from apps.evidence import selectors, services
from apps.evidence.models import Intake, IntakeScan
from apps.patients.models import Patient
from apps.rules.documents import document
from apps.rules.policy import programs

ANSWERS, PROGRAM = "answers", "program"
NAMED: Final = {"sensitivity_miu_ml": "Sensitivity (mIU/mL)"}


def _is_kept(patient: Patient) -> bool:
    return patient.merged_into_id is None


def _entering(form: type[IntakeForm]) -> RecordAction:
    def enter(call: Call, patient: Patient, entered: dict[str, Any]) -> Intake:
        return services.enter_intake(
            call,
            patient_id=patient.pk,
            kind=form.kind,
            content=entered["content"],
            source=entered["source"],
            scan=entered["scan"],
        )

    label = Intake.Kind(form.kind).label
    return RecordAction(
        name=f"intake-{form.kind.replace('_', '-')}",
        label=f"By phone, fax or paper: {label[0].lower()}{label[1:]}",
        explanation=(
            "Enter what the caller or the form says, with the real times. What takes eligibility "
            "away is in effect at once; anything else waits until another person has checked it."
        ),
        form=form,
        roles=roles_of(services.enter_intake),
        carry_out=enter,
        done="It is entered.",
        is_possible=_is_kept,
    )


ENTER_INTAKES: Final = tuple(_entering(form) for form in FORMS)


def _waits(intake: Intake) -> bool:
    return intake.state == Intake.State.WAITING


def _accept(call: Call, intake: Intake, entered: dict[str, Any]) -> Intake:
    del entered
    return services.accept_intake(call, intake_id=intake.pk)


def _refuse(call: Call, intake: Intake, entered: dict[str, Any]) -> Intake:
    return services.refuse_intake(call, intake_id=intake.pk, reason=entered["reason"])


@admin.display(description="scan")
def scan_link(intake: Intake) -> str:
    """Where the scan is looked at."""
    if intake.scan_id is None:
        return "–"
    return _download(intake.scan_id)


def _download(scan_id: UUID) -> str:
    address = reverse("admin:evidence_intakescan_download", args=[scan_id])
    return format_html('<a href="{}">Download the scan</a>', address)


@admin.display(description="content")
def scan_content(scan: IntakeScan) -> str:
    """The bytes, as a download."""
    return _download(scan.pk)


@admin.display(description="content")
def said_in(intake: Intake) -> str:
    """What was said, as the second person compares it: each question with its answer."""
    return in_lines(_asked_and_said(intake))


def _asked_and_said(intake: Intake) -> Iterator[tuple[str, Any]]:
    for name, value in intake.content.items():
        if name != ANSWERS:
            yield NAMED.get(name, words_of(name)), value
            continue
        program = intake.content.get(PROGRAM) or programs()[0]
        asked = document(program, "patient_survey", intake.risk_category).items
        texts = {item.code: item.text for item in asked if item.code in value}
        # A question that is asked no more has no text.
        texts |= {code: words_of(code) for code in value if code not in texts}
        for code, text in texts.items():
            yield text, value[code]


@admin.register(Intake)
class IntakeAdmin(RecordAdmin[Intake]):
    """What came by phone, fax or paper; another person than who entered it checks it."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient", ordering="patient__family_name"),
        "kind",
        "channel",
        "state",
        "checked_at",
    )
    list_select_related = ("patient",)
    list_filter = ("state", "kind", "channel", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = (*NAMES, "told_by_name")
    numbered = NUMBERS
    ids = ("patient__id", "entered_by_id", "checked_by_id", "entry_id")
    search_help_text = BY_PATIENT
    instead = {"content": said_in, "scan": scan_link}
    record_actions = (
        RecordAction(
            name="accept",
            label="Accept this",
            explanation=(
                "Compare it with the scan, or call back. Accepted, it is on record with its real "
                "times and may make the patient eligible. Who entered it cannot accept it."
            ),
            form=ActionForm,
            roles=roles_of(services.accept_intake),
            carry_out=_accept,
            done="It is accepted and on record.",
            is_possible=_waits,
        ),
        RecordAction(
            name="refuse",
            label="Refuse this",
            explanation="Nothing follows from it. Tell whoever sent it what is wrong.",
            form=ReasonForm,
            roles=roles_of(services.refuse_intake),
            carry_out=_refuse,
            done="It is refused.",
            is_possible=_waits,
        ),
    )


@admin.register(IntakeScan)
class IntakeScanAdmin(RecordAdmin[IntakeScan]):
    """Scans of faxes and paper forms."""

    patient = "intake.patient_id"
    list_display = ("recorded_at", link("intake", "intake"), "content_type", "size")
    list_select_related = ("intake",)
    list_filter = ("content_type", "recorded_at")
    ordering = ("-recorded_at",)
    search_fields = ("digest", "intake__patient__given_name", "intake__patient__family_name")
    ids = ("intake__id", "intake__patient__id")
    search_help_text = "The patient's name or id, or the file's SHA-256."
    instead = {"content": scan_content}

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and the download."""
        download = path(
            "<uuid:scan_id>/download/",
            self.admin_site.admin_view(self.download_view),
            name="evidence_intakescan_download",
        )
        return [download, *super().get_urls()]

    def download_view(self, request: HttpRequest, scan_id: UUID) -> HttpResponse:
        """The file, as a download: never shown inside the site."""
        call = entered_call(request)
        intake = selectors.intakes_visible_to(call.actor).filter(scan_id=scan_id).first()
        if intake is None:
            raise Http404
        try:
            scan = selectors.scan_of(call.actor, intake.pk)
        except NotFound:
            raise Http404 from None
        audit.record_view(call, "intake_scan_viewed", patient_id=intake.patient_id, subject=scan)
        ending = scan.content_type.partition("/")[2]
        return HttpResponse(
            bytes(scan.content),
            content_type=scan.content_type,
            headers={
                "Content-Disposition": f'attachment; filename="scan-{scan.pk}.{ending}"',
                "Cache-Control": "no-store",
            },
        )
