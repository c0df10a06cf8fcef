"""The dated plan of a patient, and every decision again: as selectors, API and commands."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import Event
from apps.core import clock
from apps.core.errors import InvalidRequest, NotFound
from apps.eligibility import replaying, selectors
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.rules.what_if import HORIZON_DAYS, Assumptions
from tests import builders
from tests.eligibility.test_keeping import everything_happens
from tests.rules.documents import authorize

pytestmark = pytest.mark.django_db


def said(*command: str, **options: Any) -> str:
    """What a command prints."""
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def test_a_plan_is_the_actors_to_see_and_changes_nothing(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_frp")
    before = Decision.objects.count()
    made = selectors.authorization_plan(
        cast.prescribing.actor, patient.pk, builders.PROGRAM, Assumptions()
    )
    assert made.possible_from is not None
    assert Decision.objects.count() == before
    with pytest.raises(NotFound):
        selectors.authorization_plan(
            cast.dispensing.actor, patient.pk, builders.PROGRAM, Assumptions()
        )


def test_no_plan_promises_a_day_to_whom_nothing_is_authorized_before_something_else_is_done(
    cast: builders.Cast,
) -> None:
    """L-END-1, L-END-3: the request itself would be refused."""
    patient = builders.enroll(cast.prescribing, "adult_frp")
    said_so: dict[str, Any] = {
        "happened_on": builders.program_day(clock.now()),
        "reason": "x",
        "said_by": "y",
    }
    for end, rule in (
        (evidence.discontinue_therapy, "L-END-1"),
        (evidence.record_death, "L-END-3"),
    ):
        program: dict[str, Any] = {} if rule == "L-END-3" else {"program": builders.PROGRAM}
        end(cast.prescribing, patient_id=patient.pk, **said_so, **program)
        made = selectors.authorization_plan(
            cast.prescribing.actor, patient.pk, builders.PROGRAM, Assumptions()
        )
        assert (made.possible_from, made.steps) == (None, ())
        assert [each.rule for each in made.obstacles] == [rule]
    assert "death is on record" in said("what_if", "--patient", str(patient.pk))


def test_a_plan_that_begins_beyond_its_horizon_is_refused(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_frp")
    late = builders.today() + timedelta(days=HORIZON_DAYS + 2)
    with pytest.raises(InvalidRequest) as refused:
        selectors.authorization_plan(
            cast.prescribing.actor, patient.pk, builders.PROGRAM, Assumptions(first_test_on=late)
        )
    assert set(refused.value.fields) == {"first_test_on"}


def test_the_command_prints_a_dated_plan_and_leaves_an_access_event(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_frp")
    text = said("what_if", "--patient", str(patient.pk))
    assert "An authorization is possible" in text
    assert "first pregnancy test" in text
    assert Event.objects.filter(code="authorization_planned", patient_id=patient.pk).count() == 1


def test_what_a_plan_prints_is_in_order_of_time_and_says_whose_days_they_are(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_frp")
    lines = said("what_if", "--patient", str(patient.pk)).splitlines()
    begun = next(n for n, line in enumerate(lines) if line.startswith("To be done for a request"))
    steps = lines[begun + 1 : lines.index("", begun + 1)]
    assert len({line.index("patient") for line in steps if "  patient  " in line}) == 1
    first_test = next(n for n, line in enumerate(steps) if "first pregnancy test" in line)
    second_test = next(n for n, line in enumerate(steps) if "before the request" in line)
    assert first_test < second_test
    assert "(America/New_York)" in lines[-1]


def test_the_command_plans_for_a_facts_document_and_prints_json(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(authorize("adult_male")))
    made = json.loads(said("what_if", "--facts", str(file), "--json"))
    assert made["possible_from"] == "2026-06-17"
    file.write_text("{")
    with pytest.raises(CommandError, match="no valid facts"):
        said("what_if", "--facts", str(file))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--patient", "nobody"], "not a patient's id"),
        (["--patient", str(uuid4())], "There is no patient"),
        (["--patient", str(uuid4()), "--first-test-on", "soon"], "--first-test-on soon: write"),
        (["--facts", "/nowhere.json"], "Cannot read"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        said("what_if", *arguments)


def test_every_decision_replays_by_one_command(cast: builders.Cast) -> None:
    everything_happens(cast)
    count = Decision.objects.count()
    assert said("replay") == f"{count} decisions replayed; every one gives the same answer.\n"
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert said("replay", "--since", tomorrow).startswith("No decision was recorded")


def test_a_decision_that_differs_is_named_with_what_differs(cast: builders.Cast) -> None:
    everything_happens(cast)
    decision = Decision.objects.filter(act="verify", allowed=True).earliest("recorded_at")
    altered = {**decision.document, "path": "continuing"}
    altered["requirements"] = [
        {**requirement, "reason": "OTHER"} if requirement["rule"] == "L-ENR-1" else requirement
        for requirement in altered["requirements"]
    ]
    assert replaying.difference(Decision(facts=decision.facts, document=altered,
        policy_version=decision.policy_version)) == (
        "path was 'continuing' and is 'initiation' now, requirements L-ENR-1"
    )  # fmt: skip
    only_texts = {**decision.document, "next_actions": [], "advisories": []}
    assert not replaying.difference(Decision(facts=decision.facts, document=only_texts,
        policy_version=decision.policy_version))  # fmt: skip
    gone = Decision(facts=decision.facts, document=altered, policy_version="lenalidomide-0")
    assert "lenalidomide-0 is not among the policy files" in replaying.difference(gone)


def test_the_command_ends_with_1_when_a_decision_differs(cast: builders.Cast) -> None:
    everything_happens(cast)
    decision = Decision.objects.filter(act="verify", allowed=True).earliest("recorded_at")
    altered = Decision.objects.get(pk=decision.pk)
    altered.pk, altered.document = uuid4(), {**decision.document, "path": "continuing"}
    altered.save(force_insert=True)
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("replay", stdout=out, stderr=StringIO())
    assert ended.value.code == 1
    assert str(altered.pk) in out.getvalue()
    assert str(decision.pk) not in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "yesterday"], "write a day like"),
        (["--since", "2026-02-30"], "write a day like"),
        (["--since", "2026-03-02", "--until", "2026-03-01"], "must lie after"),
    ],
)
def test_replaying_from_nonsense_is_refused(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        said("replay", *arguments)
