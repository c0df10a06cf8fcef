"""What a token is for. Each role has one scope; services still check the role itself."""

import enum
from typing import Any, Final

from oauth2_provider.scopes import BaseScopes

from apps.accounts import selectors as accounts
from apps.core.call import Role


class Scope(enum.StrEnum):
    """The kinds of work that a system can get a token for."""

    PRESCRIBE = "prescribe"
    DISPENSE = "dispense"
    ADMINISTER = "administer"
    AUDIT = "audit"


MEANINGS: Final = {
    Scope.PRESCRIBE: "Enroll patients, record evidence, request authorizations",
    Scope.DISPENSE: "Check eligibility, confirm and dispense",
    Scope.ADMINISTER: "Register and certify prescribers and pharmacies, work on cases",
    Scope.AUDIT: "Read everything, change nothing",
}

OF_ROLE: Final = {
    Role.PRESCRIBER: Scope.PRESCRIBE,
    Role.DELEGATE: Scope.PRESCRIBE,
    Role.PHARMACIST: Scope.DISPENSE,
    Role.TECHNICIAN: Scope.DISPENSE,
    Role.REPRESENTATIVE: Scope.DISPENSE,
    Role.STAFF: Scope.ADMINISTER,
    Role.ADMINISTRATOR: Scope.ADMINISTER,
    Role.AUDITOR: Scope.AUDIT,
}

ALL: Final = frozenset(Scope)
OFFICE: Final = frozenset({Scope.ADMINISTER, Scope.AUDIT})
CARE: Final = OFFICE | {Scope.PRESCRIBE}


class RoleScopes(BaseScopes):
    """The token endpoint's rule: a client gets its role's scope, and no other."""

    def get_all_scopes(self) -> dict[str, str]:
        """Every scope with its meaning."""
        return {scope.value: meaning for scope, meaning in MEANINGS.items()}

    def get_available_scopes(
        self, application: Any = None, *_args: Any, **_kwargs: Any
    ) -> list[str]:
        """The scope of the client behind an application; none for an ended or unknown one."""
        role = accounts.role_of_application(application.pk) if application else None
        scope = OF_ROLE.get(role) if role else None
        return [scope.value] if scope else []

    def get_default_scopes(self, application: Any = None, *_args: Any, **_kwargs: Any) -> list[str]:
        """What a request that names no scope gets: the same."""
        return self.get_available_scopes(application)
