"""Forms of what the patient's side signed on paper: when, and the scan of it (L-SRC-1, L-ENR-3)."""

from datetime import datetime
from typing import Any

from django import forms

from apps.core import clock
from apps.core.scan_field import ScanField, ScanInput
from apps.core.scans import Scan
from apps.patients.models import Agreement
from apps.portal.agreement_forms import AGREEMENT_MEANING
from apps.portal.fields import InstantField
from apps.portal.forms import PortalForm
from apps.portal.signing import Signed


class SignedPaperForm(PortalForm):
    """A paper that the patient's side signed."""

    patient_signed_at = InstantField(
        label="When did the patient’s side sign the paper?",
        help_text="Write the time as 14:05 or 2:05 pm.",
    )
    scan = ScanField(
        label="Scan or photo of the signed paper",
        help_text="PDF, PNG or JPEG, at most 5 MB. If this page comes back, choose it again.",
        widget=ScanInput(attrs={"accept": ",".join(Scan.ContentType.values)}),
    )


def read_scan(form: forms.Form) -> bytes | None:
    """What was attached to a valid form, if something was."""
    attached = form.cleaned_data.get("scan")
    return attached.read() if attached else None


class MissingSignaturesForm(SignedPaperForm):
    """The signatures that an agreement still lacks."""

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if agreement.patient_signed_at is not None:
            del self.fields["patient_signed_at"], self.fields["scan"]

    def prescriber_signed_at(self) -> datetime | None:
        """Who has nothing to sign with here does not sign as the prescriber."""
        return None


class SignedMissingForm(Signed, MissingSignaturesForm):
    """The same, signed by the prescriber whose signature it lacks.

    Where the patient's side lacks, too, a box says whether both have signed: it attests nothing.
    """

    meaning = AGREEMENT_MEANING

    prescriber_signs = forms.BooleanField(
        label="I sign it myself now, too",
        help_text="Without this tick only the patient’s side is recorded, and no password is "
        "needed.",
        required=False,
    )

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, agreement=agreement, **kwargs)
        if agreement.patient_signed_at is not None:
            del self.fields["prescriber_signs"]
        else:
            self.fields["patient_signed_at"].required = self.fields["scan"].required = False

    def clean(self) -> dict[str, Any]:
        """The prescriber may sign before the patient's side does; a paper has day and scan."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scan") and not cleaned.get("patient_signed_at"):
            self.add_error("patient_signed_at", "Say when it was signed.")
        if cleaned.get("patient_signed_at") and not cleaned.get("scan"):
            self.add_error("scan", "Choose the scan or a photo of the signed paper.")
        return cleaned

    def must_be_signed(self) -> bool:
        """The patient's side may have signed alone."""
        return bool(self.cleaned_data.get("prescriber_signs", True))

    def prescriber_signed_at(self) -> datetime | None:
        """This moment, when the prescriber signs."""
        return clock.now() if self.must_be_signed() else None
