"""A backup: the whole database as of one instant, in one file, with a manifest that proves it.

The file holds everything about every patient: nobody but its owner may read it, and it belongs on
encrypted storage. A restore never touches a database that has anything in it.
"""

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from apps.core import clock
from apps.ops import client_programs

FORMAT: Final = 1
DUMP, MANIFEST = "database.dump", "manifest.json"
CHUNK: Final = 1 << 20
OWNED = """
    SELECT count(*) FILTER (WHERE NOT pg_has_role(c.relowner, 'MEMBER')), count(*)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
"""
TABLES = """
    SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY 1
"""
# The same for the same rows in any order; written alike by every release of PostgreSQL.
CONTENT = """
    SELECT count(*), coalesce(sum(('x' || left(digest, 15))::bit(60)::bigint), 0)::text
    FROM (SELECT md5(whole_row::text) AS digest FROM {} AS whole_row) AS digests
"""
AS_WRITTEN = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


class BackupRefused(Exception):
    """The backup or restore was not begun, or did not hold; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Content:
    """What one table holds: its rows, and a sum over all that they say."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is, and what a restore must find again."""

    format: int
    product: str
    made_at: str
    program: int
    migrations: list[str]
    tables: dict[str, Content]
    sha256: str

    @classmethod
    def read(cls, text: bytes) -> "Manifest":
        """Raises BackupRefused for what is no manifest of ours."""
        try:
            found: dict[str, Any] = json.loads(text)
            tables = {name: Content(**each) for name, each in found.pop("tables").items()}
            manifest = cls(**found, tables=tables)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupRefused("The file's manifest cannot be read: this is no backup.") from error
        if manifest.format != FORMAT:
            raise BackupRefused(
                f"The backup has format {manifest.format}; this release reads {FORMAT}."
            )
        return manifest


# --- Making one -----------------------------------------------------------------------------------


def back_up(file: Path) -> Manifest:
    """Write the database, as of one instant, into a new file that only its owner can read.

    Raises BackupRefused, ProgramMissing, ProgramFailed, or OSError for a place that takes no file;
    then no file is left.
    """
    _refuse_a_stranger()
    program = client_programs.find("pg_dump", release=client_programs.server_release())
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise BackupRefused(f"{file} is there already; nothing is written over.") from error
    try:
        with os.fdopen(handle, "wb") as output:
            manifest = _write(output, program)
            output.flush()
            os.fsync(output.fileno())
    except BaseException:
        file.unlink()
        raise
    return manifest


def _write(output: BinaryIO, program: Path) -> Manifest:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone() or ("",)
        made_at = clock.real_now().isoformat()
        with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
            with archive.open(DUMP, "w", force_zip64=True) as dump:
                sha256 = _dump(program, str(snapshot), dump)
            manifest = Manifest(
                format=FORMAT,
                product=settings.VERSION,
                made_at=made_at,
                program=client_programs.release_of(program),
                migrations=applied_migrations(),
                tables=contents(),
                sha256=sha256,
            )
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _dump(program: Path, snapshot: str, output: Any) -> str:
    command: list[str | Path] = [
        program,
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--snapshot",
        snapshot,
    ]
    digest = hashlib.sha256()
    with client_programs.start(command, stdout=subprocess.PIPE) as process:
        for chunk in _chunks(process.stdout):
            digest.update(chunk)
            output.write(chunk)
        client_programs.finish(process)
    return digest.hexdigest()


def _refuse_a_stranger() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OWNED)
        foreign, tables = cursor.fetchone() or (0, 0)
    if not tables:
        raise BackupRefused("The database is empty: there is nothing to back up.")
    if foreign:
        raise BackupRefused(
            "DATABASE_URL names a role that does not own the tables: it cannot read all of them. "
            "Run this as their owner, as you run `migrate`."
        )


# --- Putting one back -----------------------------------------------------------------------------


def restore(file: Path) -> Manifest:
    """Put a backup into an empty database, whole or not at all, and compare what arrived.

    Whoever was signed in when the backup was made is signed out. Raises BackupRefused,
    ProgramMissing, ProgramFailed, or OSError for a file that cannot be read.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest.read(archive.read(MANIFEST))
            _refuse_a_newer_one(manifest)
            _refuse_a_full_database()
            program = client_programs.find("pg_restore", release=manifest.program)
            _refuse_a_damaged_one(archive, manifest)
            with archive.open(DUMP) as dump:
                _load(program, dump)
    except (zipfile.BadZipFile, KeyError) as error:
        raise BackupRefused(f"{file} is no backup, or is damaged.") from error
    _compare(manifest)
    _sign_everybody_out()
    return manifest


def _refuse_a_newer_one(manifest: Manifest) -> None:
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations or ()}
    unknown = sorted(set(manifest.migrations) - known)
    if unknown:
        raise BackupRefused(
            f"The backup was made by release {manifest.product}, with migrations that this one "
            f"({settings.VERSION}) does not have: {', '.join(unknown)}. Restore it with that one."
        )


def _refuse_a_full_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        if cursor.fetchall():
            raise BackupRefused(
                f"The database {connection.settings_dict['NAME']} has tables: nothing is restored "
                "over data. Create an empty one, and name it in DATABASE_URL."
            )


def _refuse_a_damaged_one(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    digest = hashlib.sha256()
    with archive.open(DUMP) as dump:
        for chunk in _chunks(dump):
            digest.update(chunk)
    if digest.hexdigest() != manifest.sha256:
        raise BackupRefused("The dump is not the one that the manifest describes: it was changed.")


def _load(program: Path, dump: Any) -> None:
    command: list[str | Path] = [
        program, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
        "--dbname", str(connection.settings_dict["NAME"]),
    ]  # fmt: skip
    with client_programs.start(command, stdin=subprocess.PIPE) as process:
        # A program that ends early tells why when it is asked.
        with suppress(BrokenPipeError), process.stdin as into:
            for chunk in _chunks(dump):
                into.write(chunk)
        client_programs.finish(process)


def _compare(manifest: Manifest) -> None:
    with transaction.atomic():
        found = contents()
    wrong = [
        f"{table}: {_told(manifest.tables.get(table))} backed up, {_told(found.get(table))} here"
        for table in sorted(manifest.tables.keys() | found.keys())
        if manifest.tables.get(table) != found.get(table)
    ]
    if applied_migrations() != manifest.migrations:
        wrong.append("The migrations differ.")
    if wrong:
        raise BackupRefused("The restored database is not the one backed up.\n" + "\n".join(wrong))


def _told(content: Content | None) -> str:
    return "nothing" if content is None else f"{content.rows} rows ({content.digest})"


def _sign_everybody_out() -> None:
    """What was ended or revoked after the backup must not come to life again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
        cursor.execute("DELETE FROM oauth2_provider_accesstoken")


# --- What there is --------------------------------------------------------------------------------


def contents() -> dict[str, Content]:
    """Every table's rows and digest. Inside a transaction: it sets how values are written."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        for name, value in AS_WRITTEN.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        return {table: content_of(table) for table in tables}


def content_of(table: str) -> Content:
    """One table's rows and digest."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(CONTENT).format(sql.Identifier(table)))
        return Content(*(cursor.fetchone() or (0, "")))


def applied_migrations() -> list[str]:
    """The migrations that made the tables what they are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
