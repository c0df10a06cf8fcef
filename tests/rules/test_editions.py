"""An edition takes over at its first instant: for decisions, patients in the middle, replays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.rules.calendar import LAST_INSTANT
from apps.rules.decision import decide_under, evaluate_document
from apps.rules.facts import InvalidFacts, parse_facts
from apps.rules.policy import (
    POLICY_DIRECTORY,
    NoPolicyInForce,
    Policies,
    PolicyFileError,
    UnknownProgram,
    policies,
    use_policies,
)
from tests.rules.documents import (
    HOUR,
    NOON,
    TICK,
    Document,
    authorize,
    days_before,
    dispense,
    iso,
    negative_test,
    start_of,
)

TEXT = (POLICY_DIRECTORY / "lenalidomide.toml").read_text()
TAKES_OVER_AT = datetime(2026, 7, 1, 4, tzinfo=UTC)
OLD, NEW = "lenalidomide-2026-01", "lenalidomide-2026-07"
STRICTER = {
    OLD: NEW,
    "effective_from = 2020-01-01": "effective_from = 2026-07-01",
    "second_test_hours = { value = 24": "second_test_hours = { value = 12",
    "recent_test_days = { value = 7": "recent_test_days = { value = 5",
    "days_supply_max = { value = 28": "days_supply_max = { value = 21",
}


def write_editions(folder: Path) -> Path:
    """Two editions; nobody touched the first one's file when the second was added."""
    later = TEXT
    for before, after in STRICTER.items():
        assert later.count(before) == 1
        later = later.replace(before, after)
    (folder / "first.toml").write_text(TEXT)
    (folder / "second.toml").write_text(later)
    return folder


@pytest.fixture
def two(tmp_path: Path) -> Policies:
    return Policies(write_editions(tmp_path))


def unmet(document: Document, under: Policies) -> tuple[str, list[str]]:
    decision = evaluate_document(document, under)
    return decision["policy_version"], decision["unmet"]


def test_an_edition_takes_over_at_its_first_instant(two: Policies) -> None:
    """§1: the one before is in force until the microsecond before, whatever its file says."""
    old, new = two.editions("lenalidomide")
    assert old.effective_to is None
    assert old.in_force_until == LAST_INSTANT
    assert new.in_force_from == TAKES_OVER_AT == start_of(TAKES_OVER_AT.date())
    assert two.in_force("lenalidomide", TAKES_OVER_AT - TICK) is old
    assert two.in_force("lenalidomide", TAKES_OVER_AT) is new


def test_a_wrong_edition_is_replaced_on_its_own_first_day(tmp_path: Path) -> None:
    """A later one of the same day takes over at its time; two of one instant are refused."""
    write_editions(tmp_path)
    again = (tmp_path / "second.toml").read_text().replace(NEW, "lenalidomide-2026-07b")
    (tmp_path / "third.toml").write_text(again)
    with pytest.raises(PolicyFileError, match="takes_over_at on that day"):
        Policies(tmp_path)
    first_day = "effective_from = 2026-07-01"
    at_ten = again.replace(first_day, f"{first_day}\ntakes_over_at = 10:00:00")
    (tmp_path / "third.toml").write_text(at_ten)
    three, ten = Policies(tmp_path), TAKES_OVER_AT + 10 * HOUR
    assert three.in_force("lenalidomide", ten - TICK).version == NEW
    assert three.in_force("lenalidomide", ten).version == "lenalidomide-2026-07b"


def test_a_patient_in_the_middle_is_decided_by_the_edition_in_force(two: Policies) -> None:
    """L-PT-2: a second test of 20 hours serves until the stricter edition begins."""
    for as_of, expected in ((TAKES_OVER_AT - TICK, []), (TAKES_OVER_AT, ["L-AUT-5", "L-PT-2"])):
        document = authorize(as_of=as_of)
        document["pregnancy_tests"] = [
            negative_test(days_before(as_of, 12)),
            negative_test(as_of - 20 * HOUR),
        ]
        assert unmet(document, two) == (OLD if as_of < TAKES_OVER_AT else NEW, expected)


