"""The example folder of the documentation can be copied: it imports, today and later."""

from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from apps.patients.models import Patient
from tests import builders

pytestmark = pytest.mark.django_db
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "import-example"


def imported(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command(
        "import_registry", str(folder), "--by=administrator@program.example", "--source=example",
        *options, stdout=out,
    )  # fmt: skip
    return out.getvalue()


@pytest.mark.parametrize("now", ["2026-06-01T12:00:00Z", "2031-06-01T12:00:00Z"])
def test_the_example_is_rehearsed_and_imported_without_a_problem(now: str) -> None:
    with time_machine.travel(now, tick=True):
        builders.cast()
        rehearsed = imported(EXAMPLE)
        assert "To import it, run the same with --apply." in rehearsed
        assert "2 new" in imported(EXAMPLE, "--apply")
        again = imported(EXAMPLE)
    assert "2 already imported" in again
    assert "--apply" not in again
    assert Patient.objects.filter(family_name__in=["Lindgren", "Reinholt"]).count() == 2


def test_a_file_whose_name_is_misspelt_is_not_left_out_in_silence(tmp_path: Path) -> None:
    builders.cast()
    for file in EXAMPLE.iterdir():
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "pregnancy_tests.csv").rename(tmp_path / "tests.csv")
    with pytest.raises(CommandError, match=r"tests\.csv in .*pregnancy_tests\.csv") as refused:
        imported(tmp_path)
    assert refused.value.returncode == 2
