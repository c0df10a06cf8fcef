"""Who is told when: the policy's steps, quiet hours in the recipient's zone, and addresses."""

from dataclasses import replace
from datetime import UTC, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.patients.models import Patient
from apps.providers.models import Prescriber
from apps.reminders.ladder import Ladder, Step, awake
from apps.rules.obligation import Obligation
from apps.rules.policy import policy_in_force

NOW = datetime(2026, 6, 1, 16, tzinfo=UTC)
POLICY = policy_in_force("lenalidomide", NOW)
NEW_YORK = ZoneInfo("America/New_York")
STAFF = (Recipient(Notice.RecipientKind.STAFF, uuid4(), "staff@program.example"),)
WEEKLY_TEST = Obligation(
    kind="weekly_test",
    rule="L-PT-4",
    anchor="2026-06-01",
    who="patient",
    due_at=POLICY.calendar.end_of_day(datetime(2026, 6, 8, tzinfo=UTC).date().toordinal()),
    params={},
)


def patient(**fields: str) -> Patient:
    contact = {"email": "fiona@patients.example", "time_zone": "America/New_York", **fields}
    prescriber = Prescriber(email="prescriber@practice.example")
    return Patient(prescriber=prescriber, **contact)


def steps(about: Patient, staff: tuple[Recipient, ...] = STAFF) -> list[Step]:
    return list(Ladder(POLICY, about, staff, NOW).steps([WEEKLY_TEST]))


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
    found = [(step.recipient.kind, step.notice.due_at) for step in steps(patient())]

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
    kinds = [step.recipient.kind for step in steps(patient(email=""))]

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
