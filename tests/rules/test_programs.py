"""The programs of the package: what their files must say, and what comparing two of them tells."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from apps.rules.decision import evaluate_document
from apps.rules.documents import document as text_of
from apps.rules.edition import NUMBERS_OF, Policy
from apps.rules.edition_lines import Change, changes, lines
from apps.rules.policy import POLICY_DIRECTORY, Policies, policies, use_policies
from apps.rules.policy_file import load_policy_file
from apps.rules.policy_table import SOURCES
from apps.rules.reasons import REASONS_OF
from tests.rules.documents import CATEGORIES, Document, authorize, dispense

ALL = Policies(POLICY_DIRECTORY)
OF_TESTS = Policies(Path(__file__).parent / "data" / "second_program" / "policies")
EDITIONS = (*ALL.everything(), *OF_TESTS.everything())
DRAFTS = ("pomalidomide", "thalidomide")
LENALIDOMIDE = ALL.editions("lenalidomide")[0]


def of_program(document: Document, program: str) -> Document:
    """The same facts about another drug, at a strength that it has."""
    strength = ALL.editions(program)[0].products[program].strengths_mg[0]
    for name in ("request", "authorization", "prescription"):
        if name in document:
            document[name] |= {"product": program, "strength_mg": strength}
    return {**document, "program": program}


@pytest.mark.parametrize("program", DRAFTS)
@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("path", ["initiation", "continuing"])
def test_the_engine_runs_each_drug_of_the_family(program: str, category: str, path: str) -> None:
    for make in (authorize, dispense):
        decision = evaluate_document(of_program(make(category, path), program), ALL)
        assert decision["unmet"] == []
        assert decision["policy_version"] == f"{program}-2026-01"


@pytest.mark.parametrize("program", DRAFTS)
def test_the_strengths_of_one_drug_are_not_those_of_another(program: str) -> None:
    document = of_program(authorize(), program)
    document["request"]["strength_mg"] = 2.5
    assert evaluate_document(document, ALL)["unmet"] == ["L-AUT-5"]


@pytest.mark.parametrize("program", DRAFTS)
def test_each_drug_has_its_own_texts_of_the_same_kinds(program: str) -> None:
    before = policies()
    use_policies(POLICY_DIRECTORY)
    try:
        for kind in ("agreement", "patient_survey", "prescriber_survey", "checklist"):
            text, model = text_of(program, kind), text_of("lenalidomide", kind)
            assert text.codes == model.codes
            assert text.version.startswith(program)
            assert not any("lenalidomide" in item.text.lower() for item in text.items)
    finally:
        use_policies(before.directory, before.programs)


@pytest.mark.parametrize(
    ("program", "kind"),
    [("aspirin", "agreement"), ("lenalidomide", "poem"), ("../policies/lenalidomide", "agreement")],
)
def test_a_text_that_is_not_there_is_not_made_up(program: str, kind: str) -> None:
    with pytest.raises(LookupError, match="no document"):
        text_of(program, kind)


def test_drafts_say_what_nobody_has_checked_and_lenalidomide_has_nothing_left() -> None:
    assert LENALIDOMIDE.unverified_numbers == ()
    assert LENALIDOMIDE.marked_title == LENALIDOMIDE.title
    for program in DRAFTS:
        (edition,) = ALL.editions(program)
        assert "parameters.recent_test_days" in edition.unverified_numbers
        assert f"products.{program}" in edition.unverified_numbers
        assert edition.marked_title.endswith("(unverified numbers)")
        for name, note in edition.notes.items():
            assert note.unverified or note.choice or "FDA's summary page" in note.source, name


# --- Lint ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", EDITIONS, ids=lambda policy: policy.version)
def test_every_entry_with_a_number_has_unit_source_and_rule(policy: Policy) -> None:
    for note in policy.notes.values():
        assert note.unit
        assert note.source.startswith(SOURCES)
        assert re.fullmatch(r"L-[A-Z]+-\d+", note.rule)
        assert note.value >= 0
    sourced: list[Any] = [
        *policy.categories.values(), *policy.products.values(), *policy.rules.values(),
        *policy.advisories, *policy.targets.values(), *policy.deviations.values(),
        *policy.follow_up.steps,
    ]  # fmt: skip
    assert all(each.source.startswith(SOURCES) for each in sourced)


@pytest.mark.parametrize("policy", EDITIONS, ids=lambda policy: policy.version)
def test_an_edition_holds_together(policy: Policy) -> None:
    methods = [*policy.highly_effective, *policy.additional, *policy.not_acceptable]
    assert len(methods) == len(set(methods))
    assert policy.rules.keys() <= REASONS_OF.keys()
    assert {rule for rule in NUMBERS_OF.values() if rule in policy.rules} == {
        NUMBERS_OF[name] for name in policy.notes if name in NUMBERS_OF
    }
    assert policy.approved_by
    assert max(Counter(each.code for each in policy.advisories).values()) == 1
    assert all(category.signers for category in policy.categories.values())
    assert {category.pregnancy_path for category in policy.categories.values()} == {True, False}
    assert all(category.female for category in policy.categories.values() if category.needs_basis)


# --- Reading and comparing ------------------------------------------------------------------------


def test_an_edition_says_the_same_as_itself_and_each_statement_once() -> None:
    assert changes(LENALIDOMIDE, LENALIDOMIDE) == []
    names = [(line.table, line.name) for line in lines(LENALIDOMIDE)]
    assert len(names) == len(set(names))
    assert all(line.said for line in lines(LENALIDOMIDE))


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("second_test_hours = { value = 24", "second_test_hours = { value = 12",
         Change("parameters", "second_test_hours",
                "24 hours (label 5.1; L-PT-2)", "12 hours (label 5.1; L-PT-2)")),
        ('patient_survey = "periodic"', 'patient_survey = "each"',
         Change("categories", "adult_fnrp.patient_survey", "periodic", "each")),
        ("strengths_mg = [2.5, 5,", "strengths_mg = [5,",
         Change("products", "lenalidomide",
                "title Lenalidomide capsules; strengths mg 2.5, 5, 10, 15, 20, 25; source seed",
                "title Lenalidomide capsules; strengths mg 5, 10, 15, 20, 25; source seed")),
        ('"male_condom", "diaphragm"', '"diaphragm"',
         Change("methods", "additional", "cervical_cap, diaphragm, male_condom",
                "cervical_cap, diaphragm")),
        ('"L-DSP-5", "L-ENR-4"', '"L-DSP-5"',
         Change("overridable", "rules", "L-DSP-5, L-ENR-4, L-SUR-2", "L-DSP-5, L-SUR-2")),
        ("day_ends_at = 23:59:59.999999", "day_ends_at = 23:59:00",
         Change("edition", "day_ends_at", "23:59:59.999999", "23:59:00")),
        ("quiet_from = 21:00:00", "quiet_from = 20:00:00",
         Change("reminders", "quiet hours",
                "from 21:00:00 until 08:00:00", "from 20:00:00 until 08:00:00")),
        ("gestation_days = { value = 266", "gestation_days = { value = 280",
         Change("follow_up", "gestation_days", "266", "280")),
    ],
    ids=lambda value: value.name if isinstance(value, Change) else "",
)  # fmt: skip
def test_a_comparison_tells_what_changed_and_nothing_else(
    tmp_path: Path, before: str, after: str, change: Change
) -> None:
    text = (POLICY_DIRECTORY / "lenalidomide.toml").read_text()
    assert text.count(before) == 1
    path = tmp_path / "edition.toml"
    path.write_text(text.replace(before, after))
    assert changes(LENALIDOMIDE, load_policy_file(path)) == [change]


def test_a_comparison_tells_what_only_one_of_them_says() -> None:
    found = {
        (each.table, each.name): each for each in changes(LENALIDOMIDE, OF_TESTS.everything()[0])
    }
    wait = found["parameters", "missed_window_wait_days"]
    assert (wait.before, wait.after) == (None, "19 days (REMS; L-WIN-1)")
    gone = found["parameters", "first_test_min_days"]
    assert (gone.before, gone.after) == ("10 days (label 5.1; L-PT-1)", None)
