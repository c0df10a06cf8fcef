"""The form for what is known of a pregnancy case, and the case as tables. Presentation only."""

from typing import Any

from django import forms

from apps.core.overtaken import SeenForm
from apps.evidence.models import CaseDetail, CaseStep
from apps.evidence.services import Details
from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm

UNKNOWN = ("", "Not known")


class CaseDetailsForm(SeenForm, PortalForm):
    """All that is known of a case now; what is left empty is not known."""

    exposed_from = MemorableDateField(
        label="First day on which the capsules were taken", required=False
    )
    exposed_until = MemorableDateField(
        label="Last day on which the capsules were taken", required=False
    )
    conceived_on = MemorableDateField(
        label="Conception", help_text="The best estimate.", required=False
    )
    birth_expected_on = MemorableDateField(
        label="Birth expected", help_text="The follow-up is planned from it.", required=False
    )
    pregnancy_ended_on = MemorableDateField(label="Pregnancy ended", required=False)
    pregnancy_outcome = forms.ChoiceField(
        label="Outcome of the pregnancy",
        choices=[UNKNOWN, *CaseDetail.PregnancyOutcome.choices],
        required=False,
    )
    root_cause = forms.ChoiceField(
        label="Root cause", choices=[UNKNOWN, *CaseDetail.RootCause.choices], required=False
    )
    notes = forms.CharField(
        label="Notes",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )

    def __init__(self, *args: Any, latest: CaseDetail | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begin_with(Details.of(latest).as_columns())

    def details(self) -> Details:
        """What was entered."""
        return Details(**{name: self.cleaned_data[name] for name in Details.__slots__})


def facts_of(detail: CaseDetail | None) -> list[tuple[str, Any]]:
    """What is known of a case: label and value, in the order of the form."""
    if detail is None:
        return []
    labels = {name: str(field.label) for name, field in CaseDetailsForm.base_fields.items()}
    shown = {
        "pregnancy_outcome": detail.get_pregnancy_outcome_display(),
        "root_cause": detail.get_root_cause_display(),
    }
    return [
        (labels[name], shown.get(name, getattr(detail, name)))
        for name in Details.__slots__
        if getattr(detail, name)
    ]


def step_row(step: CaseStep) -> list[Any]:
    """One step of the follow-up: by when, what, and what became of it."""
    state = "Open" if step.ended_at is None else f"{step.get_ended_as_display()}: {step.note}"
    return [{"on": step.due_on}, step.title, state]
