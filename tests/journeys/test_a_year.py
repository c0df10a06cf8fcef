"""One woman's year through the API: every turn of the program's rules, day by day.

Each chapter goes on where the one before ended; one database keeps all of it.
"""

from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command

from apps.api import urls
from apps.core.call import Role
from tests.journeys import parties
from tests.journeys.fiona import BORN_ON, CATEGORY, Year, noon, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def year() -> Iterator[Year]:
    """June 1, 2026: two practices and two pharmacies are certified; nobody is enrolled yet."""
    with time_machine.travel(noon("2026-06-01"), tick=False) as travel:
        administrator = parties.office(Role.ADMINISTRATOR)
        pharmacy, entry = parties.pharmacy(administrator, 1)
        other_pharmacy, _ = parties.pharmacy(administrator, 2)
        yield Year(
            move_clock=travel.move_to,
            administrator=administrator,
            staff=parties.office(Role.STAFF),
            practice=parties.practice(administrator, 1),
            other_practice=parties.practice(administrator, 2),
            pharmacy=pharmacy,
            other_pharmacy=other_pharmacy,
            pharmacy_entry=entry,
        )


def test_a_year_of_one_woman(year: Year) -> None:
    her_first_supply_comes_on_the_day_that_the_plan_says(year)
    her_second_supply_waits_until_seven_days_are_left(year)
    a_lapse_in_her_survey_starts_her_anew(year)
    a_false_positive_holds_her_until_an_administrator_closes_the_case(year)
    a_break_of_more_than_28_days_makes_her_begin_again(year)
    a_lost_bottle_makes_room_for_an_early_supply_but_a_second_loss_needs_staff(year)
    a_pregnancy_stops_everything_until_it_has_ended(year)
    her_treatment_ends_and_her_obligations_outlive_it(year)
    she_enrolls_again(year)
    every_decision_replays()
    nothing_of_her_shows_elsewhere(year)


def her_first_supply_comes_on_the_day_that_the_plan_says(year: Year) -> None:
    """L-CON-2, L-PT-1, L-PT-2, L-AUT-4: four weeks, two tests, then yes."""
    # Given: on June 1 she enrolls, and uses two methods from that day on.
    year.she_enrolls()
    year.she_takes_up_two_methods(since="2026-06-01")
    # Then: there is no authorization yet, and the program says what is missing.
    year.authorization_is_refused_for(
        {
            "L-CON-2": "2026-06-29",
            "L-CON-6": None,
            "L-PT-1": "2026-06-11",
            "L-PT-2": None,
            "L-SUR-2": None,
            "L-SUR-4": None,
        }
    )
    # And: with a first test on June 17, June 29 is the first day on which she can have one.
    plan = year.plan(first_test_on="2026-06-17")
    assert (plan["path"], plan["possible_from"]) == ("initiation", "2026-06-29")
    assert plan["possible_until"] == "2026-07-01"

    # When: she keeps to the plan.
    year.she_is_tested_on("2026-06-17", "2026-06-28")
    year.she_is_prepared()
    # Then: the day before, the four weeks are not over; on the day, they are.
    year.authorization_is_refused_for({"L-CON-2": "2026-06-29"})
    year.she_is_tested_on("2026-06-29")
    first = year.authorization_is_given("initiation", until="2026-07-06")
    # And: the other pharmacy learns nothing from a number without her date of birth.
    probe = {"number": first["number"], "born_on": "1986-04-06", "risk_category": CATEGORY}
    nobody = year.other_pharmacy.post("eligibility-checks", probe)
    assert nobody.status_code == 404
    assert "Fiona" not in nobody.content.decode()
    # When: her pharmacy has a confirmation, the other one cannot dispense under it.
    confirmation = year.pharmacy_confirms(first)
    assert year.hands_over(confirmation, by=year.other_pharmacy).status_code == 404
    made = told(year.hands_over(confirmation), 201)
    assert made["dispense"]["authorized"] is True
    year.dispensed.append(made["dispense"]["id"])
    assert year.therapy()["status"] == "on_therapy"


def her_second_supply_waits_until_seven_days_are_left(year: Year) -> None:
    """L-DSP-5, L-PT-4: weekly tests; the next supply from July 20 on, a week before July 27."""
    year.she_is_tested_on("2026-07-06", "2026-07-13")
    year.on("2026-07-19")
    year.she_is_prepared()
    second = year.authorization_is_given("continuing", until="2026-07-20")
    # A second one beside it is refused.
    year.authorization_is_refused_for({"L-AUT-3": "2026-07-21", "L-SUR-2": None})
    assert year.pharmacy_checks(second) == {"L-DSP-5": "2026-07-20"}
    year.she_is_tested_on("2026-07-20")
    year.pharmacy_dispenses(second)
    year.she_is_tested_on("2026-07-27")


