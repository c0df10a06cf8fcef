"""Policy files: what they must say, how editions follow each other, what is refused."""

import hashlib
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apps.rules.obligation import KINDS
from apps.rules.policy import (
    POLICY_DIRECTORY,
    NoPolicyInForce,
    Parameters,
    Policy,
    PolicyFileError,
    UnknownProgram,
    load_editions,
    policy_by_version,
    policy_in_force,
    programs,
)
from apps.rules.policy_file import load_policy_file
from apps.rules.policy_table import SOURCES
from apps.rules.requirements import REQUIREMENTS
from apps.rules.targets import SEVERITIES, TARGET_KINDS
from tests.rules.documents import TICK

FILE = POLICY_DIRECTORY / "lenalidomide.toml"
TEXT = FILE.read_text()
NOW = datetime(2026, 6, 17, tzinfo=UTC)


def load(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "edition.toml"
    path.write_text(text)
    return load_policy_file(path)


def test_the_policy_in_force_is_found_by_program_and_instant() -> None:
    policy = policy_in_force("lenalidomide", NOW)
    assert policy.version == "lenalidomide-2026-01"
    assert policy_by_version(policy.version) is policy
    assert "lenalidomide" in programs()
    assert policy.digest == hashlib.sha256(FILE.read_bytes()).hexdigest()


def test_a_policy_is_in_force_from_midnight_of_its_first_day_in_its_zone() -> None:
    first = datetime(2020, 1, 1, 5, tzinfo=UTC)
    assert policy_in_force("lenalidomide", first).program == "lenalidomide"
    with pytest.raises(NoPolicyInForce):
        policy_in_force("lenalidomide", first - TICK)


def test_an_unknown_program_or_version_is_refused() -> None:
    with pytest.raises(UnknownProgram):
        policy_in_force("aspirin", NOW)
    with pytest.raises(NoPolicyInForce):
        policy_by_version("lenalidomide-1999-01")


def test_every_parameter_names_unit_source_and_rule() -> None:
    policy = policy_in_force("lenalidomide", NOW)
    of_others = {"missed_window_wait_days"}
    assert set(policy.notes) == {field.name for field in fields(Parameters)} - of_others
    for name, note in policy.notes.items():
        assert note.value == getattr(policy.parameters, name)
        assert note.source.startswith(SOURCES)
        assert note.unit
        assert note.rule.startswith("L-")
    assert policy.notes["reinitiate_after_gap_days"].choice
    assert not policy.notes["first_test_min_days"].choice


def test_the_policy_names_exactly_the_rules_of_the_table() -> None:
    policy = policy_in_force("lenalidomide", NOW)
    assert list(policy.rules) == [rule.rule for rule in REQUIREMENTS if rule.rule != "L-WIN-1"]
    assert policy.overridable == {"L-DSP-5", "L-ENR-4", "L-SUR-2"}


def test_every_kind_of_obligation_has_its_reminders() -> None:
    for other in load_editions(POLICY_DIRECTORY).values():
        assert all(set(edition.reminders.steps) == set(KINDS) for edition in other)
    reminders = policy_in_force("lenalidomide", NOW).reminders
    for steps in reminders.steps.values():
        assert all(set(step.channels) <= set(reminders.channels) for step in steps)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("obligations_end = [", "obligation_ends = [", "kinds: missing or unknown"),
        (
            'obligations_end = [\n    { to = "patient", relative_to = "due", hours = 0 },\n]',
            "obligations_end = []",
            "obligations_end: no step",
        ),
        (
            '{ to = "administrator", rel',
            '{ to = "patient", rel',
            "case_follow_up: never told of it",
        ),
        ('{ to = "pharmacy", rel', '{ to = "prescriber", rel', "renewal: never told of it"),
        (
            'channels = ["email", "sms", "portal"]',
            'channels = ["pigeon"]',
            "channels: missing or un",
        ),
        ('channels = ["email", "sms", "portal"]', "channels = []", "without a channel"),
        ("grace_hours = 24", "grace_hours = -1", "less than none"),
        ('optional = ["agreement_lapses"', 'optional = ["lunch"', "optional: missing or unknown"),
    ],
)
def test_a_file_whose_reminders_would_reach_nobody_is_refused(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    """§12: each kind has steps, each step somebody whom it concerns and a channel."""
    text = (POLICY_DIRECTORY / "lenalidomide.toml").read_text()
    assert before in text
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text.replace(before, after))

    with pytest.raises(PolicyFileError, match=complaint):
        load_policy_file(wrong)


def test_no_reminder_that_matters_for_safety_is_optional() -> None:
    for editions in load_editions(POLICY_DIRECTORY).values():
        for edition in editions:
            assert edition.reminders.optional <= {"agreement_lapses", "supply_ends"}
            assert edition.reminders.grace_hours <= 48


def test_every_kind_of_queue_item_has_an_owner_and_a_target_time() -> None:
    targets = policy_in_force("lenalidomide", NOW).targets
    assert tuple(targets) == TARGET_KINDS
    assert all(target.choice for target in targets.values())
    intervention, lapse = targets["intervention"], targets["certification_lapse"]
    assert (intervention.owner, intervention.relative_to) == ("staff", "opened")
    assert intervention.target_at(NOW) == NOW + timedelta(hours=24)
    assert (lapse.owner, lapse.relative_to) == ("pharmacy", "due")
    assert lapse.target_at(lapse.opened_at(NOW)) == NOW


