"""What a notice says: subject and text, from its template. No drug, diagnosis, test or name.

A template's first line is the subject; the text follows after an empty line. A language has a
folder of its own; what it lacks is said in English.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from apps.core import one_time
from apps.notices.models import Notice

LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({"en": "English", "es": "Español"})
"""The languages in which a recipient can be reminded."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to be handed over; the same notice always makes the same `id`."""

    id: str
    address: str
    subject: str
    text: str


def message_of(notice: Notice) -> Message:
    """The message of a notice. Raises TemplateDoesNotExist when its template has no text."""
    until, issued = notice.params.get("until_on"), notice.params.get("one_time")
    names = [f"notices/{notice.language}/{notice.template}.txt", f"notices/{notice.template}.txt"]
    with translation.override(notice.language):
        rendered = render_to_string(
            names,
            {
                "portal_url": settings.PORTAL_URL,
                "until_on": date.fromisoformat(until) if until else None,
                # Made when the message is: nowhere is a code kept.
                "reference": one_time.reference_of(UUID(issued)) if issued else "",
                "code": one_time.spaced(one_time.code_of(UUID(issued))) if issued else "",
            },
        )
    subject, _, text = rendered.strip().partition("\n")
    return Message(
        id=message_id(notice),
        address=notice.address,
        subject=subject.strip(),
        text=text.strip() + "\n",
    )


def message_id(notice: Notice) -> str:
    """The Message-ID header: by it a repeated message is known for what it is."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{notice.pk}@{domain}>"
