"""What the tests of the program's own work share: a moment, a deviation, a queue by its kind."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.call import Call
from apps.core.models import Operation
from apps.evidence.models import Deviation
from apps.oversight import selectors
from apps.oversight.selectors import Item, Queue
from apps.patients.models import Patient
from apps.rules.policy import policy_in_force
from tests.builders import PROGRAM


def queue(call: Call, kind: str) -> Queue:
    """The queue of one kind now."""
    found = selectors.queues(call.actor, program=PROGRAM, now=clock.now())
    return next(each for each in found if each.kind == kind)


def items(call: Call, kind: str) -> list[Item]:
    """The items of one kind now."""
    now = clock.now()
    rows = list(selectors.waiting(call.actor, kind, program=PROGRAM, now=now))
    return selectors.items(rows, kind, program=PROGRAM, now=now)


def subjects(call: Call, kind: str) -> list[UUID]:
    """The records that wait, in their order."""
    return [item.subject_id for item in items(call, kind)]


def deviation(patient: Patient, kind: str = "missed_test", **fields: Any) -> Deviation:
    """A deviation of that kind as the policy knows it, recorded now."""
    now: datetime = clock.now()
    known = policy_in_force(PROGRAM, now).deviations[kind]
    defaults = {
        "rule": known.rule,
        "occurrence": f"{kind} of {now.isoformat()}",
        "occurred_at": now,
        "severity": known.severity,
        "recorded_at": now,
        "operation": Operation.objects.latest("started_at"),
    }
    return Deviation.objects.create(patient=patient, kind=kind, **{**defaults, **fields})
