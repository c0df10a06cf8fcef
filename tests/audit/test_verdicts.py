"""What was found of the whole trail: kept, and told to those who run no command."""

from pathlib import Path
from typing import Any

import pytest

from apps.audit import verdicts
from apps.audit.models import Event
from apps.ops import metrics, readiness
from tests.audit.chained import harm, lines, sealed_trail, verdict


@pytest.fixture
def trail(own_database: str, settings: Any, tmp_path: Path) -> str:
    """A database with three seals over twelve events, and its anchors."""
    settings.TRAIL_ANCHOR_FILE = str(tmp_path / "anchors.jsonl")
    sealed_trail()
    return own_database


def test_what_a_verification_finds_is_an_event(trail: str, settings: Any) -> None:
    assert verdicts.latest() is None
    verdict()
    found = verdicts.latest()
    assert found is not None
    assert found.is_whole
    assert "3 seals over 12 events" in found.said

    with harm(trail, "audit_event") as owner:
        owner.execute("UPDATE audit_event SET role = 'auditor' WHERE id = 6")
    verdict()
    found = verdicts.latest()
    assert found is not None
    assert (found.code, found.said) == (
        verdicts.BROKEN, "Event 6 was changed after seal 2 had closed its range.",
    )  # fmt: skip

    Path(settings.TRAIL_ANCHOR_FILE).unlink()
    verdict()
    found = verdicts.latest()
    assert found is not None
    assert (found.code, found.is_whole) == (verdicts.NOT_TOLD, False)
    assert "cannot be read" in found.said


def test_what_is_found_beside_an_older_copy_is_no_verdict(trail: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_text(lines()[0])
    before = Event.objects.count()
    assert verdict(anchors=copy)[0] == 1
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_a_trail_that_was_found_broken_is_told_until_it_is_found_whole() -> None:
    assert readiness.trail().state == "ok"
    assert b"remsportal_trail_whole 0.0" in metrics.text()
    assert b"remsportal_trail_verified_age_seconds +Inf" in metrics.text()
    for code, state in ((verdicts.BROKEN, "broken"), (verdicts.NOT_TOLD, "not verified")):
        verdicts.record(code, "Event 6 was changed after seal 2 had closed its range.")
        part = readiness.trail()
        assert part.state == state
        assert "verify_trail" in part.message
        assert b"remsportal_trail_whole 0.0" in metrics.text()
    assert "broken" not in readiness.UNFIT
    verdicts.record(verdicts.WHOLE, "The trail is whole.")
    assert readiness.trail().state == "ok"
    assert b"remsportal_trail_whole 1.0" in metrics.text()
