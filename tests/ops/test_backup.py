"""The drill: a backup is restored into a fresh database, compared, and proven before it serves."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from psycopg import sql

from apps.audit import sealing
from apps.eligibility.models import Decision
from apps.ops import backups, client_programs
from apps.ops.management.commands.restore import PROOFS
from apps.patients.models import Patient
from tests import builders, databases
from tests.conftest import connected_to

ROOT = Path(__file__).resolve().parents[2]


def manage(url: str, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "APPLICATION_DATABASE_ROLE": databases.application_role(),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def as_owner(name: str) -> str:
    return databases.url_of(databases.owner_url(), name)


@contextmanager
def empty_database() -> Iterator[str]:
    """The name of a new database with nothing in it."""
    name = f"remsportal_test_{uuid4().hex[:12]}"
    with psycopg.connect(as_owner("postgres"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            databases.drop(server, name)


@pytest.fixture(scope="module")
def anchors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the trail is anchored, outside the database."""
    return tmp_path_factory.mktemp("anchors") / "anchors.jsonl"


@pytest.fixture(scope="module")
def lived_in(django_test_environment: None, django_db_blocker: Any, anchors: Path) -> Iterator[str]:
    """A database with a patient, decisions that say yes and no, and somebody signed in."""
    with (
        django_db_blocker.unblock(),
        databases.clone() as name,
        connected_to(name),
        override_settings(TRAIL_ANCHOR_FILE=str(anchors)),
    ):
        cast = builders.cast()
        authorization = builders.authorized_frp(cast)
        assert builders.confirm(cast.dispensing, authorization).confirmation is not None
        assert not builders.request(cast.prescribing, authorization.patient, "adult_frp").allowed
        session = "INSERT INTO django_session VALUES ('key', 'data', now() + interval '1 day')"
        with psycopg.connect(as_owner(name)) as owner:
            owner.execute(session)
        assert sealing.seal() > 0
        yield name


@pytest.fixture(scope="module")
def backup(lived_in: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("backup") / "today.backup"
    made = manage(as_owner(lived_in), "backup", str(file))
    assert made.returncode == 0, made.stderr
    return file


def rewritten(file: Path, change: Callable[[bytes, dict[str, object]], bytes]) -> Path:
    """A copy of a backup in which dump or manifest were changed."""
    with zipfile.ZipFile(file) as archive:
        dump, manifest = archive.read(backups.DUMP), json.loads(archive.read(backups.MANIFEST))
    dump = change(dump, manifest)
    other = file.with_suffix(".changed")
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr(backups.DUMP, dump)
        archive.writestr(backups.MANIFEST, json.dumps(manifest))
    return other


def test_the_drill(lived_in: str, backup: Path, anchors: Path) -> None:
    """Back up, restore into a fresh database, compare, prove, serve."""
    assert backup.stat().st_mode & 0o077 == 0
    patient, decisions = Patient.objects.get(), Decision.objects.count()
    assert decisions == 3
    with empty_database() as name:
        restored = manage(as_owner(name), "restore", str(backup))
        assert restored.returncode == 0, restored.stderr
        assert "counts and digests are those of the manifest" in restored.stdout
        application = databases.url_of(os.environ["DATABASE_URL"], name)
        for proof in PROOFS:
            proven = manage(application, proof, TRAIL_ANCHOR_FILE=str(anchors))
            assert proven.returncode == 0, proven.stdout + proven.stderr
        assert manage(application, "replay").stdout == (
            "3 decisions replayed; every one gives the same answer.\n"
        )
        assert manage(as_owner(name), "migrate", "--check").returncode == 0
        with psycopg.connect(application) as reader:
            names = reader.execute("SELECT family_name FROM patients_patient").fetchall()
            assert names == [(patient.family_name,)]
            assert reader.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("DELETE FROM patients_patient")
            reader.rollback()
            triggers = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
            with psycopg.connect(as_owner(lived_in)) as owner:
                assert reader.execute(triggers).fetchone() == owner.execute(triggers).fetchone()


def test_nothing_is_restored_over_data(backup: Path) -> None:
    with pytest.raises(CommandError, match="nothing is restored over data"):
        call_command("restore", str(backup))


def test_a_restored_database_that_differs_is_told_table_by_table(backup: Path) -> None:
    def one_more(dump: bytes, manifest: dict[str, dict[str, dict[str, int]]]) -> bytes:
        manifest["tables"]["patients_patient"]["rows"] += 1
        return dump

    with empty_database() as name:
        refused = manage(as_owner(name), "restore", str(rewritten(backup, one_more)))  # type: ignore[arg-type]
    assert refused.returncode == 1
    assert "patients_patient: 2 rows (" in refused.stderr
    assert "backed up, 1 rows (" in refused.stderr


def test_a_dump_that_was_changed_is_refused_before_anything_is_written(backup: Path) -> None:
    changed = rewritten(backup, lambda dump, _: dump[:-1] + b"!")
    with empty_database() as name:
        refused = manage(as_owner(name), "restore", str(changed))
        assert refused.returncode == 1
        assert "The dump is not the one that the manifest describes" in refused.stderr
        with psycopg.connect(as_owner(name)) as owner:
            assert (
                owner.execute("SELECT FROM pg_class WHERE relname = 'patients_patient'").fetchone()
                is None
            )


def test_a_backup_of_a_newer_release_is_refused(backup: Path) -> None:
    def newer(dump: bytes, manifest: dict[str, list[str]]) -> bytes:
        manifest["migrations"].append("patients.9999_of_the_future")
        return dump

    with pytest.raises(CommandError, match=r"patients\.9999_of_the_future"):
        call_command("restore", str(rewritten(backup, newer)))  # type: ignore[arg-type]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_backup_is_refused(own_database: str, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(CommandError, match="is no backup, or is damaged"):
        call_command("restore", str(file))
    with pytest.raises(CommandError, match="There is no file"):
        call_command("restore", str(tmp_path / "nowhere"))
    with pytest.raises(CommandError, match="cannot be read: Is a directory"):
        call_command("restore", str(tmp_path))


def test_a_role_that_owns_nothing_makes_no_backup(own_database: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(CommandError, match="Run this as their owner"):
        call_command("backup", str(file))
    assert not file.exists()


def test_nothing_is_written_over_and_a_failure_leaves_nothing(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("kept")
    refused = manage(as_owner(own_database), "backup", str(file))
    assert "is there already; nothing is written over" in refused.stderr
    assert file.read_text() == "kept"
    monkeypatch.setattr(backups, "OWNED", "SELECT 0, 1")  # pg_dump itself is refused
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("backup", str(tmp_path / "nowhere" / "other"))
    with pytest.raises(CommandError, match=r"may lack SELECT privilege|permission denied"):
        call_command("backup", str(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


def test_the_same_rows_have_the_same_digest_and_others_another_one(own_database: str) -> None:
    def digest() -> backups.Content:
        with transaction.atomic():
            return backups.contents()["accounts_user"]

    builders.user("one@people.example")
    first = digest()
    assert digest() == first
    builders.user("two@people.example")
    assert digest().rows == first.rows + 1
    assert digest().digest != first.digest


def test_a_program_that_is_too_old_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6'\n")
    old.chmod(0o755)
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    with pytest.raises(client_programs.ProgramMissing, match=r"too old: .*pg_dump \(9\)"):
        client_programs.find("pg_dump", release=99)
    assert client_programs.find("pg_dump", release=9) == old
