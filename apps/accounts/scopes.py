"""What a system's token is for: scopes by area, and those that each role's systems may hold.

The one table. A scope opens nothing that the role does not: commands still check the role itself.
"""

import enum
from collections.abc import Collection, Mapping
from typing import Final

from apps.core.call import Role


class Work(enum.StrEnum):
    """The kinds of work that systems do; each role does one.

    Its name is a scope, too: all that the client holds, under the name of before.
    """

    PRESCRIBE = "prescribe"
    DISPENSE = "dispense"
    ADMINISTER = "administer"
    AUDIT = "audit"


class Scope(enum.StrEnum):
    """What a token opens: reading or writing in one area; checking eligibility stands alone."""

    CHECK = "check"
    REGISTRY_READ = "registry.read"
    REGISTRY_WRITE = "registry.write"
    PATIENTS_READ = "patients.read"
    PATIENTS_WRITE = "patients.write"
    EVIDENCE_READ = "evidence.read"
    EVIDENCE_WRITE = "evidence.write"
    SAFETY_READ = "safety.read"
    SAFETY_WRITE = "safety.write"
    AUTHORIZATIONS_READ = "authorizations.read"
    AUTHORIZATIONS_WRITE = "authorizations.write"
    DISPENSES_READ = "dispenses.read"
    DISPENSES_WRITE = "dispenses.write"
    DECISIONS_READ = "decisions.read"
    OVERSIGHT_READ = "oversight.read"
    OVERSIGHT_WRITE = "oversight.write"
    REMINDERS_READ = "reminders.read"
    REMINDERS_WRITE = "reminders.write"


MEANINGS: Final[Mapping[Scope, str]] = {
    Scope.CHECK: "Check whether a prescription may be dispensed now",
    Scope.REGISTRY_READ: "Read prescribers, pharmacies, their standing and training",
    Scope.REGISTRY_WRITE: "Register, enroll and certify prescribers and pharmacies; delegations",
    Scope.PATIENTS_READ: "Read patients, agreements, categories, therapy, contacts",
    Scope.PATIENTS_WRITE: "Enroll patients; agreements, categories, therapy, contacts, transfers",
    Scope.EVIDENCE_READ: "Read tests, attestations, counseling, surveys, reports, scans",
    Scope.EVIDENCE_WRITE: "Record tests, attestations, counseling, surveys, reports",
    Scope.SAFETY_READ: "Read pregnancy cases and interventions",
    Scope.SAFETY_WRITE: "Report pregnancies, work on cases and interventions",
    Scope.AUTHORIZATIONS_READ: "Read authorizations, and plan the next one",
    Scope.AUTHORIZATIONS_WRITE: "Request and cancel authorizations",
    Scope.DISPENSES_READ: "Read confirmations and dispenses",
    Scope.DISPENSES_WRITE: "Confirm, dispense, ship, take back; report late dispenses",
    Scope.DECISIONS_READ: "Read decisions and the program's texts; evaluate given facts",
    Scope.OVERSIGHT_READ: "Read outages; for the office, queues, deviations, the assessment",
    Scope.OVERSIGHT_WRITE: "Declare outages, work on queues and deviations",
    Scope.REMINDERS_READ: "Read reminders, messages and preferences",
    Scope.REMINDERS_WRITE: "Set preferences, mark messages as read",
}

WORK_OF: Final[Mapping[Role, Work]] = {
    Role.PRESCRIBER: Work.PRESCRIBE,
    Role.DELEGATE: Work.PRESCRIBE,
    Role.PHARMACIST: Work.DISPENSE,
    Role.TECHNICIAN: Work.DISPENSE,
    Role.REPRESENTATIVE: Work.DISPENSE,
    Role.STAFF: Work.ADMINISTER,
    Role.ADMINISTRATOR: Work.ADMINISTER,
    Role.AUDITOR: Work.AUDIT,
}

_READING: Final = frozenset(scope for scope in Scope if scope.endswith(".read"))
_EVERYBODY: Final = frozenset(
    {Scope.DECISIONS_READ, Scope.OVERSIGHT_READ, Scope.REMINDERS_READ, Scope.REMINDERS_WRITE}
)
# What the endpoints open to each kind of work: a test compares it with them.
OPEN_TO: Final[Mapping[Work, frozenset[Scope]]] = {
    Work.PRESCRIBE: frozenset(Scope) - {Scope.CHECK, Scope.DISPENSES_WRITE, Scope.OVERSIGHT_WRITE},
    Work.DISPENSE: _EVERYBODY
    | {
        Scope.CHECK,
        Scope.REGISTRY_READ,
        Scope.REGISTRY_WRITE,
        Scope.SAFETY_WRITE,
        Scope.DISPENSES_READ,
        Scope.DISPENSES_WRITE,
    },
    Work.ADMINISTER: frozenset(Scope) - {Scope.CHECK, Scope.AUTHORIZATIONS_WRITE},
    Work.AUDIT: _READING | _EVERYBODY,
}


def held(role: Role, chosen: Collection[str] | None) -> frozenset[Scope]:
    """The scopes of a client in this role: those chosen for it, or all that are open to the role.

    One that was chosen and is not open to the role opens nothing.
    """
    all_open = OPEN_TO[WORK_OF[role]]
    return all_open if chosen is None else all_open & {*chosen}


def granted(role: Role, chosen: Collection[str] | None, token: str) -> frozenset[Scope]:
    """What a token opens now: of what its client holds, what the token names.

    The name of the role's work stands for everything that the client holds.
    """
    scopes, named = held(role, chosen), frozenset(token.split())
    return scopes if WORK_OF[role].value in named else scopes & named
