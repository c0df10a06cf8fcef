"""The mail that invites a new person to choose a password.

It goes out directly, not through the outbox of notices: it tells of no patient, and the same link
can be had again at any time from "Forgot your password?".
"""

from datetime import timedelta
from smtplib import SMTPException

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string

from apps.accounts import selectors
from apps.accounts.adapter import set_password_url
from apps.accounts.models import User
from apps.audit import services as audit
from apps.core.call import Call


class InvitationNotSent(Exception):
    """The mail server did not take the invitation; the account exists all the same."""


def send_invitation(call: Call, user: User) -> bool:
    """Invite `user` to choose a password. False, and no mail, when they have one already.

    The link works once, and for `INVITATION_DAYS`.

    Raises InvitationNotSent.
    """
    if user.has_usable_password():
        return False
    context = {
        "user": user,
        "memberships": selectors.memberships_of(user),
        "url": set_password_url(
            f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
        ),
        "days": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days,
        "portal_url": settings.PORTAL_URL,
    }
    try:
        send_mail(
            render_to_string("account/email/invitation_subject.txt", context).strip(),
            render_to_string("account/email/invitation_message.txt", context),
            None,
            [user.email],
        )
    except (OSError, SMTPException, AnymailError) as error:
        raise InvitationNotSent from error
    audit.record_view(call, "invitation_sent", subject=user)
    return True
