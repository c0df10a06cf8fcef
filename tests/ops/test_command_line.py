"""manage.py as an operator meets it: one line says what to mend; a pipe may close."""

import os
import signal
import subprocess
import sys
from pathlib import Path

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


def test_a_reader_who_has_seen_enough_gets_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody_reads:
        shown = subprocess.run(
            [sys.executable, MANAGE, "policy", "show", "lenalidomide-2026-01"],
            stdout=nobody_reads,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert shown.stderr == ""
    assert shown.returncode == 128 + signal.SIGPIPE


def test_a_database_that_is_away_is_told_in_one_line_without_its_password() -> None:
    nowhere = "postgresql://remsportal:secret@127.0.0.1:1/remsportal"
    told = subprocess.run(
        [sys.executable, MANAGE, "outage", "report"],
        capture_output=True,
        env={**os.environ, "DATABASE_URL": nowhere},
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr.startswith("remsportal: The database cannot be used (")
    assert len(told.stderr.splitlines()) == 1
    assert "secret" not in told.stderr
