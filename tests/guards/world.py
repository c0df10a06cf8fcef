"""One committed program with a row in every table, and raw SQL on it that always rolls back."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.apps import apps
from django.db import connection
from django.db.models import Model
from oauth2_provider.models import Application
from psycopg import sql

from apps.accounts.models import ApiClient, Organization
from apps.audit import sealing
from apps.core import clock, numbers, sweeps
from apps.core.models import DemoClock, Operation
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import Deviation
from apps.patients import services as patients
from apps.prescriptions.models import Confirmation
from apps.providers import services as providers
from apps.providers.models import Pharmacy, Prescriber
from apps.reminders.models import Plan, ReminderPreference
from tests import builders
from tests.guards import counter, desk, entrance, movers, office, registry, standing

Row = dict[str, Any]


def our_models() -> list[type[Model]]:
    """Every model of the product that has a table."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and model._meta.managed and not model._meta.proxy
    ]


def trigger_names(model: type[Model]) -> list[str]:
    """The names of the triggers that a model declares."""
    return [trigger.name for trigger in getattr(model._meta, "triggers", [])]


class World:
    """Rows by table, as JSON; the owner's and the application's connection strings."""

    def __init__(self, *, owner_url: str, application_url: str) -> None:
        self.owner_url = owner_url
        self.application_url = application_url
        self.issued: Row = {}
        self.rows: dict[str, list[Row]] = {}

    def row(self, table: str, **where: Any) -> Row:
        """The first row of a table with these values."""
        for row in self.rows[table]:
            if all(row[column] == value for column, value in where.items()):
                return row
        raise AssertionError(f"The world has no row of {table} with {where}.")

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection]:
        """A transaction of the role that owns the tables; it is rolled back."""
        with rolled_back(self.owner_url) as database:
            yield database

    @contextmanager
    def application(self) -> Iterator[psycopg.Connection]:
        """A transaction of the role that the product connects as; it is rolled back."""
        with rolled_back(self.application_url) as database:
            yield database

    def copy(self, table: str, changes: Mapping[str, Any]) -> Row:
        """A new row like the one that is there, with its own key and `changes`."""
        row = {**self.row(table), **FRESH.get(table, dict)()}
        if table == "prescriptions_confirmation":
            row |= self._confirmation()
        if table == "prescriptions_dispense":
            row |= self._dispense()
        if "id" in row and isinstance(row["id"], str):
            row["id"] = str(uuid4())
        return {**row, **changes}

    def _confirmation(self) -> Row:
        """Of the authorization that is issued and free."""
        issued = self.issued
        return {
            "authorization_id": issued["id"],
            "state": "valid",
            "issued_at": issued["issued_at"],
            "expires_at": issued["issued_at"],
            "ended_at": None,
            "ended_reason": "",
        }

    def _dispense(self) -> Row:
        """Under the confirmation that is valid."""
        held = self.row("prescriptions_confirmation", state="valid")
        of = self.row("prescriptions_authorization", id=held["authorization_id"])
        return {
            "authorization_id": of["id"],
            "confirmation_id": held["id"],
            "patient_id": of["patient_id"],
            "pharmacy_id": held["pharmacy_id"],
            "dispensed_at": held["issued_at"],
            "recorded_at": held["issued_at"],
        }