def test_an_authorization_of_the_old_edition_is_dispensed_as_the_new_one_says(
    two: Policies,
) -> None:
    """L-PT-3, L-DSP-6: what was authorized is judged by the edition in force at the counter."""
    tests = [negative_test(days_before(TAKES_OVER_AT, 6))]
    before = dispense(path="continuing", as_of=TAKES_OVER_AT - TICK) | {"pregnancy_tests": tests}
    after = dispense(path="continuing", as_of=TAKES_OVER_AT) | {"pregnancy_tests": tests}
    assert before["authorization"]["days_supply"] == 28
    assert unmet(before, two) == (OLD, [])
    assert unmet(after, two) == (NEW, ["L-DSP-6", "L-PT-3"])
    after["prescription"]["days_supply"] = 21
    after["pregnancy_tests"] = [negative_test(days_before(TAKES_OVER_AT, 5))]
    assert unmet(after, two) == (NEW, [])


def test_a_replay_uses_the_recorded_edition(two: Policies) -> None:
    old, new = two.editions("lenalidomide")
    document = authorize(as_of=TAKES_OVER_AT - TICK)
    recorded = evaluate_document(document, two)
    assert decide_under(parse_facts(document, old), old).to_document() == recorded
    again = decide_under(parse_facts(document, new), new).to_document()
    assert (again["policy_version"], again["unmet"]) == (NEW, ["L-AUT-5"])


def test_after_an_edition_that_ended_nothing_is_decided_until_the_next(tmp_path: Path) -> None:
    folder = write_editions(tmp_path)
    (folder / "first.toml").write_text(
        TEXT.replace("approved_by", "effective_to = 2026-06-28\napproved_by", 1)
    )
    gap = Policies(folder)
    ended_at = start_of(datetime(2026, 6, 29).date())  # noqa: DTZ001 - a date
    assert gap.in_force("lenalidomide", ended_at - TICK).version == OLD
    for at in (ended_at, TAKES_OVER_AT - TICK):
        with pytest.raises(NoPolicyInForce):
            gap.in_force("lenalidomide", at)
        with pytest.raises(InvalidFacts) as refusal:
            evaluate_document({**authorize(), "as_of": iso(at)}, gap)
        assert refusal.value.errors[0]["pointer"] == "/as_of"
    assert gap.in_force("lenalidomide", TAKES_OVER_AT).version == NEW


def test_an_edition_ends_with_the_last_instant_of_its_last_day_wherever_deadlines_come(
    tmp_path: Path,
) -> None:
    text = TEXT.replace("day_ends_at = 23:59:59.999999", "day_ends_at = 23:59:00")
    ending = text.replace("approved_by", "effective_to = 2026-06-28\napproved_by", 1)
    (tmp_path / "only.toml").write_text(ending)
    (edition,) = Policies(tmp_path).editions("lenalidomide")
    assert edition.in_force_until == start_of(datetime(2026, 6, 29).date()) - TICK  # noqa: DTZ001


def test_where_deadlines_come_before_midnight_windows_that_touch_are_two(tmp_path: Path) -> None:
    """L-PT-1: in the last minute of the day the first window is over, the next not yet open."""
    text = TEXT.replace("day_ends_at = 23:59:59.999999", "day_ends_at = 23:59:00")
    (tmp_path / "only.toml").write_text(text)
    only = Policies(tmp_path)
    document = authorize()
    document["pregnancy_tests"] += [negative_test(days_before(NOON, days)) for days in (14, 9)]
    del document["pregnancy_tests"][0]

    def first_test() -> Document:
        answers: list[Document] = evaluate_document(document, only)["requirements"]
        return next(each for each in answers if each["rule"] == "L-PT-1")

    assert first_test()["closes_at"] == "2026-06-18T03:59:00Z"
    document["as_of"] = "2026-06-18T03:59:00.000001Z"
    assert (first_test()["met"], first_test()["opens_at"]) == (False, "2026-06-18T04:00:00Z")


@pytest.fixture
def restored() -> Iterator[None]:
    before = policies()
    yield
    use_policies(before.directory, before.programs)


@pytest.mark.usefixtures("restored")
def test_only_the_enabled_programs_are_served_in_the_order_given(tmp_path: Path) -> None:
    served = use_policies(POLICY_DIRECTORY, ["thalidomide", "lenalidomide"])
    assert policies().programs == ("thalidomide", "lenalidomide")
    assert {each.program for each in served.served()} == {"thalidomide", "lenalidomide"}
    with pytest.raises(UnknownProgram):
        served.editions("pomalidomide")
    assert served.by_version("pomalidomide-2026-01").program == "pomalidomide"
    with pytest.raises(UnknownProgram, match="aspirin"):
        use_policies(POLICY_DIRECTORY, ["aspirin"])
    with pytest.raises(PolicyFileError, match="no policy file"):
        use_policies(tmp_path)
    assert policies() is served
