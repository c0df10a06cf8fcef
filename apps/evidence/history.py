"""What was recorded of many patients over time, for those who work out what was owed. Reads only.

One statement a question, however many patients; whoever asks may see them all (the system does).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from apps.evidence.models import HealthStatus, TherapyEvent
from apps.rules.calendar import Calendar, date_of
from apps.rules.therapy import ENDS

Cycles = Mapping[UUID, Sequence[tuple[date, str | None]]]


def cycles_of(patient_ids: Iterable[UUID], calendar: Calendar) -> Cycles:
    """What each patient's cycle was recorded to be, and from which day on, oldest first."""
    found: dict[UUID, list[tuple[date, str | None]]] = defaultdict(list)
    ids = list(patient_ids)
    statuses = HealthStatus.objects.filter(
        Q(patient_id__in=ids) | Q(patient__merged_into_id__in=ids), withdrawn_at=None
    ).select_related("patient")
    for each in statuses.order_by("recorded_at"):
        recorded_on = date_of(calendar.day(each.recorded_at))
        found[each.patient.merged_into_id or each.patient_id].append(
            (recorded_on, each.cycle or None)
        )
    return found


def ends_of_therapy(patient_ids: Iterable[UUID], program: str) -> Mapping[UUID, Sequence[date]]:
    """The days on which each patient's therapy in a program ended, as was said and stands."""
    found: dict[UUID, list[date]] = defaultdict(list)
    ids = list(patient_ids)
    events = TherapyEvent.objects.filter(
        Q(patient_id__in=ids) | Q(patient__merged_into_id__in=ids),
        kind__in=ENDS,
        program__in=("", program),
        withdrawn_at=None,
    ).select_related("patient")
    for each in events:
        found[each.patient.merged_into_id or each.patient_id].append(each.happened_on)
    return found
