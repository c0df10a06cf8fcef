"""Corrections as actions: a page that says what will happen, asks for a reason, calls one service.

It decides nothing: what a service objects to is shown on the page, with what was typed.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.contrib.admin import helpers
from django.db.models import Model
from django.http import HttpRequest

from apps.backoffice.access import entered_call
from apps.core.call import Call, IdempotencyKey, Role
from apps.core.errors import CommandError, InvalidRequest, KeyReused, Overtaken
from apps.core.overtaken import SeenForm
from apps.patients.models import Patient
from apps.providers.signing import COMPONENTS, PASSWORD

SENT_BEFORE = (
    "This page was sent before with other entries, and those were carried out. Look at the record; "
    "if what stands here is to be done as well, open the page again."
)


# What a list shows before somebody has chosen.
NOT_CHOSEN = ("", "---------")


def nothing_bars(call: Call, record: Any) -> str:  # noqa: ARG001 - one of an action's conditions
    """For an action that whoever has the role may do to any record that admits it."""
    return ""


def always(record: Any) -> bool:  # noqa: ARG001 - one of the conditions of an action
    """For an action that any record admits."""
    return True


class ActionForm(forms.Form):
    """What an action asks for. `submission` makes the same page, sent twice, one command."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    # Said where all that was entered is right, and somebody must look at something before it is
    # done: it is no error.
    question = ""
    # Two records side by side: what, this one, the other one.
    comparison: Sequence[tuple[str, Any, Any]] = ()

    def __init__(
        self, *args: Any, request: HttpRequest, record: Model | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.record = request, record
        self.call = entered_call(request)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs |= {"class": "vLargeTextField", "rows": 4}
            elif isinstance(field.widget, forms.TextInput | forms.EmailInput):
                field.widget.attrs.setdefault("class", "vTextField")

    def fieldsets(self) -> list[helpers.Fieldset]:
        """The form laid out as the admin lays out its own."""
        self.suppose_nothing()
        names = [bound.name for bound in self.visible_fields()]
        return [helpers.Fieldset(cast("forms.ModelForm[Any]", self), fields=names)]

    def suppose_nothing(self) -> None:
        """Let no list begin with an answer that nobody gave: the first one would pass for given.

        Where there is one answer only, or one is known from the record, that stands.
        """
        for name, field in self.fields.items():
            is_list = isinstance(field.widget, forms.Select) and not isinstance(
                field, forms.ModelChoiceField | forms.MultipleChoiceField
            )
            if not is_list or not isinstance(field, forms.ChoiceField):
                continue
            choices = list(cast("Iterable[tuple[Any, Any]]", field.choices))
            codes = [code for code, _ in choices]
            known = self.get_initial_for_field(field, name)
            if len(codes) > 1 and "" not in codes and known not in codes:
                field.choices = [NOT_CHOSEN, *choices]

    def patients_offered(self) -> list[UUID]:
        """The patients among whom somebody chooses here, for the trail."""
        return [
            patient.pk
            for field in self.fields.values()
            if isinstance(field, forms.ModelChoiceField)
            and field.queryset is not None
            and field.queryset.model is Patient
            for patient in field.queryset
        ]

    def show(self, error: CommandError) -> None:
        """Show a service's objection beside the field that it names."""
        if isinstance(error, Overtaken) and isinstance(self, SeenForm):
            self.show_overtaken(error)
            return
        named = error.fields if isinstance(error, InvalidRequest) else {}
        if isinstance(error, KeyReused):
            self.add_error(None, SENT_BEFORE)
        elif not named:
            self.add_error(None, error.message)
        for name, message in named.items():
            own_name = PASSWORD if name == "signature" else name
            self.add_error(own_name if own_name in self.fields else None, message)

    def called_once(self) -> Call:
        """The call under this page's one-time key; what proves who signs is no part of it.

        The address and the role are: one key never answers for two records, or two roles.
        """
        given = {
            name: str(value) for name, value in self.cleaned_data.items() if name not in COMPONENTS
        }
        whole = [self.request.path, self.call.actor.role, given]
        digest = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
        key = IdempotencyKey(
            scope=f"office:{self.call.actor.id}",
            key=str(self.cleaned_data["submission"]),
            body_digest=digest,
        )
        return self.call.once(key)


class ReasonForm(ActionForm):
    """Only a reason."""

    reason = forms.CharField(
        widget=forms.Textarea,
        max_length=400,
        help_text="For the record: what happened, how you know, and what you checked.",
    )


@dataclass(frozen=True, slots=True)
class RecordAction:
    """Something that may be done to one record, or that makes one, on a page of its own.

    `carry_out` gets the call, the record (None where it makes one) and what was entered; it calls
    one service and returns the row to show then. `roles` are those that the service lets do it.
    `bars` says why the service would refuse this person, such as one who may not check their own
    entry: told before they write anything; "" if nothing stands in the way.
    """

    name: str
    label: str
    explanation: str
    form: type[ActionForm]
    roles: frozenset[Role]
    carry_out: Callable[[Call, Any, dict[str, Any]], Model]
    done: str
    is_possible: Callable[[Any], bool] = always
    bars: Callable[[Call, Any], str] = nothing_bars

    def is_offered(self, call: Call, record: Any = None) -> bool:
        """Whether the page of `record` shows it to the caller."""
        return call.actor.role in self.roles and (record is None or self.is_possible(record))


def roles_of(*commands: Any) -> frozenset[Role]:
    """The roles that all of these commands admit: the services say it, the pages repeat it."""
    return frozenset.intersection(*(command.allowed_roles for command in commands))
