"""What the record lacks for a request, asked on the request's own page: blocks of fields.

A block is asked only where the rule that needs it is unmet; the services judge what is entered.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from django import forms

from apps.portal.evidence_forms import (
    TOPICS,
    YES_NO,
    ContraceptionForm,
    ObligationsForm,
    TestForm,
    ask_since_when,
    check_methods,
)
from apps.portal.fields import InstantField
from apps.portal.forms import PortalForm, say_what_is_required
from apps.rules.documents import Item
from apps.rules.edition import Category

COUNSELING, OBLIGATIONS = "counseling", "obligations"
TEST, CONTRACEPTION, SURVEY = "test", "contraception", "survey"
NEEDED_BY: Final = {
    TEST: frozenset({"L-PT-2", "L-PT-3"}),
    CONTRACEPTION: frozenset({"L-CON-1", "L-CON-3"}),
    SURVEY: frozenset({"L-SUR-2"}),
    COUNSELING: frozenset({"L-SUR-4"}),
    OBLIGATIONS: frozenset({"L-CON-6"}),
}
"""The rules for which each block is there."""
ON_THE_SAME_PAGE: Final = frozenset[str]().union(*NEEDED_BY.values())
TITLES: Final = {
    TEST: "Pregnancy test",
    CONTRACEPTION: "Contraception, as the patient tells it today",
    SURVEY: "The patient’s survey: the patient’s own answers",
    COUNSELING: "Counseling",
    OBLIGATIONS: "Obligations",
}
FROM_FORMS: Final[dict[str, tuple[type[PortalForm], tuple[str, ...]]]] = {
    TEST: (TestForm, ("collected_at", "result", "specimen", "sensitivity_miu_ml")),
    CONTRACEPTION: (ContraceptionForm, ("abstinence", "methods", "in_use_since", "lapse")),
}
MAY_WAIT: Final = frozenset({TEST, CONTRACEPTION, SURVEY})


@dataclass(frozen=True, slots=True)
class Lacking:
    """What the record lacks: the unmet rules, and what the fields of the blocks need to know.

    `is_all`: nothing else is missing, so that a request with every block can be granted.
    `is_first_contraception`: none is attested yet, so its beginning must be told.
    """

    rules: frozenset[str]
    category: Category
    questions: tuple[Item, ...]
    zone: tzinfo
    is_first_contraception: bool = False

    @property
    def is_all(self) -> bool:
        """Whether everything that is missing is asked on the page."""
        return self.rules <= ON_THE_SAME_PAGE

    def needs(self, block: str) -> bool:
        """Whether a block is asked of this patient."""
        if block in {TEST, CONTRACEPTION} and not self.category.pregnancy_path:
            return False
        return bool(self.rules & NEEDED_BY[block])


class MissingForm(PortalForm):
    """Mix in: the blocks that are lacking, each with its fields, in the order of the page."""

    blocks: dict[str, list[str]]
    lacking: Lacking

    def ask_for(self, lacking: Lacking) -> None:
        """Add the fields of every block that is needed."""
        self.lacking, self.blocks = lacking, {}
        for block in NEEDED_BY:
            if not lacking.needs(block):
                continue
            fields = self._fields_of(block)
            self.fields.update(fields)
            self.blocks[block] = list(fields)

    def rule_for(self, name: str) -> str | None:
        """As on the page of its own that a block has."""
        elsewhere = (
            form.asks_for.get(name) for form, names in FROM_FORMS.values() if name in names
        )
        return super().rule_for(name) or next(filter(None, elsewhere), None)

    def _fields_of(self, block: str) -> dict[str, forms.Field]:
        if block in FROM_FORMS:
            form, names = FROM_FORMS[block]
            fields = {name: deepcopy(form.base_fields[name]) for name in names}
        elif block == SURVEY:
            fields = {
                item.code: forms.ChoiceField(
                    label=item.text, choices=YES_NO, widget=forms.RadioSelect
                )
                for item in self.lacking.questions
            }
        elif block == COUNSELING:
            fields = {"topics": _topics()}
        else:
            fields = {"promises": _promises(self.lacking.category)}
        for field in fields.values():
            say_what_is_required(field)
            if isinstance(field, InstantField):
                # Not supposed to be now: hours count from when it was collected (L-PT-2).
                field.zone = self.lacking.zone
        if block == CONTRACEPTION and self.lacking.is_first_contraception:
            ask_since_when(fields["in_use_since"])
        return fields

    def begun(self, block: str) -> bool:
        """Whether anything was entered in a block: then it is asked for whole."""
        return any(_is_filled(self[name].data) for name in self.blocks.get(block, ()))

    def clean(self) -> dict[str, Any]:
        """A block may be left out only where the request has to wait for something else anyway."""
        cleaned = super().clean() or self.cleaned_data
        for block, names in self.blocks.items():
            if block in MAY_WAIT and not self.lacking.is_all and not self.begun(block):
                for name in names:
                    self.errors.pop(name, None)
        if self.begun(CONTRACEPTION):
            check_methods(self, cleaned)
        return cleaned

    def answered(self) -> Mapping[str, str]:
        """The patient's answers, from a valid form."""
        return {code: self.cleaned_data[code] for code in self.blocks[SURVEY]}

    def promised(self) -> dict[str, Any]:
        """The obligations that the patient attests with this request."""
        names = ("condom", "abstinence", "no_sperm_donation", "no_blood_donation", "no_sharing")
        return {name: name in self.cleaned_data["promises"] for name in names}

    def own_names(self) -> dict[str, str]:
        """The services' field names and the form's, where they differ."""
        names = {f"answers.{code}": code for code in self.blocks.get(SURVEY, [])}
        if TEST in self.blocks:
            others = ("collected_on", "resulted_at", "resulted_on")
            names |= dict.fromkeys(others, "collected_at")
        return names


def _is_filled(sent: Any) -> bool:
    """Whether an input was filled in; of one with several parts, whether any of them was."""
    parts = sent if isinstance(sent, list | tuple) else [sent]
    return any(str(part).strip() for part in parts if part)


def _topics() -> forms.Field:
    return forms.MultipleChoiceField(
        label="Counseling given today for this supply",
        help_text="No counseling is on record for it: tick what you told the patient.",
        choices=TOPICS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )


def _promises(category: Category) -> forms.Field:
    names = ["no_blood_donation", "no_sharing"]
    if not category.female:
        names += ["condom", "abstinence", "no_sperm_donation"]
    return forms.MultipleChoiceField(
        label="What the patient promises today",
        help_text="No complete attestation is on record.",
        choices=[(name, ObligationsForm.base_fields[name].label or name) for name in names],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
