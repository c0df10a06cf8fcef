"""Decisions of the office that are signed: the end of an action's page, as on the portal's forms.

It verifies nothing itself (`apps.providers.signing`), and only once all else on the form is right.
"""

from typing import Any, cast

from django import forms
from django.contrib.admin import helpers
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from apps.accounts import second_factors
from apps.accounts.models import User
from apps.backoffice.actions import ActionForm, ReasonForm
from apps.providers import signing
from apps.providers.signing import CODE, COMPONENTS, PASSWORD, Unproven


class SignedAction(ActionForm):
    """Mix into an action's form, before it. `meaning` completes the sentence "I, NAME, …"."""

    meaning = "sign this decision and the reason for it"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needed = signing.needed(self.request)
        self.fields[PASSWORD] = forms.CharField(
            label="Your password",
            max_length=4096,
            strip=False,
            widget=forms.PasswordInput(
                attrs={"autocomplete": "current-password", "class": "vTextField"}
            ),
        )
        if self.needed.code:
            self.fields[CODE] = forms.CharField(
                label="Code of your second factor",
                help_text=self._hint(),
                max_length=20,
                widget=forms.TextInput(
                    attrs={"autocomplete": "one-time-code", "class": "vTextField"}
                ),
            )

    def fieldsets(self) -> list[helpers.Fieldset]:
        """What is decided, then the signature."""
        names = [bound.name for bound in self.visible_fields()]
        form = cast("forms.ModelForm[Any]", self)
        return [
            helpers.Fieldset(form, fields=[name for name in names if name not in COMPONENTS]),
            helpers.Fieldset(
                form,
                name="Sign",
                fields=[name for name in names if name in COMPONENTS],
                description=self._statement(),
            ),
        ]

    def clean(self) -> dict[str, Any]:
        """Prove who signs, when nothing else is wrong. May raise SignInEnded."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                proven = signing.prove(
                    self.request,
                    self.call,
                    password=cleaned[PASSWORD],
                    code=cleaned.get(CODE, ""),
                )
            except Unproven as error:
                self.add_error(
                    error.field if error.field in self.fields else PASSWORD, error.message
                )
            else:
                self.call = self.call.signed(proven)
                # The code is used up: shown again, the page asks for the password alone.
                self.fields.pop(CODE, None)
        return cleaned

    def _hint(self) -> str:
        demo_code = second_factors.demo_code(cast("User", self.request.user))
        if demo_code:
            return f"In this demo, the authenticator app shows {demo_code}."
        return "From your authenticator app, or a recovery code."

    def _statement(self) -> str:
        lines = format_html(
            "<p>I, <strong>{}</strong>, {}. My signature bears my name and the time at which I "
            "send this page; it binds me like one by hand.</p>",
            cast("User", self.request.user),
            self.meaning,
        )
        if self.needed.factor:
            text = '<p><a href="{}">Set up a second factor</a> first, then come back and sign.</p>'
            return lines + format_html(text, reverse("mfa_index"))
        if self.needed.key:
            back = urlencode({"next": self.request.get_full_path()})
            url = f"{reverse('account_reauthenticate')}?{back}"
            text = '<p><a href="{}">Confirm with your security key</a> first, then sign.</p>'
            return lines + format_html(text, url)
        return lines


class SignedReasonForm(SignedAction, ReasonForm):
    """A reason, signed."""
