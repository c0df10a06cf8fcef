"""Questions about what was said of therapies: interruptions, ends, deaths (rules §10). Reads only.

Where a therapy stands is worked out by the rules; see `eligibility.selectors.therapy_status`.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.evidence.models import TherapyEvent
from apps.patients import standing
from apps.rules.therapy import ENDS, standing_ends


def said_of(patient_ids: Iterable[UUID]) -> QuerySet[TherapyEvent]:
    """What was said of these patients' therapies, under merged records too; not withdrawn."""
    ids = list(patient_ids)
    return TherapyEvent.objects.filter(
        Q(patient_id__in=ids) | Q(patient__merged_into_id__in=ids), withdrawn_at__isnull=True
    )


def said_by_patient(patient_ids: Iterable[UUID], program: str) -> dict[UUID, list[TherapyEvent]]:
    """What was said of each patient's therapy in a program; a death is said of all programs."""
    found: dict[UUID, list[TherapyEvent]] = {}
    said = said_of(patient_ids).filter(program__in=[program, ""]).select_related("patient")
    for event in said.order_by("recorded_at"):
        person = event.patient.merged_into_id or event.patient_id
        found.setdefault(person, []).append(event)
    return found


def standing_ends_of(patient_id: UUID, program: str) -> list[TherapyEvent]:
    """What ended a patient's therapy and stands: no later agreement re-enrolled them (L-END-1).

    One that either of them signed before the end was recorded does not: that was said before.
    """
    ends = list(said_of([patient_id]).filter(program__in=[program, ""], kind__in=ENDS))
    if not ends:
        return []
    agreed_at = [
        min(agreement.patient_signed_at, agreement.prescriber_signed_at)
        for agreement in standing.agreements_in_effect(patient_id, program)
        if agreement.patient_signed_at and agreement.prescriber_signed_at
    ]
    return standing_ends(ends, agreed_at)
