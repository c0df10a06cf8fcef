"""Copies of complete records are made meanwhile: how far they are is seen, and none is lost.

Each calls the worker's task in this process, on a database with real commits.
"""

import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test import Client

from apps.audit import services as audit
from apps.audit.models import Event, RowChange
from apps.core import clock
from apps.evidence.models import PregnancyTest
from apps.oversight.models import RecordCopy
from apps.oversight.services import copying
from apps.oversight.tasks import empty_record_copies
from apps.oversight.whole_record import whole_record
from apps.patients.models import Patient
from apps.portal.tasks import lay_out, make_record_copy
from tests import builders
from tests.portal.people import browser_of
from tests.portal.test_record_copies import REASON, ask

pytestmark = pytest.mark.usefixtures("own_database")

FILES = {"pdf": b"%PDF-1.7 synthetic", "json": b"{}"}
NAMED = "Fiona"


@pytest.fixture
def patient(cast: builders.Cast) -> Patient:
    return builders.enroll(cast.prescribing)


@pytest.fixture
def page(staff: Client, patient: Patient) -> str:
    """The address of a copy that somebody has just asked for."""
    return str(ask(staff, patient)["Location"])


@pytest.fixture
def said() -> Iterator[list[str]]:
    """All that is logged, before anything is left out of it."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(f"{record.msg} {record.args}")  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield lines
    logging.getLogger().removeHandler(handler)


def the_copy() -> RecordCopy:
    return RecordCopy.objects.get()


def text_of(browser: Client, url: str) -> str:
    return browser.get(url).content.decode()


def let_the_lease_run_out() -> None:
    RecordCopy.objects.update(lease_until=F("recorded_at") - timedelta(days=1))


def killed(_: copying.Order) -> Mapping[str, bytes]:
    """A worker that ends in the middle, without a word."""
    raise SystemExit


def broken(_: copying.Order) -> Mapping[str, bytes]:
    """A defect whose words name somebody."""
    raise ValueError(f"{NAMED} cannot be laid out")


# --- What is seen ---------------------------------------------------------------------------------


def test_who_waits_sees_how_far_it_is_and_then_the_files(
    cast: builders.Cast, staff: Client, patient: Patient
) -> None:
    for _ in range(250):
        audit.record_view(cast.prescribing, "page_viewed", patient_id=patient.pk)
    page = ask(staff, patient)["Location"]
    assert "It begins in some seconds." in text_of(staff, page)
    assert staff.get(f"{page}record.pdf")["Location"] == page
    seen = []

    def watched(order: copying.Order) -> Mapping[str, bytes]:
        assert 250 < order.record.count < 300
        for _ in range(order.record.count):
            order.row_done()
            seen.append(text_of(staff, f"{page}progress/"))
        return FILES

    assert copying.make_next(watched) == 1
    assert "Being made: 1 of 4 parts" in seen[0]
    assert "Being made: 2 of 4 parts" in seen[99]
    assert 'max="4" value="3"' in seen[-1]

    ready = text_of(staff, page)
    copy = the_copy()
    assert "The copy is ready" in ready
    assert copy.pdf_sha256 in ready
    assert copy.json_sha256 in ready
    assert "18\xa0bytes" in ready
    assert staff.get(f"{page}record.pdf").content == FILES["pdf"]
    assert staff.get(f"{page}record.json").content == FILES["json"]
    assert make_record_copy() == 0


def test_a_copy_that_no_worker_has_begun_says_so_after_a_minute(staff: Client, page: str) -> None:
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert "No worker has begun for more than a minute." in text_of(staff, page)


def test_looking_again_names_nobody_and_fills_no_trail(
    staff: Client, page: str, patient: Patient
) -> None:
    before = Event.objects.count()
    shown = text_of(staff, f"{page}progress/")
    assert Event.objects.count() == before
    for sign in (str(patient.pk), patient.family_name, REASON):
        assert sign not in shown
    staff.get(page)
    assert Event.objects.latest("pk").patient_id == patient.pk


def test_only_who_asked_opens_it(staff: Client, administrator: Client, page: str) -> None:
    copying.make_next(lambda _: FILES)
    for end in ("", "progress/", "record.pdf", "record.json"):
        assert staff.get(f"{page}{end}").status_code == 200
        assert administrator.get(f"{page}{end}").status_code == 404


def test_asking_twice_with_one_form_is_asking_once(staff: Client, patient: Patient) -> None:
    form = {"submission": str(UUID(int=7)), "reason": REASON}
    url = f"/office/patients/{patient.pk}/copy/"
    assert staff.post(url, form)["Location"] == staff.post(url, form)["Location"]
    assert Event.objects.filter(code="record_copy_requested").count() == 1
    assert the_copy().events_upto == Event.objects.get(code="record_copy_requested").pk


# --- What dies on the way -------------------------------------------------------------------------


def test_a_fourth_copy_waits_until_one_is_made(
    cast: builders.Cast, staff: Client, administrator: Client, patient: Patient
) -> None:
    for _ in range(3):
        assert ask(staff, patient).status_code == 302
    refused = ask(staff, patient)
    assert "are still being made" in refused.content.decode()
    assert REASON in refused.content.decode(), "what was typed stays"
    assert RecordCopy.objects.count() == 3
    assert ask(administrator, patient).status_code == 302, "another person's are not counted"

    assert make_record_copy() == 1
    assert ask(staff, patient).status_code == 302
    assert ask(staff, patient).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)):
        # What was never made holds nobody up for ever.
        assert ask(browser_of(cast.staff), patient).status_code == 302


def test_what_a_killed_worker_leaves_is_made_by_the_next(staff: Client, page: str) -> None:
    with pytest.raises(SystemExit):
        copying.make_next(killed)
    # While the lease runs nobody can know that it is dead.
    assert make_record_copy() == 0
    let_the_lease_run_out()
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert "It was interrupted." in text_of(staff, page)
    assert make_record_copy() == 1
    assert the_copy().attempts == 2
    assert "The copy is ready" in text_of(staff, page)


def test_a_worker_that_was_slower_than_its_lease_keeps_nothing(page: str) -> None:
    def overtaken(order: copying.Order) -> Mapping[str, bytes]:
        let_the_lease_run_out()
        assert copying.make_next(lambda _: FILES) == 1
        return dict.fromkeys(FILES, b"too late")

    assert copying.make_next(overtaken) == 0
    assert bytes(the_copy().pdf or b"") == FILES["pdf"]


def test_a_worker_that_was_overtaken_stops_at_the_next_part(page: str) -> None:
    done = []

    def overtaken(order: copying.Order) -> Mapping[str, bytes]:
        let_the_lease_run_out()
        with pytest.raises(SystemExit):
            copying.make_next(killed)
        for _ in range(1_000):
            order.row_done()
            done.append(True)
        return FILES

    assert copying.make_next(overtaken) == 0
    assert len(done) < copying.ROWS_A_PART
    assert the_copy().made_at is None


@pytest.mark.parametrize(("lay_it_out", "kind"), [(broken, "ValueError"), (killed, "WorkerLost")])
def test_what_fails_three_times_is_given_up_in_words(
    staff: Client, page: str, lay_it_out: copying.LayOut, kind: str, said: list[str]
) -> None:
    for _ in range(copying.ATTEMPTS):
        with pytest.raises((copying.NotMade, SystemExit)) as failure:
            copying.make_next(lay_it_out)
        assert NAMED not in str(failure.value)
        if lay_it_out is killed:
            let_the_lease_run_out()
    assert make_record_copy() == 0
    copy, shown = the_copy(), text_of(staff, page)
    assert copy.last_error == kind
    assert "The copy could not be made" in shown
    assert "tried 3 times" in shown
    assert str(copy.pk) in shown
    assert make_record_copy() == 0
    assert said
    assert not [line for line in said if NAMED in line or str(copy.patient_id) in line]


def test_one_copy_a_run_and_the_oldest_first(staff: Client, patient: Patient) -> None:
    for _ in range(2):
        ask(staff, patient)
    assert make_record_copy() == 1
    made = [copy.made_at is not None for copy in RecordCopy.objects.order_by("recorded_at")]
    assert made == [True, False]


def test_it_is_begun_soon() -> None:
    entry: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE["portal.make_record_copy"]
    assert entry["schedule"] <= 5


# --- What is in it --------------------------------------------------------------------------------


def test_what_is_written_while_it_is_read_is_in_none_of_its_tables(
    cast: builders.Cast, patient: Patient, page: str
) -> None:
    written: list[bool] = []

    def meanwhile(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'FROM "evidence_pregnancytest"' in sql and not written:
            written.append(True)
            other = Thread(target=write)
            other.start()
            other.join()
        return execute(sql, params, many, context)

    def write() -> None:
        builders.negative_test(cast.prescribing, patient)
        connection.close()

    with connection.execute_wrapper(meanwhile):
        assert copying.make_next(found) == 1
    assert PregnancyTest.objects.filter(patient=patient).count() == 1
    assert bytes(the_copy().json or b"") == b"0"
    assert rows_of(whole_record(patient), "evidence.pregnancytest") == 1


def found(order: copying.Order) -> Mapping[str, bytes]:
    """How many tests there are, instead of files."""
    tests = rows_of(order.record, "evidence.pregnancytest")
    return {"pdf": b"-", "json": str(tests).encode()}


def rows_of(record: Any, model: str) -> int:
    return next(len(table.rows) for table in record.tables if table.model == model)


def test_it_is_printed_as_of_the_moment_in_which_it_was_read(page: str) -> None:
    later = clock.now() + timedelta(hours=3)
    with time_machine.travel(later, tick=False):
        assert copying.make_next(lay_out) == 1
    copy = the_copy()
    assert copy.read_at == later
    assert f'"copied_at": "{later:%Y-%m-%dT%H:%M:%S}' in bytes(copy.json or b"").decode()


# --- What stays -----------------------------------------------------------------------------------


def test_after_a_day_the_files_are_gone_and_the_row_and_the_trail_are_not(
    staff: Client, page: str, patient: Patient
) -> None:
    copying.make_next(lambda _: FILES)
    staff.get(f"{page}record.pdf")
    assert empty_record_copies() == 0
    ask(staff, patient)
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)):
        assert empty_record_copies() == 1
        assert empty_record_copies() == 0
        # What nobody made in time is not made any more.
        assert make_record_copy() == 0
    copy = RecordCopy.objects.earliest("recorded_at")
    assert (copy.pdf, copy.json) == (None, None)
    assert copy.emptied_at is not None
    fetched = Event.objects.get(code="record_copied")
    assert fetched.data == {"copy": str(copy.pk), "format": "pdf", "sha256": copy.pdf_sha256}
    changes = RowChange.objects.filter(table_name="oversight_recordcopy", row_id=str(copy.pk))
    assert [sorted({"pdf", "json"} & set(each.after)) for each in changes] == [[], []]
