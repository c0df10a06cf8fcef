"""What every form of the pages shares: the USWDS look, the one-time key, where errors are shown.

A form reads what was typed and says what is wrong with it; it never queries or decides.
"""

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.forms.renderers import TemplatesSetting
from django.forms.widgets import Input
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from apps.core.call import Signing
from apps.core.errors import CommandError, InvalidRequest, Overtaken
from apps.core.overtaken import SeenForm
from apps.portal.fields import InstantField
from apps.portal.program import newest_policy
from apps.rules.explanations import Explanation, explanation

INCOMPLETE = _("This page was sent incomplete. Check your entries and send it again.")
# The first match counts: a CheckboxSelectMultiple is a RadioSelect, a CheckboxInput an Input.
USWDS_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "usa-checkbox__input"),
    (forms.RadioSelect, "usa-radio__input"),
    (forms.CheckboxInput, "usa-checkbox__input"),
    (forms.Textarea, "usa-textarea"),
    (forms.Select, "usa-select"),
    (Input, "usa-input"),
)
REQUIRED: tuple[tuple[type[forms.Widget], Any], ...] = (
    (forms.CheckboxSelectMultiple, _("Choose at least one.")),
    (forms.RadioSelect, _("Choose one.")),
    (forms.Select, _("Choose one.")),
    (forms.CheckboxInput, _("Tick this to go on.")),
    (forms.FileInput, _("Choose a file.")),
    (forms.Widget, _("Enter this.")),
)


def say_what_is_required(field: forms.Field) -> None:
    """Give a field that says nothing of its own the words for being left empty."""
    if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
        field.error_messages["required"] = next(
            text for kind, text in REQUIRED if isinstance(field.widget, kind)
        )


class USWDSBoundField(forms.BoundField):
    """A field that gives its inputs the USWDS classes and knows where its error links lead."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """The attributes of the input, with its USWDS class and error state.

        The parts of a date or an instant bear classes of their own (see PartsWidget).
        """
        widget = widget or self.field.widget
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        uswds = next((name for kind, name in USWDS_CLASSES if isinstance(widget, kind)), "")
        if widget.is_hidden or not uswds:
            return built
        if isinstance(widget, forms.RadioSelect):
            built.pop("aria-invalid", None)  # ARIA has it for a group, not for one of its buttons.
        classes = [uswds, widget.attrs.get("class", "")]
        if self.errors:
            classes.append("usa-input--error")
        return {**built, "class": " ".join(filter(None, classes))}

    @property
    def kind(self) -> str:
        """Which layout the field's template gives it: choices, parts, checkbox or single."""
        widget = self.field.widget
        if isinstance(widget, forms.RadioSelect):  # And so CheckboxSelectMultiple.
            return "choices"
        if isinstance(widget, forms.MultiWidget):
            return "parts"
        return "checkbox" if isinstance(widget, forms.CheckboxInput) else "single"

    @property
    def why(self) -> Explanation | None:
        """Why this is asked: the rule that the form names for it, explained."""
        rule = self.form.rule_for(self.name) if isinstance(self.form, PortalForm) else None
        return explanation(rule, newest_policy()) if rule else None

    @property
    def choice_kind(self) -> str:
        """Which control each of several choices is: `radio` or `checkbox`."""
        several = isinstance(self.field.widget, forms.CheckboxSelectMultiple)
        return "checkbox" if several else "radio"

    @property
    def first_input_id(self) -> str:
        """The id of the input that an error message about this field leads to."""
        widget_id: str = self.field.widget.attrs.get("id") or self.auto_id
        return f"{widget_id}_0" if self.kind in {"choices", "parts"} else widget_id


class USWDSRenderer(TemplatesSetting):
    """Renders forms with templates/forms/; widgets keep Django's own templates, as the admin needs.

    `django.forms` must be in INSTALLED_APPS: without it those are not found.
    """

    form_template_name = "forms/form.html"
    formset_template_name = "forms/formset.html"
    field_template_name = "forms/field.html"
    bound_field_class = USWDSBoundField


class EveryItemField(forms.MultipleChoiceField):
    """A list to be signed: each item must be ticked, and the error names those that are not."""

    widget = forms.CheckboxSelectMultiple

    def validate(self, value: list[str]) -> None:
        """Raises ValidationError naming each item that is not ticked."""
        choices = [(str(code), text) for code, text in self.widget.choices]
        if missing := [text for code, text in choices if code not in value]:
            if len(missing) == len(choices):
                raise forms.ValidationError("Tick each point that is so; all are needed.")
            raise forms.ValidationError([f"Not ticked yet: {text}" for text in missing])
        super().validate(value)


class PortalForm(forms.Form):
    """The base of every form on the pages.

    `submission` is a one-time key: the same page sent twice bears the same key, so that a command
    can be carried out once. `zone` is the one in which the form's instants are typed. `asks_for`
    names the rule for which a field is there, so that the page can say why.
    """

    asks_for: ClassVar[Mapping[str, str]] = {}

    submission = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages={"required": INCOMPLETE, "invalid": INCOMPLETE},
    )

    # What the person proved with this form, where it is one to sign (apps/portal/signing.py).
    signing: Signing | None = None

    def __init__(self, *args: Any, zone: tzinfo | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, InstantField) and field.zone is None:
                field.zone = zone
            say_what_is_required(field)

    def rule_for(self, name: str) -> str | None:
        """The rule for which a field is there, where its page says so."""
        return self.asks_for.get(name)

    def renew_submission(self) -> None:
        """Give a form that is shown again a new one-time key."""
        sent = self.sent().copy()
        sent[self.add_prefix("submission")] = str(uuid4())
        self.data = sent

    def sent(self) -> QueryDict:
        """What was sent, as it was typed. Raises TypeError for a form not bound to a request."""
        if not isinstance(self.data, QueryDict):
            raise TypeError("Only what a request sent can be sent again.")
        return self.data

    def add_service_error(
        self, error: CommandError, own_names: Mapping[str, str] | None = None
    ) -> None:
        """Show what a service objected to, beside the field that it names if the form has it.

        `own_names` maps the service's field names to the form's where they differ. After this the
        form is invalid: present it again, with what was typed.
        """
        if isinstance(error, Overtaken) and isinstance(self, SeenForm):
            self.show_overtaken(error)
            return
        named = error.fields if isinstance(error, InvalidRequest) else {}
        if not named:
            self.add_error(None, error.message)
        for name, message in named.items():
            own_name = (own_names or {}).get(name, name)
            if own_name in self.fields:
                self.add_error(own_name, message)
            else:
                self.add_error(None, f"{name}: {message}")
