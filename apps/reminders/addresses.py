"""Addresses that a mail server refused for good become the patient's undeliverable ones (L-END-3).

Found from the outbox by a sweep, so that a crash after the refusal loses none.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from apps.core.call import SYSTEM_CALL
from apps.notices.models import Notice
from apps.notices.sending import ADDRESS_REFUSED
from apps.patients import reaching
from apps.patients.models import Patient, UndeliverableAddress

FINDING = "The mail server refused it."


def refused(*, limit: int) -> list[UUID]:
    """The patients whose present e-mail address was refused and is not recorded as such."""
    patients = Patient.objects.filter(
        pk=OuterRef("recipient_id"), email=OuterRef("address"), merged_into=None
    )
    known = UndeliverableAddress.objects.filter(
        Q(resolved_at=None) | Q(recorded_at__gte=OuterRef("ended_at")),
        patient_id=OuterRef("recipient_id"),
        kind=UndeliverableAddress.Kind.EMAIL,
        address=OuterRef("address"),
    )
    lost = Notice.objects.filter(
        Exists(patients),
        ~Exists(known),
        state=Notice.State.UNDELIVERABLE,
        ended_reason=ADDRESS_REFUSED,
        channel=Notice.Channel.EMAIL,
        recipient_kind=Notice.RecipientKind.PATIENT,
    )
    ids = lost.order_by("recipient_id").values_list("recipient_id", flat=True).distinct()
    return [patient_id for patient_id in ids[:limit] if patient_id]


def record(patient_id: UUID) -> int:
    """Record that a patient's e-mail address reaches nobody; it joins the list of the staff."""
    reaching.record_undeliverable(SYSTEM_CALL, patient_id=patient_id, kind="email", finding=FINDING)
    return 1
