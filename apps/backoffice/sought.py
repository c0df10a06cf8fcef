"""Another patient, found as people know one: by name and date of birth, by a number, or by id.

Whoever was found is laid open and asked about before anything is done.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from apps.backoffice.actions import ReasonForm
from apps.backoffice.instants import DayInput, told
from apps.backoffice.shown import page_of
from apps.oversight import callers
from apps.patients import selectors as patients
from apps.patients.models import Patient

NOBODY: Final = "Nobody fits. Compare the name and the date of birth, or the number."
NAME_ALONE: Final = "A name alone finds nobody: give the date of birth, too."
WHICH: Final = "which"

Row = tuple[str, Callable[[Patient], Any]]
WHO: Final[tuple[Row, ...]] = (
    ("Name", str),
    ("Date of birth", lambda patient: patient.born_on),
    ("ZIP code", lambda patient: patient.postal_code),
    ("Phone", lambda patient: patient.phone or "–"),
    ("E-mail", lambda patient: patient.email or "–"),
    ("Prescriber", lambda patient: patient.prescriber),
    ("Risk category", patients.current_category),
    ("Registered", lambda patient: told(patient.registered_at)),
)


class SoughtForm(ReasonForm):
    """Who else it is about. The first time they are shown; sent again, it is done.

    What is cleaned is the found patient's id, as `target`.
    """

    target: ClassVar[str]
    rows: ClassVar[tuple[Row, ...]] = WHO
    own_head: ClassVar[str] = "This record"
    other_head: ClassVar[str] = "The other record"
    asks: ClassVar[str] = "Is this the record that you mean? If it is, send this page once more."
    field_order = ("sought", "sought_born_on", WHICH, "reason")

    sought = forms.CharField(
        label="The other patient",
        max_length=120,
        help_text="Their name, with the date of birth below; or a number of an authorization or "
        "confirmation of theirs.",
    )
    sought_born_on = forms.DateField(
        label="Born on", required=False, widget=DayInput, help_text="With a name."
    )
    compared = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alike = list(self.resembling())
        self.shown: list[UUID] = [patient.pk for patient in self.alike]
        if self.alike:
            named = format_html_join(
                "; ",
                '<a href="{}">{}</a>, born {}',
                ((page_of(each), each, date_format(each.born_on)) for each in self.alike),
            )
            field = self.fields["sought"]
            # The admin's templates take a help text for HTML.
            field.help_text = format_html("{} Resembling: {}", field.help_text, named)
        if len(self.alike) == 1:
            self.fields["sought"].initial = str(self.alike[0])
            self.fields["sought_born_on"].initial = self.alike[0].born_on

    def own(self) -> Patient | None:
        """The patient whose page this is: never the other one."""
        return self.record if isinstance(self.record, Patient) else None

    def resembling(self) -> Sequence[Patient]:
        """Who is proposed."""
        return ()

    def clean(self) -> dict[str, Any]:
        """The one patient who is meant, once they were looked at."""
        entered = super().clean() or {}
        typed, born_on = entered.pop("sought", ""), entered.pop("sought_born_on", None)
        compared = entered.pop("compared", None)
        if self.errors or not typed:
            return entered
        found = self._found(typed, born_on)
        if not found:
            is_name = born_on is None and not any(letter.isdigit() for letter in typed)
            self.add_error("sought", NAME_ALONE if is_name else NOBODY)
            return entered
        self.shown += [each.pk for each in found]
        meant = found[0] if len(found) == 1 else self._chosen(found)
        if meant is None:
            return entered
        entered[self.target] = meant.pk
        if compared != meant.pk:
            self._ask(meant)
        return entered

    def patients_offered(self) -> list[UUID]:
        """Those who are named here, or laid beside this one."""
        return [*super().patients_offered(), *self.shown]

    def _found(self, typed: str, born_on: date | None) -> list[Patient]:
        actor, own = self.call.actor, self.own()
        try:
            by_id = UUID(typed)
        except ValueError:
            said = {"name": typed, "born_on": born_on} if born_on else {"number": typed}
            found = list(callers.find(actor, **said).patients)
        else:
            found = list(patients.visible_to(actor).filter(pk=by_id))
        return [each for each in found if own is None or each.pk != own.pk]

    def _chosen(self, found: list[Patient]) -> Patient | None:
        """Which of several; a list of them where nobody has chosen yet."""
        self.fields[WHICH] = forms.ChoiceField(
            label="Which one",
            widget=forms.RadioSelect,
            choices=[(str(each.pk), _in_a_line(each)) for each in found],
        )
        self.order_fields(self.field_order)
        chosen = self.data.get(WHICH)
        meant = next((each for each in found if str(each.pk) == chosen), None)
        if meant is None:
            self.question = f"{len(found)} records fit. Choose the one that you mean."
        return meant

    def _ask(self, meant: Patient) -> None:
        own = self.own()
        self.comparison = [
            (label, value(own) if own else None, value(meant)) for label, value in self.rows
        ]
        self.question = self.asks
        self.data = {**dict(self.data.items()), "compared": str(meant.pk)}


def _in_a_line(patient: Patient) -> str:
    return (
        f"{patient}, born {date_format(patient.born_on)}, ZIP code {patient.postal_code}, "
        f"registered {told(patient.registered_at)}, with {patient.prescriber}"
    )
