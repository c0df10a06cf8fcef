"""Admin pages of scans: of forms that the staff entered, of papers signed at a practice."""

from typing import Any, Generic, TypeVar
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from apps.audit import services as audit
from apps.backoffice.access import entered_call
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.core.call import Actor
from apps.core.errors import NotFound
from apps.core.scans import Scan, scan_download
from apps.evidence import selectors as evidence
from apps.evidence.models import Intake, IntakeScan
from apps.patients import selectors as patients
from apps.patients.models import Agreement, AgreementScan

S = TypeVar("S", bound=Scan)


@admin.display(description="scan")
def intake_scan(intake: Intake) -> str:
    """Where the scan is looked at."""
    return _download(IntakeScan, intake.scan_id)


@admin.display(description="scan")
def agreement_scan(agreement: Agreement) -> str:
    """Where the scan of the signed paper is looked at."""
    scans = AgreementScan.objects.filter(agreement=agreement)
    return _download(AgreementScan, scans.values_list("pk", flat=True).first())


@admin.display(description="content")
def scan_content(scan: Scan) -> str:
    """The bytes, as a download."""
    return _download(type(scan), scan.pk)


def _download(kind: type[Scan], scan_id: UUID | None) -> str:
    """A link by the id alone: a scan has megabytes, and no page reads them for a link."""
    if scan_id is None:
        return "–"
    opts = kind._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_download", args=[scan_id])
    return format_html('<a href="{}">Download the scan</a>', address)


class ScanAdmin(RecordAdmin[S], Generic[S]):
    """Scans, each with its download."""

    of: str
    """What a scan belongs to: the name of its relation."""
    viewed: str
    """The event of a look at one."""
    list_filter = ("content_type", "recorded_at")
    ordering = ("-recorded_at",)
    search_help_text = "The patient's name or id, or the file's SHA-256."
    instead = {"content": scan_content}

    def get_urls(self) -> list[URLPattern]:
        """The stock addresses and the download."""
        download = path(
            "<uuid:scan_id>/download/",
            self.admin_site.admin_view(self.download_view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_download",
        )
        return [download, *super().get_urls()]

    def found(self, actor: Actor, record_id: UUID) -> Scan:
        """The scan of that record. Raises NotFound."""
        raise NotImplementedError

    def download_view(self, request: HttpRequest, scan_id: UUID) -> HttpResponse:
        """The file, as a download: never shown inside the site."""
        call = entered_call(request)
        row: Any = self.model._default_manager.filter(pk=scan_id).defer("content").first()
        if row is None:
            raise Http404
        of = getattr(row, self.of)
        try:
            scan = self.found(call.actor, of.pk)
        except NotFound:
            raise Http404 from None
        audit.record_view(call, self.viewed, patient_id=of.patient_id, subject=scan)
        return scan_download(scan)


@admin.register(IntakeScan)
class IntakeScanAdmin(ScanAdmin[IntakeScan]):
    """Scans of faxes and paper forms."""

    patient = "intake.patient_id"
    of, viewed = "intake", "intake_scan_viewed"
    list_display = ("recorded_at", link("intake", "intake"), "content_type", "size")
    list_select_related = ("intake",)
    search_fields = ("digest", "intake__patient__given_name", "intake__patient__family_name")
    ids = ("intake__id", "intake__patient__id")

    def found(self, actor: Actor, record_id: UUID) -> Scan:
        """The scan of an intake that the actor may see. Raises NotFound."""
        return evidence.scan_of(actor, record_id)


@admin.register(AgreementScan)
class AgreementScanAdmin(ScanAdmin[AgreementScan]):
    """Scans of agreements that were signed on paper at the practice."""

    patient = "agreement.patient_id"
    of, viewed = "agreement", "agreement_scan_viewed"
    list_display = ("recorded_at", link("agreement", "agreement"), "content_type", "size")
    list_select_related = ("agreement",)
    search_fields = ("digest", "agreement__patient__given_name", "agreement__patient__family_name")
    ids = ("agreement__id", "agreement__patient__id")

    def found(self, actor: Actor, record_id: UUID) -> Scan:
        """The scan of an agreement that the actor may see. Raises NotFound."""
        return patients.scan_of(actor, record_id)
