"""Reading the files as a stream: one party after another, one patient with all their history.

All files of patients are sorted by their id, so memory does not grow with their number.
"""

import csv
import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from apps.importing.layout import HISTORY, PATIENTS, SORTED_BY, File


class LayoutError(Exception):
    """A folder or file that cannot be read at all; its text says what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where: file, line (the header is line 1), column."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        at = f", {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{at}: {self.message}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file: the cells as they came, and what was read from them."""

    file: File
    line: int
    cells: dict[str, str]
    values: dict[str, Any]
    problems: tuple[Problem, ...]

    def problem(self, column: str, message: str) -> Problem:
        """Something wrong in this line."""
        return Problem(self.file.file_name, self.line, column, message)

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(slots=True)
class Person:
    """A patient of the other registry with all their history."""

    key: str
    row: Row
    history: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def rows(self) -> list[Row]:
        """Every line about this person."""
        return [self.row, *(row for rows in self.history.values() for row in rows)]

    @property
    def problems(self) -> list[Problem]:
        """What could not be read in any of them."""
        return [problem for row in self.rows for problem in row.problems]


def digest_of(rows: list[Row]) -> str:
    """SHA-256 of all that the files say of one record."""
    said = [[row.file.name, row.cells] for row in rows]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def rows_of(folder: Path, file: File) -> Iterator[Row]:
    """The lines of one file in their order; none where an optional file is not there.

    Raises LayoutError for a header that does not fit, or a file that is no CSV in UTF-8.
    """
    with ExitStack() as stack:
        yield from _rows(stack, folder, file)


def people(folder: Path) -> Iterator[Person | Problem]:
    """Each patient with their history, in the files' order; lines that belong to nobody between.

    Raises LayoutError, before the first of them, for files that are not sorted by patient.
    """
    for file in (PATIENTS, *HISTORY):
        _check_order(folder, file)
    with ExitStack() as stack:
        waiting = [_Waiting(file, _rows(stack, folder, file)) for file in HISTORY]
        before = ""
        for row in _rows(stack, folder, PATIENTS):
            key = row.cells[SORTED_BY]
            for each in waiting:
                yield from each.strangers_before(key)
            person = Person(key, row)
            for each in waiting:
                person.history[each.file.name] = list(each.of(key))
            if key == before:
                yield row.problem(SORTED_BY, "this patient has a line already")
            else:
                yield person
            before = key
        for each in waiting:
            yield from each.strangers_before(None)


class _Waiting:
    """A file of histories, read up to the first line of somebody who has not come yet."""

    def __init__(self, file: File, rows: Iterator[Row]) -> None:
        self.file, self._rows = file, rows
        self._next = next(rows, None)

    def of(self, key: str) -> Iterator[Row]:
        """The lines of one patient."""
        while self._next is not None and self._next.cells[SORTED_BY] == key:
            yield self._take()

    def strangers_before(self, key: str | None) -> Iterator[Problem]:
        """The lines of those who are not in patients.csv, up to this patient or to the end."""
        while self._next is not None and (key is None or self._next.cells[SORTED_BY] < key):
            row = self._take()
            yield row.problem(SORTED_BY, "there is no such patient in patients.csv")

    def _take(self) -> Row:
        row = self._next
        if row is None:
            raise RuntimeError("There is no line to take.")
        self._next = next(self._rows, None)
        return row


def _check_order(folder: Path, file: File) -> None:
    before = ""
    for row in rows_of(folder, file):
        key = row.cells[SORTED_BY]
        if key < before:
            raise LayoutError(
                f"{file.file_name}, line {row.line}: the lines are not sorted by patient. Sort "
                "every file by its first column, in the order of the bytes (LC_ALL=C sort)."
            )
        before = key


def _rows(stack: ExitStack, folder: Path, file: File) -> Iterator[Row]:
    source = _opened(stack, folder, file)
    if source is None:
        return
    reader = csv.DictReader(_text_of(source), strict=True)
    try:
        _check_header(file, reader.fieldnames or [])
        for cells in reader:
            yield _row(file, reader.line_num, cells)
    except (csv.Error, UnicodeDecodeError) as error:
        raise LayoutError(
            f"{file.file_name}, after line {reader.line_num}: this is no CSV in UTF-8 ({error})."
        ) from error


def _text_of(source: IO[str]) -> Iterator[str]:
    """The lines. Raises csv.Error for a character that no text has and no table takes."""
    for line in source:
        if "\0" in line:
            raise csv.Error("it holds a NUL character")
        yield line


def _opened(stack: ExitStack, folder: Path, file: File) -> IO[str] | None:
    try:
        return stack.enter_context((folder / file.file_name).open(newline="", encoding="utf-8-sig"))
    except FileNotFoundError:
        if not file.is_required:
            return None
        raise LayoutError(f"{folder} holds no {file.file_name}: it is required.") from None
    except OSError as error:
        raise LayoutError(f"{file.file_name} cannot be read: {error.strerror}.") from error


def _check_header(file: File, header: Any) -> None:
    known = {column.name for column in file.columns}
    missing = [each.name for each in file.columns if each.is_required and each.name not in header]
    unknown = [name for name in header if name not in known]
    if missing or unknown:
        wrong = [f"lacks {name}" for name in missing]
        wrong += [f"has {name}, which is no column here" for name in unknown]
        raise LayoutError(f"{file.file_name}: the header {', '.join(wrong)}.")


def _row(file: File, line: int, cells: dict[Any, Any]) -> Row:
    read, problems = {}, []
    if None in cells or None in cells.values():
        problems.append(
            Problem(file.file_name, line, "", "has more or fewer cells than the header")
        )
        cells = {key: value or "" for key, value in cells.items() if key is not None}
    for column in file.columns:
        cell = cells.setdefault(column.name, "").strip()
        cells[column.name] = cell
        read[column.name] = column.empty
        if cell:
            try:
                read[column.name] = column.read(cell)
            except ValueError as error:
                problems.append(Problem(file.file_name, line, column.name, str(error)))
        elif column.is_required:
            problems.append(Problem(file.file_name, line, column.name, "is empty"))
    return Row(file, line, cells, read, tuple(problems))
