"""A form that a patient, or who speaks for them, signs: the name, typed, and a fresh code.

It verifies nothing itself (`apps.patients.visits`), and only once all else on the form is right.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import clock, one_time
from apps.core.errors import CommandError
from apps.evidence import services as evidence
from apps.patients import visits
from apps.patients.models import PatientCode
from apps.patients.visits import CODE, NAME
from apps.portal import own_language
from apps.portal.forms import PortalForm
from apps.portal.own_access import OwnRequest, name_of, patient_of
from apps.portal.program import newest_policy
from apps.providers.signing import Unproven

SEND = "send_code"
TYPED = "own_typed_name"
LONGEST_NAME = 120


class OwnSigned(PortalForm):
    """Mix into a form, before it: fields for name and code, last on the page.

    `meaning` completes the sentence "I, NAME, …". The proof is in `signing` once the form is valid.
    """

    template_name = "forms/own_signed_form.html"
    meaning: str | Promise = ""

    def __init__(
        self, *args: Any, request: OwnRequest, signer_name: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.signer_name = signer_name or name_of(request.visit)
        self.open_code = visits.open_code(request.visit)
        self.can_send = bool(address_of(request))
        self.fields[NAME] = forms.CharField(
            label=_("Your name"),
            help_text=_("Type it as it stands above: %(name)s") % {"name": self.signer_name},
            max_length=LONGEST_NAME,
            widget=forms.TextInput(attrs={"autocomplete": "name"}),
            initial=request.session.get(TYPED, ""),
            error_messages={"required": _("Type your name to sign.")},
        )
        self.fields[CODE] = forms.CharField(
            label=_("Code to sign"),
            help_text=self._where_the_code_is(),
            max_length=20,
            widget=forms.TextInput(
                attrs={
                    "autocomplete": "one-time-code",
                    "inputmode": "numeric",
                    "class": "rp-width-code",
                }
            ),
            error_messages={"required": _("Type the code to sign.")},
        )

    def must_be_signed(self) -> bool:
        """Whether what was entered is signed at all."""
        return True

    def get_context(self) -> dict[str, Any]:
        """With who signs, now, and the zones in which that is written."""
        return {
            **super().get_context(),
            "at": clock.now(),
            "program_zone": newest_policy().calendar.zone,
            "user_zone": ZoneInfo(patient_of(self.request).time_zone),
        }

    def clean(self) -> dict[str, Any]:
        """Prove who signs, when nothing else on the form is wrong."""
        cleaned = super().clean() or self.cleaned_data
        if not self.must_be_signed():
            for name in (NAME, CODE):
                self.errors.pop(name, None)
        elif not self.errors:
            try:
                self.signing = visits.prove(
                    self.request.visit,
                    name=self.cleaned_data[NAME],
                    expected=self.signer_name,
                    code=self.cleaned_data[CODE],
                )
            except Unproven as error:
                self.add_error(error.field, error.message)
        return cleaned

    def add_service_error(self, error: CommandError, own_names: Any = None) -> None:
        """Show what a service objected to; what it says of the signature, beside the code."""
        super().add_service_error(error, {"signature": CODE, **(own_names or {})})

    def _where_the_code_is(self) -> str:
        shown = one_time.shown_in_demo(self.open_code.pk) if self.open_code else ""
        if shown:
            return _("In this demo, the code is %(code)s.") % {"code": shown}
        if self.open_code is not None:
            return _("The eight digits that you were sent or told last.")
        if self.can_send:
            return _("Press “Send me a code” first. It comes by e-mail.")
        return _("Ask your prescriber’s office or the program to give you a code to sign.")


def address_of(request: OwnRequest) -> str:
    """Where a code to sign would go; empty where no e-mail address is on record."""
    speaks = request.visit.code.representative
    return speaks.email if speaks is not None else patient_of(request).email


def is_asking_for_code(request: OwnRequest) -> bool:
    """Whether the button for a code was pressed, not the one that signs."""
    return request.method == "POST" and SEND in request.POST


def send_code(request: OwnRequest, page: str) -> HttpResponse:
    """Send a fresh code to who visits, and go on where it is typed; or say why none was sent.

    What was typed as the name stays with the visit.
    """
    request.session[TYPED] = request.POST.get(NAME, "")[:LONGEST_NAME]
    try:
        evidence.issue_patient_code(
            request.call,
            patient_id=patient_of(request).pk,
            purpose=PatientCode.Purpose.SIGN,
            way=PatientCode.Way.EMAIL,
            identified=PatientCode.Identified.ON_RECORD,
            language=own_language.present(),
        )
    except CommandError as error:
        messages.error(request, error.message)
        return redirect(page)
    messages.success(request, SENT)
    return redirect(f"{reverse(page)}#sign")


SENT = gettext_lazy(
    "A code is on its way to the e-mail address that we have of you. It can take a minute."
)
