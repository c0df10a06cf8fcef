"""The assessment report counts what happened, day by day of the program's calendar (rules §13)."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock as program_clock
from apps.core.call import Call, Role
from apps.core.errors import InvalidRequest, NotAllowed
from apps.evidence import services as evidence
from apps.oversight import services
from apps.oversight.assessment import Report, assessment
from apps.oversight.assessment.rendering import as_csv, as_document, as_text
from apps.patients.services import Identity
from tests import builders
from tests.builders import PROGRAM, Cast
from tests.oversight import cases

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
# The last day of June ends in New York at four in the morning of July 1, UTC.
JULY = "2026-07-01T04:00:00Z"


def report(call: Call, days: tuple[date, date] = JUNE) -> Report:
    return assessment(
        call.actor, program=PROGRAM, from_on=days[0], last_on=days[1], now=program_clock.now()
    )


def rows(made: Report, code: str) -> dict[Any, tuple[Any, ...]]:
    """The figures of a section by what they count."""
    found = next(each for each in made.sections if each.code == code)
    return {
        found.labels(row)[0] if len(found.labels(row)) == 1 else found.labels(row): row[
            -found.figures :
        ]
        for row in found.rows
    }


@pytest.fixture
def june(clock: time_machine.Traveller, cast: Cast) -> Cast:
    """A month: one woman treated, one refused, one lapse, one case, two deviations."""
    confirmation = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert confirmation is not None
    builders.dispense(cast.dispensing, confirmation)
    patient = confirmation.authorization.patient
    clock.shift(timedelta(days=1))
    other = builders.enroll(
        cast.prescribing, identity=Identity("Olga", "Other", date(1988, 7, 8), "20002")
    )
    assert builders.request(cast.prescribing, other, "adult_frp").authorization is None
    builders.contraception(cast.prescribing, other, lapse=True)
    clock.shift(timedelta(hours=6))
    builders.pregnancy_test(cast.prescribing, other, result="positive")
    evidence.close_pregnancy_case(
        cast.administrator,
        case_id=other.pregnancycase_set.get().pk,
        outcome="not_pregnant",
        reason="Two later tests were negative",
    )
    missed = cases.deviation(patient)
    cases.deviation(patient, "dispense_without_confirmation")
    services.start_review(cast.staff, deviation_id=missed.pk, reason="Calling the practice")
    clock.move_to(JULY)
    return cast


def test_the_report_counts_what_happened_in_the_period(june: Cast) -> None:
    made = report(june.staff)
    enrolled = rows(made, "enrollment")
    assert enrolled["Adult female of reproductive potential"] == (2, 2)
    assert (enrolled["Adult male"], enrolled["All"]) == ((0, 0), (2, 2))
    assert rows(made, "deviations") == {
        ("L-DSP-2", "Dispensed without a confirmation", "Critical", "Open"): (1,),
        ("L-PT-4", "A scheduled pregnancy test was missed", "Major", "Under review"): (1,),
    }
    tests = rows(made, "pregnancy_tests")
    # The first woman's first test was collected in May.
    assert (tests["Negative"], tests["Positive"]) == ((1,), (1,))
    assert tests["Scheduled, missed"] == (1,)
    assert rows(made, "tests_in_window")["L-PT-1", "First pregnancy test"] == (1, 1)
    decisions = rows(made, "decisions")
    assert decisions["Request for an authorization"] == (1, 1)
    assert (decisions["Confirmation"], decisions["Dispense"]) == ((1, 0), (1, 0))
    assert rows(made, "refusals")["L-PT-1", "First test missing"] == (1, 0)
    authorizations = rows(made, "authorizations")
    assert (authorizations["Issued"], authorizations["Of these, now dispensed"]) == ((1,), (1,))
    assert rows(made, "dispenses")["Authorized"] == (1,)
    assert rows(made, "dispenses")["Outside the rules"] == (0,)
    # Opened; closed as not pregnant, ended, lost, unknown; open at the end.
    assert rows(made, "pregnancy_cases")["Patient"] == (1, 1, 0, 0, 0, 0)
    assert rows(made, "pregnancy_cases")["Patient's partner"] == (0, 0, 0, 0, 0, 0)
    assert rows(made, "surveys")["Patients’"] == (1, 0)
    assert rows(made, "certifications")["Certified in the period"] == (1, 1)
    assert rows(made, "certifications")["Certified now"] == (1, 1)


def test_an_intervention_counts_by_cause_with_the_hours_until_it_was_resolved(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, lapse=True)
    intervention = patient.intervention_set.get()
    clock.move_to(JULY)
    (figures,) = rows(report(cast.staff), "interventions").values()
    assert figures == (1, 0, 1, "–", "–")

    clock.move_to(intervention.opened_at + timedelta(days=40, hours=3, minutes=30))
    evidence.resolve_intervention(
        cast.staff,
        intervention_id=intervention.pk,
        conclusion="counseled",
        contacted="The patient",
        outcome="Counseled again",
    )
    july = rows(report(cast.staff, (date(2026, 7, 1), date(2026, 7, 11))), "interventions")
    assert list(july.values()) == [(0, 1, 0, 963.5, 963.5)]
    # In June it was open at the end, whatever came of it later.
    assert list(rows(report(cast.staff), "interventions").values()) == [(1, 0, 1, "–", "–")]


def test_a_period_ends_with_the_last_instant_of_its_last_day_in_the_programs_zone(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    clock.move_to(JULY)
    midnight = program_clock.now()
    cases.deviation(patient, occurred_at=midnight - timedelta(microseconds=1), occurrence="June")
    cases.deviation(patient, occurred_at=midnight, occurrence="July")
    assert sum(count for (count,) in rows(report(cast.staff), "deviations").values()) == 1
    first_of_july = (date(2026, 7, 1), date(2026, 7, 1))
    july = rows(report(cast.staff, first_of_july), "deviations")
    assert sum(count for (count,) in july.values()) == 1


def test_nobody_is_counted_in_a_period_before_the_program_began(june: Cast) -> None:
    made = report(june.staff, (date(2025, 1, 1), date(2025, 12, 31)))
    assert rows(made, "enrollment")["All"] == (0, 0)
    assert rows(made, "deviations") == {}
    assert rows(made, "refusals") == {}


@pytest.mark.parametrize(
    ("days", "message"),
    [
        ((date(2026, 6, 30), date(2026, 6, 1)), "2026-06-30 or a later day"),
        ((date(2026, 6, 1), date(2026, 7, 2)), "2026-07-01 or an earlier day"),
    ],
)
def test_days_that_make_no_period_are_refused(
    june: Cast, days: tuple[date, date], message: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        report(june.staff, days)
    assert message in refused.value.fields["last_on"]


def test_the_report_is_the_offices_alone(june: Cast) -> None:
    auditor = builders.office_member(Role.AUDITOR, "auditor@program.example")
    assert report(auditor) == report(june.administrator)
    for call in (june.prescribing, june.dispensing):
        with pytest.raises(NotAllowed):
            report(call)


def test_the_report_takes_the_same_statements_however_much_happened(june: Cast) -> None:
    with CaptureQueriesContext(connection) as few:
        report(june.staff, (date(2025, 1, 1), date(2025, 1, 2)))
    with CaptureQueriesContext(connection) as many:
        report(june.staff)
    assert len(few) == len(many) <= 5


def test_the_report_names_nobody(june: Cast) -> None:
    made = report(june.staff)
    for text in (as_text(made), as_csv(made), json.dumps(as_document(made))):
        assert not [name for name in ("Fiona", "Synthetic", "Olga", "Paula") if name in text]


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("assessment_report", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_report_as_text_json_and_csv(june: Cast) -> None:
    days = ("--from=2026-06-01", "--until=2026-06-30")
    text = run(*days)
    assert "2026-06-01 to 2026-06-30, both included (America/New_York)" in text
    assert "Deviations by rule, kind, severity and state\n----" in text

    document = json.loads(run(*days, "--format=json"))
    by_code = {section["code"]: section for section in document["sections"]}
    assert by_code["enrollment"]["rows"][-1]["Enrolled in the period"] == 2

    lines = list(csv.DictReader(io.StringIO(run(*days, "--format=csv"))))
    (enrolled,) = [
        line
        for line in lines
        if (line["section"], line["item"], line["figure"])
        == ("enrollment", "All", "Enrolled in the period")
    ]
    assert enrolled["value"] == "2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from=2026-06-30", "--until=2026-06-01"), "or a later day"),
        (("--from=2026-06-01", "--until=2026-06-31"), "a day that exists"),
        (("--from=June", "--until=2026-06-30"), "--from June"),
        (("--from=2026-06-01", "--until=2099-01-01"), "or an earlier day"),
        (("--from=2026-06-01",), "--until"),
        (("--from=2026-06-01", "--until=2026-06-02", "--format=pdf"), "invalid choice"),
    ],
)
def test_the_command_refuses_a_nonsense_period(
    june: Cast, arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)
