"""Outages: nothing expires unnoticed, nothing is extended by itself, every entry is checked."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.management import CommandError, call_command

from apps.core import clock
from apps.core.call import SYSTEM_CALL, Channel
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import reconciliation
from apps.eligibility import services as eligibility
from apps.notices.models import Notice
from apps.prescriptions.models import Outage
from tests import builders
from tests.eligibility.supplies import (
    DAY,
    HOUR,
    authorized,
    confirmed,
    enter_late,
    man,
    report_late,
)

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


def declare(call: Any = SYSTEM_CALL, **changes: Any) -> Outage:
    asked: dict[str, Any] = {
        "from_at": clock.now(),
        "parts": ["pages", "confirmations"],
        "description": "Pharmacies get no answer",
        **changes,
    }
    return eligibility.declare_outage(call, **asked)


def listed(outage: Outage) -> reconciliation.Reconciliation:
    return reconciliation.reconciliation(Outage.objects.get(pk=outage.pk), clock.now())


def end(outage: Outage, call: Any = SYSTEM_CALL) -> Outage:
    return eligibility.end_outage(call, outage_id=outage.pk, until_at=clock.now())


def test_administrators_are_told_of_an_outage_and_of_its_end(cast: builders.Cast) -> None:
    outage = declare(cast.administrator)
    with time_machine.travel(builders.START + HOUR, tick=True):
        end(outage, cast.administrator)
    told = Notice.objects.filter(template__startswith="outage_").order_by("template")
    assert [notice.template for notice in told] == ["outage_declared", "outage_ended"]
    assert {notice.address for notice in told} == {"administrator@program.example"}


def test_an_outage_is_declared_and_ended_once_by_an_administrator(cast: builders.Cast) -> None:
    with pytest.raises(NotAllowed):
        declare(cast.staff)
    for wrong, field in (
        ({"from_at": clock.now() + HOUR}, "from_at"),
        ({"from_at": clock.now() - 367 * DAY}, "from_at"),
        ({"parts": []}, "parts"),
        ({"parts": ["coffee"]}, "parts"),
        ({"description": " "}, "description"),
    ):
        with pytest.raises(InvalidRequest) as refusal:
            declare(cast.administrator, **wrong)
        assert set(refusal.value.fields) == {field}
    outage = declare(cast.administrator)
    for until in (outage.from_at, clock.now() + HOUR):
        with pytest.raises(InvalidRequest) as refusal:
            eligibility.end_outage(cast.administrator, outage_id=outage.pk, until_at=until)
        assert set(refusal.value.fields) == {"until_at"}
    end(outage, cast.administrator)
    with pytest.raises(Conflict, match="already"):
        end(outage, cast.administrator)
    with pytest.raises(NotFound):
        eligibility.end_outage(cast.administrator, outage_id=uuid4(), until_at=clock.now())


def test_a_window_that_runs_out_in_an_outage_is_not_extended_and_says_what_to_do(
    cast: builders.Cast,
) -> None:
    authorization = authorized(cast, man(cast))
    confirmation = confirmed(cast, authorization)
    outage = declare()
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        (found,) = listed(outage).ran_out
        assert found.id == confirmation.pk
        assert "new confirmation" in found.what_to_do
        assert "late dispense" in found.what_to_do
        refused = builders.dispense(cast.dispensing, confirmation)
        assert not refused.allowed
    with time_machine.travel(builders.START + 40 * DAY, tick=True):
        both = listed(outage).ran_out
    assert [each.id for each in both] == [confirmation.pk, authorization.pk]
    assert "new authorization" in both[0].what_to_do
    assert "new authorization" in both[1].what_to_do


def test_what_ran_out_is_told_by_time_whether_or_not_a_sweep_has_written_it(
    cast: builders.Cast,
) -> None:
    patient = man(cast)
    confirmed(cast, authorized(cast, patient))
    outage = declare()
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        before = listed(outage).ran_out
        eligibility.write_overdue_expiries(SYSTEM_CALL, patient_id=patient.pk)
        assert [each.id for each in listed(outage).ran_out] == [each.id for each in before]
        end(outage)
    with time_machine.travel(builders.START + 60 * DAY, tick=True):
        # What ended after the outage is no matter of it.
        assert [each.id for each in listed(outage).ran_out] == [each.id for each in before]


def test_what_was_dispensed_under_it_is_no_window_that_ran_out(cast: builders.Cast) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    outage = declare()
    handed_out = clock.now()
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        end(outage)
        made = report_late(
            cast.dispensing, authorization, dispensed_at=handed_out, outage_id=outage.pk
        )
        assert made.authorized
        assert listed(outage).ran_out == []
        (entry,) = listed(outage).entries
        assert (entry.model, entry.id) == ("prescriptions.dispense", made.pk)


def test_what_was_entered_from_paper_afterwards_waits_for_a_second_person(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    outage = declare()
    with time_machine.travel(builders.START + 2 * HOUR, tick=True):
        end(outage)
    with time_machine.travel(builders.START + 3 * HOUR, tick=True):
        online = builders.counseling(cast.prescribing, patient)
        test = builders.negative_test(cast.prescribing, patient, ago=timedelta(hours=2))
        made = enter_late(cast, patient, dispensed_at=clock.now() - HOUR - HOUR / 2)
        found = {entry.id: entry for entry in listed(outage).entries}
        assert set(found) == {test.pk, made.pk}
        assert online.pk not in found
        assert listed(outage).unchecked == 2
        assert "second person" in found[made.pk].still_to_do
        assert reconciliation.waiting(clock.now()) == [(outage, 2)]
        with pytest.raises(NotAllowed, match="Another person"):
            check(cast.staff, outage, made.pk)
        check(cast.administrator, outage, made.pk)
        with pytest.raises(Conflict, match="already"):
            check(cast.administrator, outage, made.pk)
        assert listed(outage).unchecked == 1
        with pytest.raises(NotFound):
            check(cast.administrator, outage, uuid4())


def test_who_holds_a_systems_secret_does_not_check_what_it_entered(cast: builders.Cast) -> None:
    patient = man(cast)
    outage = declare()
    system = replace(cast, staff=builders.system_of_the_office(cast.administrator))
    with time_machine.travel(builders.START + HOUR, tick=True):
        end(outage)
        made = enter_late(system, patient, dispensed_at=clock.now() - HOUR / 2)
        with pytest.raises(NotAllowed, match="Another person"):
            check(cast.administrator, outage, made.pk)
        check(cast.staff, outage, made.pk)


def test_what_came_by_telephone_while_it_lasted_is_listed_too(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    outage = declare()
    with time_machine.travel(builders.START + HOUR, tick=True):
        by_phone = cast.prescribing.__class__(cast.prescribing.actor, Channel.PHONE)
        test = builders.negative_test(by_phone, authorization.patient)
        assert [entry.id for entry in listed(outage).entries] == [test.pk]


def check(call: Any, outage: Outage, subject: Any) -> Any:
    return eligibility.check_outage_entry(
        call,
        outage_id=outage.pk,
        subject_model="prescriptions.dispense",
        subject_id=subject,
        note="Compared with the paper log",
    )


# --- The command line -----------------------------------------------------------------------------


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("outage", *words, stdout=out)
    return out.getvalue()


def test_the_operator_declares_reports_and_ends_an_outage(cast: builders.Cast) -> None:
    authorization = authorized(cast, man(cast))
    confirmation = confirmed(cast, authorization)
    since = ("--since", "2026-06-01T10:30:00-05:00")
    told = run("declare", "pages", "api", *since, "--description", "The network is down")
    outage = Outage.objects.get()
    assert str(outage.pk) in told
    assert "since 2026-06-01 15:30 UTC" in told
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        assert "2026-06-03 16:00 UTC" in run("end")
        report = run("report")
    assert "Windows that ran out meanwhile: 1" in report
    assert str(confirmation) in report
    assert "Entered with a time inside it: 0" in report
    assert authorization.patient.family_name not in report


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("declare", "coffee", "--description", "x"), "Choose from: pages"),
        (("declare", "pages", "--description", " "), "description"),
        (("declare", "pages", "--description", "x", "--since", "yesterday"), "with its offset"),
        (("declare", "pages", "--description", "x", "--since", "2026-06-01T08:00"), "offset"),
        (("declare", "pages", "--description", "x", "--since", "2999-01-01T00:00Z"), "future"),
        (("end",), "No outage is open"),
        (("end", "nonsense"), "no outage's id"),
        (("report",), "No outage was ever declared"),
        (("report", str(uuid4())), "no outage's id"),
    ],
)
def test_what_the_operator_cannot_mean_is_said_plainly(
    cast: builders.Cast, words: tuple[str, ...], told: str
) -> None:
    with pytest.raises(CommandError) as refusal:
        run(*words)
    assert told in str(refusal.value)
    assert refusal.value.returncode == 2


def test_of_several_open_outages_the_operator_names_one(cast: builders.Cast) -> None:
    first, _ = declare(), declare()
    with pytest.raises(CommandError, match="name the one"):
        run("end")
    with time_machine.travel(builders.START + HOUR, tick=True):
        assert str(first.pk) in run("end", str(first.pk))
