"""An edition holds what its file says, entry by entry, and refuses what it cannot hold."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.rules.edition import NumberNotGiven, Parameters, Policy
from apps.rules.edition_lines import lines
from apps.rules.policy import (
    POLICY_DIRECTORY,
    NoPolicyInForce,
    PolicyFileError,
    UnknownProgram,
    editions,
    policy_by_version,
    policy_in_force,
    use_policies,
)
from apps.rules.policy import policies as policies_here
from apps.rules.policy_file import load_policy_file
from tests.rules.documents import ZONE
from tests.rules.retinoid import FOLDER

FILES = sorted([*POLICY_DIRECTORY.glob("*.toml"), *FOLDER.glob("*.toml")])
TEXT = (POLICY_DIRECTORY / "lenalidomide.toml").read_text()
NAMES = {"code", "kind", "rule", "choice"}
"""The fields that the place of an entry, or its source, gives where the entry does not."""
LEFT_OUT: tuple[object, ...] = (None, False, (), frozenset())


def plain(value: object) -> object:
    """A value as TOML has it; the order of a set is nobody's."""
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def says(record: Any, entry: Mapping[str, Any]) -> None:
    """The record holds each value of the entry, and nothing that the entry leaves out."""
    names = {field.name for field in fields(record)}
    assert entry.keys() <= names
    for name in names:
        value = getattr(record, name)
        if name in entry:
            said = sorted(entry[name]) if isinstance(value, frozenset) else entry[name]
            assert plain(value) == said, name
        elif name not in NAMES:
            assert value in LEFT_OUT, name
            assert (value is False) is (name in {"unverified", "needs_basis"})
    if "choice" in names:
        assert record.choice is entry["source"].startswith("choice")


