"""The mail with which somebody new chooses a password, and what a page says became of it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.invitations import InvitationNotSent, send_invitation
from apps.accounts.models import User
from apps.portal.access import PortalRequest
from apps.portal.forms import PortalForm


def tell_of_invitation(request: PortalRequest, user: User) -> None:
    """Mail the set-password link to a new person, and say so on the next page."""
    try:
        sent = send_invitation(request.call, user)
    except InvitationNotSent:
        messages.error(
            request,
            f"The mail server did not take the invitation to {user.email}. Send it again from this "
            "page; they can also get a link with “Forgot your password?” on the sign-in page.",
        )
        return
    if sent:
        messages.info(request, f"A link to choose a password goes to {user.email}.")
    else:
        messages.info(request, f"{user.email} has a password already and can sign in at once.")


def invitation_cell(user: User, page: str, key: Any) -> Any:
    """A table's cell: whether somebody followed the invitation, or the page that sends another."""
    if user.has_usable_password():
        return "accepted"
    return {"text": "Send it again", "url": reverse(page, args=[key])}


def invite_again(request: PortalRequest, user: User, *, back: str, label: str) -> HttpResponse:
    """The page on which whoever invited somebody sends them another link."""
    if request.method == "POST":
        tell_of_invitation(request, user)
        return redirect(back)
    context = {
        "form": PortalForm(),
        "title": f"Invite {user} again",
        "text": f"{user.email} gets a new link, with which they choose a password. It works once.",
        "submit": "Send it",
        "crumbs": [{"label": label, "url": reverse(back)}],
        "back_url": reverse(back),
    }
    return render(request, "portal/one_form.html", context)
