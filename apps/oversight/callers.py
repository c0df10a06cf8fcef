"""Who is on the phone or wrote: finding whom they speak about, and the contact that goes on.

Reads only; what a contact was is recorded by the command `record_contact`.
"""

from collections.abc import MutableMapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db.models import Q

from apps.core import numbers
from apps.core.call import PROGRAM, Actor
from apps.core.errors import NotAllowed
from apps.core.names import contains
from apps.evidence.models import Intake
from apps.patients.models import Patient
from apps.providers.models import Pharmacy, Prescriber

MOST_FOUND: Final = 20
# So long an entry may follow on the verification of who says it.
LASTS: Final = timedelta(minutes=30)
OVER: Final = datetime.min.replace(tzinfo=UTC).isoformat()
# Under this name the id of a contact stands in an address.
CALL: Final = "call"
IN_SESSION: Final = "office_contacts"
PHARMACY: Final = "pharmacy"
NOT_VERIFIED: Final = "not_verified"
SIDES: Final = [*Intake.ToldBy.choices, (PHARMACY, "Pharmacy")]


@dataclass(frozen=True, slots=True)
class Found:
    """Who fits what was said."""

    patients: Sequence[Patient]
    prescribers: Sequence[Prescriber] = ()
    pharmacies: Sequence[Pharmacy] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody fits."""
        return not (self.patients or self.prescribers or self.pharmacies)


def find(
    actor: Actor, *, number: str = "", name: str = "", born_on: date | None = None, npi: str = ""
) -> Found:
    """By an authorization's or confirmation's number, by name and date of birth, or by NPI.

    The first one that is given counts. Of merged records, the one that is kept. Raises NotAllowed
    for everybody but the program's staff.
    """
    if actor.role not in PROGRAM:
        raise NotAllowed("Only the program's staff looks for callers.")
    if number:
        stored = numbers.normalize(number)
        by_number = Q(authorizations__number=stored) | Q(
            authorizations__confirmations__number=stored
        )
        return Found(_patients(by_number))
    if npi:
        digits = "".join(npi.split())
        prescribers = Prescriber.objects.filter(npi=digits).select_related("practice__organization")
        pharmacies = Pharmacy.objects.filter(Q(npi=digits) | Q(ncpdp_id=digits))
        return Found((), list(prescribers), list(pharmacies))
    if not name or born_on is None:
        return Found(())
    named = Q(born_on=born_on)
    for word in name.split():
        named &= contains("given_name", word) | contains("family_name", word)
    return Found(_patients(named))


def _patients(which: Q) -> list[Patient]:
    kept = Patient.objects.filter(which).values_list("pk", "merged_into")
    ids = {merged_into or pk for pk, merged_into in kept[:MOST_FOUND]}
    found = Patient.objects.filter(pk__in=ids).select_related("prescriber__practice__organization")
    return list(found.order_by("family_name", "given_name", "pk"))


@dataclass(frozen=True, slots=True)
class Contact:
    """Who said something about a patient, through what, and how that was verified.

    Its `id` goes along in the addresses that lead on from it. Who comes another way comes with
    another call.
    """

    channel: str
    told_by: str
    told_by_name: str
    verification: str
    until: str
    id: str = ""

    @property
    def until_at(self) -> datetime:
        """The instant until which entries may follow on it."""
        return datetime.fromisoformat(self.until)

    @property
    def side(self) -> str:
        """The side that speaks, in words."""
        return dict(SIDES)[self.told_by]

    @property
    def in_words(self) -> str:
        """How it was verified; of a fax or paper, what it is."""
        words = dict(Intake.Verification.choices).get(self.verification)
        return words or Intake.Channel(self.channel).label


def begin(
    session: MutableMapping[str, Any],
    patient_id: UUID,
    at: datetime,
    *,
    key: str = "",
    **about: str,
) -> Contact:
    """Keep in the session of whoever takes it that a contact goes on since `at`.

    `key` is what it is recorded under. What was recorded once is begun once: sent again, it neither
    lasts longer nor goes on after its end.
    """
    kept = _kept(session, patient_id)
    if kept is not None and key and kept.id == key:
        return kept
    contact = Contact(until=(at + LASTS).isoformat(), id=key or str(uuid4()), **about)
    _keep(session, patient_id, contact)
    return contact


def present(
    session: MutableMapping[str, Any], patient_id: UUID, now: datetime, call: str
) -> Contact | None:
    """The contact of the id `call` about this patient, if it goes on in this session."""
    contact = _kept(session, patient_id) if call else None
    return contact if contact and contact.id == call and contact.until_at >= now else None


def end(session: MutableMapping[str, Any], patient_id: UUID) -> None:
    """It is over: whoever calls next is verified anew."""
    contact = _kept(session, patient_id)
    if contact is not None:
        _keep(session, patient_id, replace(contact, until=OVER))


def _kept(session: MutableMapping[str, Any], patient_id: UUID) -> Contact | None:
    kept = session.get(IN_SESSION, {}).get(str(patient_id))
    return Contact(**kept) if kept else None


def _keep(session: MutableMapping[str, Any], patient_id: UUID, contact: Contact) -> None:
    session[IN_SESSION] = {**session.get(IN_SESSION, {}), str(patient_id): asdict(contact)}
