"""The mail with which somebody new chooses a password, and what a page says became of it."""

from django.contrib import messages

from apps.accounts.invitations import InvitationNotSent, send_invitation
from apps.accounts.models import User
from apps.portal.access import PortalRequest


def tell_of_invitation(request: PortalRequest, user: User) -> None:
    """Mail the set-password link to a new person, and say so on the next page."""
    try:
        sent = send_invitation(user)
    except InvitationNotSent:
        messages.error(
            request,
            f"The mail server did not take the invitation to {user.email}. They can get the link "
            "with “Forgot your password?” on the sign-in page.",
        )
        return
    if sent:
        messages.info(request, f"{user.email} gets a link to choose a password.")
    else:
        messages.info(request, f"{user.email} has a password already and can sign in at once.")
