"""The end of a form that is signed, at whatever door: password and code, and what they prove.

It verifies nothing itself (`apps.providers.signing`).
"""

from collections.abc import Mapping

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts import passwords, second_factors
from apps.accounts.models import User
from apps.core.call import Call, Signing
from apps.providers import signing
from apps.providers.signing import CODE, PASSWORD, Needed, Unproven


class Components(forms.Form):
    """Mix into a form, before it. Its fields for password and code come last."""

    needed: Needed

    def ask_for_components(
        self,
        request: HttpRequest,
        signer: User | None,
        *,
        label: str = "Your password",
        classes: Mapping[str, str],
    ) -> None:
        """Add the fields that `signer` must fill in now; all of them for one not chosen yet.

        `label` is the password's; `classes` are those of the inputs, by the field's name.
        """
        self.needed = signing.needed(request, signer) if signer else signing.EVERYTHING
        self.fields[PASSWORD] = forms.CharField(
            label=label,
            max_length=passwords.LONGEST,
            strip=False,
            widget=forms.PasswordInput(
                attrs={"autocomplete": "current-password", "class": classes.get(PASSWORD, "")}
            ),
            error_messages={"required": "Type your password to sign."},
        )
        if self.needed.code:
            self.fields[CODE] = forms.CharField(
                label="Code of your second factor" if signer else "Code of their second factor",
                help_text=_hint(signer),
                max_length=20,
                widget=forms.TextInput(
                    attrs={"autocomplete": "one-time-code", "class": classes.get(CODE, "")}
                ),
                error_messages={"required": "Type the code to sign."},
            )

    def prove(
        self, request: HttpRequest, call: Call, signer: User, sent: str = ""
    ) -> Signing | None:
        """What `signer` proved; None for a wrong component, which is told beside its field.

        `sent` is a digest of the page and of what was entered on it. May raise SignInEnded.
        """
        try:
            proven = signing.prove(
                request,
                call,
                password=self.cleaned_data[PASSWORD],
                code=self.cleaned_data.get(CODE, ""),
                signer=signer,
                sent=sent,
            )
        except Unproven as error:
            self.add_error(error.field if error.field in self.fields else PASSWORD, error.message)
            return None
        if not signing.needed(request, signer).code:
            # The code is used up: shown again, the page asks for the password alone.
            self.fields.pop(CODE, None)
        return proven

    def way_to_factor(self, request: HttpRequest) -> tuple[str, str]:
        """Address and text of the page to which who signs must go first; empty for none."""
        back = urlencode({"next": request.get_full_path()})
        if self.needed.factor:
            return reverse("mfa_index"), "Set up a second factor"
        if self.needed.key:
            return f"{reverse('account_reauthenticate')}?{back}", "Confirm with your security key"
        return "", ""


def _hint(signer: User | None) -> str:
    """Where the code comes from; in the demo, whose people have no phones, the code itself."""
    demo_code = second_factors.demo_code(signer) if signer else ""
    if demo_code:
        return f"In this demo, the authenticator app shows {demo_code}."
    return f"From {'your' if signer else 'their'} authenticator app, or a recovery code."
