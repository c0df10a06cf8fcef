"""Decisions of the office that are signed: the end of an action's page, as on the portal's forms.

It verifies nothing itself (`apps.providers.signing`), and only once all else on the form is right.
"""

from typing import Any, cast

from django import forms
from django.contrib.admin import helpers
from django.utils.html import format_html

from apps.accounts.models import User
from apps.backoffice.actions import ActionForm, ReasonForm
from apps.providers.signed_forms import Components
from apps.providers.signing import COMPONENTS


class SignedAction(Components, ActionForm):
    """Mix into an action's form, before it. `meaning` completes the sentence "I, NAME, …"."""

    meaning = "sign this decision and the reason for it"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wide = dict.fromkeys(COMPONENTS, "vTextField")
        self.ask_for_components(self.request, self._signer(), classes=wide)

    def fieldsets(self) -> list[helpers.Fieldset]:
        """What is decided, then the signature."""
        self.suppose_nothing()
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
        if not self.errors and (proven := self.prove(self.request, self.call, self._signer())):
            self.call = self.call.signed(proven)
        return cleaned

    def _signer(self) -> User:
        return cast("User", self.request.user)

    def _statement(self) -> str:
        lines = format_html(
            "<p>I, <strong>{}</strong>, {}. My signature bears my name and the time at which I "
            "send this page; it binds me like one by hand.</p>",
            self._signer(),
            self.meaning,
        )
        address, text = self.way_to_factor(self.request)
        if not address:
            return lines
        link = format_html('<p><a href="{}">{}</a> first, then sign.</p>', address, text)
        return lines + link


class SignedReasonForm(SignedAction, ReasonForm):
    """A reason, signed."""
