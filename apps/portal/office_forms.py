"""The forms of the program's office: who works on an item, what was done, which days to report."""

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.portal.evidence_forms import ReasonForm
from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm
from apps.portal.signing import Signed


class AssignForm(PortalForm):
    """Who is to work on an item."""

    assignee_id = forms.ChoiceField(label="Who works on it")
    note = forms.CharField(
        label="Note (optional)",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the person should know. It stays on record.",
    )

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Choose a person"), *((str(one.pk), str(one)) for one in people)]
        assignee = self.fields["assignee_id"]
        if isinstance(assignee, forms.ChoiceField):
            assignee.choices = choices


class NoteForm(PortalForm):
    """How far an item is, or how it was dealt with."""

    note = forms.CharField(label="Note", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))


class CorrectiveForm(PortalForm):
    """What was done about a deviation."""

    corrective_action = forms.CharField(
        label="Corrective action",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What was found, what was done, and what keeps it from happening again.",
    )


class SignedReasonForm(Signed, ReasonForm):
    """The reason of a decision, signed."""

    meaning = "sign this decision and the reason for it"


class PeriodForm(forms.Form):
    """The days of a report, both included; asked for in the address, so it can be kept."""

    from_on = MemorableDateField(label="From")
    last_on = MemorableDateField(label="To, included")
