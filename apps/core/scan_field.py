"""The field of a form that takes a scan: it says itself that a file is too large."""

from typing import Any, Final

from django import forms
from django.forms.widgets import Script

from apps.core.scans import MAX_SCAN_BYTES

TOO_LARGE: Final = (
    f"This file is larger than {MAX_SCAN_BYTES // 1024**2} MB. Save it with fewer colors or fewer "
    "dots per inch, and choose it again. What you typed is still on this page."
)


class ScanInput(forms.FileInput):
    """Says so already when the file is chosen, where the page loads the form's media."""

    class Media:
        js = (Script("js/scan.js", defer=True),)


class ScanField(forms.FileField):
    """A scan or photo; of one that is too large not all may have come in (apps/ops/uploads)."""

    widget = ScanInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """With what static/js/scan.js compares a file with, in bytes, and what it says."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        return {**attrs, "data-largest": MAX_SCAN_BYTES, "data-too-large": TOO_LARGE}

    def to_python(self, data: Any) -> Any:
        """The file. Raises ValidationError for one that is too large."""
        found = super().to_python(data)
        if found is not None and found.size > MAX_SCAN_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return found
