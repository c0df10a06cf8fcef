"""Who is told when: the policy's steps, quiet hours in the recipient's zone, and addresses."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.providers.models import Pharmacy, Prescriber
from apps.reminders.contacts import of_patient, of_person, of_pharmacy, of_prescriber
from apps.reminders.ladder import Ladder, Owner, Step, overtaken
from apps.reminders.models import ReminderPreference
from apps.reminders.quiet import awake
from apps.rules.duties import case_follow_up, certification_renewal
from apps.rules.obligation import KINDS, Obligation
from apps.rules.policy import policy_in_force

NOW = datetime(2026, 6, 1, 16, tzinfo=UTC)
POLICY = policy_in_force("lenalidomide", NOW)
NEW_YORK = ZoneInfo("America/New_York")
OWNER = UUID("00000000-0000-4000-8000-000000000001")
WEEKLY_TEST = Obligation(
    kind="weekly_test",
    rule="L-PT-4",
    anchor="2026-06-01",
    who="patient",
    due_at=POLICY.calendar.end_of_day(datetime(2026, 6, 8, tzinfo=UTC).date().toordinal()),
    params={},
)


def somebody(role: str, time_zone: str = "America/New_York") -> User:
    return User(id=uuid4(), email=f"{role}@program.example", time_zone=time_zone)


def patient(**fields: str) -> Patient:
    contact = {"email": "fiona@patients.example", "time_zone": "America/New_York", **fields}
    prescriber = Prescriber(id=uuid4(), email="prescriber@practice.example")
    return Patient(id=OWNER, prescriber=prescriber, **contact)


Failed = dict[str, set[tuple[str, str]]]


def owner_of(about: Patient, failed: Failed | None = None, **wishes: Any) -> Owner:
    said = ReminderPreference(pk=OWNER, **wishes) if wishes else None
    rungs = {
        "patient": [of_patient(about, wishes=said)],
        "prescriber": [of_prescriber(about.prescriber)],
        "staff": [of_person(somebody("staff"))],
        "administrator": [of_person(somebody("administrator"))],
    }
    return Owner(Notice.RecipientKind.PATIENT, OWNER, rungs, failed or {})


def steps(
    about: Patient, *obligations: Obligation, began_at: datetime | None = None, **wishes: Any
) -> list[Step]:
    ladder = Ladder(owner_of(about, **wishes), POLICY, NOW, began_at)
    return ladder.steps(obligations or [WEEKLY_TEST])


def told(found: list[Step]) -> list[tuple[str, str]]:
    return [(step.notice.recipient_kind, step.notice.channel) for step in found]


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (local(2026, 6, 1, 20, 59), local(2026, 6, 1, 20, 59)),
        (local(2026, 6, 1, 21), local(2026, 6, 2, 8)),
        (local(2026, 6, 2, 0, 30), local(2026, 6, 2, 8)),
        (local(2026, 6, 2, 7, 59), local(2026, 6, 2, 8)),
        (local(2026, 6, 2, 8), local(2026, 6, 2, 8)),
        (local(2026, 10, 31, 22), local(2026, 11, 1, 8)),
    ],
)
def test_quiet_hours_end_at_eight_on_the_recipients_clock(at: datetime, expected: datetime) -> None:
    assert awake(at.astimezone(UTC), NEW_YORK, POLICY.reminders) == expected


def test_quiet_hours_may_lie_within_one_day() -> None:
    siesta = replace(POLICY.reminders, quiet_from=time(13), quiet_until=time(15))

    assert awake(local(2026, 6, 1, 14), NEW_YORK, siesta) == local(2026, 6, 1, 15)
    assert awake(local(2026, 6, 1, 23), NEW_YORK, siesta) == local(2026, 6, 1, 23)


def test_the_steps_climb_from_the_patient_over_the_prescriber_to_the_staff() -> None:
    found = [(step.contact.kind, step.notice.due_at) for step in steps(patient())]

    assert found == [
        ("patient", local(2026, 6, 7, 8)),
        ("patient", local(2026, 6, 8, 8)),
        ("prescriber", local(2026, 6, 9, 8)),
        ("staff", local(2026, 6, 11, 8)),
    ]


def test_a_patient_in_another_zone_is_left_in_peace_there() -> None:
    first = steps(patient(time_zone="Pacific/Honolulu"))[0]

    # 23:59 in New York is 17:59 in Honolulu.
    assert first.notice.due_at.astimezone(NEW_YORK).hour == 23


def test_a_zone_that_does_not_exist_loses_no_reminder() -> None:
    assert steps(patient(time_zone="Mars/Olympus"))[0].notice.due_at == local(2026, 6, 7, 8)


def test_where_the_patient_has_no_address_the_prescriber_is_told() -> None:
    kinds = [step.contact.kind for step in steps(patient(email=""))]

    assert kinds == ["prescriber", "prescriber", "prescriber", "staff"]


def test_each_step_has_a_key_of_its_own_that_fits_its_column() -> None:
    keys = [step.key for step in steps(patient())]

    longest = Notice._meta.get_field("key").max_length
    assert longest is not None
    assert len(set(keys)) == len(keys)
    assert max(map(len, keys)) < longest


def test_what_a_notice_keeps_are_codes_and_dates() -> None:
    notice = steps(patient())[0].notice

    assert notice.params == {
        "program": "lenalidomide",
        "obligation": "weekly_test",
        "until_on": "2026-06-08",
    }


ZONES = ["America/New_York", "Pacific/Honolulu", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    zone=st.sampled_from(ZONES),
    begins=st.times(),
    ends=st.times(),
)
def test_no_hour_of_the_year_is_told_in_quiet_hours_or_before_its_time(
    at: datetime, zone: str, begins: time, ends: time
) -> None:
    """§12: across the days on which clocks are put back or forward, too."""
    quiet = replace(POLICY.reminders, quiet_from=begins, quiet_until=ends)

    told_at = awake(at, ZoneInfo(zone), quiet)

    assert at <= told_at <= at + timedelta(hours=26)
    assert awake(told_at, ZoneInfo(zone), quiet) == told_at


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Clocks are put back at 2:00 on November 1: the hour from 1:00 comes twice.
        (datetime(2026, 11, 1, 5, 10, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (datetime(2026, 11, 1, 6, 10, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        # They are put forward at 2:00 on March 14, 2027: 2:30 never comes.
        (datetime(2027, 3, 14, 6, 10, tzinfo=UTC), datetime(2027, 3, 14, 6, 30, tzinfo=UTC)),
    ],
)
def test_quiet_hours_that_end_in_a_double_hour_end_in_each_of_the_two(
    at: datetime, expected: datetime
) -> None:
    quiet = replace(POLICY.reminders, quiet_from=time(22), quiet_until=time(1, 30))

    assert awake(at, NEW_YORK, quiet) == expected


def test_text_messages_have_no_sender_so_the_next_way_is_taken_and_that_is_told() -> None:
    about = patient(phone="212-555-0300")

    first = steps(about, channels=["sms"])[0].notice

    assert (first.channel, first.passed_over) == ("email", "sms: not available")


def test_a_way_that_failed_is_not_tried_again_but_the_step_goes_to_the_next_rung() -> None:
    about = patient()
    failing = steps(about)[0].notice
    failed = {failing.key: {("email", about.email)}}

    found = Ladder(owner_of(about, failed), POLICY, NOW).steps([WEEKLY_TEST])

    assert told(found)[:2] == [("prescriber", "email"), ("patient", "email")]


def test_where_mail_reaches_no_prescriber_the_portal_does_if_they_sign_in() -> None:
    about = patient()
    about.prescriber.user = somebody("prescriber")
    failing = steps(about)[2].notice
    failed = {failing.key: {("email", about.prescriber.email)}}

    found = Ladder(owner_of(about, failed), POLICY, NOW).steps([WEEKLY_TEST])

    assert told(found)[2] == ("prescriber", "portal")
    assert found[2].notice.passed_over == "email: reaches nobody, sms: not available"
    assert found[2].notice.address == ""


def test_an_address_known_to_fail_is_passed_over() -> None:
    """L-END-3: nothing more goes to an address that reaches nobody."""
    about = patient()
    contact = of_patient(about, fails={about.email})

    assert contact.way(["email", "sms", "portal"]) is None


def test_who_speaks_for_the_patient_is_told_in_their_place() -> None:
    """L-CAT-4."""
    contact = of_patient(patient(), speaks="guardian@family.example")

    way = contact.way(["email"])

    assert way is not None
    assert way.address == "guardian@family.example"


def test_what_is_optional_can_be_left_out_and_nobody_is_told_instead() -> None:
    about = patient()
    refused: Any = {"opted_out": ["supply_ends", "weekly_test"]}
    supply = replace(WEEKLY_TEST, kind="supply_ends", anchor="x", opens_at=NOW, closes_at=NOW)

    assert [kind for kind, _ in told(steps(about, supply, **refused))] == ["prescriber"]
    # A safety step is sent whatever stands there.
    assert [kind for kind, _ in told(steps(about, **refused))][:2] == ["patient", "patient"]


def test_each_recipient_has_quiet_hours_and_a_language_of_their_own() -> None:
    wishes: Any = {"quiet_from": time(12), "quiet_until": time(23, 30), "language": "es"}

    first = steps(patient(), **wishes)[0].notice

    # Meant for 23:59:59 two days before: no longer quiet for her.
    assert first.due_at.astimezone(NEW_YORK).hour == 23
    assert first.language == "es"


def test_right_after_the_enrollment_one_thing_is_asked_for_at_a_time() -> None:
    attestations = [
        replace(WEEKLY_TEST, kind=kind, anchor=kind, due_at=NOW + timedelta(hours=late))
        for kind, late in (("obligations_attestation_due", 11), ("weekly_test", 10))
    ]

    found = steps(patient(), *attestations, began_at=NOW)
    hers = [step for step in found if step.contact.kind == "patient"]

    grace = timedelta(hours=POLICY.reminders.grace_hours)
    assert grace > timedelta(0)
    assert [step.at for step in hers] == [NOW + grace, NOW + 2 * grace]
    assert {step.notice.params["obligation"] for step in hers} == {
        "weekly_test", "obligations_attestation_due",
    }  # fmt: skip
    # The others are told when they would be.
    assert [step.at for step in found if step.contact.kind != "patient"] == [
        step.at for step in steps(patient(), *attestations) if step.contact.kind != "patient"
    ]


def test_of_steps_that_had_passed_the_last_one_goes_out() -> None:
    found = steps(patient())

    late = overtaken(found, found[1].at)

    assert late == {found[0].key}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_to_somebody_once_a_step(kind: str) -> None:
    pharmacy = Pharmacy(id=OWNER, email="pharmacy@pharmacy.example", representative=somebody("r"))
    day = date(2026, 8, 1)
    obligation = replace(WEEKLY_TEST, kind=kind, opens_at=NOW, closes_at=NOW + timedelta(days=4))
    whose = owner_of(patient())
    if kind == "case_follow_up":
        obligation = case_follow_up("step", due_on=day, policy=POLICY)
    if kind == "certification_renewal":
        obligation = certification_renewal(last_day_on=day, policy=POLICY)
        rungs = {**whose.rungs, "pharmacy": [of_pharmacy(pharmacy)]}
        whose = Owner(Notice.RecipientKind.PHARMACY, OWNER, rungs)

    found = Ladder(whose, POLICY, NOW).steps([obligation])

    wanted = POLICY.reminders.steps[kind]
    assert len({step.key for step in found}) == len(found) == len(wanted)
    as_told = {"administrator": "staff"}
    assert [step.notice.recipient_kind for step in found] == [
        as_told.get(each.to, each.to) for each in wanted
    ]
