"""Who is on each rung of the ladder, and by which ways each can be reached. Reads nothing itself.

A way that cannot be used is passed over for the next one in the recipient's order, then in the
policy's; where none is left, the next rung is told instead: no step is lost.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from apps.accounts.models import User
from apps.notices.channels import CHANNELS
from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.patients.models import Patient
from apps.providers.models import Pharmacy, Prescriber
from apps.reminders.models import ReminderPreference

LADDERS: Final[Mapping[Notice.RecipientKind, Sequence[str]]] = MappingProxyType(
    {
        Notice.RecipientKind.PATIENT: ("patient", "prescriber", "staff", "administrator"),
        Notice.RecipientKind.PHARMACY: ("pharmacy", "staff", "administrator"),
    }
)
"""The rungs of a patient's and of a pharmacy's ladder, upwards."""

Used = Collection[tuple[str, str]]
"""Ways that failed: channel and address."""


@dataclass(frozen=True, slots=True)
class Way:
    """One channel to one address, and what was passed over for it."""

    channel: str
    address: str
    passed_over: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """One recipient: the addresses by channel (empty: none) and what they wish for.

    `has_portal`: they can sign in and read messages there. `fails`: channels whose address is
    known to reach nobody.
    """

    kind: Notice.RecipientKind
    recipient: Recipient
    time_zone: str
    phone: str = ""
    has_portal: bool = True
    fails: frozenset[str] = field(default_factory=frozenset)
    wishes: ReminderPreference | None = None

    def way(self, channels: Sequence[str], failed: Used = ()) -> Way | None:
        """The first way that can be used, in the recipient's order, then in the given one."""
        wished = [
            each for each in (self.wishes.channels if self.wishes else ()) if each in channels
        ]
        passed_over: list[str] = []
        for channel in dict.fromkeys([*wished, *channels]):
            address = self.address(channel)
            reason = self._hindrance(channel, address, failed)
            if not reason:
                return Way(channel, address, ", ".join(passed_over))
            passed_over.append(f"{channel}: {reason}")
        return None

    def address(self, channel: str) -> str:
        """Where a channel finds the recipient; empty on the portal, and where there is none."""
        return {"email": self.recipient.address, "sms": self.phone}.get(channel, "")

    def wants(self, kind: str, optional: Collection[str]) -> bool:
        """Whether the recipient is told of this kind: always, unless it is optional."""
        return self.wishes is None or kind not in optional or kind not in self.wishes.opted_out

    @property
    def language(self) -> str:
        """The language of messages."""
        return self.wishes.language if self.wishes else "en"

    def _hindrance(self, channel: str, address: str, failed: Used) -> str:
        if channel not in CHANNELS:
            return "not available"
        if channel == Notice.Channel.PORTAL and not self.has_portal:
            return "no account"
        if channel != Notice.Channel.PORTAL and not address:
            return "no address"
        if channel in self.fails or (channel, address) in failed:
            return "reaches nobody"
        return ""


def of_patient(
    patient: Patient,
    *,
    speaks: str | None = None,
    fails: Collection[str] = (),
    wishes: ReminderPreference | None = None,
) -> Contact:
    """The patient, or whoever speaks for them (L-CAT-4): `speaks` is that person's address.

    Patients have no account of the portal. `fails`: addresses that reach nobody (L-END-3).
    """
    kind = Notice.RecipientKind.PATIENT
    address = speaks or patient.email
    return Contact(
        kind,
        Recipient(kind, patient.pk, address),
        patient.time_zone,
        phone=patient.phone,
        has_portal=False,
        fails=frozenset(
            channel
            for channel, found in (("email", address), ("sms", patient.phone))
            if found and found in fails
        ),
        wishes=wishes,
    )


def of_prescriber(prescriber: Prescriber, wishes: ReminderPreference | None = None) -> Contact:
    """A prescriber."""
    kind = Notice.RecipientKind.PRESCRIBER
    user = prescriber.user
    return Contact(
        kind,
        Recipient(kind, prescriber.pk, prescriber.email),
        user.time_zone if user else "",
        phone=prescriber.phone,
        has_portal=user is not None,
        wishes=wishes,
    )


def of_pharmacy(pharmacy: Pharmacy, wishes: ReminderPreference | None = None) -> Contact:
    """A pharmacy, through its authorized representative."""
    kind = Notice.RecipientKind.PHARMACY
    user = pharmacy.representative
    return Contact(
        kind,
        Recipient(kind, pharmacy.pk, user.email if user else pharmacy.email),
        user.time_zone if user else "",
        phone=pharmacy.phone,
        has_portal=user is not None,
        wishes=wishes,
    )


def of_person(user: User) -> Contact:
    """Somebody of the program's office."""
    kind = Notice.RecipientKind.STAFF
    return Contact(kind, Recipient(kind, user.pk, user.email), user.time_zone)
