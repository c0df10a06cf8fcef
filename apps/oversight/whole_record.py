"""Everything that is kept of one patient, gathered once for every form of it. Reads only.

Tables are found along the foreign keys, so that a new one cannot be forgotten; what names a patient
or a record without a foreign key is listed here. Secrets are never part of it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db.models import Field, ForeignKey, Model, Q, QuerySet

from apps.accounts.models import ApiClient, User
from apps.audit.models import Event, LegalHold, RowChange, Signature, TextVersion
from apps.core.models import Operation
from apps.eligibility.models import FactsDocument
from apps.evidence.models import IntakeScan
from apps.notices.models import Notice
from apps.oversight.models import FILES_OF_A_COPY, Assignment, RecordCopy, Settlement
from apps.patients.models import Patient, PatientCode, PatientVisit, Representative
from apps.prescriptions.models import OutageCheck

Kind = type[Model]
ORDER: Final = ("patients", "prescriptions", "evidence", "eligibility", "oversight", "notices",
                "reminders", "importing", "audit", "core")  # fmt: skip
SECRET: Final[Mapping[Kind, frozenset[str]]] = {
    PatientCode: frozenset({"reference_digest", "code_digest"}),
    PatientVisit: frozenset({"session_key", "browser_digest"}),
    Notice: frozenset({"lease_token"}),
    # It would hold the record as it was, once more.
    RecordCopy: frozenset({"lease_token", *FILES_OF_A_COPY}),
}
# What belongs to a row that names the patient, and is named by it.
NAMED_BY: Final = {FactsDocument: "decisions__patient__in", IntakeScan: "intake__patient__in"}
BY_PATIENT_ID: Final = (LegalHold, Notice, Signature)
ABOUT_RECORDS: Final = (Assignment, Settlement, OutageCheck, Signature)
BINARY: Final = (bytes, memoryview)


@dataclass(frozen=True, slots=True)
class Value:
    """One column of a row; `words` says it as people do."""

    name: str
    label: str
    value: Any
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one kind about the patient."""

    model: str
    title: str
    rows: list[list[Value]]


