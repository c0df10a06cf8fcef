"""What the application's database role may do to each table: derived from the models' triggers.

The role owns nothing, so no trigger can be switched off and no table truncated by the product.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model
from psycopg import sql

from apps.core.triggers import Immutable


def statements(role: str) -> Iterator[sql.Composed]:
    """The GRANT and REVOKE statements, to be run by the owner after every migration."""
    who = sql.Identifier(role)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(who)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(who)
    yield sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(who)
    yield sql.SQL("GRANT SELECT ON django_migrations TO {}").format(who)
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            table = sql.Identifier(model._meta.db_table)
            for right in rights(model):
                yield sql.SQL("GRANT {} ON {} TO {}").format(right, table, who)


def rights(model: type[Model]) -> list[sql.Composable]:
    """The rights on one model's table.

    Immutable tables: SELECT and INSERT, with UPDATE of the columns alone that may change. Our other
    tables: no DELETE. Tables of the framework (sessions, tokens): all but TRUNCATE.
    """
    granted: list[sql.Composable] = [sql.SQL("SELECT"), sql.SQL("INSERT")]
    if not model.__module__.startswith("apps."):
        return [*granted, sql.SQL("UPDATE"), sql.SQL("DELETE")]
    immutable = [
        trigger
        for trigger in getattr(model._meta, "triggers", [])
        if isinstance(trigger, Immutable)
    ]
    if not immutable:
        return [*granted, sql.SQL("UPDATE")]
    for trigger in immutable:
        if trigger.changing:
            columns = sql.SQL(", ").join(sql.Identifier(column) for column in trigger.changing)
            granted.append(sql.SQL("UPDATE ({})").format(columns))
    return granted
