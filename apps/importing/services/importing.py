"""Taking in a whole registry: each prescriber, pharmacy and patient for itself, whole or not.

A rehearsal does the very same in one transaction that is rolled back.
"""

import enum
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from apps.core.call import Call, Channel, Role
from apps.core.command import Run, begin, finish
from apps.core.errors import CommandError, InvalidRequest, NotAllowed
from apps.importing.layout import PHARMACIES, PRESCRIBERS, PROGRAM, SORTED_BY, File
from apps.importing.models import ImportedRecord
from apps.importing.reading import Person, Problem, Row, digest_of, people, rows_of
from apps.importing.services.account import Parties, Refused, registered_parties
from apps.importing.services.parties import take_in_pharmacy, take_in_prescriber
from apps.importing.services.people import take_in_patient
from apps.rules.policy import policy_in_force

Kind = ImportedRecord.Kind
PLANNED_FOR = 25  # records
CHANGED = "changed since it was imported: correct it in the program"


class Result(enum.StrEnum):
    """What became of one record."""

    IMPORTED = "new"
    ALREADY = "already imported"
    CHANGED = "changed since"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One record of the files, how many lines it had in each, and what became of it."""

    kind: str
    result: Result
    lines: dict[str, int]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Record:
    """One prescriber, pharmacy or patient of the files, and how it is taken in."""

    kind: str
    key: str
    rows: list[Row]
    column: str
    take_in: Callable[[Run], Model]

    def outcome(self, result: Result, *problems: Problem) -> Outcome:
        lines: dict[str, int] = {}
        for row in self.rows:
            lines[row.file.name] = lines.get(row.file.name, 0) + 1
        return Outcome(self.kind, result, lines, problems)

    def problem(self, message: str, column: str | None = None) -> Problem:
        names = {each.name for each in self.rows[0].file.columns}
        return self.rows[0].problem(column if column in names else self.column, message)


def import_all(
    call: Call, folder: Path, source: str, *, rehearse: bool = True
) -> Iterator[Outcome]:
    """Take in prescribers, then pharmacies, then patients; say of each what became of it.

    Run again, it goes on where it ended. Raises NotAllowed for who is no administrator, LayoutError
    for files that cannot be read.
    """
    if call.actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Only an administrator takes in a registry.")
    call = replace(call, channel=Channel.IMPORT)
    with _stage(rehearse):
        for count, record in enumerate(_records(folder, rehearse=rehearse)):
            if count % PLANNED_FOR == 0:
                _plan_anew()
            if isinstance(record, Problem):
                yield Outcome("patient", Result.REFUSED, {Path(record.file).stem: 1}, (record,))
            else:
                yield _import_one(call, source, record, rehearse=rehearse)


def _plan_anew() -> None:
    """Let the database plan its work for the tables as they are now.

    A plan that it made for nearly empty ones, also in a trigger, reads them whole for each person.
    """
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


@contextmanager
def _stage(rehearse: bool) -> Iterator[None]:
    """For a rehearsal, a transaction that leaves nothing behind."""
    if not rehearse:
        yield
        return
    with transaction.atomic(durable=True):
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _records(folder: Path, *, rehearse: bool) -> Iterator[_Record | Problem]:
    for row in rows_of(folder, PRESCRIBERS):
        yield _party(Kind.PRESCRIBER, PRESCRIBERS, row)
    for row in rows_of(folder, PHARMACIES):
        yield _party(Kind.PHARMACY, PHARMACIES, row)
    # By now those of the files are registered, too.
    parties = registered_parties()
    for person in people(folder):
        if isinstance(person, Problem):
            yield person
        else:
            yield _patient(person, parties, rehearse=rehearse)


def _party(kind: str, file: File, row: Row) -> _Record:
    def take_in(run: Run) -> Model:
        policy = policy_in_force(PROGRAM, run.read_clock())
        take = take_in_prescriber if file is PRESCRIBERS else take_in_pharmacy
        return take(run, row, policy)

    return _Record(kind, row.cells["npi"], [row], "npi", take_in)


def _patient(person: Person, parties: Parties, *, rehearse: bool) -> _Record:
    return _Record(
        Kind.PATIENT,
        person.key,
        person.rows,
        SORTED_BY,
        lambda run: take_in_patient(run, person, parties, rehearse=rehearse),
    )


def _import_one(call: Call, source: str, record: _Record, *, rehearse: bool) -> Outcome:
    """All of it or nothing. What the database refuses is said in words."""
    digest = digest_of(record.rows)
    known = ImportedRecord.objects.filter(source=source, kind=record.kind, key=record.key).first()
    if known is not None and known.digest == digest:
        return record.outcome(Result.ALREADY)
    if known is not None:
        return record.outcome(Result.CHANGED, record.problem(CHANGED))
    problems = [problem for row in record.rows for problem in row.problems]
    problems = problems or _tried(call, source, record, digest, rehearse=rehearse)
    return record.outcome(Result.REFUSED if problems else Result.IMPORTED, *problems)


def _tried(
    call: Call, source: str, record: _Record, digest: str, *, rehearse: bool
) -> list[Problem]:
    """Take the record in, or say everything that is wrong with it."""
    try:
        with transaction.atomic(durable=not rehearse):
            _carry_out(call, source, record, digest)
            if rehearse:
                _check_as_a_commit_does()
    except Refused as refused:
        return refused.problems
    except InvalidRequest as error:
        wrong = [record.problem(text, column) for column, text in error.fields.items()]
        return wrong or [record.problem(error.message)]
    except CommandError as error:
        return [record.problem(error.message)]
    except DatabaseError as error:
        return [record.problem(_in_words(error))]
    return []


def _carry_out(call: Call, source: str, record: _Record, digest: str) -> None:
    run = Run(call)
    begin(run, f"import_{record.kind}")
    subject = record.take_in(run)
    ImportedRecord.objects.create(
        source=source,
        kind=record.kind,
        key=record.key,
        digest=digest,
        subject_id=subject.pk,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    finish(run, subject)


def _check_as_a_commit_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _in_words(error: DatabaseError) -> str:
    """What the database refused, by the name of its constraint; never a value of the person."""
    diag = getattr(error.__cause__, "diag", None)
    if diag is None or not str(diag.sqlstate or "").startswith(("22", "23", "P0")):
        raise error
    told = diag.constraint_name or diag.message_primary
    return f"the database does not take this record: {told}"
