"""What sign-ins leave in the trail, and what ends with them. Listens to the framework's signals.

Sign-in is no command of ours. No typed address is kept.
"""

import time
from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from apps.accounts import browsers, lock_out, second_factors, services
from apps.accounts.middleware import BROWSER, LAST_SEEN, SIGN_IN, SIGNED_IN
from apps.accounts.models import User
from apps.audit import services as audit
from apps.core.call import SYSTEM_CALL


def listen() -> None:
    """Connect the receivers; called once, when the apps are ready."""
    user_logged_in.connect(record_sign_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(record_sign_out, dispatch_uid="accounts.signed_out")
    user_login_failed.connect(record_failure, dispatch_uid="accounts.sign_in_failed")
    user_locked_out.connect(record_lock_out, dispatch_uid="accounts.locked_out")
    password_reset.connect(end_lock_out, dispatch_uid="accounts.lock_out_ended")
    for changed in (password_changed, password_set):
        changed.connect(record_password, dispatch_uid="accounts.password_changed")
    authenticator_added.connect(record_factor, dispatch_uid="accounts.factor_added")
    authenticator_removed.connect(record_removal, dispatch_uid="accounts.factor_removed")
    authenticator_reset.connect(record_new_codes, dispatch_uid="accounts.codes_made")


def record_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody signed in, all factors included; from now on this browser knows them."""
    session = request.session
    session[SIGNED_IN] = session[LAST_SEEN] = int(time.time())
    session[BROWSER] = browsers.fingerprint(request)
    sign_in = services.begin(request, user)
    session[SIGN_IN] = str(sign_in.pk)
    if second_factors.was_used_to_enter(request, user):
        second_factors.note_shown(request)
        browsers.become_known(request, user.pk)
    audit.record_view(
        services.call_of(user), "signed_in", subject=user, data={"sign_in": str(sign_in.pk)}
    )


def record_sign_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    """A session is about to be closed: by its owner, unless the middleware says otherwise."""
    sign_in_id = request.session.get(SIGN_IN)
    if user is None or not sign_in_id:
        return
    how = getattr(request, "_sign_in_ends", services.End.SIGNED_OUT)
    services.end_one(sign_in_id, how)
    audit.record_view(
        services.call_of(user),
        "signed_out",
        subject=user,
        data={"sign_in": sign_in_id, "how": how.value},
    )


def record_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """A sign-in failed: whose it was, when the address is known at all."""
    known = User.objects.filter(email=lock_out.attempted_email(request, credentials)).first()
    audit.record_view(SYSTEM_CALL, "sign_in_failed", subject=known)


def record_lock_out(username: str | None = None, **_: Any) -> None:
    """An attempt met the lock-out."""
    known = User.objects.filter(email=username or "").first()
    audit.record_view(SYSTEM_CALL, "sign_in_locked_out", subject=known)


def end_lock_out(request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever proved to own the mailbox and chose a new password may sign in here at once."""
    lock_out.end(user)
    browsers.become_known(request, user.pk, by_mail=True)
    services.end_all(user, services.End.PASSWORD)
    audit.record_view(services.call_of(user), "password_reset", subject=user)


def record_password(request: HttpRequest, user: User, **_: Any) -> None:
    """A person changed their password: all their other sign-ins end."""
    own = request.session.get(SIGN_IN, "")
    services.keep(request, own)
    ended = services.end_all(user, services.End.PASSWORD, but=own)
    audit.record_view(
        services.call_of(user), "password_changed", subject=user, data={"sign_ins_ended": ended}
    )


def record_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A person set up a second factor, and with the first one recovery codes."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record_new_codes(user)
        return
    second_factors.note_set_up(request, authenticator)
    second_factors.note_shown(request)
    browsers.become_known(request, user.pk)
    audit.record_view(
        services.call_of(user),
        "second_factor_set_up",
        subject=user,
        data={"type": str(authenticator.type)},
    )


def record_removal(
    request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """A person removed a second factor: their other sign-ins end; without any, this one waits."""
    if not second_factors.is_set_up(user):
        second_factors.forget_shown(request)
    ended = services.end_all(user, services.End.FACTOR, but=request.session.get(SIGN_IN, ""))
    audit.record_view(
        services.call_of(user),
        "second_factor_removed",
        subject=user,
        data={"type": str(authenticator.type), "sign_ins_ended": ended},
    )


def record_new_codes(user: User, **_: Any) -> None:
    """A person has new recovery codes; the ones of before are void."""
    audit.record_view(services.call_of(user), "recovery_codes_made", subject=user)
