"""A form that ends with an electronic signature: what is signed, as whom, and what proves it.

It verifies nothing itself (`apps.providers.signing`), and only once all else on the form is right.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.accounts.models import User
from apps.core import clock
from apps.core.errors import CommandError
from apps.portal.access import PortalRequest
from apps.portal.forms import PortalForm
from apps.portal.program import newest_policy
from apps.portal.submitting import digest_of
from apps.providers import signing
from apps.providers.signed_forms import Components
from apps.providers.signing import CODE, COMPONENTS, PASSWORD

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


class Signed(Components, PortalForm):
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
        is_own = signer == request.user
        self.ask_for_components(
            request,
            signer,
            label="Your password" if is_own else f"Password of {signer or NOT_CHOSEN}",
            classes={CODE: "rp-width-code"},
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
        link, text = self.way_to_factor(self.request)
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
        sent = f"{self.cleaned_data['submission']}:{digest_of(self.request, self)}"
        if proven := self.prove(self.request, self.request.call, signer, sent):
            self.signing = proven