def a_lapse_in_her_survey_starts_her_anew(year: Year) -> None:
    """L-SUR-3, L-CON-4: intervention, void, and both tests with 28 days again."""
    # Given: her third authorization, of August 17.
    year.on("2026-08-17")
    year.her_test_is("negative")
    year.she_is_prepared()
    third = year.authorization_is_given("continuing", until="2026-08-24")
    # When: her survey of August 18 reports a lapse.
    year.on("2026-08-18")
    survey = year.she_answers(contraception_lapse="yes")
    # Then: she reads at once what to do, and the authorization is worthless.
    assert survey["at_risk"] is True
    read = {each["code"] for each in survey["what_to_do"]}
    assert {"stop_capsules", "call_prescriber", "emergency_contraception"} <= read
    assert year.state_of(third) == ("void", "contraception_inadequate")
    assert year.pharmacy_checks(third) == {
        "L-AUT-7": None,
        "L-AUT-8": None,
        "L-CON-1": None,
        "L-PT-3": None,
        "L-SUR-3": None,
    }

    assert "L-SUR-3" in year.outlook()["unmet"]
    # When: the program's staff have spoken with her, and she takes up two methods on August 20.
    year.on("2026-08-19")
    (open_one,) = told(year.staff.get(year.her("interventions")), 200)["results"]
    settled = year.staff.make(
        year.her(f"interventions/{open_one['id']}/resolution"),
        {
            "conclusion": "counseled",
            "contacted": "The patient, by telephone",
            "outcome": "She had missed condoms once, and knows what to do",
        },
    )
    assert settled["resolved_at"] is not None
    assert "L-SUR-3" not in year.outlook()["unmet"]
    year.on("2026-08-20")
    year.she_takes_up_two_methods(since="2026-08-20")
    # Then: the plan names September 17, for a first test on September 5. It asks for no new survey,
    # and so holds no longer than the one of August 18: 30 days.
    plan = year.plan(first_test_on="2026-09-05")
    assert (plan["path"], plan["possible_from"]) == ("initiation", "2026-09-17")
    assert plan["possible_until"] == "2026-09-17"
    # And: so it is.
    year.she_is_tested_on("2026-09-05", "2026-09-16")
    year.she_is_prepared()
    year.authorization_is_refused_for({"L-CON-2": "2026-09-17"})
    year.she_is_tested_on("2026-09-17")
    year.pharmacy_dispenses(year.authorization_is_given("initiation", until="2026-09-24"))
    year.she_is_tested_on("2026-09-24", "2026-10-01", "2026-10-08")


def a_false_positive_holds_her_until_an_administrator_closes_the_case(year: Year) -> None:
    """L-PT-5, L-PRG-3: void at once; a negative test does not lift it, the closure does."""
    # Given: an authorization that her pharmacy has confirmed.
    year.on("2026-10-12")
    year.she_is_prepared()
    held = year.authorization_is_given("continuing", until="2026-10-15")
    confirmation = year.pharmacy_confirms(held)
    # When: a positive result arrives that afternoon.
    year.on("2026-10-12", hour=15)
    year.her_test_is("positive")
    # Then: nothing can be dispensed under it any more.
    assert "pregnancy_hold" in year.holds()
    assert year.state_of(held) == ("void", "pregnancy_suspected")
    shown = told(year.pharmacy.get(f"confirmations/{confirmation['id']}"), 200)
    assert shown["state"] == "void"
    refused = told(year.hands_over(confirmation), 200)
    assert refused["dispense"] is None
    assert refused["decision"]["unmet"] == ["L-AUT-7", "L-DSP-3", "L-PRG-1", "L-PT-5"]
    # And: a later negative test lifts nothing.
    year.she_is_tested_on("2026-10-13")
    year.authorization_is_refused_for({"L-PRG-1": None, "L-PT-5": None})
    # And: only an administrator can close the case.
    year.on("2026-10-14")
    case, why = year.open_case(), "Two serum tests and an ultrasound show no pregnancy"
    for nobody in (year.practice, year.staff):
        assert year.closes(nobody, case, "not_pregnant", why).status_code == 403
    closed = told(year.closes(year.administrator, case, "not_pregnant", why), 201)
    assert closed["outcome"] == "not_pregnant"
    assert year.holds() == set()
    # Then: one new negative test is enough; she goes on, and does not begin again.
    year.authorization_is_refused_for({"L-PT-3": None})
    year.on("2026-10-14", hour=15)
    year.her_test_is("negative")
    year.pharmacy_dispenses(year.authorization_is_given("continuing", until="2026-10-21"))


