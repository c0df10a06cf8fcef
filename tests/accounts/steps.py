"""What people and guessers do on the way in, page by page."""

import re
from typing import Any

from django.conf import settings
from django.core import mail
from django.test import Client

from apps.accounts.models import Membership, User
from tests import builders
from tests.browsers import code_of, signed_in

EMAIL = "robin@program.example"
LOGIN, AUTHENTICATE = "/accounts/login/", "/accounts/2fa/authenticate/"
NEW = "a new long password"
TESS = "tess@pharmacy.example"


def try_to_sign_in(client: Client, password: str, email: str = EMAIL, **extra: Any) -> Any:
    """Both steps: the code follows where the password was right."""
    answer = client.post(LOGIN, {"login": email, "password": password, **extra})
    if answer.headers.get("Location") != AUTHENTICATE:
        return answer
    return client.post(AUTHENTICATE, {"code": code_of(User.objects.get(email=email.lower()))})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def fail(client: Client, times: int, email: str = EMAIL) -> Any:
    """That many wrong passwords; the last answer."""
    answer = None
    for _ in range(times):
        answer = try_to_sign_in(client, "wrong", email)
    return answer


def ask_for_link(client: Client, email: str = EMAIL) -> str:
    """Forgot the password: the link that comes by mail."""
    client.post("/accounts/password/reset/", {"email": email})
    return link_in(mail.outbox[-1])


def link_in(message: Any) -> str:
    found = re.search(rf"{settings.PORTAL_URL}(/\S+)", str(message.body))
    assert found is not None
    return found[1]


def choose(client: Client, link: str, password: str) -> Any:
    """Follow the link and choose a password."""
    form = client.get(link, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def enter_by_password(user: User) -> Client:
    """Sign in by the page, with the password alone."""
    client = Client()
    client.post(LOGIN, {"login": user.email, "password": builders.PASSWORD})
    assert is_signed_in(client)
    return client


def invited(cast: builders.Cast) -> Membership:
    """A technician, invited by the representative on the page."""
    assert cast.pharmacy.representative is not None
    rita = signed_in(cast.pharmacy.representative)
    page = rita.get("/staff/invite/")
    typed = {"role": "technician", "given_name": "Tess", "family_name": "Tech", "email": TESS}
    key = page.context["form"]["submission"].value()
    rita.post("/staff/invite/", {**typed, "submission": key})
    return Membership.objects.get(user__email=TESS)
