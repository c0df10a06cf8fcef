"""The forms of a patient's own pages: the way in, the agreement, the survey, reports."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm
from apps.portal.own_signing import OwnSigned
from apps.portal.own_words import ANSWERS, REPORTS
from apps.rules.documents import Item


class EntryForm(PortalForm):
    """A reference, its code, and the date of birth. Each wrong one reads alike."""

    reference = forms.CharField(
        label=_("Reference"),
        help_text=_("12 letters and digits, such as K7QM-2XRT-9HW4."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Code"),
        help_text=_("8 digits. Spaces do not matter."),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "rp-width-code",
            }
        ),
    )
    born_on = MemorableDateField(label=_("The patient’s date of birth"))

    def __init__(self, *args: Any, reference: str = "", demo_code: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if reference:
            del self.fields["reference"]
        if demo_code:
            self.fields["code"].help_text = _("In this demo, the code is %(code)s.") % {
                "code": demo_code
            }


class OwnAgreementForm(OwnSigned):
    """The signature of the agreement above it."""

    meaning = _("agree to each point above, and sign this agreement")


class OwnQuestionForm(PortalForm):
    """One question of the survey."""

    answer = forms.ChoiceField(
        choices=list(ANSWERS.items()),
        widget=forms.RadioSelect(attrs={"class": "usa-radio__input--tile"}),
        error_messages={"required": _("Choose yes or no.")},
    )

    def __init__(self, *args: Any, item: Item, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].label = item.text


class OwnSurveyForm(OwnSigned):
    """The signature of the answers above it."""

    meaning = _("answered these questions myself, and sign my answers")


class UnsignedSurveyForm(PortalForm):
    """Answers of which something must be known at once: they count without a signature."""


class ReportForm(PortalForm):
    """What a patient reports between surveys."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        help_text=_("Bleeding: menstrual or vaginal only; not a nosebleed or a bruise."),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, kinds: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [(code, REPORTS[code]) for code in kinds]
        if "abnormal_bleeding" not in kinds:
            kind.help_text = ""
