"""Patients for tests of reminders, and views of the outbox."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.patients.services import Identity
from tests import builders
from tests.builders import Cast


def on_therapy(cast: Cast, serial: int = 1, **contact: str) -> Patient:
    """A woman on the pregnancy path who was dispensed 28 days' supply a moment ago."""
    patient = builders.ready_frp(cast.prescribing, identity=woman(serial, **contact))
    decision = builders.request(cast.prescribing, patient, "adult_frp")
    assert decision.authorization is not None, decision.document["unmet"]
    confirmed = builders.confirm(cast.dispensing, decision.authorization)
    assert confirmed.confirmation is not None, confirmed.document["unmet"]
    dispensed = builders.dispense(cast.dispensing, confirmed.confirmation)
    assert dispensed.dispense is not None, dispensed.document["unmet"]
    return patient


def woman(serial: int, **contact: str) -> Identity:
    """Somebody who resembles nobody else."""
    fields = {"email": f"patient{serial}@patients.example", **contact}
    return replace(
        builders.IDENTITY,
        family_name=f"Synthetic{serial}",
        born_on=date(1980 + serial // 28, 1, 1 + serial % 28),
        postal_code=f"{10000 + serial}",
        phone="",
        **fields,
    )


def reminders(kind: str, **filters: Any) -> list[Notice]:
    """The reminders of one kind of obligation, by due time."""
    found = Notice.objects.filter(purpose="reminder", params__obligation=kind, **filters)
    return list(found.order_by("due_at", "recipient_kind"))


def scheduled(kind: str, **filters: Any) -> list[tuple[str, datetime]]:
    """Whom the scheduled reminders of a kind go to, and when."""
    found = reminders(kind, state="scheduled", **filters)
    return [(each.recipient_kind, each.due_at) for each in found]


def fates(kind: str) -> list[tuple[str, str]]:
    """State and reason of every reminder of a kind, by due time."""
    return [(each.state, each.ended_reason) for each in reminders(kind)]
