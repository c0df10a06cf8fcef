"""The chain over the trail: what is sealed, and how every kind of tampering is named exactly."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from apps.audit import chain, checks, sealing, verifying
from apps.audit.anchors import AnchorsDisagree
from apps.audit.models import Event, Seal, Signature
from apps.backoffice.audit import whether_it_holds
from apps.core.models import Operation
from tests import builders, databases
from tests.audit.chained import harm, lines, rewrite, sealed_trail, verdict, write


@pytest.fixture(autouse=True)
def anchored(settings: Any, tmp_path: Path) -> Path:
    """An anchor file of the test's own."""
    path = tmp_path / "anchors.jsonl"
    settings.TRAIL_ANCHOR_FILE = str(path)
    return path


@pytest.fixture
def trail(own_database: str) -> str:
    """A database with three seals over twelve events."""
    sealed_trail()
    return own_database


def broken(said: str) -> tuple[int, str]:
    return 1, f"The trail is broken. {said}"


# --- A trail that holds -------------------------------------------------------------------------


def test_an_empty_trail_is_whole(own_database: str) -> None:
    with harm(own_database, "audit_rowchange") as owner:
        owner.execute("DELETE FROM audit_rowchange")  # The recorded policy edition.
    assert sealing.seal() == 0
    status, said = verdict()
    assert status == 0
    assert "0 seals over 0 events" in said


def test_what_was_sealed_verifies_and_what_was_not_is_told(trail: str) -> None:
    builders.cast()
    waiting = Event.objects.count() - 12
    status, said = verdict()
    assert status == 0
    assert "3 seals over 12 events" in said
    assert f"Not sealed yet: {waiting} events" in said
    assert waiting > 0

    assert sealing.seal() == 1
    assert "Not sealed yet: 0 events, 0 row changes, 0 operations, 0 signatures." in verdict()[1]
    assert Seal.objects.latest("number").operations_count == Operation.objects.count()


def test_each_seal_is_one_line_in_the_anchor_file(trail: str) -> None:
    written = [json.loads(line) for line in lines()]
    assert [line["seal"] for line in written] == [1, 2, 3]
    assert [line["digest"] for line in written] == list(
        Seal.objects.order_by("number").values_list("digest", flat=True)
    )


def test_a_long_trail_becomes_seals_of_bounded_size(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "ROWS_A_SEAL", 5)
    write(23)
    assert sealing.seal() == 5
    assert max(Seal.objects.values_list("events_count", flat=True)) == 5
    assert verdict()[0] == 0


def test_nothing_new_makes_no_seal(trail: str) -> None:
    assert sealing.seal() == 0
    assert len(lines()) == 3


def test_identity_gaps_of_what_was_rolled_back_are_normal(trail: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('audit_event_id_seq'), nextval('audit_event_id_seq')")
    write()
    assert sealing.seal() == 1
    assert verdict()[0] == 0


def test_operations_of_before_the_trail_was_sealed_get_a_place_in_it(own_database: str) -> None:
    builders.cast()
    with harm(own_database, "core_operation") as owner:
        owner.execute("UPDATE core_operation SET serial = NULL")
    sealing.seal()
    assert not Operation.objects.filter(serial__isnull=True).exists()
    assert Seal.objects.get().operations_count == Operation.objects.count()
    assert verdict()[0] == 0


# --- Rows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("code", "signed_out"),
        ("occurred_at", "2020-01-01Z"),
        ("data", Jsonb({"ids": None})),
        ("address", "203.0.113.9"),
        ("patient_ids", "{7f3b8f0e-95a0-4f3c-9d0f-0f6f3a4f3a11}"),
    ],
)
def test_a_changed_event_is_named(trail: str, column: str, value: Any) -> None:
    with harm(trail, "audit_event") as owner:
        change = sql.SQL("UPDATE audit_event SET {} = %s WHERE id = 6")
        owner.execute(change.format(sql.Identifier(column)), [value])
    assert verdict() == broken("Event 6 was changed after seal 2 had closed its range.")


