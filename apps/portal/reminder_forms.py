"""How somebody wishes to be reminded, as a form. What is not optional has no box to tick."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.overtaken import SeenForm
from apps.notices.messages import LANGUAGES
from apps.portal.forms import PortalForm
from apps.portal.program import present_policy
from apps.portal.words import OBLIGATIONS
from apps.reminders.models import ReminderPreference
from apps.reminders.preferences import Wishes

CHANNELS: Final[dict[str, str | Promise]] = {
    "email": _("E-mail"),
    "sms": _("Text message"),
    "portal": _("Portal"),
}


class PreferencesForm(SeenForm, PortalForm):
    """Channel, quiet hours, language, and what is optional."""

    channels = forms.ChoiceField(
        label=_("How first?"),
        choices=[("", _("As the program does: by e-mail")), *CHANNELS.items()],
        required=False,
        help_text=_(
            "Where that way is not possible, the next one is taken. Text messages are not sent yet."
        ),
    )
    quiet_from = forms.TimeField(
        label=_("Leave me in peace from"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        help_text=_("On your own clock. Leave both empty to keep the program’s quiet hours."),
    )
    quiet_until = forms.TimeField(
        label=_("Until"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=list(LANGUAGES.items()))
    opted_out = forms.MultipleChoiceField(
        label=_("Do not remind me of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Everybody is reminded of everything else."),
    )

    def __init__(
        self,
        *args: Any,
        said: ReminderPreference,
        words: Mapping[str, str | Promise] = OBLIGATIONS,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.begin_with(asdict(Wishes.of(said)))
        # A system may have named several: here somebody chooses the first.
        self.initial["channels"] = said.channels[0] if said.channels else ""
        optional = self.fields["opted_out"]
        if isinstance(optional, forms.MultipleChoiceField):
            kinds = sorted(present_policy().reminders.optional)
            optional.choices = [(kind, words[kind]) for kind in kinds]

    def wishes(self) -> Wishes:
        """What the commands take, from a valid form."""
        entered = self.cleaned_data
        return Wishes(
            channels=(entered["channels"],) if entered["channels"] else (),
            quiet_from=entered["quiet_from"],
            quiet_until=entered["quiet_until"],
            language=entered["language"],
            opted_out=entered["opted_out"],
        )
