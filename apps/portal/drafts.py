"""The draft of an enrollment: what one person typed, step by step, in the role that they act in."""

from collections.abc import Sequence
from typing import Final

from django.http import QueryDict

from apps.accounts import drafts
from apps.portal.access import PortalRequest
from apps.portal.unsent import PROOF

KEEP: Final = "keep"
"""Sent by static/js/draft.js: keep what is typed so far, and go nowhere."""
ELSEWHERE: Final = "elsewhere"
"""Sent by the second button of a step: keep what is typed so far, and leave the step."""
NEVER_KEPT: Final = ("csrfmiddlewaretoken", "seen", KEEP, ELSEWHERE, *PROOF)


class Draft:
    """Read once for a request, and changed step by step."""

    def __init__(self, request: PortalRequest) -> None:
        actor = request.call.actor
        self._whose = f"enrollment:{request.user.pk}:{actor.role}:{actor.prescriber_id}"
        self._steps = drafts.draft_of(self._whose)

    def typed(self, step: str) -> QueryDict | None:
        """What was typed on a step; None before that."""
        return QueryDict(self._steps[step]) if step in self._steps else None

    def is_begun(self) -> bool:
        """Whether anything was typed."""
        return bool(self._steps)

    def keep(self, step: str, sent: QueryDict) -> None:
        """Keep what was typed on a step, as it was."""
        typed = sent.copy()
        for name in NEVER_KEPT:
            typed.pop(name, None)
        self._steps = {**self._steps, step: typed.urlencode()}
        drafts.keep_draft(self._whose, self._steps)

    def keep_who(self, step: str, sent: QueryDict, names: Sequence[str]) -> None:
        """Keep who it is about. With another value of `names` the other steps were another's."""
        before = self.typed(step)
        if before is not None and any(_plain(before, each) != _plain(sent, each) for each in names):
            self._steps = {}
        self.keep(step, sent)

    def is_first(self, step: str, mark: str) -> bool:
        """Whether this happens for the first time; another mark makes it another thing."""
        first = self._steps.get(step) != mark
        if first:
            self._steps = {**self._steps, step: mark}
            drafts.keep_draft(self._whose, self._steps)
        return first

    def forget(self) -> None:
        """The patient is enrolled, or it is begun anew."""
        self._steps = {}
        drafts.forget_draft(self._whose)


def _plain(typed: QueryDict, name: str) -> str:
    return " ".join(typed.get(name, "").split()).casefold()
