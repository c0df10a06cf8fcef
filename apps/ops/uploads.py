"""What is kept of a file while it is received: no more than shows that it is too large.

So a form comes back with what was typed, and says at its field what is wrong with the file.
"""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class CutShort(FileUploadHandler):
    """Drops what comes after the most that a page takes; stands before those that keep the file."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass on what still fits."""
        return raw_data[: max(settings.LARGEST_UPLOAD - start, 0)] or None

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":  # noqa: ARG002
        """Leave the file to the next handler."""
        return None