FRESH: dict[str, Any] = {
    "audit_seal": lambda: {"number": uuid4().int % 10**12, "digest": uuid4().hex},
    "audit_textversion": lambda: {"id": uuid4().int % 10**12, "version": uuid4().hex},
    "core_operation": lambda: {"serial": None},
    "accounts_user": lambda: {"email": f"{uuid4().hex}@people.example"},
    "accounts_signin": lambda: {"session_key": uuid4().hex},
    "accounts_earlierpassword": lambda: {"id": uuid4().int % 10**12},
    "accounts_wrongcode": lambda: {"id": uuid4().int % 10**12},
    "accounts_usedassertion": lambda: {"id": uuid4().int % 10**12, "jti": uuid4().hex},
    "prescriptions_authorization": lambda: {
        "number": numbers.new_number(numbers.AUTHORIZATION),
        "state": "issued",
        "ended_at": None,
        "ended_reason": "",
    },
    "prescriptions_confirmation": lambda: {"number": numbers.new_number(numbers.CONFIRMATION)},
    "notices_notice": lambda: {"key": uuid4().hex},
    "patients_patientmerge": lambda: {"merged_id": str(uuid4())},
    "evidence_intake": lambda: {"scan_id": None, "channel": "phone"},
    "providers_prescriber": lambda: {"npi": str(uuid4().int)[:10], "user_id": None},
    "providers_pharmacy": lambda: {"npi": str(uuid4().int)[:10], "ncpdp_id": None},
    "providers_succession": lambda: {"ended_at": "2100-01-01Z", "outcome": "withdrawn"},
    "patients_patientcode": lambda: {
        "reference_digest": uuid4().hex * 2,
        "used_at": None,
        "ended_at": "2100-01-01Z",
        "ended_how": "replaced",
    },
    "patients_patientvisit": lambda: {
        "code_id": str(uuid4()),
        "session_key": uuid4().hex,
        "ended_at": None,
        "ended_how": "",
    },
    "patients_agreementscan": lambda: {"agreement_id": str(uuid4())},
    "patients_categoryassignment": lambda: {"recorded_at": "2001-02-03T04:05:06Z"},
    "patients_identitycorrection": lambda: {"recorded_at": "2001-02-03T04:05:06Z"},
    "evidence_casestep": lambda: {"kind": uuid4().hex},
    "evidence_deviation": lambda: {"occurrence": uuid4().hex},
    "patients_categorychange": lambda: {
        "agreement_id": str(uuid4()),
        "assignment_id": str(uuid4()),
    },
    "oversight_assignment": lambda: {"subject_id": uuid4().hex},
    "oversight_settlement": lambda: {"subject_id": uuid4().hex},
    "eligibility_policyedition": lambda: {
        "id": uuid4().int % 10**12,
        "version": uuid4().hex,
        "replaced_at": None,
    },
    "evidence_healthstatus": lambda: {"recorded_at": "2001-02-03T04:05:06Z"},
}


@contextmanager
def rolled_back(url: str) -> Iterator[psycopg.Connection]:
    """A transaction that leaves nothing behind."""
    with psycopg.connect(url, options="-c lock_timeout=10000") as database:
        yield database
        database.rollback()


def insert(database: psycopg.Connection, table: str, row: Row) -> None:
    """Insert a row that was read as JSON."""
    statement = sql.SQL(
        "INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, %s)"
    )
    database.execute(statement.format(table=sql.Identifier(table)), [json.dumps(row, default=str)])


def update(database: psycopg.Connection, table: str, key: Any, changes: Mapping[str, Any]) -> None:
    """Change one row; exactly one."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} = %s").format(sql.Identifier(column)) for column in changes
    )
    statement = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(table), columns, sql.Identifier(key_of(table))
    )
    changed = database.execute(statement, [*changes.values(), key])
    assert changed.rowcount == 1


def key_of(table: str) -> str:
    """The column of a table's primary key."""
    for model in our_models():
        if model._meta.db_table == table:
            return str(model._meta.pk.column)
    raise AssertionError(f"There is no table {table}.")


def disable_triggers(database: psycopg.Connection, table: str) -> None:
    """So that what is left must refuse; the rollback brings them back. Only the owner can."""
    database.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))


def drop_constraints(
    database: psycopg.Connection, table: str, kinds: str, *, but: str = ""
) -> None:
    """Drop those of these kinds (as pg_constraint names them); the rollback brings them back."""
    found = database.execute(
        "SELECT conname FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype = ANY(%s) AND conname <> %s",
        [table, list(kinds), but],
    )
    for (name,) in found.fetchall():
        statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
        database.execute(statement.format(sql.Identifier(table), sql.Identifier(name)))