@dataclass(slots=True)
class WholeRecord:
    """What is kept of one patient, records merged into theirs included."""

    patient: Patient
    tables: list[Table] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many rows and events there are."""
        return sum(len(table.rows) for table in self.tables) + len(self.events)


def whole_record(patient: Patient, *, upto: int | None = None) -> WholeRecord:
    """Everything, in the same number of statements whatever there is.

    Of the trail the events up to `upto` (an event's number), if given.
    """
    ids = list(
        Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient)).values_list(
            "pk", flat=True
        )
    )
    found = _rows(ids)
    events = list(_events(ids, upto))
    operations = _operations(found)
    names = _names(found, operations, events)
    every: dict[Kind, list[Any]] = {**found, Operation: operations, TextVersion: _texts(found)}
    return WholeRecord(
        patient=patient,
        tables=[_table(kind, rows, names) for kind, rows in sorted(every.items(), key=_place)],
        events=[_event(each, names) for each in events],
    )


@cache
def paths() -> Mapping[Kind, tuple[str, ...]]:
    """Every kind of record that leads to a patient, with the shortest ways there."""
    found: dict[Kind, tuple[str, ...]] = {Patient: ("pk",)}
    nearest = found.copy()
    while nearest:
        farther: dict[Kind, tuple[str, ...]] = {}
        for kind in apps.get_models():
            ways = tuple(
                each.name if way == "pk" else f"{each.name}__{way}"
                for each in kind._meta.concrete_fields
                if isinstance(each, ForeignKey)
                for way in nearest.get(each.related_model, ())
            )
            if ways and kind not in found:
                farther[kind] = ways
        found.update(farther)
        nearest = farther
    return found


def _rows(ids: list[UUID]) -> dict[Kind, list[Any]]:
    """The rows of each kind; then those that name one of these by its id."""
    found: dict[Kind, list[Any]] = {
        kind: list(_along(kind, ways, ids)) for kind, ways in paths().items()
    }
    for kind, way in NAMED_BY.items():
        found[kind] = list(kind._default_manager.filter(**{way: ids}).distinct())
    keys = {str(row.pk) for rows in found.values() for row in rows}
    known: dict[Kind, Q] = {kind: Q(patient_id__in=ids) for kind in BY_PATIENT_ID}
    known[Notice] |= Q(recipient_id__in=ids)
    for kind in {*BY_PATIENT_ID, *ABOUT_RECORDS}:
        condition = known.get(kind, Q(pk__in=[]))
        if kind in ABOUT_RECORDS:
            condition |= Q(subject_id__in=keys if _is_text(kind) else _uuids(keys))
        found[kind] = list(kind._default_manager.filter(condition))
    imported = apps.get_model("importing.ImportedRecord")
    found[imported] = list(imported._default_manager.filter(subject_id__in=_uuids(keys)))
    tables = [kind._meta.db_table for kind in found]
    found[RowChange] = list(
        RowChange.objects.filter(table_name__in=tables, row_id__in=keys).order_by("pk")
    )
    return found


def _along(kind: Kind, ways: Iterable[str], ids: list[UUID]) -> QuerySet[Any]:
    condition = Q()
    for way in ways:
        condition |= Q(**{f"{way}__in": ids})
    named = [
        each.name
        for each in kind._meta.concrete_fields
        if isinstance(each, ForeignKey) and each.related_model not in {Operation, Patient}
    ]
    at = "recorded_at" if any(f.name == "recorded_at" for f in kind._meta.fields) else "pk"
    rows = kind._default_manager.filter(condition).order_by(at, "pk")
    rows = rows.defer(*SECRET.get(kind, ()))
    return rows.select_related(*named) if named else rows


def _is_text(kind: Kind) -> bool:
    return kind._meta.get_field("subject_id").get_internal_type() == "CharField"


def _uuids(keys: Iterable[str]) -> list[UUID]:
    return [UUID(key) for key in keys if len(key) == len(str(UUID(int=0)))]


def _operations(found: Mapping[Kind, list[Any]]) -> list[Operation]:
    """The commands that made, changed or ended one of these rows."""
    ids = {
        value
        for kind, rows in found.items()
        for each in kind._meta.concrete_fields
        if each.related_model is Operation or each.name == "operation_id"
        for row in rows
        if (value := getattr(row, each.attname)) is not None
    }
    return list(Operation.objects.filter(pk__in=ids).order_by("started_at"))


def _texts(found: Mapping[Kind, list[Any]]) -> list[TextVersion]:
    """The words of the texts whose version one of these rows names."""
    told = {name: set[str]() for name in ("program", "version")}
    for kind, rows in found.items():
        for each in kind._meta.concrete_fields:
            name = each.name.rpartition("_")[-1]
            if name in told:
                told[name] |= {getattr(row, each.attname) for row in rows}
    return list(
        TextVersion.objects.filter(
            program__in=told["program"], version__in=told["version"]
        ).order_by("program", "kind", "version", "language")
    )


def _events(ids: list[UUID], upto: int | None) -> QuerySet[Event]:
    about = Event.objects.filter(Q(patient_id__in=ids) | Q(patient_ids__overlap=ids))
    return (about if upto is None else about.filter(pk__lte=upto)).order_by("pk")


def _names(
    found: Mapping[Kind, list[Any]], operations: Iterable[Operation], events: Iterable[Event]
) -> dict[UUID, str]:
    """The names behind the bare ids of people and systems."""
    named = {each.actor_id for each in operations} | {each.actor_id for each in events}
    for kind, rows in found.items():
        bare = [each.attname for each in kind._meta.concrete_fields if _is_person(each)]
        named |= {getattr(row, name) for row in rows for name in bare}
    ids = {each for each in named if each is not None}
    systems = ApiClient.objects.filter(pk__in=ids).select_related("organization")
    return {
        **{each.pk: str(each) for each in User.objects.filter(pk__in=ids)},
        **{each.pk: str(each) for each in Patient.objects.filter(pk__in=ids)},
        **{each.pk: str(each) for each in Representative.objects.filter(pk__in=ids)},
        **{each.pk: each.organization.name for each in systems},
    }


def _is_person(each: Field[Any, Any]) -> bool:
    return each.name.endswith("_by_id") or each.name in {"user_id", "actor_id"}


def _place(pair: tuple[Kind, list[Any]]) -> tuple[int, str]:
    label = pair[0]._meta.app_label
    first = "" if pair[0] is Patient else str(pair[0]._meta.verbose_name_plural)
    return (ORDER.index(label) if label in ORDER else len(ORDER)), first


def _table(kind: Kind, rows: Iterable[Any], names: Mapping[UUID, str]) -> Table:
    shown = [f for f in kind._meta.concrete_fields if f.name not in SECRET.get(kind, ())]
    return Table(
        model=kind._meta.label_lower,
        title=str(kind._meta.verbose_name_plural).capitalize(),
        rows=[[_value(row, each, names) for each in shown] for row in rows],
    )


def _value(row: Any, each: Field[Any, Any], names: Mapping[UUID, str]) -> Value:
    value = getattr(row, each.attname)
    words = "" if value is None else str(value)
    if isinstance(value, BINARY):
        digest = hashlib.sha256(bytes(value)).hexdigest()
        value = words = f"{len(bytes(value))} bytes, SHA-256 {digest}"
    elif each.choices:
        words = str(getattr(row, f"get_{each.name}_display")())
    elif _is_person(each) and value in names:
        words = names[value]
    elif isinstance(each, ForeignKey) and value is not None:
        # Another patient is named by id only; a command stands in its own table.
        is_bare = each.related_model in {Operation, Patient}
        words = str(value if is_bare else getattr(row, each.name))
    return Value(each.name, str(each.verbose_name).capitalize(), value, words)


def _event(each: Event, names: Mapping[UUID, str]) -> dict[str, Any]:
    """One event; of a list, which named other patients, too, neither they nor its rows."""
    is_list = each.patient_ids is not None
    return {
        "event": each.pk,
        "occurred_at": each.occurred_at,
        "code": each.code,
        "who": names.get(each.actor_id, each.actor_kind) if each.actor_id else each.actor_kind,
        "actor_id": each.actor_id,
        "role": each.role,
        "channel": each.channel,
        "address": each.address,
        "reason": each.reason,
        "subject_model": each.subject_model,
        "subject_id": each.subject_id,
        "operation_id": each.operation_id,
        "patients_on_the_list": len(each.patient_ids or []),
        "data": {} if is_list else each.data,
    }
