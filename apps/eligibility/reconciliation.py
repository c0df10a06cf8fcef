"""What an outage left to be reconciled: entries made afterwards, and windows that ran out. Reads.

Nothing is extended by itself: each window that ran out says who must do what.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core import numbers
from apps.core.call import ActorKind
from apps.core.models import Operation
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyTest,
)
from apps.prescriptions.models import Authorization, Confirmation, Dispense, Outage, OutageCheck

# What has a time of its own, and may so have happened in an outage: model and column.
TIMED: tuple[tuple[type[Any], str], ...] = (
    (Dispense, "dispensed_at"),
    (PregnancyTest, "collected_at"),
    (ContraceptionAttestation, "attested_at"),
    (ObligationsAttestation, "attested_at"),
    (Counseling, "given_at"),
    (PatientSurvey, "completed_at"),
    (BleedingReport, "reported_at"),
)
ON_PAPER = ("phone", "fax", "paper")


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened in an outage and was entered from another source.

    By a person, by a system (`system_id`), or by the product's own import.
    """

    model: str
    id: UUID
    name: str
    patient_id: UUID
    happened_at: datetime
    recorded_at: datetime
    entered_by_id: UUID | None
    system_id: UUID | None
    checked_by_id: UUID | None

    @property
    def still_to_do(self) -> str:
        """Who has to do what; empty when it is checked."""
        if self.checked_by_id is not None:
            return ""
        return "A second person of the staff compares it with the paper and says so."


@dataclass(frozen=True, slots=True)
class RanOut:
    """A window that ended in an outage without a dispense, and what to do about it."""

    model: str
    id: UUID
    number: str
    patient_id: UUID
    ended_at: datetime
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole list of one outage, as of an instant."""

    outage: Outage
    entries: list[Entry]
    ran_out: list[RanOut]

    @property
    def patient_ids(self) -> set[UUID]:
        """Whom the list is about, for the trail."""
        return {entry.patient_id for entry in self.entries} | {
            each.patient_id for each in self.ran_out
        }

    @property
    def unchecked(self) -> int:
        """How many entries still wait for a second person."""
        return sum(1 for entry in self.entries if entry.checked_by_id is None)


def reconciliation(outage: Outage, now: datetime) -> Reconciliation:
    """Everything that one outage left behind, as of `now`."""
    return Reconciliation(outage, entries(outage, now), ran_out(outage, now))


def entries(outage: Outage, now: datetime) -> list[Entry]:
    """What happened in the outage and was entered afterwards, or from phone, fax or paper.

    Also a late dispense that names the outage, whenever it was. In the order of what happened.
    """
    checked = dict(
        OutageCheck.objects.filter(outage=outage).values_list("subject_id", "checked_by_id")
    )
    found = [
        Entry(
            model=model._meta.label_lower,
            id=row.pk,
            name=str(model._meta.verbose_name),
            patient_id=row.patient_id,
            happened_at=getattr(row, column),
            recorded_at=row.recorded_at,
            entered_by_id=_actor(row.operation, ActorKind.PERSON),
            system_id=_actor(row.operation, ActorKind.CLIENT),
            checked_by_id=checked.get(row.pk),
        )
        for model, column in TIMED
        for row in _rows(model, column, outage, now)
    ]
    return sorted(found, key=lambda entry: (entry.happened_at, str(entry.id)))


def _actor(operation: Operation, kind: ActorKind) -> UUID | None:
    return operation.actor_id if operation.actor_kind == kind else None


def waiting(now: datetime) -> list[tuple[Outage, int]]:
    """Each outage that has unchecked entries, with how many."""
    counted = [(outage, entries(outage, now)) for outage in Outage.objects.order_by("from_at")]
    return [
        (outage, open_ones)
        for outage, listed in counted
        if (open_ones := sum(1 for entry in listed if entry.checked_by_id is None))
    ]


def ran_out(outage: Outage, now: datetime) -> list[RanOut]:
    """Authorizations and confirmations whose window ended in the outage, without a dispense.

    By the time of their windows, whether or not a sweep has written the expiry.
    """
    until = outage.until_at or now
    window = Q(expires_at__gte=outage.from_at, expires_at__lte=min(until, now))
    authorizations = Authorization.objects.filter(
        window, state__in=["issued", "confirmed", "expired"]
    )
    confirmations = Confirmation.objects.filter(
        window, state__in=["valid", "expired"]
    ).select_related("authorization")
    found = [
        RanOut(
            model=Authorization._meta.label_lower,
            id=each.pk,
            number=numbers.grouped(each.number),
            patient_id=each.patient_id,
            ended_at=each.expires_at,
            what_to_do=(
                "The prescriber asks for a new authorization, with whatever test or survey has run "
                "out since. If the drug was handed out meanwhile, the pharmacy or the staff enter "
                "the late dispense first."
            ),
        )
        for each in authorizations
    ]
    found += [
        RanOut(
            model=Confirmation._meta.label_lower,
            id=each.pk,
            number=numbers.grouped(each.number),
            patient_id=each.authorization.patient_id,
            ended_at=each.expires_at,
            what_to_do=_about_confirmation(each, now),
        )
        for each in confirmations
    ]
    return sorted(found, key=lambda each: (each.ended_at, str(each.id)))


def _about_confirmation(confirmation: Confirmation, now: datetime) -> str:
    first = (
        "Ask the pharmacy whether the drug was handed out under it: if so, the late dispense is "
        "entered with its real time. "
    )
    authorization = confirmation.authorization
    if authorization.state in {"issued", "confirmed"} and authorization.expires_at >= now:
        return f"{first}If not, the pharmacy gets a new confirmation: the authorization is open."
    return f"{first}If not, the prescriber asks for a new authorization: this one is over."


def _rows(model: type[Any], column: str, outage: Outage, now: datetime) -> QuerySet[Any]:
    until = outage.until_at or now
    inside = Q(**{f"{column}__gte": outage.from_at, f"{column}__lte": until})
    afterwards = Q(recorded_at__gt=until) | Q(
        operation__in=Operation.objects.filter(channel__in=ON_PAPER)
    )
    if model is Dispense:
        chosen = Q(inside, reported_late=True) | Q(outage=outage)
    else:
        chosen = Q(inside & afterwards)
    rows: QuerySet[Any] = model._default_manager.filter(chosen, withdrawn_at__isnull=True)
    return rows.select_related("operation").order_by(column)