def each_says(records: Mapping[str, Any] | Iterable[Any], entries: Any, key: str = "code") -> None:
    by_name = records if isinstance(records, Mapping) else {getattr(r, key): r for r in records}
    said = entries if isinstance(entries, dict) else {entry[key]: entry for entry in entries}
    assert list(by_name) == list(said)
    for name, record in by_name.items():
        says(record, said[name])
        assert {getattr(record, field, name) for field in ("code", "kind")} == {name}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_edition_holds_what_its_file_says_and_nothing_else(path: Path) -> None:
    policy, file = load_policy_file(path), tomllib.loads(path.read_text())
    for name in ("program", "version", "title", "effective_from", "approved_by", "approved_on"):
        assert getattr(policy, name) == file[name]
    assert (policy.file_name, policy.effective_to) == (path.name, file.get("effective_to"))
    assert policy.time_zone == str(policy.calendar.zone) == file["time_zone"]
    assert policy.calendar.day_ends_at == file["day_ends_at"]
    assert policy.overridable == set(file["overridable"])
    for kind in ("highly_effective", "additional", "not_acceptable"):
        assert getattr(policy, kind) == set(file["methods"][kind])
    assert {name: getattr(policy.parameters, name) for name in policy.notes} == {
        name: entry["value"] for name, entry in file["parameters"].items()
    }
    for name, note in policy.notes.items():
        says(note, file["parameters"][name])
        assert note.choice is file["parameters"][name]["source"].startswith("choice")
    each_says(policy.categories, file["categories"])
    each_says(policy.products, file["products"])
    each_says({rule: policy.rules[rule] for rule in file["rules"]}, file["rules"])
    assert all(note.rule == rule for rule, note in policy.rules.items())
    each_says(policy.advisories, file["advisories"])
    each_says({kind: policy.targets[kind] for kind in file["targets"]}, file["targets"])
    each_says(policy.deviations, file["deviations"])
    each_says(policy.follow_up.steps, file["follow_up"]["steps"], "kind")
    for name in ("report_days", "gestation_days", "assumed_conception_days"):
        assert getattr(policy.follow_up, name) == file["follow_up"][name]["value"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reminders_go_by_the_channels_of_the_policy_unless_a_step_has_its_own(path: Path) -> None:
    reminders, file = load_policy_file(path).reminders, tomllib.loads(path.read_text())["reminders"]
    for name in ("quiet_from", "quiet_until", "grace_hours", "longest_quiet_hours"):
        assert getattr(reminders, name) == file[name]
    assert list(reminders.channels) == file["channels"]
    assert reminders.optional == set(file["optional"])
    assert list(reminders.steps) == list(file["kinds"])
    for kind, steps in reminders.steps.items():
        for step, entry in zip(steps, file["kinds"][kind], strict=True):
            says(step, {"channels": file["channels"], **entry})


def edited(tmp_path: Path, before: str, after: str) -> Policy:
    assert before in TEXT
    path = tmp_path / "edition.toml"
    path.write_text(TEXT.replace(before, after, 1))
    return load_policy_file(path)


def test_what_a_file_may_say_besides_is_held(tmp_path: Path) -> None:
    step = '{ to = "administrator", rel'
    own = edited(tmp_path, step, step.replace("rel", 'channels = ["portal"], rel'))
    assert own.reminders.steps["case_follow_up"][-1].channels == ("portal",)
    said = {line.name: line.said for line in lines(own) if line.table == "reminders"}
    assert said["case_follow_up"] == (
        "staff -168 h from due; staff -24 h from due; administrator +0 h from due by portal"
    )
    drafted = edited(tmp_path, "report_days = {", "report_days = { unverified = true,")
    assert drafted.follow_up.report_days == 1
    step_drafted = edited(tmp_path, 'kind = "one_year"', 'kind = "one_year"\nunverified = true')
    assert step_drafted.unverified_numbers == ("follow_up.one_year",)
    ends = edited(tmp_path, "approved_by", "effective_to = 2027-01-31\napproved_by")
    assert {line.said for line in lines(ends) if line.name == "effective_to"} == {"2027-01-31"}


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[rules]", "[rule]", r"edition\.toml\.rules: a table is needed"),
        ("[parameters]", "[numbers]", r"edition\.toml\.parameters: a table is needed"),
        ('title = "Lenalidomide REMS"', "title = 1", r"edition\.toml\.title: a text is needed"),
        ("day_ends_at = 23:59:59.999999", 'day_ends_at = "late"',
         r"day_ends_at: a time such as 14:30:00 is needed"),
        ('overridable = ["L-DSP-5"', 'overridable = ["L-NONE-1"',
         r"edition\.toml\.overridable: names a rule that is not in \[rules\]"),
        ('overridable = ["L-DSP-5"', "overridable = [5",
         "overridable: a list of strings is needed"),
        ("usual_strength_mg = 10", 'usual_strength_mg = "10"',
         r"advisories\[2\]\.usual_strength_mg: a number is needed"),
        ("strengths_mg = [2.5,", "strengths_mg = [true,",
         r"products\[0\]\.strengths_mg: a list of numbers is needed"),
        ("strengths_mg = [2.5, 5, 10, 15, 20, 25]", "strengths_mg = []",
         r"products\[0\]\.strengths_mg: a list of numbers is needed"),
        ('"no_blood_donation"', '"no_blood_transfer"',
         r"promises: some of \['condom_or_abstinence'.*\] are needed"),
        ('patient_survey = "periodic"', 'patient_survey = "sometimes"',
         r"one of \['each', 'later', 'never', 'periodic'\] is needed"),
        ('source = "guide", rule = "L-PT-3"', 'source = "a friend", rule = "L-PT-3"',
         r"recent_test_days\.source: begins with one of \('label',"),
        ('title = "Lenalidomide REMS"', 'title = "Lenalidomide REMS"\nnew = 1\nold = 1',
         r"edition\.toml: unknown entries \['new', 'old'\]"),
        ("first_test_min_days = { value = 10", "first_test_min_days = { value = 15",
         r"parameters\.first_test_min_days: more than first_test_max_days$"),
        ("recent_test_days = { value = 7", "recent_test_days = { value = 8",
         r"parameters\.recent_test_days: more than authorization_days_after_test$"),
        ("first_test_min_days = {", "first_test_min_days = { now = 1,",
         r"first_test_min_days: unknown entries \['now'\]"),
        ("[methods]\n", "[methods]\nmagic = []\n", r"methods: unknown entries \['magic'\]"),
        ('obligations_end = [', 'obligation_ends = [',
         r"reminders\.kinds: missing or unknown: obligation_ends, obligations_end"),
        ("grace_hours = 24", "grace_hours = -1",
         r"^reminders\.grace_hours, longest_quiet_hours: less than none$"),
        ("longest_quiet_hours = 14", "longest_quiet_hours = -1", "less than none"),
        ('{ to = "administrator", rel', '{ to = "patient", rel',
         r"reminders\.kinds\.case_follow_up: never told of it: patient$"),
        ('{ to = "administrator", rel',
         '{ to = "patient", relative_to = "due", hours = 1 }, { to = "pharmacy", rel',
         r"never told of it: patient, pharmacy$"),
        ('{ to = "administrator", rel', '{ to = "administrator", channels = ["fax"], rel',
         r"reminders\.kinds\.case_follow_up: a step without a channel of the policy"),
        ('{ to = "administrator", rel', '{ to = "administrator", channels = [], rel',
         r"case_follow_up: a step without a channel of the policy"),
        ('"opened", hours = 24', '"opened", hours = 0',
         r"targets\.intervention\.hours: more than none is needed"),
        ("shipped_late = {", "sent_late = {",
         r"edition\.toml\.deviations: shipped_late must be named"),
        ('title = "Lenalidomide REMS"', 'title = " "', r"edition\.toml\.title: a text is needed"),
        ("effective_from = 2020-01-01", "effective_from = 2020", "effective_from: a day such as"),
        ('version = "lenalidomide-2026-01"', 'version = "Lenalidomide 2026"',
         r"edition\.toml\.version: a name of at most 60 small letters"),
        ('version = "lenalidomide-2026-01"', f'version = "{"x" * 61}"', "version: a name of at"),
        ('program = "lenalidomide"', f'program = "{"x" * 41}"', "program: a name of at most 40"),
        ('time_zone = "America/New_York"', 'time_zone = "Mars/Base"',
         r"edition\.toml\.time_zone: a zone such as America/New_York is needed"),
        ('time_zone = "America/New_York"', 'time_zone = "../zone"', "time_zone: a zone such as"),
        ("approved_by", "effective_to = 2019-12-31\napproved_by",
         r"edition\.toml\.effective_to: before effective_from$"),
        ("remaining_supply_days = { value = 7", "remaining_supply_days = { value = -1",
         r"remaining_supply_days\.value: a number from 0 to 10000 is needed"),
        ("remaining_supply_days = { value = 7", "remaining_supply_days = { value = 10001",
         r"remaining_supply_days\.value: a number from 0 to 10000 is needed"),
        ("confirmation_hours = { value = 24", "confirmation_hours = { value = 0",
         r"confirmation_hours\.value: a number from 1 to 10000 is needed"),
        ("collection_day_number = { value = 0", "collection_day_number = { value = 2",
         r"collection_day_number\.value: a number from 0 to 1 is needed"),
        ("report_days = { value = 1", "report_days = { value = -1",
         r"report_days\.value: a number from 0 to 10000 is needed"),
        ('remaining_supply_days = { value = 7, unit = "days"',
         'remaining_supply_days = { value = 7, unit = "weeks"',
         r"remaining_supply_days\.unit: one of \['days'\] is needed"),
        ("[deviations]\n", "[deviations]\n[elsewhere]\n",
         r"deviations: dispense_not_eligible, dispense_outside_window, .* must be named$"),
        ('kind = "one_year"', 'kind = "birth"',
         r"edition\.toml\.follow_up\.steps: a kind of step is named twice"),
    ],
)  # fmt: skip
def test_a_file_that_is_refused_says_which_entry_is_wrong_and_how(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    with pytest.raises(PolicyFileError, match=message):
        edited(tmp_path, before, after)


@pytest.mark.parametrize("number", ["grace_hours = 24", "longest_quiet_hours = 14"])
def test_no_hours_at_all_are_hours(tmp_path: Path, number: str) -> None:
    name = number.partition(" ")[0]
    assert getattr(edited(tmp_path, number, f"{name} = 0").reminders, name) == 0


@pytest.mark.parametrize(("number", "limit"), [("7", 0), ("7", 10_000)])
def test_a_number_may_lie_on_its_limit(tmp_path: Path, number: str, limit: int) -> None:
    name = "remaining_supply_days"
    own = edited(tmp_path, f"{name} = {{ value = {number}", f"{name} = {{ value = {limit}")
    assert own.parameters.remaining_supply_days == limit


def test_one_hour_is_a_confirmation_and_one_day_is_an_edition(tmp_path: Path) -> None:
    own = edited(tmp_path, "confirmation_hours = { value = 24", "confirmation_hours = { value = 1")
    assert own.parameters.confirmation_hours == 1
    ends = edited(tmp_path, "approved_by", "effective_to = 2020-01-01\napproved_by")
    assert ends.in_force_from < ends.in_force_until
    named = edited(tmp_path, "lenalidomide-2026-01", "x" * 60)
    assert named.version == "x" * 60


def test_an_edition_takes_over_at_midnight_unless_its_file_says_later(tmp_path: Path) -> None:
    usual = load_policy_file(POLICY_DIRECTORY / "lenalidomide.toml")
    later = edited(tmp_path, "approved_by", "takes_over_at = 14:30:00\napproved_by")
    assert later.in_force_from - usual.in_force_from == timedelta(hours=14, minutes=30)
    said = {line.name: line.said for line in lines(later)}
    assert said["takes_over_at"] == "14:30:00"
    assert "takes_over_at" not in {line.name for line in lines(usual)}


def test_text_that_is_not_utf_8_is_no_policy(tmp_path: Path) -> None:
    path = tmp_path / "edition.toml"
    path.write_bytes(TEXT.encode("utf-16"))
    with pytest.raises(PolicyFileError, match=r"edition\.toml: "):
        load_policy_file(path)


@pytest.mark.parametrize(("day_number", "window"), [(0, (10, 14)), (1, (9, 13))])
def test_the_day_of_collection_may_be_the_first_day_of_every_window(
    tmp_path: Path, day_number: int, window: tuple[int, int]
) -> None:
    """L-PT-1, L-PT-3, L-AUT-4: what is counted from day one ends a day earlier."""
    number = "collection_day_number = { value = 0"
    counted = edited(tmp_path, number, number.replace("0", str(day_number)))
    assert (counted.first_test.first, counted.first_test.last) == window
    for each in (counted.recent_test, counted.authorization_after_test):
        assert (each.first, each.last) == (0, 7 - day_number)


def test_a_usual_strength_may_be_a_fraction(tmp_path: Path) -> None:
    halved = edited(tmp_path, "usual_strength_mg = 10", "usual_strength_mg = 2.5")
    assert 2.5 in [each.usual_strength_mg for each in halved.advisories]


def test_one_hour_is_time_enough_for_a_target(tmp_path: Path) -> None:
    soon = edited(tmp_path, '"opened", hours = 24', '"opened", hours = 1')
    assert soon.targets["intervention"].hours == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_lines_of_an_edition_tell_every_value_of_its_file(path: Path) -> None:
    """What a comparison tells can be no less than what the files say differently."""
    told = list(lines(load_policy_file(path)))
    file = tomllib.loads(path.read_text())
    assert len({(line.table, line.name) for line in told}) == len(told)
    said = {(line.table, line.name): line.said for line in told}
    for name, entry in file["parameters"].items():
        mark = " UNVERIFIED" if entry.get("unverified") else ""
        expected = f"{entry['value']} {entry['unit']} ({entry['source']}; {entry['rule']}){mark}"
        assert said["parameters", name] == expected
    for rule, entry in file["rules"].items():
        mark = " UNVERIFIED" if entry.get("unverified") else ""
        expected = f"title {entry['title']}; source {entry['source']}; owner {entry['owner']}{mark}"
        assert said["rules", rule] == expected
    for kind, entry in file["deviations"].items():
        for key in ("title", "rule", "severity"):
            assert f"{key} {entry[key]}" in said["deviations", kind].split("; ")


def test_the_lines_of_an_edition_are_these() -> None:
    policy = load_policy_file(FOLDER / "retinoid.toml")
    said = {(line.table, line.name): line.said for line in lines(policy)}
    expected = {
        ("edition", "title"): "Retinoid program (tests)",
        ("edition", "effective_from"): "2020-01-01",
        ("edition", "effective_to"): "until another takes over",
        ("edition", "approved_by"): "Nobody: for tests alone",
        ("edition", "approved_on"): "2026-01-05",
        ("edition", "time_zone"): "America/New_York",
        ("edition", "day_ends_at"): "23:59:00",
        ("categories", "can_become_pregnant.adult"): "not said",
        ("categories", "can_become_pregnant.female"): "yes",
        ("categories", "cannot_become_pregnant.female"): "no",
        ("categories", "can_become_pregnant.signers"): "patient, guardian",
        ("categories", "can_become_pregnant.counseling_topics"): "contraception, depression",
        (
            "products",
            "retinoid",
        ): "title Retinoid capsules; strengths mg 10, 20, 30, 40; source label",
        ("targets", "case_follow_up"): "owner staff; relative to due; hours 168; source choice",
        ("methods", "not_acceptable"): "fertility_awareness, withdrawal",
        ("overridable", "rules"): "L-DSP-5",
        ("advisories", "DEPRESSION"): "message Depression is recorded: watch for changes of mood.; "
        "source label; flags depression",
        ("reminders", "channels"): "portal",
        ("reminders", "quiet hours"): "from 21:00:00 until 08:00:00",
        ("reminders", "grace_hours"): "0",
        ("reminders", "longest_quiet_hours"): "12",
        ("reminders", "optional"): "none",
        ("reminders", "first_test_window"): "patient +0 h from opens",
        ("reminders", "supply_ends"): "patient -72 h from due",
        ("follow_up", "gestation_days"): "266",
        (
            "follow_up",
            "birth",
        ): "title Outcome of the birth; relative to birth; days 14; source choice",
    }
    assert {key: said[key] for key in expected} == expected
    assert {name for table, name in said if table == "follow_up"} == {
        "report_days",
        "gestation_days",
        "assumed_conception_days",
        *(step.kind for step in policy.follow_up.steps),
    }
    assert not any(name.endswith(".code") for table, name in said if table == "categories")
    assert {table for table, _ in said} == {
        "edition", "parameters", "categories", "products", "rules", "targets", "deviations",
        "methods", "overridable", "advisories", "reminders", "follow_up",
    }  # fmt: skip


def test_a_program_without_an_edition_is_not_served() -> None:
    before = policies_here()
    with pytest.raises(UnknownProgram, match="aspirin"):
        use_policies(POLICY_DIRECTORY, ["aspirin"])
    assert policies_here() is before


def test_what_is_not_served_or_not_in_force_is_named() -> None:
    assert [each.program for each in editions("lenalidomide")] == ["lenalidomide"]
    with pytest.raises(UnknownProgram, match=r"^aspirin$"):
        editions("aspirin")
    with pytest.raises(NoPolicyInForce, match=r"^lenalidomide at 2019-06-17T16:00:00\+00:00$"):
        policy_in_force("lenalidomide", datetime(2019, 6, 17, 12, tzinfo=ZONE))
    with pytest.raises(NoPolicyInForce, match=r"^lenalidomide-1999-01$"):
        policy_by_version("lenalidomide-1999-01")


def test_numbers_are_those_that_were_given_and_no_others() -> None:
    numbers = Parameters.of({"days_supply_max": 28})
    assert numbers.days_supply_max == 28
    with pytest.raises(NumberNotGiven, match="recent_test_days"):
        _ = numbers.recent_test_days
