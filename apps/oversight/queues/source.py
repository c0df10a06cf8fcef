"""What a kind of queue item is: which records wait, since when, and what is to be done. Reads only.

To add a kind: name it in apps/rules/targets.py and the policies, and list its Source.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Model,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce

from apps.rules.policy import Policy
from apps.rules.targets import Target

# No further patients.
NOBODY: Final = Value([], output_field=ArrayField(UUIDField()))

Waiting = Callable[[Policy, datetime], QuerySet[Any]]
Describe = Callable[[Any, Policy], str]


def person(path: str = "patient") -> Coalesce:
    """Whom a row is about: of a record that was merged, the one that is kept (L-PAT-1)."""
    return Coalesce(F(f"{path}__merged_into_id"), F(f"{path}_id"))


def named(record: Any, _policy: Policy) -> str:
    """A record by its own name."""
    return str(record)


def own_id(record: Any) -> str:
    """A record by its id."""
    return str(record.pk)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the items of one kind come from.

    `waiting` finds the records that wait at an instant; `since` is the column (or annotation) of
    the instant at which one was opened, or falls due where the policy's target says "due".
    `patient` is an expression for the id of the patient whom it is about; None: about nobody.
    `others` is one for the ids of further patients whom an item names.
    `target` is for what no policy names: then it says who owns an item, and by when. `settled_as`
    names what a settlement by hand ends, where an item of the same record can come again.
    `next_owed` is the annotation of the instant by which the next thing is owed of a record that is
    at work for long, null before it was taken up; `then` says so beside the target.
    """

    kind: str
    title: str
    task: str
    model: type[Model]
    waiting: Waiting
    since: str
    patient: Any
    others: Any = NOBODY
    describe: Describe = named
    target: Callable[[], Target] | None = None
    settled_as: Callable[[Any], str] = own_id
    next_owed: str = ""
    then: str = ""

    @property
    def label(self) -> str:
        """The model as the trail names it, such as evidence.intervention."""
        return self.model._meta.label_lower

    def target_under(self, policy: Policy) -> Target:
        """Who owns an item of this kind, and by when it should be done."""
        return policy.targets[self.kind] if self.target is None else self.target()

    def rows(self, policy: Policy, now: datetime) -> QuerySet[Any]:
        """The records that wait, each with `waits_since`, `target_at` and whom it is about.

        `about_patient` is the one, `about_others` are further ones whom its item names.
        """
        target = self.target_under(policy)
        instant, span = F(self.since), Value(target.span, output_field=DurationField())
        is_due = target.relative_to == "due"
        since = _instant(instant - span) if is_due else _instant(instant)
        by = instant if is_due else instant + span
        patient = Value(None) if self.patient is None else self.patient
        rows: QuerySet[Any] = self.waiting(policy, now).annotate(
            waits_since=since,
            target_at=_instant(Coalesce(F(self.next_owed), _instant(by)) if self.next_owed else by),
            about_patient=ExpressionWrapper(patient, output_field=UUIDField(null=True)),
            about_others=self.others,
        )
        return rows.filter(waits_since__lte=now) if is_due else rows


def office_target(kind: str, *, owner: str, hours: int) -> Target:
    """Of what waits for the office whatever the program: so many hours from its opening on."""
    return Target(
        kind=kind, owner=owner, relative_to="opened", hours=hours, source="choice", choice=True
    )


def _instant(expression: Any) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(expression, output_field=DateTimeField())
