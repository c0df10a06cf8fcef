"""What sign-ins leave in the trail, and the end of a lock-out by a new password.

Listens to the framework's signals: sign-in is no command of ours. No typed address is kept.
"""

from typing import Any

from allauth.account.signals import password_reset
from axes.signals import user_locked_out
from axes.utils import reset
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from apps.accounts.adapter import attempted_email
from apps.accounts.models import User
from apps.audit import services as audit
from apps.core.call import SYSTEM_CALL


def listen() -> None:
    """Connect the receivers; called once, when the apps are ready."""
    user_logged_in.connect(record_sign_in, dispatch_uid="accounts.signed_in")
    user_login_failed.connect(record_failure, dispatch_uid="accounts.sign_in_failed")
    user_locked_out.connect(record_lock_out, dispatch_uid="accounts.locked_out")
    password_reset.connect(end_lock_out, dispatch_uid="accounts.lock_out_ended")


def record_sign_in(user: User, **_: Any) -> None:
    """Somebody signed in, all factors included."""
    audit.record_view(SYSTEM_CALL, "signed_in", subject=user)


def record_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any
) -> None:
    """A sign-in failed: whose it was, when the address is known at all."""
    known = User.objects.filter(email=attempted_email(request, credentials)).first()
    audit.record_view(SYSTEM_CALL, "sign_in_failed", subject=known)


def record_lock_out(username: str | None = None, **_: Any) -> None:
    """An attempt met the lock-out."""
    known = User.objects.filter(email=username or "").first()
    audit.record_view(SYSTEM_CALL, "sign_in_locked_out", subject=known)


def end_lock_out(user: User, **_: Any) -> None:
    """Whoever proved to own the mailbox and chose a new password may sign in at once."""
    reset(username=user.email)
    audit.record_view(SYSTEM_CALL, "password_reset", subject=user)
