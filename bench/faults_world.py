"""The people of the faults' run, and what the database holds afterwards.

Imported once the environment is set: it starts Django.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import django

django.setup()

import time_machine  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Max, Model  # noqa: E402
from django.test import override_settings  # noqa: E402

from apps.accounts.models import ApiClient  # noqa: E402
from apps.core import clock, numbers  # noqa: E402
from apps.core.call import Role  # noqa: E402
from apps.core.models import SweepRun  # noqa: E402
from apps.eligibility.models import Decision  # noqa: E402
from apps.evidence import models as evidence  # noqa: E402
from apps.notices.messages import message_id  # noqa: E402
from apps.notices.models import Notice  # noqa: E402
from apps.patients.models import Patient  # noqa: E402
from apps.prescriptions.models import Authorization, Confirmation, Dispense  # noqa: E402
from bench.faults_judge import Written  # noqa: E402
from tests import browsers, builders, second_factors  # noqa: E402
from tests.api.clients import system  # noqa: E402

# By the last part of the address that makes them.
MODELS: dict[str, type[Model]] = {
    "patients": Patient,
    "contraception": evidence.ContraceptionAttestation,
    "pregnancy-tests": evidence.PregnancyTest,
    "obligations": evidence.ObligationsAttestation,
    "counseling": evidence.Counseling,
    "surveys": evidence.PatientSurvey,
    "bleeding-reports": evidence.BleedingReport,
    "authorizations": Authorization,
    "confirmations": Confirmation,
    "dispenses": Dispense,
}
HERE: dict[str, Any] = {"SERVER_NAME": "127.0.0.1"}
NUMBERED = {"authorizations", "confirmations"}
DECIDING = {"authorizations": "authorization", "confirmations": "confirmation",
            "dispenses": "dispense"}  # fmt: skip
# What `ended_confirmation` makes.
PLANTED = Counter([*(MODELS.keys() - {"dispenses", "bleeding-reports"}), "pregnancy-tests"])
# A confirmation that ended half an hour ago, and did not an hour ago.
ENDED = timedelta(hours=24, minutes=30)


@dataclass(frozen=True)
class Pair:
    """The systems of one practice and one pharmacy."""

    practice: ApiClient
    prescriber: UUID
    pharmacy: ApiClient


@dataclass(frozen=True)
class World:
    """Everybody who works while things break."""

    cast: builders.Cast
    pairs: list[Pair]
    cookie: str


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """History is made: this process works at another time than the database's."""
    with override_settings(CLOCK_IS_COMPARED=False), time_machine.travel(instant, tick=False):
        yield


def made(count: int) -> World:
    """So many practices, each with its prescriber, and pharmacies; an administrator looks on."""
    with at(clock.real_now() - 2 * ENDED):
        cast = builders.cast()
    pairs = []
    for serial in range(1, count + 1):
        prescriber = builders.certified_prescriber(cast.administrator, serial=serial + 1)
        pharmacy = builders.certified_pharmacy(cast.administrator, serial=serial + 1)
        practice = system(prescriber.practice_id, Role.PRESCRIBER, prescriber.pk, **HERE).client
        counter = system(pharmacy.organization_id, Role.PHARMACIST, **HERE).client
        pairs.append(Pair(practice, prescriber.pk, counter))
    looking = builders.person_of(cast.administrator)
    second_factors.have_components(looking)
    session = browsers.signed_in(looking).cookies
    cookie = "; ".join(f"{name}={each.value}" for name, each in session.items())
    return World(cast, pairs, cookie)


def ended_confirmation(cast: builders.Cast) -> tuple[dict[str, Any], str]:
    """The dispense of a confirmation that ended lately, and a token of its pharmacy."""
    with at(clock.real_now() - ENDED):
        authorization = builders.authorized_frp(cast)
        confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    content = {
        "confirmation_id": str(confirmation.pk),
        "risk_category": authorization.risk_category,
        "days_supply": authorization.days_supply,
        "quantity": authorization.quantity,
        "lot_number": "LOT-1",
        "ndc": "59572-0425-21",
        "counselor": "Phil Pharmacist",
        "checklist": list(builders.checklist(authorization.risk_category)),
        "medication_guide_given": True,
    }
    return content, system(cast.pharmacy.organization_id, Role.PHARMACIST, **HERE).token


def there() -> dict[str, dict[str, str]]:
    """By kind, every record's id with its number."""
    found = {
        kind: {
            str(row["pk"]): row.get("number", "")
            for row in model._default_manager.values(
                "pk", *(["number"] if kind in NUMBERED else [])
            )
        }
        for kind, model in MODELS.items()
    }
    decisions = Decision.objects.filter(act="verify").values_list("pk", flat=True)
    return {**found, "eligibility-checks": dict.fromkeys(map(str, decisions), "")}


def written(lines: Iterable[dict[str, Any]]) -> list[Written]:
    """The clients' acknowledged writes."""
    return [_written(line) for line in lines if line["kind"] == "written"]


def _written(line: dict[str, Any]) -> Written:
    kind, content = line["path"].rpartition("/")[2], line["content"]
    record = content.get(DECIDING[kind]) if kind in DECIDING else content
    assert record is not None, "A refusal makes nothing; the client noted it as broken."
    number = record.get("number", "") if kind in NUMBERED else ""
    return Written(line["key"], kind, record["id"], numbers.normalize(number))


def waiting() -> int:
    """Notices that are due and not sent."""
    return Notice.objects.filter(state="scheduled", due_at__lte=clock.now()).count()


def expected_messages(reports: Sequence[Written]) -> list[str]:
    """The Message-IDs that must have left: all that are marked, and one of each told report."""
    sent = Notice.objects.filter(channel="email").exclude(state="cancelled")
    due = {notice.key: message_id(notice) for notice in sent.filter(due_at__lte=clock.now())}
    told = {key.split(":")[1] for key in due if key.startswith("evaluation_needed:")}
    silent = [each.id for each in reports if each.id not in told]
    return [*due.values(), *(f"about the report {each}" for each in silent)]


def tried_again() -> int:
    """Notices that did not leave at the first attempt."""
    return Notice.objects.filter(attempts__gt=1).count()


def latest_sweep() -> float:
    """When a sweep last ran to its end."""
    latest = SweepRun.objects.aggregate(latest=Max("ended_at"))["latest"]
    return float(latest.timestamp()) if latest else 0.0


def out_of_order() -> int:
    """Decisions of one patient whose instants do not rise with the order of their commits."""
    with connection.cursor() as cursor:
        cursor.execute(OUT_OF_ORDER)
        (count,) = cursor.fetchone() or (0,)
    return int(count)


OUT_OF_ORDER = """
    SELECT count(*) FROM (
        SELECT d.recorded_at <= lag(d.recorded_at)
            OVER (PARTITION BY d.patient_id ORDER BY o.serial) AS back
        FROM eligibility_decision d JOIN core_operation o ON o.id = d.operation_id
    ) AS steps WHERE back
"""
