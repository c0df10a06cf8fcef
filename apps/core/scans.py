"""Scans and photos of signed paper: which files they may be, and how they are kept and handed out.

They lie in the database: as durable as the rows that rest on them.
"""

import hashlib
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.http import HttpResponse

from apps.core.errors import InvalidRequest
from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoTruncate, Traced

MAX_SCAN_BYTES = 5 * 1024 * 1024


class Scan(Recorded):
    """Base of every scan."""

    class ContentType(models.TextChoices):
        PDF = "application/pdf", "PDF"
        PNG = "image/png", "PNG"
        JPEG = "image/jpeg", "JPEG"

    content = models.BinaryField()
    content_type = models.CharField(max_length=15, choices=ContentType)
    size = models.PositiveIntegerField(help_text="In bytes.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content, hexadecimal.")

    class Meta:
        abstract = True
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced(secret=("content",))]


# Only what a file is counts, not what its name or sender says it is.
FIRST_BYTES: Final = {
    b"%PDF-": Scan.ContentType.PDF,
    b"\x89PNG\r\n\x1a\n": Scan.ContentType.PNG,
    b"\xff\xd8\xff": Scan.ContentType.JPEG,
}


def scan_constraints(name: str) -> list[models.BaseConstraint]:
    """What holds for every row of a table of scans; `name` begins the constraints' names."""
    return [
        models.CheckConstraint(
            condition=Q(content_type__in=["application/pdf", "image/png", "image/jpeg"]),
            name=f"{name}_type_is_allowed",
        ),
        models.CheckConstraint(
            condition=Q(
                size=Func(F("content"), function="octet_length", output_field=IntegerField())
            ),
            name=f"{name}_size_is_true",
        ),
        models.CheckConstraint(
            condition=Q(size__gt=0, size__lte=MAX_SCAN_BYTES), name=f"{name}_size_is_limited"
        ),
        models.CheckConstraint(
            condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name=f"{name}_digest_is_sha256"
        ),
    ]


def columns_of(scan: bytes) -> dict[str, Any]:
    """A scan as its columns. Raises InvalidRequest for no PDF, PNG or JPEG, or a too large one."""
    kinds = [kind for start, kind in FIRST_BYTES.items() if scan.startswith(start)]
    if not kinds:
        raise InvalidRequest("Unknown file.", {"scan": "Attach a PDF, PNG or JPEG."})
    if len(scan) > MAX_SCAN_BYTES:
        megabytes = MAX_SCAN_BYTES // 1024**2
        raise InvalidRequest("Too large.", {"scan": f"Attach at most {megabytes} MB."})
    return {
        "content": scan,
        "content_type": kinds[0],
        "size": len(scan),
        "digest": hashlib.sha256(scan).hexdigest(),
    }


def scan_download(scan: Scan) -> HttpResponse:
    """A scan as a download: never shown inside the site, never guessed to be something else."""
    ending = scan.content_type.partition("/")[2]
    return HttpResponse(
        bytes(scan.content),
        content_type=scan.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="scan-{scan.pk}.{ending}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
