"""In which role the person of a request acts: chosen for this sign-in, kept in its session.

One choice at a time, for all doors alike. A form that was shown in one role is never carried out in
another: each role of a sign-in has its own token against forgery. It decides nothing about
patients: what an actor may see is the selectors' business.
"""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.http import HttpRequest
from django.middleware import csrf

from apps.accounts.models import User
from apps.core.call import Actor, Role
from apps.providers import selectors as providers

SESSION_KEY = "acting"
TOKENS = "acting_tokens"
MAY_SWITCH = "may_switch"


@dataclass(frozen=True, slots=True)
class Acting:
    """One way in which a person may act: an actor, and how pages name it."""

    actor: Actor
    membership_id: UUID
    role: str
    organization: str
    on_behalf_of: str = ""

    @property
    def key(self) -> str:
        """What tells this choice from the person's others."""
        return f"{self.membership_id}:{self.actor.prescriber_id or ''}"

    def __str__(self) -> str:
        named = f"{self.role}, {self.organization}"
        return f"{named}, on behalf of {self.on_behalf_of}" if self.on_behalf_of else named


def acting_of(request: HttpRequest) -> Acting | None:
    """Whom the person of this request acts as: as chosen, or the only choice; looked up once."""
    if not hasattr(request, "_acting"):
        request._acting = _find(request)  # type: ignore[attr-defined]  # noqa: SLF001
    return cast("Acting | None", request._acting)  # type: ignore[attr-defined]  # noqa: SLF001


def choices(user: User) -> list[Acting]:
    """Every way in which a person may act now."""
    return [_named(held) for held in providers.roles_held(user)]


def remember(request: HttpRequest, acting: Acting) -> None:
    """Keep a choice for the rest of this sign-in.

    What was shown in the role of before then bears a token that is not valid any more; on the way
    back to that role it is again.
    """
    session = request.session
    before = session.get(SESSION_KEY)
    session[SESSION_KEY] = acting.key
    if before in {None, acting.key}:
        return
    tokens: dict[str, str] = session.get(TOKENS, {})
    tokens[before] = request.META.get("CSRF_COOKIE", "")
    session[TOKENS] = tokens
    csrf.rotate_token(request)
    if kept := tokens.pop(acting.key, ""):
        request.META["CSRF_COOKIE"] = kept


def has_ended(request: HttpRequest) -> bool:
    """Whether the role in which this sign-in acted has ended, and no other was chosen yet."""
    return SESSION_KEY in request.session and acting_of(request) is None


def shown_as(request: HttpRequest) -> Acting | None:
    """In which other role of this sign-in the form was shown that this request sends, if one."""
    if keys := _keys_shown(request):
        own = choices(cast("User", request.user))
        return next((choice for choice in own if choice.key in keys), None)
    return None


def shown_in_ended_role(request: HttpRequest) -> bool:
    """Whether the form was shown in another role of this sign-in that has ended since."""
    return bool(_keys_shown(request)) and shown_as(request) is None


def bears_own_token(request: HttpRequest) -> bool:
    """Whether a form bears the token of the role in which this sign-in acts, or acted last."""
    token = request.POST.get("csrfmiddlewaretoken", "")
    return _is_of(token, request.META.get("CSRF_COOKIE") or "")


def role_label(role: Role) -> str:
    """How pages name a role."""
    if role is Role.REPRESENTATIVE:
        return "Authorized representative"
    return "Program staff" if role is Role.STAFF else role.value.capitalize()


def _keys_shown(request: HttpRequest) -> set[str]:
    """The other role of this sign-in, held or ended, whose token a form bears; empty for none."""
    if not isinstance(request.user, User):
        return set()
    token = request.POST.get("csrfmiddlewaretoken", "")
    tokens: dict[str, str] = request.session.get(TOKENS, {})
    return {key for key, secret in tokens.items() if _is_of(token, secret)}


def _is_of(token: str, secret: str) -> bool:
    """Whether a token was made of a secret, by the framework's own comparison."""
    if len(token) not in {csrf.CSRF_SECRET_LENGTH, csrf.CSRF_TOKEN_LENGTH} or not token.isalnum():
        return False
    return bool(secret and token.isascii() and csrf._does_token_match(token, secret))  # type: ignore[attr-defined]  # noqa: SLF001


def _find(request: HttpRequest) -> Acting | None:
    user = request.user
    if not isinstance(user, User) or not user.is_authenticated:
        return None
    kept = str(request.session.get(SESSION_KEY, ""))
    if kept:
        # One that was ended since is not replaced in silence: the person chooses another.
        membership_id, _, _ = kept.partition(":")
        found = providers.roles_held(user, membership_id=membership_id)
        return next((choice for held in found if (choice := _named(held)).key == kept), None)
    every = choices(user)
    request.session[MAY_SWITCH] = len(every) > 1
    if len(every) == 1:
        remember(request, every[0])
        return every[0]
    return None


def _named(held: providers.Held) -> Acting:
    return Acting(
        actor=held.actor,
        membership_id=held.membership.pk,
        role=role_label(held.actor.role),
        organization=held.membership.organization.name,
        on_behalf_of=held.on_behalf_of,
    )
