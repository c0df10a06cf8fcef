"""Setting up an authenticator app: a page that is sent twice sets it up once."""

from typing import cast

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import activate_totp
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from apps.accounts.models import User

APP = [Authenticator.Type.TOTP]


@login_required
def set_up_app(request: HttpRequest) -> HttpResponseBase:
    """allauth's page; whoever pressed the button twice goes on to the recovery codes."""
    user = cast("User", request.user)
    if request.method == "POST" and is_mfa_enabled(user, APP):
        return redirect("mfa_view_recovery_codes")
    try:
        return activate_totp(request)
    except IntegrityError:
        if is_mfa_enabled(user, APP):
            return redirect("mfa_view_recovery_codes")
        raise
