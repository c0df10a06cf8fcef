"""The demo's people are as docs/demo.md and the sign-ins promise; telling it twice is once."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from apps.accounts.models import User
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import SYSTEM
from apps.core.models import Operation
from apps.eligibility import deciding, selectors
from apps.eligibility.models import Decision
from apps.eligibility.reconciliation import reconciliation
from apps.eligibility.replaying import without_texts
from apps.evidence.models import CaseStep, Deviation, ExceptionRequest, Intake, PregnancyTest
from apps.oversight import selectors as oversight
from apps.patients.models import (
    CategoryAssignment,
    CategoryChange,
    Patient,
    PatientMerge,
    RiskCategory,
)
from apps.patients.resemblances import undecided_resemblances
from apps.patients.selectors import visible_to
from apps.prescriptions.models import Authorization, Confirmation, Outage, SupplyStop
from apps.providers.models import Pharmacy, Prescriber
from apps.providers.selectors import roles_held
from apps.rules.obligation import Obligation
from apps.rules.policy import policy_in_force
from apps.simulation.cast import PROGRAM
from apps.simulation.lives import LIVES
from apps.simulation.people import PASSWORD, SIGN_INS, STAFF
from apps.simulation.visitors import what_to_try

pytestmark = pytest.mark.usefixtures("demo")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "demo.md"


def printed() -> str:
    output = StringIO()
    call_command("populate_demo", stdout=output)
    return output.getvalue()


def patient(name: str) -> Patient:
    given_name, family_name = name.split(maxsplit=1)
    return Patient.objects.get(given_name=given_name, family_name=family_name)


def obligation(name: str, kind: str) -> Obligation:
    """The one obligation of that kind."""
    plan = selectors.plan_of(SYSTEM, patient(name), PROGRAM)
    assert plan is not None
    (wanted,) = [each for each in plan.obligations if each.kind == kind]
    return wanted


def latest(name: str) -> Authorization:
    return Authorization.objects.filter(patient=patient(name)).latest("issued_at")


def answers(name: str, act: Decision.Act) -> list[tuple[bool, Any]]:
    """Every answer to the question, the oldest first: allowed, and what was not met."""
    asked = Decision.objects.filter(patient=patient(name), act=act).order_by("recorded_at")
    return [(each.allowed, each.document["unmet"]) for each in asked]


def test_who_has_signed_is_not_said_to_have_that_to_try() -> None:
    agreement = patient("Elena Marquez").agreements.get()
    with transaction.atomic():
        assert what_to_try(patient("Elena Marquez")) == "sign the agreement"
        assert "sign" not in what_to_try(patient("Lakshmi Iyer"))
        agreement.patient_signed_at, agreement.patient_date_only = clock.now(), False
        agreement.save(update_fields=["patient_signed_at", "patient_date_only"])
        assert "sign" not in what_to_try(patient("Elena Marquez"))
        transaction.set_rollback(True)


def test_every_life_meets_and_misses_exactly_the_rules_that_it_promises() -> None:
    pages = selectors.outlook(SYSTEM, Patient.objects.values_list("pk", flat=True), PROGRAM)
    shown = {str(life.person): pages[patient(str(life.person)).pk]["unmet"] for life in LIVES}
    assert shown == {str(life.person): list(life.unmet) for life in LIVES}


def test_some_fifty_patients_live_in_all_six_categories() -> None:
    categories = CategoryAssignment.objects.values_list("risk_category", flat=True)
    assert set(categories) == set(RiskCategory.values)
    # Two persons are registered twice: Deborah Klein was merged, Wanjiru Kamau not yet.
    assert Patient.objects.count() - 2 == len(LIVES) >= 50
    assert len({str(life.person) for life in LIVES}) == len(LIVES)


def test_the_table_of_the_document_tells_of_every_patient() -> None:
    rows = [
        f"| {life.person} | `{life.person.risk_category}` | {life.shows} | {life.person.doctor} |"
        for life in LIVES
    ]
    document = DOCUMENT.read_text()
    assert [row for row in rows if row not in document] == []
    assert document.count("\n| ") == len(rows) + 1


def test_every_decision_of_the_story_replays_to_itself() -> None:
    decisions = Decision.objects.select_related("facts")
    assert {decision.act for decision in decisions} == set(Decision.Act.values)
    for decision in decisions:
        # Advisories may differ: some look at the quantity, which is not among the facts.
        again = without_texts(deciding.replay(decision))
        assert again == without_texts(decision.document)


def test_the_story_ends_now() -> None:
    assert clock.offset() == timedelta(0)
    assert Decision.objects.filter(recorded_at__gt=clock.now()).count() == 0


@pytest.mark.parametrize(
    ("name", "kind", "days"),
    [
        ("Thanh Nguyen", "weekly_test", 1),
        ("Yolanda Cruz", "weekly_test", -1),
        ("Amelia Price", "weekly_test", 4),
        ("Naomi Fischer", "four_weekly_test", 14),
        ("Camila Rojas", "two_weekly_test", 6),
        ("Ruth Adeyemi", "supply_ends", 4),
    ],
)
def test_what_is_due_is_due_on_the_day_told(name: str, kind: str, days: int) -> None:
    due_at = obligation(name, kind).due_at
    assert due_at is not None
    calendar = policy_in_force(PROGRAM, clock.now()).calendar
    assert calendar.day(due_at) - calendar.day(clock.now()) == days


def test_the_windows_of_the_tests_are_open_as_told() -> None:
    calendar = policy_in_force(PROGRAM, clock.now()).calendar
    first = obligation("Chloe Bennett", "first_test_window").opens_at
    assert first == calendar.start_of_day(calendar.day(clock.now()))
    second = obligation("Miriam Cohen", "second_test_window")
    assert second.opens_at is not None
    assert second.closes_at is not None
    assert second.opens_at <= clock.now() <= second.closes_at
    later = obligation("Priya Nair", "second_test_window").opens_at
    assert later is not None
    assert later > clock.now()


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("Keisha Brown", "issued"),
        ("Ingrid Larsen", "confirmed"),
        ("Mariam Haidari", "issued"),
        ("Dana Kowalski", "expired"),
        ("Tessa Whitman", "void"),
        ("Olga Ivanova", "issued"),
        ("Grace Nakamura", "dispensed"),
        ("Carmen Ortega", "void"),
        ("Monique Laurent", "void"),
        ("Leila Farouk", "issued"),
        ("Samuel Goldberg", "issued"),
    ],
)
def test_authorizations_are_where_they_are_told_to_be(name: str, state: str) -> None:
    assert latest(name).state == state


def test_confirmations_run_out_expire_and_are_void() -> None:
    running = Confirmation.objects.get(authorization=latest("Ingrid Larsen"))
    assert running.state == "valid"
    left = running.expires_at - clock.now()
    assert timedelta(hours=2) < left < timedelta(hours=3)
    ended = Confirmation.objects.filter(
        authorization__in=[latest("Olga Ivanova"), latest("Monique Laurent")]
    )
    assert sorted(ended.values_list("state", flat=True)) == ["expired", "void"]
    calendar = policy_in_force(PROGRAM, clock.now()).calendar
    assert latest("Mariam Haidari").expires_at == calendar.end_of_day(calendar.day(clock.now()))


def test_pharmacies_were_told_yes_and_no() -> None:
    assert answers("William Tanaka", Decision.Act.VERIFY) == [(False, ["L-DSP-4"]), (True, [])]
    assert answers("Leila Farouk", Decision.Act.CONFIRM)[-1] == (False, ["L-DSP-5"])
    assert answers("Samuel Goldberg", Decision.Act.VERIFY) == [(True, [])]
    assert answers("Kofi Mensah", Decision.Act.AUTHORIZE)[-1] == (False, ["L-ENR-4"])
    lakeside = Pharmacy.objects.get(name__startswith="Lakeside").organization_id
    misses = Event.objects.filter(code="eligibility_check_missed")
    assert [miss.organization_id for miss in misses] == [lakeside] * 3


def test_every_queue_of_the_staff_has_something_to_show_but_what_sweeps_find() -> None:
    (office,) = roles_held(User.objects.get(email=STAFF.email))
    found = oversight.queues(office.actor, program=PROGRAM, now=clock.now())
    empty = {queue.kind for queue in found if not queue.count}
    found_by_sweeps = {"undeliverable_notice", "undeliverable_address", "deviation_major"}
    nobody_was_locked_out = {"failed_sign_ins"}
    assert empty <= found_by_sweeps | nobody_was_locked_out | {"deviation_minor"}


def test_what_the_outage_left_is_one_entry_to_compare_one_deviation_and_one_window() -> None:
    listed = reconciliation(Outage.objects.get(), clock.now())
    on_paper = {patient("Howard Finch").pk, patient("Stefan Brandt").pk}
    assert {entry.patient_id for entry in listed.entries} == on_paper
    assert listed.unchecked == 2
    assert [each.patient_id for each in listed.ran_out] == [patient("Olga Ivanova").pk]
    broken = Deviation.objects.filter(kind="dispense_without_confirmation")
    assert [each.patient_id for each in broken] == [patient("Stefan Brandt").pk]
    in_time = patient("Howard Finch")
    assert not Deviation.objects.filter(patient=in_time).exists()


def test_what_waits_for_a_decision_changes_nothing_yet() -> None:
    assert CategoryChange.objects.get().state == "pending"
    assert ExceptionRequest.objects.filter(state="requested").count() == 1
    assert Intake.objects.get().state == "waiting"
    assert not PregnancyTest.objects.filter(patient=patient("Yolanda Cruz"),
        collected_at__gt=clock.now() - timedelta(days=1)).exists()  # fmt: skip


def test_of_two_records_one_pair_is_merged_and_one_waits() -> None:
    merge = PatientMerge.objects.get()
    assert (str(merge.kept), str(merge.merged)) == ("Deborah Klein", "Deborah Winter")
    (pair,) = undecided_resemblances(SYSTEM)
    names = Patient.objects.filter(pk__in=[pair.patient_id, pair.resembles_id])
    assert sorted(each.family_name for each in names) == ["Kamau", "Mwangi"]


def test_a_case_is_followed_up_and_a_supply_is_lost() -> None:
    done = CaseStep.objects.filter(ended_as="done").values_list("kind", flat=True)
    assert sorted(done) == ["medwatch_report", "specialist_referral"]
    assert SupplyStop.objects.get().dispense.patient == patient("Irma Castellano")


def test_a_colleague_covers_and_sees_the_patients_of_the_practice() -> None:
    covered = latest("Beatriz Almeida")
    assert str(covered.prescriber).startswith("Daniel Reyes")
    assert covered.patient.prescriber.family_name == "Okafor"
    reyes = Prescriber.objects.get(family_name="Reyes")
    assert reyes.user is not None
    (held,) = roles_held(reyes.user)
    assert visible_to(held.actor).filter(pk=covered.patient_id).exists()


def test_parties_stand_where_the_sign_ins_say() -> None:
    standing = dict(Prescriber.objects.values_list("family_name", "state"))
    assert standing == {
        "Okafor": "certified",
        "Reyes": "certified",
        "Zhou": "certified",
        "Hale": "suspended",
        "Nowak": "pending",
    }
    calendar = policy_in_force(PROGRAM, clock.now()).calendar
    today = calendar.day(clock.now())
    days_left = {
        pharmacy.name.split()[0]: max(
            (each.last_day_on.toordinal() - today for each in pharmacy.certifications.all()),
            default=None,
        )
        for pharmacy in Pharmacy.objects.all()
    }
    assert days_left["Lakeside"] == 14
    assert days_left["Northgate"] is None
    assert days_left["Corner"] is not None
    assert days_left["Corner"] > 200


def test_a_second_run_only_prints_the_sign_ins_again() -> None:
    told = Operation.objects.exclude(name="issue_patient_code")  # Patients get new ones each time.
    before = told.count()
    text = printed()
    assert told.count() == before
    assert "/my/enter/" in text
    assert all(sign_in.email in text for sign_in in SIGN_INS)
    assert PASSWORD in text
    assert "Keisha Brown" in text


def test_everybody_of_the_table_can_sign_in_with_the_password() -> None:
    assert User.objects.filter(email__endswith=".example").count() == len(SIGN_INS)
    for sign_in in SIGN_INS:
        assert User.objects.get(email=sign_in.email).check_password(PASSWORD)
    assert not User.objects.get(email=SIGN_INS[0].email).check_password("another password")