@pytest.mark.parametrize(
    ("hours", "told"),
    [(1, "1 hour"), (48, "48 hours"), (71, "71 hours"), (72, "3 days"), (73, "73 hours"),
     (168, "7 days")],
)  # fmt: skip
def test_a_target_is_told_in_days_from_three_on(hours: int, told: str) -> None:
    target = policy_in_force("lenalidomide", NOW).targets["intervention"]
    assert replace(target, hours=hours).span_in_words == told


def test_every_kind_of_deviation_names_its_rule_and_severity() -> None:
    """§13: what counts as a deviation, and how grave it is, is said in one place."""
    policy = policy_in_force("lenalidomide", NOW)
    assert {"missed_test", "late_pregnancy_report", "dispense_without_confirmation"} <= set(
        policy.deviations
    )
    for kind, deviation in policy.deviations.items():
        assert (deviation.kind, deviation.choice) == (kind, True)
        assert deviation.rule.startswith("L-")
        assert f"deviation_{deviation.severity}" in policy.targets
    missed = policy.deviations["missed_test"]
    assert (missed.rule, missed.severity) == ("L-PT-4", "major")
    assert {f"deviation_{severity}" for severity in SEVERITIES} <= set(policy.targets)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('intervention = { owner = "staff"', 'intervention = { owner = "cook"', "owner"),
        ('intervention = { owner = "staff"', 'mediation = { owner = "staff"', "intervention"),
        ("[targets]", '[targets]\nparty = { owner = "staff" }', "targets: unknown"),
        ("shipped_late = {", "sent_late = {", "deviations: shipped_late must be named"),
        ('"opened", hours = 24', '"closed", hours = 24', "relative_to"),
        ('"opened", hours = 24', '"opened", hours = 0', "intervention.hours"),
        ('"opened", hours = 24', '"opened", hours = 24.5', "intervention.hours"),
        ('rule = "L-PT-4", severity = "major"', 'rule = "L-PT-4", severity = "mild"', "severity"),
        ('rule = "L-PT-4", severity = "major"', 'severity = "major"', "missed_test.rule"),
        ("first_test_min_days = {", "first_test_minimum = {", "first_test_min_days"),
        ('value = 10, unit = "days"', 'value = "10", unit = "days"', "first_test_min_days.value"),
        ('value = 10, unit = "days"', 'value = true, unit = "days"', "first_test_min_days.value"),
        ('source = "guide", rule = "L-PT-3"', 'source = "a friend", rule = "L-PT-3"', "source"),
        ('source = "guide", rule = "L-PT-3"', 'rule = "L-PT-3"', "recent_test_days.source"),
        ('patient_survey = "periodic"', 'patient_survey = "sometimes"', "adult_fnrp"),
        ('overridable = ["L-DSP-5"', 'overridable = ["L-NONE-1"', "overridable"),
        ('version = "', 'edition = "', "version"),
        ("effective_from = 2020-01-01", "effective_from = 2020-01-01T00:00:00Z", "effective_from"),
        ('{ to = "patient", relative_to = "due"', '{ to = "nobody", relative_to = "due"', "to"),
        ("strengths_mg = [2.5,", 'strengths_mg = ["2.5",', "strengths_mg"),
        ("usual_strength_mg = 10", 'usual_strength_mg = "10"', "usual_strength_mg"),
        ('highly_effective = [\n', 'highly_effective = [1,\n', "highly_effective"),
        ('title = "Lenalidomide REMS"', 'title = "Lenalidomide REMS"\nnew = 1', "new"),
        ('title = "Lenalidomide REMS"', "title = ", "edition.toml"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_the_entry_that_is_wrong(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in TEXT
    with pytest.raises(PolicyFileError, match=message):
        load(tmp_path, TEXT.replace(before, after, 1))


def test_editions_follow_each_other_and_may_not_overlap(tmp_path: Path) -> None:
    first = TEXT.replace(
        "effective_from = 2020-01-01", "effective_from = 2020-01-01\neffective_to = 2026-12-31"
    )
    second = TEXT.replace("lenalidomide-2026-01", "lenalidomide-2027-01").replace(
        "effective_from = 2020-01-01", "effective_from = 2027-01-01"
    )
    (tmp_path / "a.toml").write_text(second)
    (tmp_path / "b.toml").write_text(first)
    earlier, later = load_editions(tmp_path)["lenalidomide"]
    assert (earlier.version, later.version) == ("lenalidomide-2026-01", "lenalidomide-2027-01")
    assert later.in_force_from == datetime(2027, 1, 1, 5, tzinfo=UTC)
    assert earlier.in_force_until == later.in_force_from - TICK
    (tmp_path / "a.toml").write_text(second.replace("= 2027-01-01", "= 2020-01-01"))
    with pytest.raises(PolicyFileError, match="same instant"):
        load_editions(tmp_path)
    (tmp_path / "a.toml").write_text(first)
    with pytest.raises(PolicyFileError, match=r"b\.toml\.version"):
        load_editions(tmp_path)
