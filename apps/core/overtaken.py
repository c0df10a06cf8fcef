"""Forms that somebody else overtook: nothing is overwritten that its sender never saw.

A form that begins with what is on record bears a mark of it, and the command compares the mark with
what stands when it is carried out. A caller without a mark, as a system, replaces knowingly. A form
that is sent for what its page shows, as a signature is, bears a mark of that.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.errors import Overtaken

CHANGED = gettext_lazy(
    "Somebody has changed this since you opened the page. Nothing is recorded yet: compare, and "
    "send it again if what stands here is right."
)

SHOWS_ANOTHER = (
    "This page shows something else by now than when you opened it. Nothing is recorded or signed. "
    "Look at what stands here now, and send it again if that is right."
)


def mark_of(values: Mapping[str, Any]) -> str:
    """A mark of what is on record, by which each value is told apart from another."""
    return " ".join(f"{name}:{_digest(values[name])}" for name in sorted(values))


def refuse_overtaken(seen: str, values: Mapping[str, Any]) -> None:
    """Raises Overtaken, naming what is another by now than the mark `seen` tells; "": no mark."""
    known = set(seen.split())
    changed = [name for name in values if mark_of({name: values[name]}) not in known]
    if seen and changed:
        raise Overtaken(str(CHANGED), changed)


def _digest(value: Any) -> str:
    written = json.dumps(value, default=str, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _send_again(form: forms.Form, mark: Any) -> None:
    """Let what was typed bear this mark, for the next time that it is sent."""
    typed = form.data.copy() if isinstance(form.data, QueryDict) else dict(form.data)
    typed[form.add_prefix("seen")] = mark
    form.data = typed


class SeenForm(forms.Form):
    """A form that begins with what is on record and replaces it; `seen` is the mark of that."""

    seen = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("This page was sent incomplete. Open it again.")},
    )

    def begin_with(self, values: Mapping[str, Any]) -> None:
        """Take what is on record, by name, as what the form shows."""
        self.fields["seen"].initial = mark_of(values)
        self.initial = {**self.initial, **values}

    def show_overtaken(self, error: Overtaken) -> None:
        """Say what stands now beside what was typed; sent again, the form replaces that."""
        self.add_error(None, error.message)
        for name in error.names:
            if name in self.fields:
                stands = {"value": self.on_record(name)}
                self.add_error(name, _("On record by now: %(value)s.") % stands)
        _send_again(self, self.fields["seen"].initial)

    def on_record(self, name: str) -> str:
        """What stands now in words, for somebody to compare."""
        field = self.fields[name]
        value = self.get_initial_for_field(field, name)
        several: Iterable[Any] = value if isinstance(value, list | tuple) else [value]
        words = dict(cast("Any", field).choices) if isinstance(field, forms.ChoiceField) else {}
        told = [
            str(words.get(each, formats.localize(each))) for each in several if each or each == 0
        ]
        return ", ".join(told) or _("nothing")


class PageForm(forms.Form):
    """A form for what its page shows; where the page would show something else, it is refused."""

    is_overtaken = False

    def goes_with(self, shown: Mapping[str, Any], *, is_sent: bool) -> None:
        """Say what the page shows now. A form that was sent must have been sent for the same."""
        mark = mark_of({"shown": shown})
        self.fields["seen"] = forms.CharField(
            widget=forms.HiddenInput, required=False, initial=mark
        )
        if not self.is_bound:
            return
        self.is_overtaken = is_sent and self.data.get(self.add_prefix("seen")) != mark
        _send_again(self, mark)

    def clean(self) -> dict[str, Any]:
        """Refused before anything is done with it; above all, before a signature is proven."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_overtaken:
            self.add_error(None, SHOWS_ANOTHER)
        return cleaned
