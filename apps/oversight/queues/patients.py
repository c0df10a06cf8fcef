"""Patients who wait for somebody: changes of category, intakes, duplicates, addresses, strays."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, UUIDField, Value, When
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Coalesce, Greatest

from apps.accounts.models import Membership
from apps.audit.models import Event
from apps.core.call import SYSTEM, Role
from apps.evidence.models import Intake
from apps.evidence.selectors import stranded_patients
from apps.evidence.unsigned import has_newer_text, waiting_for_signatures
from apps.oversight.queues.source import NOBODY, Source, office_target, person
from apps.patients import standing
from apps.patients.models import Agreement, CategoryChange, Patient, UndeliverableAddress
from apps.patients.resemblances import undecided_resemblances
from apps.rules.policy import Policy
from apps.rules.targets import Target

MOST_PAIRS = 1_000
UNSIGNED, HOURS_TO_SIGN = "unsigned_agreement", 168
IDS: ArrayField[list[UUID], list[UUID]] = ArrayField(UUIDField())


def _changes(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Changes towards less monitoring, from the later signature on (L-CAT-3)."""
    return standing.waits_for_approval().annotate(
        signed_at=Greatest("agreement__patient_signed_at", "agreement__prescriber_signed_at")
    )


def _intakes(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    return Intake.objects.filter(state=Intake.State.WAITING)


def _duplicates(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Of each two who may be one person, the one who was registered later (L-PAT-1)."""
    pairs = undecided_resemblances(SYSTEM, limit=MOST_PAIRS)
    both = Patient.objects.in_bulk({pk for each in pairs for pk in _ids(each)})
    earlier_of: dict[UUID, list[Patient]] = {}
    for each in pairs:
        earlier, later = sorted(
            (both[pk] for pk in _ids(each)), key=lambda one: (one.registered_at, one.pk)
        )
        earlier_of.setdefault(later.pk, []).append(earlier)
    names, ids = [], []
    for pk, found in earlier_of.items():
        names.append(When(pk=pk, then=Value(" and ".join(map(str, found)))))
        ids.append(When(pk=pk, then=Value([each.pk for each in found], output_field=IDS)))
    return Patient.objects.filter(pk__in=earlier_of).annotate(
        resembled=Case(*names, default=Value(""), output_field=CharField()),
        resembled_ids=Case(*ids, default=NOBODY, output_field=IDS),
    )


def _ids(pair: Any) -> tuple[Any, Any]:
    return pair.patient_id, pair.resembles_id


def _addresses(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    return standing.waits_for_an_address()


def _strays(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Patients whose prescriber is not certified, or has left, from the instant when that began."""
    lost = Event.objects.filter(
        code="prescriber_standing_changed",
        subject_id=Cast(OuterRef("prescriber_id"), CharField()),
    ).order_by("-occurred_at")
    left = Membership.objects.filter(
        user_id=OuterRef("prescriber__user_id"),
        organization_id=OuterRef("prescriber__practice_id"),
        role=Role.PRESCRIBER.value,
    ).order_by(F("ended_at").desc(nulls_last=True))
    return stranded_patients().annotate(
        stranded_at=Coalesce(
            Greatest(
                Subquery(lost.values("occurred_at")[:1]), Subquery(left.values("ended_at")[:1])
            ),
            "registered_at",
        )
    )


def _unsigned(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Agreements that wait for the patient's or the prescriber's signature (L-ENR-3)."""
    return waiting_for_signatures().select_related("patient")


def _lacks(agreement: Agreement, _policy: Policy) -> str:
    sides = {
        agreement.get_signer_display(): agreement.patient_signed_at,
        "Prescriber": agreement.prescriber_signed_at,
    }
    lacking = ", ".join(side.lower() for side, signed_at in sides.items() if signed_at is None)
    changed = "; the text has changed since" if has_newer_text(agreement) else ""
    return f"{agreement.patient}, signature missing: {lacking}{changed}"


def _week() -> Target:
    return office_target(UNSIGNED, owner="staff", hours=HOURS_TO_SIGN)


SOURCES = (
    Source(
        kind="stranded_patient",
        title="Patients without a certified prescriber",
        task="Open the patient’s prescriber, and hand their patients over to a certified one.",
        model=Patient,
        waiting=_strays,
        since="stranded_at",
        patient=F("pk"),
    ),
    Source(
        kind="category_change",
        title="Changes to a category with less monitoring",
        task="An administrator checks the basis, then approves or refuses the change.",
        model=CategoryChange,
        waiting=_changes,
        since="signed_at",
        patient=person(),
    ),
    Source(
        kind="intake_check",
        title="Entries from phone, fax and paper",
        task="A second person compares the entry with the source, then accepts or refuses it.",
        model=Intake,
        waiting=_intakes,
        since="recorded_at",
        patient=person(),
        describe=lambda intake, _policy: f"{intake.get_kind_display()}, by {intake.channel}",
    ),
    Source(
        kind="duplicate",
        title="Records that may be one person’s",
        task="Compare the records: merge them, or say why they are two persons.",
        model=Patient,
        waiting=_duplicates,
        since="registered_at",
        patient=F("pk"),
        others=F("resembled_ids"),
        describe=lambda patient, _policy: f"{patient} resembles {patient.resembled}",
    ),
    Source(
        kind="undeliverable_address",
        title="Addresses that reach nobody",
        task="Find another address, or settle that this one is right after all.",
        model=UndeliverableAddress,
        waiting=_addresses,
        since="recorded_at",
        patient=person(),
    ),
    Source(
        kind=UNSIGNED,
        title="Agreements that lack a signature",
        task=(
            "If the signed form came, enter it with its scan. If not, call whoever is to sign: the "
            "prescriber signs in the portal, the patient there, by a link or on paper."
        ),
        model=Agreement,
        waiting=_unsigned,
        since="recorded_at",
        patient=person(),
        describe=_lacks,
        target=_week,
    ),
)
