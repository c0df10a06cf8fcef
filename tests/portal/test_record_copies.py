"""A patient's complete record for an inspection: everything, for who asked, for a day.

What there is to find is asked of the database's own catalog, so that no table can be forgotten.
"""

import hashlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.oversight.whole_record import SECRET
from apps.patients.models import Patient, PatientCode
from apps.portal.tasks import make_record_copy
from tests import builders
from tests.api.world import contents
from tests.papers.reading import flowing
from tests.visitors import give_code

pytestmark = pytest.mark.usefixtures("own_database")

REASON = "Subpoena 26-1107 of the Southern District"
# Everything below a patient, by foreign keys; and whatever names one, or a record, without.
BELOW = """
    WITH RECURSIVE below(oid) AS (
        SELECT 'patients_patient'::regclass::oid
        UNION SELECT c.conrelid FROM pg_constraint c JOIN below b ON c.confrelid = b.oid
        WHERE c.contype = 'f'
    )
    SELECT oid::regclass::text FROM below
    UNION
    SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
        AND (a.attname LIKE '%patient%' OR a.attname IN ('subject_id', 'row_id', 'recipient_id'))
"""
OF_THE_PATIENT = """
    SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND a.attname = 'patient_id' AND c.relname <> 'audit_event'
"""


def ask(browser: Client, patient: Patient, reason: str = REASON) -> Any:
    """Ask for the complete record."""
    url = reverse("ask_for_record", args=[patient.pk])
    return browser.post(url, {"submission": uuid4(), "reason": reason})


def asked_for_a_copy() -> list[str]:
    """What the database was asked for the copy that a worker makes, without the parts done."""
    with CaptureQueriesContext(connection) as asked:
        assert make_record_copy() == 1
    found = [each["sql"] for each in asked.captured_queries]
    return [sql for sql in found if not sql.startswith('UPDATE "oversight_recordcopy"')]


def catalog(statement: str) -> set[str]:
    """The tables that the database's catalog names."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return {name for (name,) in cursor.fetchall()}


def ids_in(table: str, patient_id: UUID) -> set[str]:
    """The rows of a table that name the patient, asked in plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id::text FROM {table} WHERE patient_id = %s", [patient_id])  # noqa: S608 - a name of the catalog
        return {key for (key,) in cursor.fetchall()}


def test_the_complete_record_leaves_no_table_out_and_tells_of_nobody_else(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    found = contents(cast)
    patient = Patient.objects.get(pk=found.paths["patient_id"])
    others = Patient.objects.exclude(pk=patient.pk)
    give_code(cast.prescribing, patient)

    # A reason is asked; then the copy is under an address that names nobody.
    assert "error" in ask(staff, patient, " ").content.decode()
    assert not Event.objects.filter(code="record_copy_requested").exists()
    page = ask(staff, patient)["Location"]
    assert str(patient.pk) not in page
    assert REASON in staff.get(page).content.decode()
    statements = asked_for_a_copy()
    kept = staff.get(f"{page}record.json")
    whole = json.loads(kept.content)
    canonical = json.dumps(whole["record"], ensure_ascii=False, sort_keys=True)
    assert hashlib.sha256(canonical.encode()).hexdigest() == whole["sha256"]

    # Every table of the catalog is there, with every row that names the patient.
    tables = {
        apps.get_model(table["model"])._meta.db_table: table for table in whole["record"]["tables"]
    }
    assert catalog(BELOW) - {"audit_event"} <= set(tables)
    filled = 0
    for name in catalog(OF_THE_PATIENT):
        rows = ids_in(name, patient.pk)
        filled += bool(rows)
        assert rows <= {str(row["id"]) for row in tables[name]["rows"]}, name
    assert filled > 20, "the world that is searched is a full one"
    events = {each["event"] for each in whole["record"]["events"]}
    asked = Event.objects.get(code="record_copy_requested")
    assert events == {
        each.pk
        for each in Event.objects.filter(pk__lte=asked.pk)
        if patient.pk in {each.patient_id, *(each.patient_ids or [])}
    }
    assert asked.reason == REASON

    # Nobody else is in it, and nothing with which one signs in.
    text = kept.content.decode()
    for other in others:
        assert str(other) not in text
        for name in catalog(OF_THE_PATIENT):
            assert not ids_in(name, other.pk) & {str(row["id"]) for row in tables[name]["rows"]}
    code = PatientCode.objects.get(patient=patient)
    assert code.code_digest not in text
    assert code.reference_digest not in text
    for kind, secret in SECRET.items():
        listed: Any = admin.site.get_model_admin(kind)
        assert secret == set(listed.hidden), kind

    # The same is told on paper; each fetching is an event with the digest of what was handed out.
    paper = staff.get(f"{page}record.pdf")
    said = flowing(paper.content)
    for each in ("Pregnancy tests (", "Signatures (", "Fiona Synthetic", REASON):
        assert each in said
    assert all(f" {event}. " in f" {said}" for event in sorted(events)[:50])
    fetched = Event.objects.filter(code="record_copied", patient_id=patient.pk).order_by("pk")
    assert [each.data["format"] for each in fetched] == ["json", "pdf"]
    assert fetched[1].data["sha256"] == hashlib.sha256(paper.content).hexdigest()

    # More rows take no more statements; nobody else opens it, and in a day nobody does.
    for _ in range(3):
        builders.negative_test(cast.prescribing, patient)
    ask(staff, patient)
    assert len(asked_for_a_copy()) == len(statements)
    assert {administrator.get(f"{page}{end}").status_code for end in ("", "record.pdf")} == {404}
    with time_machine.travel(clock.now() + timedelta(days=1, seconds=1)):
        assert staff.get(page).status_code in {302, 404}
        assert staff.get(f"{page}record.json").status_code in {302, 404}