def build(world: World) -> None:
    """Fill the database that the process is connected to, by the real commands."""
    cast = builders.cast()
    prescribing = cast.prescribing
    dispensed = builders.authorized_frp(cast)
    held = builders.confirm(cast.dispensing, dispensed).confirmation
    assert held is not None
    made = builders.dispense(cast.dispensing, held).dispense
    assert made is not None
    eligibility.return_to_stock(
        cast.dispensing, dispense_id=made.pk, never_left_premises=True, reason="Never collected"
    )
    valid = authorize(cast, "Hanna", dispensed.patient_id)
    assert builders.confirm(cast.dispensing, valid).confirmation is not None
    issued = authorize(cast, "Greta", dispensed.patient_id)
    patient = dispensed.patient
    test = builders.negative_test(prescribing, patient)
    evidence.withdraw_pregnancy_test(prescribing, test_id=test.pk, reason="Another patient's")
    builders.pregnancy_test(prescribing, patient, result="positive")
    evidence.record_case_details(
        prescribing, case_id=patient.pregnancycase_set.get().pk, details=evidence.Details()
    )
    evidence.report_bleeding(
        prescribing, patient_id=patient.pk, reported_at=clock.now(), kind="missed_period"
    )
    evidence.record_health_status(
        prescribing, patient_id=patient.pk, cycle="regular", breastfeeding=False
    )
    builders.contraception(prescribing, patient, lapse=True)
    builders.exception(cast, patient)
    providers.name_delegate(
        prescribing, email="delegate@practice.example", given_name="Dana", family_name="Delegate"
    )
    movers.move(cast)
    counter.live(cast, authorize(cast, "Irene", dispensed.patient_id))
    standing.stand(cast, patient)
    desk.take_in(cast, patient)
    _without_a_command(patient.pk)
    office.work_on(cast, patient)
    registry.take_in(cast)
    entrance.let_in(cast)
    sweeps.note_end("notices.sweep_due")
    sealing.seal()
    world.rows = everything()
    world.issued = world.row("prescriptions_authorization", id=str(issued.pk))


def authorize(cast: builders.Cast, given_name: str, resembled: UUID) -> Any:
    """An authorization for a patient who resembles another, decided not to be the same."""
    alike = replace(builders.IDENTITY, given_name=given_name)
    others = tuple(
        patients.NotDuplicate(patient_id=pk, reason="Twin sister")
        for pk in cast.prescriber.patients.values_list("pk", flat=True)
    )
    patient = builders.enroll(cast.prescribing, identity=alike, not_duplicates=others)
    builders.make_ready_frp(cast.prescribing, patient)
    decision = builders.request(cast.prescribing, patient, "adult_frp")
    assert decision.authorization is not None, decision.document["unmet"]
    return decision.authorization


def _without_a_command(patient_id: UUID) -> None:
    """Rows that no command of a door makes yet, or that only other processes make."""
    operation = Operation.objects.latest("started_at")
    now = clock.now()
    Deviation.objects.create(
        patient_id=patient_id,
        rule="L-PT-4",
        kind="missed_test",
        occurrence="2026-01-01",
        occurred_at=now,
        severity="major",
        recorded_at=now,
        operation=operation,
    )
    application = Application.objects.create(
        client_type="confidential", authorization_grant_type="client-credentials"
    )
    ApiClient.objects.create(
        application=application,
        organization=Organization.objects.filter(kind="pharmacy")[0],
        role="pharmacist",
    )
    Plan.objects.create(id=patient_id, patient_id=patient_id, planned_for=now, planned_at=now)
    _remind_others(patient_id, now)
    DemoClock.objects.create(ahead=timedelta(0))
    assert Confirmation.objects.filter(state="valid").exists()


def _remind_others(patient_id: UUID, now: datetime) -> None:
    """A plan of a pharmacy, and preferences of everybody who may have some."""
    pharmacy, prescriber = Pharmacy.objects.earliest("pk"), Prescriber.objects.earliest("pk")
    Plan.objects.create(id=pharmacy.pk, pharmacy=pharmacy, planned_for=now, planned_at=now)
    ReminderPreference.objects.create(id=patient_id, patient_id=patient_id, set_at=now)
    ReminderPreference.objects.create(id=pharmacy.pk, pharmacy=pharmacy, set_at=now)
    ReminderPreference.objects.create(id=prescriber.pk, prescriber=prescriber, set_at=now)


def everything() -> dict[str, list[Row]]:
    """All rows of all our tables, as JSON."""
    found = {}
    with connection.cursor() as cursor:
        for model in our_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT to_jsonb(r)::text FROM "{table}" r')  # noqa: S608
            found[table] = [json.loads(text) for (text,) in cursor.fetchall()]
    return found
