"""The forms of the program's office: who works on an item, what was done, which days to report."""

from collections.abc import Iterable
from typing import Any

from django import forms

from apps.accounts.models import User
from apps.oversight.lists import SPANS, USUAL_SPAN, Listing
from apps.portal.evidence_forms import ReasonForm
from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm
from apps.portal.signing import Signed
from apps.rules.edition import Policy


class AssignForm(PortalForm):
    """Who is to work on an item."""

    assignee_id = forms.ChoiceField(label="Who works on it")
    note = forms.CharField(
        label="Note",
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


class LegalReasonForm(PortalForm):
    """Why somebody's complete record leaves the program."""

    reason = forms.CharField(
        label="Legal reason",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="For example the authority that asks, its letter and the date.",
    )


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


class FilterField(forms.ChoiceField):
    """A question that narrows a list: "Any" is an answer, so it is not called optional."""

    narrows = True


class ListForm(forms.Form):
    """What narrows a list; asked for in the address, so that it can be kept. It names nobody."""

    days = FilterField(
        label="In the last", choices=[*SPANS.items(), ("", "All time")], required=False
    )

    def __init__(self, *args: Any, listing: Listing, policy: Policy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [each.name for each in listing.filters]
        self.initial = {"days": USUAL_SPAN, **self.initial}
        for each in listing.filters:
            self.fields[each.name] = FilterField(
                label=each.label, choices=each.choices(policy), required=False
            )
        self.order_fields([*self.names, "days"])

    def asked(self) -> dict[str, str]:
        """What was chosen; what is usual where nothing was, or nothing that there is."""
        if not self.is_valid():
            return {"days": USUAL_SPAN}
        typed = self.cleaned_data
        days = typed["days"] if "days" in self.data else USUAL_SPAN
        return {"days": days, **{name: typed[name] for name in self.names if typed[name]}}
