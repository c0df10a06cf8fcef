"""The patient's survey while it is being answered: what was answered so far, question by question.

A draft lives in the session of one visit and ends with it: nobody else reads it, and nothing of it
counts as a survey. It never stands in an address or a cookie.
"""

from dataclasses import asdict, dataclass, field, replace
from typing import Final

from apps.core.errors import NotAllowed
from apps.portal import own_language, own_record
from apps.portal.own_access import OwnRequest
from apps.portal.program import PROGRAM
from apps.rules.documents import Document, Item, document

DRAFT: Final = "own_survey"


@dataclass(frozen=True, slots=True)
class Draft:
    """Answers so far, to which text; `counted`: by question, the intervention that it opened."""

    version: str
    category: str
    answers: dict[str, str] = field(default_factory=dict)
    counted: dict[str, str] = field(default_factory=dict)

    def with_answer(self, item: Item, answer: str) -> "Draft":
        """With one answer given, or given anew."""
        return replace(self, answers={**self.answers, item.code: answer})

    def having_counted(self, item: Item, intervention: str) -> "Draft":
        """With a risky answer that counted at once."""
        return replace(self, counted={**self.counted, item.code: intervention})

    def next_of(self, text: Document) -> int:
        """The number of the first question without an answer; one past the last if all have one."""
        numbered = enumerate(text.items, start=1)
        unanswered = (number for number, item in numbered if item.code not in self.answers)
        return next(unanswered, len(text.items) + 1)

    def is_risky(self, text: Document) -> bool:
        """Whether an answer means that something must be known at once."""
        return any(
            item.at_risk and self.answers.get(item.code) == item.at_risk for item in text.items
        )


def questions_of(request: OwnRequest) -> tuple[Document, Draft]:
    """The questions in the page's language, and what was answered so far; nothing of older ones.

    Raises NotAllowed for a minor's guardian.
    """
    category = own_record.category_of(request)
    if not own_record.may_answer(request, category):
        raise NotAllowed("The patient answers these questions, not a parent or guardian.")
    text = document(PROGRAM, "patient_survey", category, language=own_language.present())
    kept = request.session.get(DRAFT)
    draft = Draft(**kept) if kept else None
    if draft is None or (draft.version, draft.category) != (text.version, category):
        draft = Draft(version=text.version, category=category)
    return text, draft


def keep(request: OwnRequest, draft: Draft) -> None:
    """Keep what was answered for as long as the visit lasts."""
    request.session[DRAFT] = asdict(draft)


def drop(request: OwnRequest) -> None:
    """Forget it: the survey was sent."""
    request.session.pop(DRAFT, None)


def is_begun(request: OwnRequest) -> bool:
    """Whether questions were answered in this visit that are not sent yet."""
    return DRAFT in request.session
