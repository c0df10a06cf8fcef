"""The field of a form that takes a scan: it says itself that a file is too large."""

from typing import Any, Final

from django import forms

LARGEST_SCAN: Final = 5 * 1024 * 1024
"""In bytes, as the tables of scans allow."""
TOO_LARGE: Final = (
    f"This file is larger than {LARGEST_SCAN // 1024**2} MB. Save it with fewer colors or fewer "
    "dots per inch, and choose it again. What you typed is still on this page."
)


class ScanField(forms.FileField):
    """A scan or photo; of one that is too large not all may have come in (apps/ops/uploads)."""

    def to_python(self, data: Any) -> Any:
        """The file. Raises ValidationError for one that is too large."""
        found = super().to_python(data)
        if found is not None and found.size > LARGEST_SCAN:
            raise forms.ValidationError(TOO_LARGE)
        return found
