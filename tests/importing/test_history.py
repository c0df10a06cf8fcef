"""What came in with its history is decided upon like the same life entered by commands."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from apps.core import clock
from apps.eligibility import deciding, facts
from apps.evidence.models import PregnancyTest, SurveyUse
from apps.importing.reading import Problem
from apps.importing.services import Outcome, import_all
from apps.patients.models import Agreement, Patient
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.rules.policy import policy_in_force
from tests import builders
from tests.importing import files
from tests.importing.files import DAY, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def take_in(
    cast: builders.Cast, folder: Path, lines: dict[str, list[Any]], **options: Any
) -> list[Outcome]:
    files.write(folder, lines)
    options = {"rehearse": False, **options}
    return list(import_all(cast.administrator, folder, "elsewhere", **options))


def problems(outcomes: list[Outcome]) -> list[Problem]:
    return [problem for outcome in outcomes for problem in outcome.problems]


def decision_on(patient: Patient) -> dict[str, Any]:
    now = clock.now()
    document = facts.for_authorize([patient.pk], program=builders.PROGRAM, now=now)[patient.pk]
    document["request"] = {
        "product": "lenalidomide",
        "strength_mg": 25,
        "days_supply": 28,
        "indication": None,
        "prescriber_survey": {"completed_at": now.isoformat(), "risk_category": "adult_frp"},
    }
    return deciding.ask(document, policy_in_force(builders.PROGRAM, now))


def lived(cast: builders.Cast, began: datetime) -> Patient:
    """The life of files.woman_in_therapy, entered by commands as it went on."""
    with time_machine.travel(began - 40 * DAY, tick=False):
        patient = builders.enroll(cast.prescribing)
    with time_machine.travel(began - timedelta(hours=2), tick=True):
        call = cast.prescribing
        builders.contraception(call, patient, since=(began - 60 * DAY).date())
        builders.negative_test(call, patient, ago=11 * DAY - timedelta(hours=2))
        builders.negative_test(call, patient, ago=timedelta(hours=1))
        builders.prepare(call, patient, "adult_frp")
    with time_machine.travel(began - timedelta(hours=1), tick=True):
        authorization = builders.request(cast.prescribing, patient, "adult_frp").authorization
        assert authorization is not None
        confirmation = builders.confirm(cast.dispensing, authorization).confirmation
        assert confirmation is not None
    with time_machine.travel(began, tick=False):
        builders.dispense(cast.dispensing, confirmation)
    for days in (7, 14, 21):
        with time_machine.travel(began + days * DAY, tick=False):
            builders.negative_test(cast.prescribing, patient)
    return patient


def test_a_woman_in_therapy_continues_as_if_her_life_had_been_entered_here(
    cast: builders.Cast, tmp_path: Path
) -> None:
    began = NOW - 24 * DAY
    with time_machine.travel(began - 50 * DAY, tick=True):
        early = builders.certified_prescriber(cast.administrator, serial=9)
        pharmacy = builders.certified_pharmacy(cast.administrator, serial=9)
        early_cast = builders.Cast(
            administrator=cast.administrator,
            staff=cast.staff,
            prescriber=early,
            prescribing=builders.prescribing_call(early),
            pharmacy=pharmacy,
            dispensing=builders.pharmacist_call(cast.administrator, pharmacy),
        )
    entered = lived(early_cast, began)
    lines = files.together(files.parties(), files.woman_in_therapy("W1", began))
    assert problems(take_in(cast, tmp_path, lines)) == []
    imported = Patient.objects.get(given_name="WandaW1")
    for patient, call in (
        (entered, early_cast.prescribing),
        (imported, builders.prescribing_call(imported.prescriber)),
    ):
        builders.negative_test(call, patient)
        builders.counseling(call, patient)
        builders.survey(call, patient, "adult_frp")
        builders.contraception(call, patient)
    here, there = decision_on(entered), decision_on(imported)
    assert there["path"] == here["path"] == "continuing"
    assert there["unmet"] == here["unmet"]
    assert there["allowed"] is here["allowed"] is True


def test_each_dispense_within_the_rules_rests_on_its_authorization_and_confirmation(
    cast: builders.Cast, tmp_path: Path
) -> None:
    began = NOW - 24 * DAY
    take_in(cast, tmp_path, files.together(files.parties(), files.woman_in_therapy("W1", began)))
    made = Dispense.objects.get()
    assert made.authorized
    assert made.dispensed_at == made.recorded_at == began
    assert made.authorization is not None
    assert made.confirmation is not None
    assert made.authorization.state == Authorization.State.DISPENSED
    assert made.confirmation.state == Confirmation.State.DISPENSED
    assert SurveyUse.objects.get().authorization == made.authorization
    calendar = policy_in_force(builders.PROGRAM, NOW).calendar
    tested_on = calendar.day(began - timedelta(hours=3))
    assert made.authorization.expires_at == calendar.end_of_day(tested_on + 7)


def test_a_man_needs_no_test(cast: builders.Cast, tmp_path: Path) -> None:
    registered = NOW - 90 * DAY
    man = {"risk_category": "adult_male"}
    lines = {
        "patients": [files.person("M1", registered, **man)],
        "agreements": [files.agreement("M1", registered.isoformat(), **man)],
        "dispenses": [files.dispense("M1", NOW - 30 * DAY, **man)],
    }
    assert problems(take_in(cast, tmp_path, files.together(files.parties(), lines))) == []
    made = Dispense.objects.get()
    assert made.authorized
    assert not SurveyUse.objects.exists()


def test_a_mere_date_takes_its_least_favorable_instant(  # L-SRC-2
    cast: builders.Cast, tmp_path: Path
) -> None:
    lines = files.woman_in_therapy("D1", NOW - 24 * DAY)
    lines["agreements"] = [files.agreement("D1", "2026-04-01")]
    lines["pregnancy_tests"].append(files.negative("D1", "2026-05-01"))
    other = {"within_rules": "no", "dispensed_at": "2026-04-20", "days_supply": 14}
    first = [files.dispense("D1", NOW, **other) for _ in range(2)]
    lines["dispenses"] = first + lines["dispenses"]
    assert problems(take_in(cast, tmp_path, files.together(files.parties(), lines))) == []
    midnight = datetime(2026, 5, 1, 4, tzinfo=UTC)
    assert PregnancyTest.objects.get(date_only=True).collected_at == midnight
    agreement = Agreement.objects.get()
    assert agreement.patient_date_only
    assert agreement.patient_signed_at == datetime(2026, 4, 1, 4, tzinfo=UTC)
    early = Dispense.objects.filter(only_day_is_known=True).order_by("dispensed_at")
    assert [each.dispensed_at.minute for each in early] == [0, 1]
    assert not any(each.authorized for each in early)


def test_what_is_still_open_is_on_somebodys_list(cast: builders.Cast, tmp_path: Path) -> None:
    lines = files.woman_in_therapy("C1", NOW - 24 * DAY)
    lines["pregnancy_tests"].append(
        files.negative("C1", (NOW - DAY).isoformat(), result="positive")
    )
    alone = problems(take_in(cast, tmp_path, files.together(files.parties(), lines)))
    assert [problem.column for problem in alone] == ["result"]
    case = {
        "patient": "C1",
        "subject": "patient",
        "reported_at": (NOW - DAY).isoformat(),
        "source": "The laboratory",
    }
    lines["pregnancy_cases"] = [case]
    assert problems(take_in(cast, tmp_path, lines)) == []
    patient = Patient.objects.get(given_name="WandaC1")
    assert patient.pregnancycase_set.get().steps.filter(ended_at__isnull=True).exists()
    assert not decision_on(patient)["allowed"]


@pytest.mark.parametrize(
    ("file", "cells", "column"),
    [
        ("dispenses", {"prescriber_npi": builders.npi(9)}, "prescriber_npi"),
        ("dispenses", {"pharmacy_npi": builders.npi(9)}, "pharmacy_npi"),
        ("dispenses", {"lot_number": ""}, "lot_number"),
        ("dispenses", {"confirmed_at": "2026-01-01T12:00:00+00:00"}, "confirmed_at"),
        ("dispenses", {"dispensed_at": "2026-06-05"}, "dispensed_at"),
        ("dispenses", {"days_supply": 29}, "days_supply"),
        ("dispenses", {"stopped_on": date(2026, 6, 20)}, "stop_kind"),
        ("dispenses", {"program": "aspirin"}, "program"),
        ("dispenses", {"product": "aspirin"}, "product"),
        ("dispenses", {"strength_mg": "7"}, "strength_mg"),
        ("dispenses", {"authorized_at": "2019-06-05T15:00:00+00:00"}, "authorized_at"),
        ("dispenses", {"quantity": "10000"}, "quantity"),
        ("dispenses", {"strength_mg": "1e400"}, "strength_mg"),
        ("pregnancy_tests", {"collected_at": "9999-12-31T23:00:00-05:00"}, "collected_at"),
        ("obligations", {"attested_at": "0001-01-01"}, "attested_at"),
        ("patients", {"prescriber_npi": builders.npi(9)}, "prescriber_npi"),
        ("patients", {"risk_category": "child_frp"}, "risk_category"),
        ("patients", {"born_on": "yesterday"}, "born_on"),
        ("patients", {"email": "a@b@c"}, "email"),
        ("obligations", {"attested_at": "1950-01-01"}, "attested_at"),
        ("patients", {"registered_at": "2027-01-01"}, "registered_at"),
        ("agreements", {"signer": "guardian"}, "signer"),
        ("agreements", {"program": "aspirin"}, "program"),
        ("contraception", {"methods": "hope"}, "methods"),
        ("patient_surveys", {"at_risk": "yes"}, "at_risk"),
        ("pregnancy_tests", {"resulted_at": "2026-01-01T12:00:00+00:00"}, "resulted_at"),
    ],
)
def test_a_refused_person_leaves_nothing_and_the_place_is_named(
    cast: builders.Cast, tmp_path: Path, file: str, cells: dict[str, Any], column: str
) -> None:
    lines = files.woman_in_therapy("R1", NOW - 24 * DAY)
    lines[file][0].update(cells)
    found = problems(take_in(cast, tmp_path, files.together(files.parties(), lines)))
    assert column in {problem.column for problem in found}
    assert {problem.file for problem in found} == {f"{file}.csv"}
    assert found[0].line > 1
    assert not Patient.objects.exists()
    assert not Authorization.objects.exists()


def test_what_only_the_database_refuses_is_said_by_its_constraint(
    cast: builders.Cast, tmp_path: Path
) -> None:
    lines = files.woman_in_therapy("X1", NOW - 24 * DAY)
    lines["health_statuses"] *= 2
    (problem,) = problems(take_in(cast, tmp_path, files.together(files.parties(), lines)))
    assert "health_one_at_an_instant" in problem.message
    assert not Patient.objects.exists()


def test_who_resembles_a_registered_patient_waits_for_a_decision(  # L-PAT-1
    cast: builders.Cast, tmp_path: Path
) -> None:
    registered = builders.enroll(cast.prescribing)
    alike = files.person(
        "Q1",
        NOW - 9 * DAY,
        given_name=registered.given_name,
        family_name=registered.family_name,
        born_on=registered.born_on,
    )
    lines = files.together(files.parties(), {"patients": [alike]})
    (problem,) = problems(take_in(cast, tmp_path, lines))
    assert problem.column == "not_same_as"
    assert str(registered.pk) in problem.message
    assert registered.family_name not in problem.message
    alike["not_same_as"] = registered.pk
    assert problems(take_in(cast, tmp_path, lines)) == []
    added = Patient.objects.exclude(pk=registered.pk).get()
    assert added.not_duplicate_of.get().resembles == registered
