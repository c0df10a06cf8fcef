"""Where people are signed in: begin, keep, end. All instants are real time, never the demo's."""

from collections.abc import Iterable
from importlib import import_module
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest

from apps.accounts import browsers
from apps.accounts.models import Membership, SignIn, User
from apps.accounts.services.people import OFFICE
from apps.audit import services as audit
from apps.core import clock
from apps.core.call import PROGRAM, Actor, ActorKind, Call, Channel, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import NotAllowed, NotFound

End = SignIn.End
ANYBODY = frozenset(Role)


def call_of(user: User) -> Call:
    """The call of somebody who is signed in, in no role: for what concerns their own account."""
    actor = Actor(kind=ActorKind.PERSON, id=user.pk, role=Role.SYSTEM)
    return Call(actor=actor, channel=Channel.PORTAL)


def begin(request: HttpRequest, user: User) -> SignIn:
    """Keep that a person signed in with this browser."""
    if not request.session.session_key:
        request.session.create()
    now = clock.real_now()
    return SignIn.objects.create(
        user=user,
        session_key=request.session.session_key,
        address=browsers.address_of(request),
        browser=browsers.in_words(request),
        began_at=now,
        last_seen_at=now,
    )


def keep(request: HttpRequest, sign_in_id: str) -> None:
    """Keep that a sign-in is in use, from where, and under which key of a session."""
    SignIn.objects.filter(pk=sign_in_id, ended_at__isnull=True).update(
        last_seen_at=clock.real_now(),
        address=browsers.address_of(request),
        session_key=request.session.session_key,
    )


def sign_out(request: HttpRequest, how: End) -> None:
    """Close the session of a request, whose sign-in ends for that reason."""
    request._sign_in_ends = how  # type: ignore[attr-defined]  # noqa: SLF001
    logout(request)


def end_one(sign_in_id: str, how: End) -> None:
    """End the sign-in of a session that is being closed."""
    _end(SignIn.objects.filter(pk=sign_in_id, ended_at__isnull=True), how)


def end_all(user: User, how: End, *, but: str = "") -> list[str]:
    """End every sign-in of a person, the one of `but` spared; the ids of those that ended."""
    others = SignIn.objects.filter(user=user, ended_at__isnull=True)
    return _end(others.exclude(pk=but) if but else others, how)


@command(by=ANYBODY)
def end_sign_in(run: Run, *, user_id: UUID, sign_in_id: UUID) -> SignIn:
    """End one of one's own sign-ins: that browser is signed out at once. Raises NotFound."""
    run.read_clock()
    found = SignIn.objects.filter(pk=sign_in_id, user_id=user_id, ended_at__isnull=True).first()
    if found is None or user_id != run.actor.id:
        raise NotFound("There is no such sign-in.")
    _end([found], End.ENDED_BY_OWNER)
    audit.record(run, "sign_in_ended", subject=found)
    return found


@command(by=ANYBODY)
def end_other_sign_ins(run: Run, *, user_id: UUID, but: str) -> User:
    """End all of one's own sign-ins except the one of `but`. Raises NotFound."""
    run.read_clock()
    if user_id != run.actor.id:
        raise NotFound("There is no such person.")
    user = User.objects.get(pk=user_id)
    ended = end_all(user, End.ENDED_BY_OWNER, but=but)
    audit.record(run, "sign_ins_ended", subject=user, data={"ids": ended})
    return user


@command(by=PROGRAM | {Role.SYSTEM})
def reset_sign_in(run: Run, *, user_id: UUID, reason: str) -> User:
    """Let a person begin anew who lost password, phone and recovery codes.

    Their factors, recovery codes and password are void and their sign-ins end; only a new
    invitation, by mail, lets them in again. Only an administrator does it for the program's
    office. Raises NotFound or NotAllowed.
    """
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such person.")
    run.read_clock()
    roles = Membership.objects.filter(user=user, ended_at__isnull=True).values_list("role")
    if run.actor.role is Role.STAFF and OFFICE & {Role(role) for (role,) in roles}:
        raise NotAllowed("Only an administrator does this for somebody of the program's office.")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    ended = end_all(user, End.RESET)
    audit.record(
        run,
        "sign_in_reset",
        subject=user,
        reason=required_reason(reason, hint="Say how you made sure who asks, for the record."),
        data={"ids": ended},
    )
    return user


def _end(sign_ins: Iterable[SignIn], how: End) -> list[str]:
    """Close the sessions first: whatever fails after that, nobody goes on under them."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    ended = []
    for sign_in in sign_ins:
        if sign_in.session_key:
            store.delete(sign_in.session_key)
        sign_in.session_key, sign_in.ended_how = None, how.value
        sign_in.ended_at = clock.real_now()
        sign_in.save(update_fields=["session_key", "ended_how", "ended_at"])
        ended.append(str(sign_in.pk))
    return ended
