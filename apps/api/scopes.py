"""Which scope opens an endpoint, and to whose work; and the token endpoint's rule on scopes."""

from dataclasses import dataclass
from typing import Any, Final

from oauth2_provider.scopes import BaseScopes

from apps.accounts import selectors as accounts
from apps.accounts.models import ApiClient
from apps.accounts.scopes import MEANINGS, WORK_OF, Scope, Work, held
from apps.core.call import Role

ALL: Final = frozenset(Work)
OFFICE: Final = frozenset({Work.ADMINISTER, Work.AUDIT})
CARE: Final = OFFICE | {Work.PRESCRIBE}


@dataclass(frozen=True, slots=True)
class Area:
    """The scopes of one area: what reading needs, and what writing."""

    read: Scope
    write: Scope


CHECKS: Final = Area(Scope.CHECK, Scope.CHECK)
REGISTRY: Final = Area(Scope.REGISTRY_READ, Scope.REGISTRY_WRITE)
PATIENTS: Final = Area(Scope.PATIENTS_READ, Scope.PATIENTS_WRITE)
EVIDENCE: Final = Area(Scope.EVIDENCE_READ, Scope.EVIDENCE_WRITE)
SAFETY: Final = Area(Scope.SAFETY_READ, Scope.SAFETY_WRITE)
AUTHORIZATIONS: Final = Area(Scope.AUTHORIZATIONS_READ, Scope.AUTHORIZATIONS_WRITE)
DISPENSES: Final = Area(Scope.DISPENSES_READ, Scope.DISPENSES_WRITE)
# Evaluating given facts is asked with POST, and changes nothing.
DECISIONS: Final = Area(Scope.DECISIONS_READ, Scope.DECISIONS_READ)
OVERSIGHT: Final = Area(Scope.OVERSIGHT_READ, Scope.OVERSIGHT_WRITE)
REMINDERS: Final = Area(Scope.REMINDERS_READ, Scope.REMINDERS_WRITE)


class ClientScopes(BaseScopes):
    """A client may ask for any of the scopes that it holds; without naming one it gets them all."""

    def get_all_scopes(self) -> dict[str, str]:
        """Every scope with its meaning."""
        works = {work.value: "All that the client holds" for work in Work}
        return {**{scope.value: meaning for scope, meaning in MEANINGS.items()}, **works}

    def get_available_scopes(
        self, application: Any = None, *_args: Any, **_kwargs: Any
    ) -> list[str]:
        """What the client behind an application holds, and its role's work, which means the same.

        None for an ended or unknown one.
        """
        client = _client_of(application)
        return [WORK_OF[Role(client.role)].value, *_held_by(client)] if client else []

    def get_default_scopes(self, application: Any = None, *_args: Any, **_kwargs: Any) -> list[str]:
        """What a request that names no scope gets: all that the client holds."""
        client = _client_of(application)
        return _held_by(client) if client else []


def _client_of(application: Any) -> ApiClient | None:
    return accounts.client_of_application(application.pk) if application else None


def _held_by(client: ApiClient) -> list[str]:
    return sorted(held(Role(client.role), client.scopes))


__all__ = ["ALL", "CARE", "OFFICE", "Area", "ClientScopes", "Scope", "Work"]
