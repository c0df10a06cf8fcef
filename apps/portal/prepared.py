"""A package that somebody at the counter prepared, kept until a pharmacist checks and signs it.

It is a draft, kept as drafts are (apps/accounts/drafts): it dispenses nothing, and it bears neither
a tick of the counseling checklist nor anything that proves who signs.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.http import QueryDict

from apps.accounts import drafts
from apps.core import clock
from apps.portal.access import PortalRequest, saw
from apps.portal.pharmacy_forms import KEEP, PREPARED, SignedDispenseForm
from apps.prescriptions.models import Confirmation

COUNSELOR: Final = "counselor"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was typed, by whom and when; the program's time, as text."""

    by: str
    role: str
    told_at: str
    lot_number: str = ""
    ndc: str = ""
    quantity: str = ""
    days_supply: str = ""
    counselor: str = ""

    @property
    def at(self) -> datetime:
        """The instant at which it was kept."""
        return datetime.fromisoformat(self.told_at)

    def initial(self, own: dict[str, Any]) -> dict[str, Any]:
        """What the form begins with: what was typed; a pharmacist who opens it is the counselor."""
        typed = {name: value for name in PREPARED if (value := getattr(self, name))}
        return {**own, **typed, COUNSELOR: own[COUNSELOR] or self.counselor}


def prepared_for(confirmations: Iterable[Confirmation]) -> dict[UUID, Prepared]:
    """What is prepared for each of these confirmations of the own pharmacy, where it is."""
    named = {_name(each): each.pk for each in confirmations}
    kept = drafts.drafts_of(named)
    return {named[name]: Prepared(**typed) for name, typed in kept.items()}


def package_in(sent: QueryDict) -> QueryDict:
    """What of a dispense that was sent is about the package, as if it were sent to be kept.

    Without a tick, and without what proves who signs.
    """
    only = QueryDict(mutable=True)
    for name in ("submission", *PREPARED):
        only.setlist(name, sent.getlist(name))
    if any(only.get(name, "").strip() for name in PREPARED):
        only[KEEP] = "1"
    return only


def keep(request: PortalRequest, found: Confirmation, form: SignedDispenseForm) -> None:
    """Keep what was typed in place of what was prepared before; the trail tells who did."""
    typed = {name: str(form.sent().get(name, "")) for name in PREPARED}
    told = Prepared(
        by=str(request.user),
        role=request.acting.role,
        told_at=clock.now().isoformat(),
        **typed,
    )
    patient_id = found.authorization.patient_id
    saw(request, "dispense_prepared", patient_id=patient_id, subject=found)
    drafts.keep_draft(_name(found), asdict(told))


def forget(found: Confirmation) -> None:
    """It was dispensed or cancelled: nothing is left to be signed."""
    drafts.forget_draft(_name(found))


def _name(found: Confirmation) -> str:
    return f"dispense:{found.pk}"
