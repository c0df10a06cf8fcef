"""Which patients an actor may see, and who resembles whom. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core.call import PRESCRIBING, Actor, Role
from apps.core.errors import NotFound
from apps.patients.models import (
    Agreement,
    AgreementScan,
    CategoryAssignment,
    Patient,
    PatientTransfer,
)
from apps.providers.models import Prescriber
from apps.providers.selectors import covered_by

SEES_ALL = frozenset({Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM})


def visible_to(actor: Actor) -> QuerySet[Patient]:
    """The program's people see all patients; a prescriber's side its own and covered ones.

    A patient, or who speaks for them, sees one: that one. A pharmacy sees no patient: only what an
    authorization number in hand opens. Who sees a patient sees the records that were merged into
    theirs; those take no commands any more.
    """
    if actor.role in SEES_ALL:
        return Patient.objects.all()
    if actor.role in PRESCRIBING:
        return _with_merged(Patient.objects.filter(covered_by(actor.prescriber_id)))
    if actor.role is Role.PATIENT and actor.patient_id is not None:
        return _with_merged(Patient.objects.filter(pk=actor.patient_id))
    return Patient.objects.none()


def _with_merged(theirs: QuerySet[Patient]) -> QuerySet[Patient]:
    own = theirs.filter(merged_into=None).values("pk")
    return Patient.objects.filter(Q(pk__in=own) | Q(merged_into__in=own))


def registered_to(actor: Actor) -> QuerySet[Patient]:
    """The patients that the actor may see, each person once: without merged records (L-PAT-1)."""
    return visible_to(actor).filter(merged_into=None)


def patients_on(rows: Iterable[Any]) -> list[UUID]:
    """The patients whom listed rows are about: for the access event of a list."""
    return [found for row in rows if (found := _patient_of(row)) is not None]


def _patient_of(row: Any) -> UUID | None:
    """The row itself, the patient that it names, or the one of the authorization that it names."""
    if isinstance(row, Patient):
        return row.pk
    if hasattr(row, "patient_id"):
        named: UUID | None = row.patient_id
        return named
    return _patient_of(row.authorization) if hasattr(row, "authorization") else None


def contact_of(patient: Patient) -> dict[str, str]:
    """How a patient is reached, by column."""
    return {
        "postal_code": patient.postal_code,
        "phone": patient.phone,
        "email": patient.email,
        "time_zone": patient.time_zone,
    }


def kept(patient_id: UUID) -> UUID:
    """The id of the record that is kept of this person: its own, unless it was merged."""
    into = Patient.objects.filter(pk=patient_id).values_list("merged_into_id", flat=True).first()
    return into or patient_id


def about(patient_id: UUID | OuterRef) -> Q:
    """The rows about one person: of the record that is kept, and of those merged into it."""
    return Q(patient_id=patient_id) | Q(patient__merged_into_id=patient_id)


def current_category(patient: Patient) -> CategoryAssignment:
    """The risk category that holds now: every patient has one from enrollment on."""
    return patient.categories.latest("recorded_at")


def program_of(patient: Patient) -> str | None:
    """The program of the patient's latest agreement; None where nothing was signed yet."""
    programs = patient.agreements.order_by("-recorded_at").values_list("program", flat=True)
    return programs.first()


def address_of(patient: Patient, kind: str) -> str:
    """What is on record of a patient to reach them in this way; of post, the ZIP code."""
    return {"email": patient.email, "phone": patient.phone, "post": patient.postal_code}[kind]


def is_female(patient: Patient) -> bool:
    """Whether the present category is one of the female ones (rules §2)."""
    return current_category(patient).risk_category not in {"adult_male", "child_male"}


