"""A database of an earlier release, with people in it, becomes one of this release."""

import gzip
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client
from psycopg import sql

from tests import databases
from tests.conftest import connected_to
from tests.ops.test_backup import as_owner, empty_database, manage

RELEASES = sorted((Path(__file__).resolve().parents[1] / "releases").glob("*.sql.gz"))
# What is no record of anybody: Django's own books of its tables.
BOOKS = {"django_migrations", "django_content_type", "auth_permission"}
COLUMNS = """
    SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attname)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
        AND NOT a.attisdropped GROUP BY 1
"""
CONTENT = """
    SELECT count(*), sum(('x' || left(md5(jsonb_build_array({})::text), 15))::bit(60)::bigint)::text
    FROM {} AS r
"""
REWRITTEN = re.compile(r"::(character varying|text)(\[\])?|[()]")
# Everything about the tables that could differ, as text; in no order of making.
CATALOG = {
    "columns": """
        SELECT format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN ' NOT NULL' END, ' ' || pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'S')
            AND a.attnum > 0 AND NOT a.attisdropped
    """,
    "constraints": """
        SELECT format('%s %s %s%s', conrelid::regclass, conname, pg_get_constraintdef(oid),
            CASE WHEN NOT convalidated THEN ' (not validated)' END)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "indexes": """
        SELECT pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' (invalid)' END
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relnamespace = 'public'::regnamespace
    """,
    "triggers": """
        SELECT pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text || ' ' ||
            coalesce(obj_description(t.oid, 'pg_trigger'), '')
        FROM pg_trigger t WHERE NOT tgisinternal
    """,
    "functions": """
        SELECT pg_get_functiondef(p.oid) FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    """,
    "extensions": "SELECT extname::text FROM pg_extension",
}


@dataclass
class Upgraded:
    """An upgraded database: its name, and what its tables held before."""

    name: str
    before: dict[str, Any]
    columns: dict[str, list[str]]


@pytest.fixture(scope="module", params=RELEASES, ids=lambda path: path.name.removesuffix(".sql.gz"))
def upgraded(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> Iterator[Upgraded]:
    with django_db_blocker.unblock(), empty_database() as name:
        with psycopg.connect(as_owner(name)) as owner:
            owner.execute(gzip.decompress(request.param.read_bytes()))
        with psycopg.connect(as_owner(name)) as owner:
            columns: dict[str, list[str]] = dict(owner.execute(COLUMNS).fetchall())
            before = contents(owner, columns)
        for command in (
            ["migrate", "-v0"],
            ["grant_application_role", databases.application_role()],
            ["record_policy_editions"],
        ):
            done = manage(as_owner(name), *command)
            assert done.returncode == 0, done.stderr
        yield Upgraded(name, before, columns)


def contents(owner: psycopg.Connection, columns: dict[str, list[str]]) -> dict[str, Any]:
    """The rows and a digest over these columns of every table."""
    return {
        table: owner.execute(
            sql.SQL(CONTENT).format(
                sql.SQL(", ").join(sql.Identifier("r", name) for name in names),
                sql.Identifier(table),
            )
        ).fetchone()
        for table, names in columns.items()
    }


def test_there_is_a_database_of_each_release() -> None:
    assert RELEASES[0].name == "0.1.0.sql.gz"


def test_no_row_and_no_word_of_one_is_lost(upgraded: Upgraded) -> None:
    assert upgraded.before["patients_patient"][0] > 10
    assert upgraded.before["eligibility_decision"][0] > 50
    with psycopg.connect(as_owner(upgraded.name)) as owner:
        after = contents(owner, upgraded.columns)
    lost = {
        table: (was, after[table])
        for table, was in upgraded.before.items()
        if table not in BOOKS and after[table] != was
    }
    assert lost == {}


NAMED = """
    SELECT program, text_version FROM patients_agreement
    UNION SELECT program, text_version FROM evidence_patientsurvey
    UNION SELECT program, text_version FROM evidence_prescribersurvey
    UNION SELECT program, checklist_version FROM prescriptions_dispense WHERE NOT reported_late
    UNION SELECT 'lenalidomide', form_version FROM providers_prescriberenrollment
    UNION SELECT 'lenalidomide', form_version FROM providers_pharmacyenrollment
    UNION SELECT program, text_version FROM providers_stafftraining
"""


def test_the_words_of_every_text_that_it_names_are_kept(upgraded: Upgraded) -> None:
    with psycopg.connect(as_owner(upgraded.name)) as owner:
        named = set(owner.execute(NAMED).fetchall())
        kept = set(owner.execute("SELECT program, version FROM audit_textversion").fetchall())
    assert ("lenalidomide", "patient-survey-2026-02") in named
    assert named - kept == set()


def test_every_decision_of_the_earlier_release_replays(upgraded: Upgraded) -> None:
    application = databases.url_of(os.environ["DATABASE_URL"], upgraded.name)
    proven = manage(application, "replay")
    decisions = upgraded.before["eligibility_decision"][0]
    assert proven.stdout == f"{decisions:,} decisions replayed; every one gives the same answer.\n"


def test_the_tables_are_those_of_a_fresh_database(upgraded: Upgraded) -> None:
    with psycopg.connect(as_owner(upgraded.name)) as owner:
        ours = catalog(owner)
    with databases.clone() as name, psycopg.connect(as_owner(name)) as owner:
        fresh = catalog(owner)
    for kind, described in fresh.items():
        assert len(described) > 0
        assert ours[kind] - described == set(), kind
        assert described - ours[kind] == set(), kind


def catalog(owner: psycopg.Connection) -> dict[str, set[str]]:
    """Text by text. PostgreSQL writes casts and brackets otherwise after a dump was loaded."""
    return {
        kind: {REWRITTEN.sub("", str(line)) for (line,) in owner.execute(query).fetchall()}
        for kind, query in CATALOG.items()
    }


def test_the_application_serves_on_it(upgraded: Upgraded) -> None:
    with connected_to(upgraded.name):
        answer = Client().get("/readyz").json()
    assert answer["parts"]["policies"] == answer["parts"]["database"] == "ok"
