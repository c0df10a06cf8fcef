"""Several lists of rows, read by one statement: for pages that show many short lists, or counts.

Reads only. Each list comes as it would by itself, in its order, without what `select_related` adds.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Field, Model, QuerySet, Value


def read_together(*wanted: QuerySet[Any]) -> list[list[Any]]:
    """The rows of each query set, as instances of its model; one statement for all of them.

    Those of `values()` come as dictionaries of texts, numbers, truths: what JSON knows.
    """
    parts: list[str] = []
    values: list[Any] = []
    for number, rows in enumerate(wanted):
        try:
            plain = rows if _is_of_values(rows) else rows.select_related(None)
            statement, given = plain.query.sql_with_params()
        except EmptyResultSet:
            parts.append("'[]'")
            continue
        name = f"list_{number}"
        as_json = f"coalesce(json_agg(row_to_json({name})), '[]')::text"
        parts.append(f"(SELECT {as_json} FROM ({statement}) {name})")  # noqa: S608 - Django's own SQL
        values += given
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        found = cursor.fetchone()
    return [
        _rows(rows, json.loads(text, parse_float=Decimal))
        for rows, text in zip(wanted, found, strict=True)
    ]


def totals(rows: QuerySet[Any], **counts: Count) -> QuerySet[Any]:
    """One row of counts, to be read together with others."""
    every_row = rows.order_by().annotate(every_row=Value(1)).values("every_row")
    counted: QuerySet[Any] = every_row.annotate(**counts)
    return counted


def attach(rows: Sequence[Any], name: str, others: Sequence[Model]) -> None:
    """Give each row the one that its foreign key `name` points to, where it was read too."""
    by_id = {each.pk: each for each in others}
    for row in rows:
        if (other := by_id.get(getattr(row, f"{name}_id"))) is not None:
            setattr(row, name, other)


def attach_lists(rows: Sequence[Any], name: str, others: Sequence[Any], key: str) -> None:
    """Give each row those of the others whose `key` points to it, as `prefetch_related` does."""
    for row in rows:
        empty = getattr(row, name).none()
        empty._result_cache = [each for each in others if getattr(each, key) == row.pk]  # noqa: SLF001 - what prefetch_related does itself
        kept = row.__dict__.setdefault("_prefetched_objects_cache", {})
        kept[name] = empty


def _is_of_values(rows: Any) -> bool:
    return rows._fields is not None


def _rows(wanted: QuerySet[Any], told: list[dict[str, Any]]) -> list[Any]:
    if _is_of_values(wanted):
        return told
    model = wanted.model
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    return [
        model.from_db(connection.alias, names, [_value(field, row) for field in fields])
        for row in told
    ]


def _value(field: "Field[Any, Any]", row: Mapping[str, Any]) -> Any:
    told = row[field.column or field.attname]
    return None if told is None else field.to_python(told)
