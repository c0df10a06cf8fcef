"""Retention at the console: the report, the boundary of a day, holds, and what is on record."""

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from axes.models import AccessLog
from django.core.management import CommandError, call_command
from django.db import connection

from apps.accounts.models import SignIn, User, WrongCode
from apps.audit.models import Event, LegalHold
from apps.core import clock
from apps.core.models import Operation
from apps.notices.models import Notice
from apps.oversight import retention
from apps.oversight.services import keeping
from tests import builders, databases
from tests.conftest import as_owner, connected_to

BY = "administrator@program.example"
DAY = timedelta(days=1)

pytestmark = pytest.mark.registered_at_start


@pytest.fixture
def owned(django_test_environment: None, django_db_blocker: Any) -> Iterator[builders.Cast]:
    """A database of one's own in which the process is the owner of the tables."""
    with django_db_blocker.unblock(), databases.clone() as name, connected_to(name):
        cast = builders.cast()
        with as_owner():
            yield cast


def run(*arguments: str) -> str:
    said = StringIO()
    call_command(*arguments, stdout=said)
    return said.getvalue()


def apply() -> str:
    return run("retention", "--apply", "--by", BY, "--reason", "Yearly")


def closed(name: str, by: timedelta, user: User) -> Any:
    """A row of a kind that is past its period by so much."""
    at = clock.real_now() - retention.KINDS[name].period - by
    if name == "sign_ins":
        return SignIn.objects.create(
            user=user, began_at=at, last_seen_at=at, ended_at=at, ended_how="left_alone"
        )
    if name == "wrong_codes":
        return WrongCode.objects.create(user=user, entered_at=at)
    if name == "accesses":
        made = AccessLog.objects.create(username=user.email)
        AccessLog.objects.filter(pk=made.pk).update(attempt_time=at)
        return made
    with connection.cursor() as cursor:  # Past the trigger that lets a notice begin as scheduled.
        cursor.execute("ALTER TABLE notices_notice DISABLE TRIGGER USER")
        notice = Notice.objects.create(
            key=uuid4().hex, template="positive_test", patient_id=uuid4(), channel="portal",
            recipient_kind="staff", recipient_id=user.pk, due_at=at, created_at=at,
            state="sent", sent_at=at,
        )  # fmt: skip
        cursor.execute("ALTER TABLE notices_notice ENABLE TRIGGER USER")
    return notice


def there(row: Any) -> bool:
    return bool(type(row).objects.filter(pk=row.pk).exists())


def test_a_day_less_than_the_period_keeps_and_a_day_more_disposes(owned: builders.Cast) -> None:
    user = User.objects.get(email=BY)
    kinds = ("sign_ins", "wrong_codes", "accesses", "notices")
    young = [closed(kind, -DAY, user) for kind in kinds]
    old = [closed(kind, DAY, user) for kind in kinds]
    going_on = SignIn.objects.create(
        user=user, session_key="a" * 32, began_at=old[0].began_at, last_seen_at=old[0].began_at
    )

    said = run("retention")
    assert "Nothing was disposed of" in said
    assert all(map(there, [*young, *old]))
    assert [line.split()[:5] for line in said.splitlines() if line.startswith("sign_ins")] == [
        ["sign_ins", "400", "3", "1", "0"]
    ]

    assert "Disposed of: 1 sign_ins." in apply()
    assert all(map(there, [*young, going_on]))
    assert not any(map(there, old))
    told = Event.objects.filter(code="records_disposed")
    assert {(event.data["kind"], event.data["count"]) for event in told} == {
        (kind, 1) for kind in kinds
    }
    assert {(event.reason, event.actor_id) for event in told} == {("Yearly", user.pk)}
    assert Operation.objects.filter(name="dispose").count() == 4
    assert "Disposed of" not in apply()


