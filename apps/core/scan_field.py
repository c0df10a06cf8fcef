"""The field of a form that takes a scan: it says itself that a file is too large."""

from typing import Any, Final

from django import forms

from apps.core.scans import MAX_SCAN_BYTES

TOO_LARGE: Final = (
    f"This file is larger than {MAX_SCAN_BYTES // 1024**2} MB. Save it with fewer colors or fewer "
    "dots per inch, and choose it again. What you typed is still on this page."
)


class ScanField(forms.FileField):
    """A scan or photo; of one that is too large not all may have come in (apps/ops/uploads)."""

    def to_python(self, data: Any) -> Any:
        """The file. Raises ValidationError for one that is too large."""
        found = super().to_python(data)
        if found is not None and found.size > MAX_SCAN_BYTES:
            raise forms.ValidationError(TOO_LARGE)
        return found
