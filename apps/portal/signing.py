"""A form that ends with an electronic signature: what is signed, as whom, and what proves it.

It verifies nothing itself (`apps.providers.signing`), and only once all else on the form is right.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts import second_factors
from apps.accounts.models import User
from apps.core import clock
from apps.core.errors import CommandError
from apps.portal.access import PortalRequest
from apps.portal.forms import PortalForm
from apps.portal.program import newest_policy
from apps.providers import signing
from apps.providers.signing import CODE, COMPONENTS, PASSWORD, Unproven

NOT_CHOSEN = "the one who is named above"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the end of a signed form says: who signs, now, and what that means."""

    name: str
    meaning: str
    at: datetime
    minutes: int
    link: str = ""
    link_text: str = ""


def code_hint(signer: User | None) -> str:
    """Where the code comes from; in the demo, whose people have no phones, the code itself."""
    demo_code = second_factors.demo_code(signer) if signer else ""
    if demo_code:
        return f"In this demo, the authenticator app shows {demo_code}."
    return "From your authenticator app, or a recovery code."


class Signed(PortalForm):
    """Mix into a form, before it: fields for password and code, last on the page.

    `meaning` completes the sentence "I, NAME, …". The proof is in `signing` once the form is valid.
    """

    template_name = "forms/signed_form.html"
    meaning: str = ""

    def __init__(
        self, *args: Any, request: PortalRequest, meaning: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.meaning = request, meaning or self.meaning
        signer = self.who_signs()
        self.needed = signing.needed(request, signer) if signer else signing.EVERYTHING
        is_own = signer == request.user
        self.fields[PASSWORD] = forms.CharField(
            label="Your password" if is_own else f"Password of {signer or NOT_CHOSEN}",
            max_length=4096,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            error_messages={"required": "Type your password to sign."},
        )
        if self.needed.code:
            self.fields[CODE] = forms.CharField(
                label="Code of your second factor",
                help_text=code_hint(signer),
                max_length=20,
                widget=forms.TextInput(
                    attrs={"autocomplete": "one-time-code", "class": "rp-width-code"}
                ),
                error_messages={"required": "Type the code to sign."},
            )

    def who_signs(self) -> User | None:
        """Who signs: the person signed in, unless a form says otherwise; None: not chosen yet."""
        return self.request.user

    def must_be_signed(self) -> bool:
        """Whether what was entered is signed at all."""
        return True

    @property
    def statement(self) -> Statement:
        """What stands above the fields."""
        link, text = self._way_to_factor()
        return Statement(
            name=str(self.who_signs() or NOT_CHOSEN),
            meaning=self.meaning,
            at=clock.now(),
            minutes=int(signing.period().total_seconds()) // 60,
            link=link,
            link_text=text,
        )

    def get_context(self) -> dict[str, Any]:
        """With the zones in which the time of signing is written."""
        return {
            **super().get_context(),
            "program_zone": newest_policy().calendar.zone,
            "user_zone": ZoneInfo(self.request.user.time_zone),
        }

    def clean(self) -> dict[str, Any]:
        """Prove who signs, when nothing else on the form is wrong. May raise SignInEnded."""
        cleaned = super().clean() or self.cleaned_data
        is_sent = self.request.method == "POST"  # And not a draft that is shown again.
        if not is_sent or not self.must_be_signed():
            for name in COMPONENTS:
                self.errors.pop(name, None)
        elif not self.errors:
            self._prove()
        return cleaned

    def add_service_error(self, error: CommandError, own_names: Any = None) -> None:
        """Show what a service objected to; what it says of the signature, beside the password."""
        signature = {"signature": PASSWORD, "prescriber_signed_at": PASSWORD}
        super().add_service_error(error, {**signature, **(own_names or {})})

    def _prove(self) -> None:
        signer = self.who_signs()
        if signer is None:
            self.add_error(PASSWORD, "Choose who signs first.")
            return
        try:
            self.signing = signing.prove(
                self.request,
                self.request.call,
                password=self.cleaned_data[PASSWORD],
                code=self.cleaned_data.get(CODE, ""),
                signer=signer,
            )
        except Unproven as error:
            self.add_error(error.field if error.field in self.fields else PASSWORD, error.message)
            return
        if not signing.needed(self.request, signer).code:
            # The code is used up: shown again, the page asks for the password alone.
            self.fields.pop(CODE, None)

    def _way_to_factor(self) -> tuple[str, str]:
        back = urlencode({"next": self.request.get_full_path()})
        if self.needed.factor:
            return reverse("mfa_index"), "Set up a second factor"
        if self.needed.key:
            return f"{reverse('account_reauthenticate')}?{back}", "Confirm with your security key"
        return "", ""
