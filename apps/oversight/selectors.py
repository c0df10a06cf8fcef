"""What waits for the program's people: counts, items, who works on them. Reads only.

A fixed number of statements, however much waits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import CharField, Q, QuerySet, Value

from apps.accounts import selectors as accounts
from apps.accounts.models import User
from apps.core.call import PROGRAM, Actor, Role
from apps.core.errors import NotAllowed, NotFound
from apps.evidence.models import Deviation
from apps.oversight.models import Assignment
from apps.oversight.queues import SOURCES
from apps.oversight.queues.source import Source
from apps.patients.models import Patient
from apps.rules.policy import Policy, policy_in_force
from apps.rules.targets import Target

OFFICE = PROGRAM | {Role.AUDITOR}
# The latest assignment of an item holds.
COUNTS = """
    SELECT queue, count(*), count(*) FILTER (WHERE target_at < %s), count(*) FILTER (WHERE %s = (
        SELECT a.assignee_id FROM {assignment} a
        WHERE a.kind = queue AND a.subject_id = subject::text ORDER BY a.recorded_at DESC LIMIT 1
    )) FROM ({waiting}) AS waiting (queue, subject, target_at) GROUP BY queue
"""


@dataclass(frozen=True, slots=True)
class Queue:
    """How many items of one kind wait; those beyond their target, those that the asker works on."""

    kind: str
    title: str
    task: str
    owner: str
    hours: int
    span_in_words: str
    then: str
    count: int
    overdue: int
    taken: int


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that waits: what it is, since when, by when it should be done, and by whom.

    `subject_model` and `subject_id` name the record; a door knows its page. `other_ids` are those
    of further patients whom the label names.
    """

    kind: str
    subject_model: str
    subject_id: UUID
    label: str
    task: str
    owner: str
    patient_id: UUID | None
    other_ids: tuple[UUID, ...]
    patient: str
    opened_at: datetime
    target_at: datetime
    is_overdue: bool
    assignee_id: UUID | None
    assignee: str
    note: str

    @property
    def patient_ids(self) -> tuple[UUID, ...]:
        """Everybody whom it names."""
        return (self.patient_id, *self.other_ids) if self.patient_id else self.other_ids


def queues(actor: Actor, *, program: str, now: datetime) -> list[Queue]:
    """Every kind of item with its counts, the gravest first; one statement for all kinds.

    Raises NotAllowed for everybody but the program's office.
    """
    _for_the_office(actor)
    policy = policy_in_force(program, now)
    counts = _counts(policy, now, actor)
    return [
        _queue(source, policy, *counts.get(kind, (0, 0, 0))) for kind, source in SOURCES.items()
    ]


def waiting(actor: Actor, kind: str, *, program: str, now: datetime) -> QuerySet[Any]:
    """The records of one kind that wait, in the order of their targets; `items` presents them.

    Raises NotAllowed for everybody but the program's office, NotFound for an unknown kind.
    """
    _for_the_office(actor)
    rows = source_of(kind).rows(policy_in_force(program, now), now)
    return rows.order_by("target_at", "pk")


def items(rows: Sequence[Any], kind: str, *, program: str, now: datetime) -> list[Item]:
    """What `waiting` found, as items: two statements, however many they are."""
    source, policy = source_of(kind), policy_in_force(program, now)
    assigned = assignments(kind, [row.pk for row in rows])
    patients = Patient.objects.in_bulk({row.about_patient for row in rows if row.about_patient})
    return [
        _item(
            source,
            policy,
            row,
            is_overdue=row.target_at < now,
            patient=patients.get(row.about_patient),
            assignment=assigned.get(row.pk),
        )
        for row in rows
    ]


def source_of(kind: str) -> Source:
    """Where the items of a kind come from. Raises NotFound."""
    source = SOURCES.get(kind)
    if source is None:
        raise NotFound("There is no such queue.")
    return source


def target_of(kind: str, *, program: str, now: datetime) -> Target:
    """Who owns the items of a kind, and by when each should be done. Raises NotFound."""
    return source_of(kind).target_under(policy_in_force(program, now))


def assignments(kind: str, subject_ids: Iterable[Any]) -> dict[UUID, Assignment]:
    """The assignment that holds, by the subject's id; those given back are among them."""
    latest = (
        Assignment.objects.filter(kind=kind, subject_id__in=[str(pk) for pk in subject_ids])
        .order_by("subject_id", "-recorded_at")
        .distinct("subject_id")
        .select_related("assignee")
    )
    return {UUID(each.subject_id): each for each in latest}


def people_who_work(owner: str) -> QuerySet[User]:
    """Whom an item can be assigned to: an administrator's to administrators, others to both."""
    roles = [Role.ADMINISTRATOR] if owner == Role.ADMINISTRATOR.value else sorted(PROGRAM)
    some = reduce(or_, (Q(pk__in=accounts.people_with_role(role).values("pk")) for role in roles))
    return User.objects.filter(some).order_by("family_name", "given_name")


def deviations_visible_to(actor: Actor) -> QuerySet[Deviation]:
    """The program's office sees every deviation; nobody else any."""
    if actor.role not in OFFICE:
        return Deviation.objects.none()
    return Deviation.objects.select_related("patient", "organization")


def _for_the_office(actor: Actor) -> None:
    if actor.role not in OFFICE:
        raise NotAllowed("Only the program's office sees its queues.")


def _counts(policy: Policy, now: datetime, actor: Actor) -> dict[str, tuple[int, int, int]]:
    """Of each kind how many items wait, are late, are the actor's own; kinds without any lack."""
    first, *others = (
        source.rows(policy, now)
        .order_by()
        .annotate(queue=Value(kind, output_field=CharField()))
        .values_list("queue", "pk", "target_at")
        for kind, source in SOURCES.items()
    )
    waiting, values = first.union(*others, all=True).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            COUNTS.format(waiting=waiting, assignment=Assignment._meta.db_table),
            [now, actor.id, *values],
        )
        return {kind: tuple(counts) for kind, *counts in cursor.fetchall()}


def _queue(source: Source, policy: Policy, every: int, late: int, taken: int) -> Queue:
    target = source.target_under(policy)
    return Queue(
        kind=source.kind,
        title=source.title,
        task=source.task,
        owner=target.owner,
        hours=target.hours,
        span_in_words=target.span_in_words,
        then=source.then,
        count=every,
        overdue=late,
        taken=taken,
    )


def _item(
    source: Source,
    policy: Policy,
    row: Any,
    *,
    is_overdue: bool,
    patient: Patient | None,
    assignment: Assignment | None,
) -> Item:
    assignee = assignment.assignee if assignment else None
    return Item(
        kind=source.kind,
        subject_model=source.label,
        subject_id=row.pk,
        label=source.describe(row, policy),
        task=source.task,
        owner=source.target_under(policy).owner,
        patient_id=row.about_patient,
        other_ids=tuple(row.about_others),
        patient=str(patient or ""),
        opened_at=row.waits_since,
        target_at=row.target_at,
        is_overdue=is_overdue,
        assignee_id=assignee.pk if assignee else None,
        assignee=str(assignee or ""),
        note=assignment.note if assignment else "",
    )