def test_a_removed_event_is_named(trail: str) -> None:
    with harm(trail, "audit_event") as owner:
        owner.execute("DELETE FROM audit_event WHERE id = 12")
    assert verdict() == broken("Event 12 was removed after seal 3 had closed its range.")


def test_an_event_put_into_the_past_is_named(trail: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('audit_event_id_seq')")  # As a rolled back one leaves it.
    write()
    assert sealing.seal() == 1
    with harm(trail, "audit_event") as owner:
        owner.execute(
            "INSERT INTO audit_event SELECT (jsonb_populate_record(e, '{\"id\": 13}')).* "
            "FROM audit_event e WHERE id = 6"
        )
    assert verdict() == broken("Event 13 was put into a range that seal 4 had closed.")


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        (
            "audit_rowchange",
            "UPDATE audit_rowchange SET after = '{}' WHERE id = 1",
            "Row change 1 was changed after seal 1 had closed its range.",
        ),
        (
            "core_operation",
            "UPDATE core_operation SET role = 'auditor' WHERE serial = 1",
            "Operation 1 was changed after seal 4 had closed its range.",
        ),
        (
            "core_operation",
            "UPDATE core_operation SET serial = NULL WHERE serial = 2",
            "Operation 2 was removed after seal 4 had closed its range.",
        ),
        (
            "audit_signature",
            "UPDATE audit_signature SET printed_name = 'Another' WHERE serial = 2",
            "Signature 2 was changed after seal 4 had closed its range.",
        ),
        (
            "audit_signature",
            "DELETE FROM audit_signature WHERE serial = 1",
            "Signature 1 was removed after seal 4 had closed its range.",
        ),
    ],
)
def test_row_changes_operations_and_signatures_are_sealed_too(
    trail: str, table: str, change: str, said: str
) -> None:
    builders.cast()
    sealing.seal()
    with harm(trail, table) as owner:
        owner.execute(change)
    assert verdict() == broken(said)