def a_break_of_more_than_28_days_makes_her_begin_again(year: Year) -> None:
    """L-AUT-1, L-END-1, L-PT-4: the supply ends on November 12; 28 days on is December 10."""
    year.she_is_tested_on("2026-10-21")
    year.on("2026-11-10")
    year.her_prescriber_says("interrupted", "Neutrophils are low")
    assert year.therapy()["status"] == "interrupted"
    year.she_is_tested_on("2026-11-18")
    year.on("2026-12-10")
    assert year.outlook()["path"] == "continuing"
    year.on("2026-12-11")
    assert year.outlook()["path"] == "initiation"
    year.her_prescriber_says("resumed", "Neutrophils have recovered")
    # A first test on December 12 allows December 22 at the earliest; the methods never paused.
    year.she_is_tested_on("2026-12-12", "2026-12-21")
    year.she_is_prepared()
    year.authorization_is_refused_for({"L-PT-1": "2026-12-22"})
    year.she_is_tested_on("2026-12-22")
    year.pharmacy_dispenses(year.authorization_is_given("initiation", until="2026-12-29"))


def a_lost_bottle_makes_room_for_an_early_supply_but_a_second_loss_needs_staff(
    year: Year,
) -> None:
    """L-DSP-5: what was lost no longer counts; a second loss in six months is for the staff."""
    year.she_is_tested_on("2026-12-29", "2027-01-04")
    year.she_is_prepared()
    early = year.authorization_is_given("continuing", until="2027-01-11")
    assert year.pharmacy_checks(early) == {"L-DSP-5": "2027-01-12"}
    assert told(year.pharmacy_records_a_loss(year.dispensed[-1]), 201)["kind"] == "lost"
    again = year.pharmacy_dispenses(early)
    year.she_is_tested_on("2027-01-11")
    second = told(year.pharmacy_records_a_loss(again), 409)
    assert "staff" in second["detail"]
    year.she_is_tested_on("2027-01-18")


def a_pregnancy_stops_everything_until_it_has_ended(year: Year) -> None:
    """L-PRG-1, L-PRG-3: the closure starts both tests and the four weeks anew."""
    # Given: her next authorization, of January 27.
    year.she_is_tested_on("2027-01-27")
    year.she_is_prepared()
    open_one = year.authorization_is_given("continuing", until="2027-02-03")
    # When: the practice reports a pregnancy the next day.
    year.on("2027-01-28")
    case = year.practice.make(
        year.her("pregnancy-cases"),
        {"subject": "patient", "reported_at": noon("2027-01-28").isoformat(), "source": "Scan"},
    )
    # Then: the hold is there at once, and what was authorized is void.
    assert "pregnancy_hold" in year.holds()
    assert year.state_of(open_one) == ("void", "pregnancy_suspected")
    assert year.pharmacy_checks(open_one) == {"L-AUT-7": None, "L-PRG-1": None}
    year.authorization_is_refused_for({"L-PRG-1": None})

    # When: it has ended, and an administrator closes the case on March 10.
    year.on("2027-03-10")
    year.administrator.make(
        year.her(f"pregnancy-cases/{case['id']}/details"),
        {
            "pregnancy_ended_on": "2027-03-01",
            "pregnancy_outcome": "spontaneous_abortion",
            "root_cause": "contraception_failed",
        },
    )
    ended = "The pregnancy ended on March 1"
    told(year.closes(year.administrator, case["id"], "pregnancy_ended", ended), 201)
    assert year.holds() == set()
    # Then: no run of contraception from before counts any more.
    year.on("2027-03-11")
    year.she_takes_up_two_methods(since="2027-03-11")
    plan = year.plan(first_test_on="2027-03-27")
    assert (plan["path"], plan["possible_from"]) == ("initiation", "2027-04-08")
    year.she_is_tested_on("2027-03-27", "2027-04-07")
    year.she_is_prepared()
    year.authorization_is_refused_for({"L-CON-2": "2027-04-08"})
    year.she_is_tested_on("2027-04-08")
    year.pharmacy_dispenses(year.authorization_is_given("initiation", until="2027-04-15"))
    year.she_is_tested_on("2027-04-15", "2027-04-22")