def test_a_legal_hold_keeps_until_it_is_lifted(owned: builders.Cast) -> None:
    user = User.objects.get(email=BY)
    theirs = closed("sign_ins", DAY, user)
    letter = closed("notices", DAY, user)
    other = closed("sign_ins", DAY, User.objects.get(email="prescriber1@practice.example"))
    office = str(owned.administrator.actor.organization_id)
    run("legal_hold", "place", "--organization", office, "--authority", "Court, docket 7",
        "--reason", "A claim", "--by", BY)  # fmt: skip
    assert "Court, docket 7" in run("legal_hold", "list")
    line = next(line for line in run("retention").splitlines() if line.startswith("sign_ins"))
    assert line.split()[2:5] == ["2", "1", "1"]
    apply()
    assert [there(row) for row in (theirs, letter, other)] == [True, True, False]

    hold = LegalHold.objects.get()
    run("legal_hold", "lift", str(hold.pk), "--authority", "Court, docket 7",
        "--reason", "Settled", "--by", BY)  # fmt: skip
    assert "No legal hold is open." in run("legal_hold", "list")
    apply()
    assert not there(theirs)
    assert not there(letter)
    told = Event.objects.filter(code__startswith="legal_hold").values_list("code", "reason")
    assert set(told) == {
        ("legal_hold_placed", "A claim"),
        ("legal_hold_lifted", "Settled"),
    }


def test_it_goes_batch_by_batch(owned: builders.Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "BATCH", 2)
    user = User.objects.get(email=BY)
    for _ in range(5):
        closed("wrong_codes", DAY, user)
    assert "Disposed of: 5 wrong_codes." in apply()
    counts = Event.objects.filter(code="records_disposed").order_by("pk").values_list("data__count")
    assert [count for (count,) in counts] == [2, 2, 1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "run it as the owner of the tables"),
        (["--by", BY], "needs --by"),
        (["--reason", "Yearly"], "needs --by"),
    ],
)
def test_nobody_disposes_in_passing(arguments: list[str], said: str) -> None:
    """Not the product's own role, and nobody who does not say who answers for it."""
    asked = arguments or ["--by", BY, "--reason", "Yearly"]
    with pytest.raises(CommandError, match=said):
        run("retention", "--apply", *asked)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"sign_ins": 89}, "RETENTION_SIGN_INS_DAYS is 89: it must be 90 or more"),
        ({"sign_inns": 900}, "RETENTION_SIGN_INNS_DAYS names nothing that may be disposed of"),
    ],
)
def test_a_period_below_the_least_and_one_of_nothing_are_refused(
    settings: Any, days: dict[str, int], said: str
) -> None:
    settings.RETENTION_DAYS = days
    with pytest.raises(CommandError, match=said):
        run("retention")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["place", "--patient", str(uuid4()), "--authority", "Court"], "no such patient"),
        (["place", "--organization", str(uuid4()), "--authority", "Court"], "no such organization"),
        (["place", "--patient", str(uuid4()), "--authority", "x" * 201], "no such patient"),
        (["lift", str(uuid4()), "--authority", "Court"], "no such legal hold"),
    ],
)
def test_a_hold_on_nobody_is_refused(cast: builders.Cast, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("legal_hold", *arguments, "--reason", "A claim", "--by", BY)
    with pytest.raises(CommandError, match="no account of an administrator"):
        run("legal_hold", *arguments, "--reason", "A claim", "--by", "prescriber1@practice.example")


@pytest.mark.django_db
def test_a_hold_needs_somebody_who_ordered_it_and_is_lifted_once(cast: builders.Cast) -> None:
    office = str(cast.administrator.actor.organization_id)
    place = ["legal_hold", "place", "--organization", office, "--reason", "A claim", "--by", BY]
    for authority in (" ", "x" * 201):
        with pytest.raises(CommandError, match="--authority"):
            run(*place, "--authority", authority)
    run(*place, "--authority", "Court")
    hold = str(LegalHold.objects.get().pk)
    lift = ["legal_hold", "lift", hold, "--authority", "Court", "--reason", "Settled", "--by", BY]
    run(*lift)
    with pytest.raises(CommandError, match="lifted already"):
        run(*lift)


def test_a_longer_period_is_taken_from_the_settings(settings: Any) -> None:
    usual = retention.KINDS["sign_ins"].period
    settings.RETENTION_DAYS = {"sign_ins": usual.days + 1}
    assert retention.KINDS["sign_ins"].period == usual + DAY
    assert all(kind.days >= kind.rows.days for kind in retention.KINDS.values())
