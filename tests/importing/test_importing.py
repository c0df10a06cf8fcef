"""The whole import: rehearsed first, once for each record, by an administrator, with a report."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.core.errors import NotAllowed
from apps.core.models import Operation
from apps.importing import layout
from apps.importing.models import ImportedRecord
from apps.importing.services import import_all
from apps.patients.models import Patient
from apps.providers.models import Pharmacy, Prescriber
from tests import builders
from tests.importing import files
from tests.importing.files import DAY, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
ROOT = Path(__file__).resolve().parents[2]


def registry(*keys: str) -> dict[str, list[files.Cells]]:
    women = [files.woman_in_therapy(key, NOW - 24 * DAY) for key in keys]
    for serial, woman in enumerate(women):
        woman["patients"][0]["born_on"] += serial * DAY
        woman["patients"][0]["postal_code"] = f"6{serial:04d}"
    return files.together(files.parties(), *women)


def run(folder: Path, *options: str, **named: Any) -> tuple[str, int]:
    out = StringIO()
    by = named.pop("by", "administrator@program.example")
    try:
        call_command(
            "import_registry", str(folder), f"--by={by}", "--source=elsewhere", *options,
            stdout=out, stderr=StringIO(),
        )  # fmt: skip
    except CommandError as error:
        return out.getvalue() + str(error), error.returncode
    return out.getvalue(), 0


def test_a_rehearsal_reports_all_and_writes_nothing(cast: builders.Cast, tmp_path: Path) -> None:
    files.write(tmp_path, registry("A", "B"))
    operations = Operation.objects.count()
    report, status = run(tmp_path)
    assert status == 0
    assert "A rehearsal; nothing was written" in report
    assert "2 new" in report
    assert not Patient.objects.exists()
    assert not ImportedRecord.objects.exists()
    assert Operation.objects.count() == operations


def test_applied_twice_it_imports_once(cast: builders.Cast, tmp_path: Path) -> None:
    files.write(tmp_path, registry("A", "B"))
    first, _ = run(tmp_path, "--apply")
    again, status = run(tmp_path, "--apply")
    assert "2 new" in first
    assert status == 0
    assert "2 already imported" in again
    assert Patient.objects.count() == 2
    assert ImportedRecord.objects.count() == 4
    assert Prescriber.objects.get(npi=files.NPI).state == "certified"
    assert Pharmacy.objects.get(npi=files.PHARMACY_NPI).state == "certified"
    names = Operation.objects.filter(channel="import").values_list("name", flat=True)
    assert sorted(names) == [
        "import_patient", "import_patient", "import_pharmacy", "import_prescriber",
    ]  # fmt: skip


def test_run_again_it_goes_on_with_who_was_mended(cast: builders.Cast, tmp_path: Path) -> None:
    lines = registry("A", "B", "C")
    lines["agreements"][1]["signer_name"] = ""
    files.write(tmp_path, lines)
    report, status = run(tmp_path, "--apply")
    assert status == 1
    assert "agreements.csv, line 3, signer_name: is empty" in report
    assert "Wanda" not in report
    assert Patient.objects.count() == 2
    lines["agreements"][1]["signer_name"] = "Wanda"
    files.write(tmp_path, lines)
    report, status = run(tmp_path, "--apply")
    assert status == 0
    assert "2 already imported, 1 new" in report


def test_what_changed_there_since_is_corrected_in_the_program(
    cast: builders.Cast, tmp_path: Path
) -> None:
    lines = registry("A")
    files.write(tmp_path, lines)
    run(tmp_path, "--apply")
    lines["counseling"][0]["topics"] = ""
    files.write(tmp_path, lines)
    report, status = run(tmp_path, "--apply")
    assert status == 1
    assert "patients.csv, line 2, patient: changed since it was imported" in report


def test_a_wrong_npi_keeps_the_prescriber_out_and_whoever_needs_them(
    cast: builders.Cast, tmp_path: Path
) -> None:
    lines = registry("A")
    lines["prescribers"][0]["npi"] = "1234567890"
    files.write(tmp_path, lines)
    report, status = run(tmp_path, "--apply")
    assert status == 1
    assert "prescribers.csv, line 2, npi:" in report
    assert "patients.csv, line 2, prescriber_npi: no prescriber with this NPI" in report


@pytest.mark.parametrize(
    ("place", "cell", "message"),
    [
        ("prescribers signed_at", "2190-01-10", "in the future"),
        ("prescribers email", "ines", "no e-mail address"),
        ("pharmacies signed_at", "2190-01-10", "in the future"),
        ("pharmacies representative_email", "rosa@", "no e-mail address"),
        ("pharmacies certified_until", "2190-01-10", "check the year"),
    ],
)
def test_a_slip_in_the_line_of_a_prescriber_or_pharmacy_is_named(
    cast: builders.Cast, tmp_path: Path, place: str, cell: str, message: str
) -> None:
    """L-ENR-1, L-ENR-2: else one would be certified for good, or reached by nobody."""
    file, column = place.split()
    lines = registry("A")
    lines[file][0][column] = cell
    files.write(tmp_path, lines)
    report, status = run(tmp_path)
    assert status == 1
    assert f"{file}.csv, line 2, {column}: " in report
    assert message in report


def test_of_a_longer_history_only_supplies_take_more_statements(
    cast: builders.Cast, tmp_path: Path
) -> None:
    counts = []
    for supplies in range(3):
        lines = registry("A")
        week = timedelta(days=7)
        for file in ("counseling", "patient_surveys", "contraception"):
            lines[file] *= 1 + supplies
        lines["dispenses"] += [
            files.dispense("A", NOW - 2 * week + supply * week) for supply in range(supplies)
        ]
        files.write(tmp_path, lines)
        sent: list[str] = []

        def count(execute: Any, sql: str, *rest: Any, sent: list[str] = sent) -> Any:
            sent.append(sql)
            return execute(sql, *rest)

        with connection.execute_wrapper(count):
            report, status = run(tmp_path)
        assert status == 0, report
        counts.append(len(sent))
    assert counts[1] - counts[0] <= 4
    assert counts[2] - counts[1] <= 4


def test_lines_of_unknown_patients_are_named(cast: builders.Cast, tmp_path: Path) -> None:
    lines = registry("B")
    for key in ("A", "C"):
        lines["counseling"].append({"patient": key, "given_at": "2026-05-01", "topics": ""})
    lines["counseling"].sort(key=lambda cells: cells["patient"])
    files.write(tmp_path, lines)
    report, status = run(tmp_path)
    assert status == 1
    for line in (2, 4):
        assert f"counseling.csv, line {line}, patient: there is no such patient" in report
    assert "1 new" in report


def test_a_second_line_of_a_patient_is_refused(cast: builders.Cast, tmp_path: Path) -> None:
    lines = registry("A")
    lines["patients"] *= 2
    files.write(tmp_path, lines)
    report, status = run(tmp_path)
    assert status == 1
    assert "patients.csv, line 3, patient: this patient has a line already" in report


@pytest.mark.parametrize("file", ["patients", "dispenses"])
def test_files_that_are_not_sorted_are_refused(
    cast: builders.Cast, tmp_path: Path, file: str
) -> None:
    lines = registry("A", "B", "C")
    lines[file].reverse()
    files.write(tmp_path, lines)
    report, status = run(tmp_path)
    assert status == 2
    assert "not sorted by patient" in report
    assert "LC_ALL=C sort" in report
    assert "no such patient" not in report


def test_nonsense_is_refused_with_a_clear_message(cast: builders.Cast, tmp_path: Path) -> None:
    assert run(tmp_path / "nowhere") == (f"There is no folder {tmp_path / 'nowhere'}.", 2)
    said, status = run(tmp_path)
    assert status == 2
    assert "holds no patients.csv" in said
    (tmp_path / "patients.csv").write_text("patient,shoe_size\n")
    said, status = run(tmp_path)
    assert status == 2
    assert "lacks given_name" in said
    assert "has shoe_size" in said
    for content in (b"\xff\xfe", b"patient,given_name\nA,\x00\n"):
        (tmp_path / "patients.csv").write_bytes(content)
        assert run(tmp_path)[1] == 2
    assert run(tmp_path, by="staff@program.example")[1] == 2


def test_only_an_administrator_imports(cast: builders.Cast, tmp_path: Path) -> None:
    files.write(tmp_path, registry("A"))
    with pytest.raises(NotAllowed):
        list(import_all(cast.staff, tmp_path, "elsewhere"))


def test_the_page_shows_every_file_and_column() -> None:
    page = (ROOT / "docs" / "import.md").read_text()
    for file in layout.FILES:
        table = page.split(f"### {file.file_name}\n")[1].split("\n### ")[0].split("\n## ")[0]
        shown = [line for line in table.splitlines() if line.startswith("| `")]
        assert file.meaning in table
        assert shown == [
            f"| `{column.name}` | {'yes' if column.is_required else 'no'} "
            f"| {column.meaning_and_codes} |"
            for column in file.columns
        ]