def test_seals_of_before_signatures_were_sealed_hold_and_the_next_one_covers_all(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    builders.cast()
    with monkeypatch.context() as before:
        before.setattr(sealing, "FORM", 1)
        before.setattr(sealing, "PARTS", chain.PARTS_OF[1])
        assert sealing.seal() == 1
    with harm(own_database, "audit_signature") as owner:
        owner.execute("UPDATE audit_signature SET serial = NULL")
        owner.execute("SELECT setval('audit_signature_serial', 1, false)")
    (line,) = lines()
    rewrite([line.replace(', "signatures_upto": 0', "")])
    assert verdict()[0] == 0

    assert sealing.seal() == 1
    assert verdict()[0] == 0
    assert Seal.objects.get(number=2).signatures_count == Signature.objects.count() > 0
    with harm(own_database, "audit_signature") as owner:
        owner.execute("UPDATE audit_signature SET meaning = 'exception' WHERE serial = 1")
    assert verdict() == broken("Signature 1 was changed after seal 2 had closed its range.")


def test_the_administration_says_of_one_seal_whether_it_holds(trail: str) -> None:
    """For an auditor, who runs no command."""
    first, second, third = Seal.objects.order_by("number")[:3]
    assert whether_it_holds(second).startswith("Yes: ")
    with harm(trail, "audit_event") as owner:
        owner.execute("UPDATE audit_event SET role = 'auditor' WHERE id = 6")
    assert whether_it_holds(first).startswith("Yes: ")
    changed = "No: Event 6 was changed after seal 2 had closed its range."
    assert whether_it_holds(second) == changed
    with harm(trail, "audit_seal") as owner:
        owner.execute("DELETE FROM audit_seal WHERE number = 2")
    assert whether_it_holds(first).startswith("Yes: ")
    assert whether_it_holds(third) == "No: Seal 2 is missing: it was removed."


def test_a_change_that_the_short_marks_do_not_show_is_still_found(
    trail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with harm(trail, "audit_event") as owner:
        owner.execute("UPDATE audit_event SET role = 'auditor' WHERE id = 6")
    monkeypatch.setattr(verifying, "marks_of", lambda _found: {})
    assert verdict() == broken(
        "Some row of the events 5 to 8 was changed after seal 2 had closed them."
    )


# --- Seals --------------------------------------------------------------------------------------


def test_an_altered_seal_is_named(trail: str) -> None:
    with harm(trail, "audit_seal") as owner:
        owner.execute("UPDATE audit_seal SET events_count = 3 WHERE number = 2")
    assert verdict() == broken("Seal 2 was altered: its digest does not fit its content.")


def test_a_removed_seal_is_named(trail: str) -> None:
    with harm(trail, "audit_seal") as owner:
        owner.execute("DELETE FROM audit_seal WHERE number = 2")
    assert verdict() == broken("Seal 2 is missing: it was removed.")


def test_a_seal_that_was_made_to_fit_its_altered_rows_breaks_the_chain(trail: str) -> None:
    forge(trail, 2)
    assert verdict() == broken("Seal 2 was altered: the anchor file holds another digest of it.")


def test_without_anchors_the_next_seal_tells(trail: str, settings: Any) -> None:
    settings.TRAIL_ANCHOR_FILE = ""
    forge(trail, 2)
    assert verdict() == broken("Seal 3 does not follow seal 2: one of the two was altered.")


def test_a_chain_that_was_rewritten_whole_is_betrayed_by_the_anchors_alone(
    trail: str, settings: Any
) -> None:
    for number in (2, 3):
        forge(trail, number)
    assert verdict() == broken("Seal 2 was altered: the anchor file holds another digest of it.")
    settings.TRAIL_ANCHOR_FILE = ""
    status, said = verdict()
    assert status == 0
    assert "Compared with no anchor file" in said


def forge(database: str, number: int) -> None:
    """Change an event, and make the seal over it fit, as the owner of the tables could."""
    seal = Seal.objects.get(number=number)
    before = Seal.objects.get(number=number - 1)
    with harm(database, "audit_event") as owner:
        owner.execute("UPDATE audit_event SET role = 'auditor' WHERE id = %s", [seal.events_upto])
    again = chain.digested(chain.EVENTS, seal.events_after, seal.events_upto)
    seal.events_digest, seal.events_marks = again.digest, again.marks
    seal.previous_digest = before.digest
    with harm(database, "audit_seal") as owner:
        owner.execute(
            "UPDATE audit_seal SET events_digest = %s, events_marks = %s, previous_digest = %s, "
            "digest = %s WHERE number = %s",
            [again.digest, again.marks, before.digest, chain.digest_of(seal), number],
        )


# --- Anchors ------------------------------------------------------------------------------------


def test_an_altered_line_is_named(trail: str) -> None:
    first, second, third = lines()
    changed = second.replace(json.loads(second)["digest"], "0" * 64)
    rewrite([first, changed, third])
    assert verdict() == broken(
        "Line 2 of the anchor file was altered: seal 2 and the line after it agree."
    )


def test_a_removed_line_is_named(trail: str) -> None:
    first, _, third = lines()
    rewrite([first, third])
    assert verdict() == broken(
        "Line 2 of the anchor file is that of seal 3: a line was removed, put in or moved."
    )


def test_an_unreadable_line_is_named(trail: str) -> None:
    first, second, third = lines()
    rewrite([first[:40] + "\n", second, third])
    assert verdict() == broken(
        "Line 1 of the anchor file cannot be read: it was altered, or half written."
    )
    rewrite([first, second[:40] + "\n", third])
    assert verdict() == broken(
        "Line 2 of the anchor file cannot be read: it was altered, or half written."
    )
    rewrite([first, second, third[:40]])
    with pytest.raises(AnchorsDisagree, match="last line"):
        sealing.seal()


def test_a_file_that_was_cut_is_named_and_nothing_more_is_sealed(trail: str) -> None:
    rewrite(lines()[:1])
    said = (
        "The anchor file ends with seal 1, the database with seal 3: lines were cut off the file, "
        "or it is another one."
    )
    assert verdict() == broken(said)
    write()
    with pytest.raises(AnchorsDisagree, match="cut off"):
        sealing.seal()
    assert Seal.objects.count() == 3


def test_what_an_interrupted_sweep_left_is_told_and_anchored_by_the_next(trail: str) -> None:
    rewrite(lines()[:2])
    status, said = verdict()
    assert status == 3
    assert "ends with seal 2 of 3" in said
    sealing.seal()
    # With one for what was found just now, which is an event, too
    assert [json.loads(line)["seal"] for line in lines()] == [1, 2, 3, 4]
    assert verdict()[0] == 0


def test_a_file_that_is_gone_is_told_apart_from_a_broken_trail(trail: str, anchored: Path) -> None:
    anchored.unlink()
    assert verdict() == (
        2,
        f"The anchor file {anchored} cannot be read: No such file or directory.",
    )
    with pytest.raises(AnchorsDisagree, match="cut off"):
        sealing.seal()


def test_a_database_that_was_set_back_is_behind_its_anchors(trail: str) -> None:
    set_back(trail)
    said = (
        "The anchor file ends with seal 3, the database with seal 2: the database was set back to "
        "an older state, or seals were removed from it."
    )
    assert verdict() == broken(said)
    write()
    with pytest.raises(AnchorsDisagree, match="set back"):
        sealing.seal()
    assert Seal.objects.count() == 2


def test_after_a_restored_backup_the_operator_begins_a_new_file(trail: str, anchored: Path) -> None:
    set_back(trail)
    with pytest.raises(CommandError, match="Say why"):
        call_command("restart_anchors", reason=" ")
    call_command("restart_anchors", reason="Restored the backup of Monday", stdout=StringIO())
    assert len(lines()) == 2
    (kept,) = anchored.parent.glob("anchors.jsonl.until-*")
    assert len(kept.read_text().splitlines()) == 3
    told = Event.objects.latest("pk")
    assert (told.code, told.reason) == ("anchors_restarted", "Restored the backup of Monday")
    assert sealing.seal() == 1
    assert verdict()[0] == 0


def test_a_broken_chain_gets_no_new_anchors(trail: str) -> None:
    with harm(trail, "audit_event") as owner:
        owner.execute("DELETE FROM audit_event WHERE id = 2")
    with pytest.raises(CommandError, match="Event 2 was removed"):
        call_command("restart_anchors", reason="To hide it")


def set_back(database: str) -> None:
    """As a backup from before the last sweep would leave it."""
    with harm(database, "audit_seal", "audit_event") as owner:
        owner.execute("DELETE FROM audit_seal WHERE number = 3")
        owner.execute("DELETE FROM audit_event WHERE id > 8")


def test_a_copy_of_the_anchors_kept_elsewhere_verifies_as_well(trail: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.jsonl"
    copy.write_text("".join(lines()))
    rewrite([])
    assert verdict(anchors=copy)[0] == 0
    assert verdict()[0] == 1


# --- Triggers -----------------------------------------------------------------------------------


def test_a_trigger_that_is_switched_off_is_named(trail: str) -> None:
    with psycopg.connect(databases.url_of(databases.owner_url(), trail)) as owner:
        owner.execute("ALTER TABLE evidence_pregnancytest DISABLE TRIGGER USER")
    status, said = verdict()
    assert status == 1
    assert "of evidence_pregnancytest is missing or switched off" in said


# --- Without anchors ----------------------------------------------------------------------------


def test_production_does_not_seal_without_anchors(settings: Any) -> None:
    settings.TRAIL_ANCHOR_FILE = ""
    assert [error.id for error in checks.check_anchor_file()] == ["audit.E001"]
    checks.refuse_without_anchors()  # The demo and tests may.
    settings.PRODUCTION = True
    with pytest.raises(ImproperlyConfigured, match="TRAIL_ANCHOR_FILE"):
        checks.refuse_without_anchors()
