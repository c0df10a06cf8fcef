"""What was found when somebody last went through the whole trail: an event, for people to read.

Whoever runs the installation verifies (`manage.py verify_trail`); auditors, who run no command,
read what came of it on their pages.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.audit import services as audit
from apps.audit.models import Event
from apps.core.call import SYSTEM_CALL

WHOLE: Final = "trail_found_whole"
BROKEN: Final = "trail_found_broken"
NOT_TOLD: Final = "trail_not_verified"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is one of the three above, `said` what was found in sentences, `at` program time."""

    code: str
    said: str
    at: datetime

    @property
    def is_whole(self) -> bool:
        """Whether everything that was sealed by then was as it had been sealed."""
        return self.code == WHOLE


def record(code: str, said: str) -> None:
    """Keep what was found, for the pages and for /readyz."""
    audit.record_view(SYSTEM_CALL, code, reason=said)


def latest() -> Verdict | None:
    """What was found last; None where nobody has verified yet."""
    found = Event.objects.filter(code__in=[WHOLE, BROKEN, NOT_TOLD])
    event = found.order_by("-occurred_at", "-pk").first()
    return Verdict(code=event.code, said=event.reason, at=event.occurred_at) if event else None