def her_treatment_ends_and_her_obligations_outlive_it(year: Year) -> None:
    """L-END-1, L-END-2, L-CON-5, L-PT-9: void, 28 days of obligations, one more test."""
    year.she_is_tested_on("2027-04-29")
    year.she_is_prepared()
    last = year.authorization_is_given("continuing", until="2027-05-06")
    year.on("2027-04-30")
    year.her_prescriber_says("discontinued", "The disease progresses")
    assert year.state_of(last) == ("void", "therapy_discontinued")
    assert year.pharmacy_checks(last) == {"L-AUT-7": None}
    therapy = year.therapy()
    assert (therapy["status"], therapy["ended_on"]) == ("discontinued", "2027-04-30")
    assert therapy["obligations_until_on"] == "2027-05-28"
    # A request is refused, with what to do.
    refused = told(year.request(), 409)
    assert "sign a new agreement" in refused["detail"]
    # She is reminded of the end of her obligations and of a test on that day, of nothing else.
    assert year.is_reminded_of() == {"obligations_end", "end_of_treatment_test"}
    # The test at the end of treatment falls on the last day of the obligations.
    year.she_is_tested_on("2027-05-28")
    assert year.therapy()["obligations_in_force"] is True
    year.on("2027-05-29")
    assert year.therapy()["obligations_in_force"] is False


def she_enrolls_again(year: Year) -> None:
    """L-ENR-2, L-ENR-3, L-AUT-1: her new agreement, both tests, and a pharmacy certified anew."""
    # A new agreement opens the road again, and her contraception was never paused.
    year.on("2027-06-10")
    year.she_signs_a_new_agreement()
    assert year.outlook()["path"] == "initiation"
    year.her_test_is("negative")
    year.on("2027-06-21")
    year.she_is_prepared()
    year.authorization_is_refused_for({"L-PT-2": None})
    year.her_test_is("negative")
    anew = year.authorization_is_given("initiation", until="2027-06-28")
    # Her pharmacy was certified until June 1: first its representative signs for another year.
    assert year.pharmacy_checks(anew) == {"L-ENR-2": None}
    renewed = parties.certified(year.administrator, year.pharmacy_entry)
    assert renewed["last_day_on"] == "2028-06-20"
    year.pharmacy_dispenses(anew)
    assert year.therapy()["status"] == "on_therapy"
    assert len(set(year.dispensed)) == 8


def every_decision_replays() -> None:
    """Each answer of the year, given again from its facts under its edition, is the same."""
    out = StringIO()
    call_command("replay", stdout=out, stderr=StringIO())
    assert out.getvalue().endswith("decisions replayed; every one gives the same answer.\n")
    assert not out.getvalue().startswith("0 ")


def nothing_of_her_shows_elsewhere(year: Year) -> None:
    """The other practice and the other pharmacy find nobody, at any address."""
    traces = [year.patient, "Fiona", BORN_ON, *year.dispensed, *year.numbers]
    lists = ["patients", "authorizations", "confirmations", "dispenses", "decisions", "messages"]
    for stranger in (year.other_practice, year.other_pharmacy):
        for path in [*lists, *_addresses_of(year.patient)]:
            answer = stranger.get(path)
            assert answer.status_code in ({200, 403} if path in lists else {403, 404, 405}), path
            assert not any(trace in answer.content.decode() for trace in traces), path
        for dispense in year.dispensed:
            assert stranger.get(f"dispenses/{dispense}").status_code == 404
    # The same addresses show her to those who treat her.
    below = [year.practice.get(path).status_code for path in _addresses_of(year.patient)]
    assert below.count(200) > 15, below
    assert len(told(year.practice.get("dispenses"), 200)["results"]) == len(year.dispensed)
    assert len(told(year.pharmacy.get("dispenses"), 200)["results"]) == len(year.dispensed)


def _addresses_of(patient: str) -> list[str]:
    """Every address below a patient; where another entry's id belongs, one that nobody has."""
    found: list[Any] = [str(each.pattern) for each in urls.version_1]
    below = [each for each in found if each.startswith(urls.PATIENT)]
    assert len(below) > 40
    return [
        each.replace("<uuid:patient_id>", patient)
        .replace("<uuid:entry_id>", str(uuid4()))
        .replace("<uuid:agreement_id>", str(uuid4()))
        for each in below
    ]