def entered_before_moving(actor: Actor) -> Q:
    """Rows that a prescriber's side entered about a patient who then moved away (L-ENR-5).

    Of the patient's record the old prescriber keeps these to read, and nothing newer. For rows with
    `patient`, `operation` and `recorded_at`; no row for anybody else.
    """
    if actor.role not in PRESCRIBING or actor.prescriber_id is None:
        return Q(pk__in=[])
    moved_away = PatientTransfer.objects.filter(
        patient=OuterRef("patient"),
        from_prescriber_id=actor.prescriber_id,
        recorded_at__gt=OuterRef("recorded_at"),
    )
    return Q(Exists(moved_away), operation__prescriber_id=actor.prescriber_id)


def agreements_visible_to(actor: Actor) -> QuerySet[Agreement]:
    """The agreements of the patients that the actor may see, or entered before they moved."""
    return Agreement.objects.filter(
        Q(patient__in=visible_to(actor)) | entered_before_moving(actor)
    ).select_related("patient")


def scan_of(actor: Actor, agreement_id: UUID) -> AgreementScan:
    """The scan of an agreement that the actor may see. Raises NotFound."""
    of_it = agreements_visible_to(actor).filter(pk=agreement_id)
    found = AgreementScan.objects.filter(agreement__in=of_it).select_related("agreement").first()
    if found is None:
        raise NotFound("There is no such scan.")
    return found


def prescribers_of(agreements: QuerySet[Agreement]) -> QuerySet[Prescriber]:
    """The prescribers who sign these agreements."""
    return Prescriber.objects.filter(pk__in=agreements.values("prescriber"))


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A registered patient whom a new one resembles, and in what."""

    patient: Patient
    alike_in: tuple[str, ...]


def likely_duplicates(
    *,
    given_name: str,
    family_name: str,
    born_on: date,
    postal_code: str,
    phone: str,
    email: str,
    other_than: UUID | None = None,
) -> list[Resemblance]:
    """Registered patients alike in at least two of: name, date of birth, contact (L-PAT-1).

    Who resembles a merged record resembles the one that is kept.
    """
    same_name = Q(given_name__iexact=given_name.strip(), family_name__iexact=family_name.strip())
    swapped = Q(given_name__iexact=family_name.strip(), family_name__iexact=given_name.strip())
    candidates = Patient.objects.filter(
        same_name | swapped | Q(born_on=born_on), ~Q(pk=other_than)
    ).select_related(
        "prescriber__practice__organization",
        "merged_into__prescriber__practice__organization",
    )
    names = {given_name.strip().casefold(), family_name.strip().casefold()}
    found: dict[UUID, Resemblance] = {}
    for patient in candidates.order_by("family_name", "given_name", "pk"):
        alike = []
        if {patient.given_name.casefold(), patient.family_name.casefold()} == names:
            alike.append("name")
        elif patient.family_name.casefold() == family_name.strip().casefold():
            alike.append("family name")
        if patient.born_on == born_on:
            alike.append("date of birth")
        if _contact_is_alike(patient, postal_code=postal_code, phone=phone, email=email):
            alike.append("contact")
        if len(alike) > 1:
            kept_record = patient.merged_into or patient
            if kept_record.pk != other_than:
                found.setdefault(kept_record.pk, Resemblance(kept_record, tuple(alike)))
    return list(found.values())


def resembling(
    patient: Patient, *, given_name: str, family_name: str, born_on: date
) -> list[Resemblance]:
    """Whom a registered patient would resemble under that name and date of birth (L-PAT-1)."""
    return likely_duplicates(
        given_name=given_name,
        family_name=family_name,
        born_on=born_on,
        postal_code=patient.postal_code,
        phone=patient.phone,
        email=patient.email,
        other_than=patient.pk,
    )


def _contact_is_alike(patient: Patient, *, postal_code: str, phone: str, email: str) -> bool:
    return (
        (bool(postal_code.strip()) and patient.postal_code[:5] == postal_code.strip()[:5])
        or (bool(email) and patient.email.casefold() == email.strip().casefold())
        or (bool(_digits(phone)) and _digits(patient.phone) == _digits(phone))
    )


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdigit())[-10:]
