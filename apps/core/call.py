"""Who asks for a command, in which role, for whom, and through which door."""

import enum
from dataclasses import dataclass, replace
from uuid import UUID

from apps.core.errors import NotAllowed


class Role(enum.StrEnum):
    """What a person, a client or the system acts as: one role at a time."""

    PRESCRIBER = "prescriber"
    DELEGATE = "delegate"
    PHARMACIST = "pharmacist"
    TECHNICIAN = "technician"
    REPRESENTATIVE = "representative"
    PATIENT = "patient"
    STAFF = "staff"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    SYSTEM = "system"


PRESCRIBING = frozenset({Role.PRESCRIBER, Role.DELEGATE})
DISPENSING = frozenset({Role.PHARMACIST, Role.TECHNICIAN})
PROGRAM = frozenset({Role.STAFF, Role.ADMINISTRATOR})


class ActorKind(enum.StrEnum):
    """Whether a person signed in, a system authenticated, or the product itself acts."""

    PERSON = "person"
    CLIENT = "client"
    SYSTEM = "system"


class Channel(enum.StrEnum):
    """How something reached the program (rules §1)."""

    PORTAL = "portal"
    API = "api"
    PHONE = "phone"
    FAX = "fax"
    PAPER = "paper"
    IMPORT = "import"
    SYSTEM = "system"


# What the staff enter for somebody else. No door calls through these: only an intake takes effect
# under them, at once when it harms, else when a second person accepted it (L-SRC-1); and a patient
# is registered from a form, whose signatures then come by an intake.
SCANNED = frozenset({Channel.FAX, Channel.PAPER})
TOLD = SCANNED | {Channel.PHONE}


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: never anonymous.

    `organization_id` is the practice, pharmacy or program acted for; `prescriber_id` the
    prescriber that the actor is or, for a delegate, acts on behalf of; `patient_id` the patient
    whom the actor is or, for a guardian or representative, speaks for.
    """

    kind: ActorKind
    id: UUID | None
    role: Role
    organization_id: UUID | None = None
    prescriber_id: UUID | None = None
    patient_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.kind is not ActorKind.SYSTEM and self.id is None:
            raise ValueError("An actor other than the system needs an id.")

    @property
    def own_organization(self) -> UUID:
        """The organization acted for. Raises NotAllowed for an actor who acts for none."""
        if self.organization_id is None:
            raise NotAllowed("You act for no organization.")
        return self.organization_id

    @property
    def own_prescriber(self) -> UUID:
        """The prescriber acted as or for. Raises NotAllowed for an actor who acts for none."""
        if self.prescriber_id is None:
            raise NotAllowed("You act for no prescriber.")
        return self.prescriber_id

    @property
    def own_patient(self) -> UUID:
        """The patient acted as or spoken for. Raises NotAllowed for an actor who is none."""
        if self.patient_id is None:
            raise NotAllowed("You act for no patient.")
        return self.patient_id

    @property
    def speaks_for_another(self) -> bool:
        """Whether a guardian or representative acts for the patient."""
        return self.patient_id is not None and self.id != self.patient_id


class SigningMethod(enum.StrEnum):
    """With what somebody signed (21 CFR 11.200)."""

    ALL_COMPONENTS = "all_components"
    ONE_COMPONENT = "one_component"
    ONE_TIME_CODE = "one_time_code"
    PAPER = "paper"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Signing:
    """What a person proved at the door, to sign what this one call does.

    A patient, or who speaks for them, has no account: `code_id` is the one-time code given.
    """

    method: SigningMethod
    user_id: UUID | None
    printed_name: str
    code_id: UUID | None = None


SYSTEM = Actor(kind=ActorKind.SYSTEM, id=None, role=Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's promise that two calls with one key are one call.

    `scope` names the client and route, so that two clients' keys never meet; `body_digest` tells
    a repeated call from another call under the same key.
    """

    scope: str
    key: str
    body_digest: str


@dataclass(frozen=True, slots=True)
class Call:
    """An actor using a door: what every command takes first."""

    actor: Actor
    channel: Channel
    idempotency: IdempotencyKey | None = None
    signing: Signing | None = None

    def once(self, key: IdempotencyKey) -> "Call":
        """The same call under an idempotency key."""
        return replace(self, idempotency=key)

    def signed(self, signing: Signing | None) -> "Call":
        """The same call with what its person proved in order to sign."""
        return replace(self, signing=signing)


SYSTEM_CALL = Call(actor=SYSTEM, channel=Channel.SYSTEM)
