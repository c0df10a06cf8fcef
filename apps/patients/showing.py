"""How many registered patients may be shown to who enrolls others: to whom this is no list.

Who types names at random would learn who is in the program (L-PAT-1 shows who resembles whom).
"""

from datetime import timedelta
from typing import Final

from apps.audit.selectors import times_within
from apps.core import clock
from apps.core.call import Actor
from apps.core.errors import TooManyRequests
from apps.patients.selectors import SEES_ALL

SHOWN: Final = "likely_duplicates_shown"
SHOWN_ALLOWED: Final = 20
SHOWN_WITHIN_MINUTES: Final = 60


def refuse_after_many_shown(actor: Actor) -> None:
    """Raises TooManyRequests when this practice was shown so many that it is no accident.

    Before anybody is looked up, so that neither answer tells whether somebody is registered. The
    program's people see everybody anyway.
    """
    if actor.organization_id is None or actor.role in SEES_ALL:
        return
    since = clock.now() - timedelta(minutes=SHOWN_WITHIN_MINUTES)
    if times_within(actor.organization_id, SHOWN, since=since) >= SHOWN_ALLOWED:
        raise TooManyRequests(
            f"Too many new patients resembled registered ones. Wait {SHOWN_WITHIN_MINUTES} "
            "minutes, or call the program's staff: they see this and can help.",
            retry_after=SHOWN_WITHIN_MINUTES * 60,
        )
