"""Questions about what stands for a patient: changes of category, agreements, who speaks for them.

Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet

from apps.core import clock, one_time
from apps.core.call import Actor
from apps.patients.models import (
    Agreement,
    CategoryChange,
    Patient,
    PatientCode,
    PatientVisit,
    Representative,
    UndeliverableAddress,
)
from apps.patients.selectors import about, agreements_visible_to, visible_to
from apps.rules.calendar import birthday
from apps.rules.policy import policy_in_force, programs

# So long the answer to one form may show a code: a button pressed twice is one showing.
ONE_SHOWING: Final = timedelta(seconds=10)
SHOWN_BEFORE: Final = (
    "This page was sent before, and its code was shown then. If the code is lost, or opens nothing "
    "any more, give a new one."
)
CAME_TO_NOTHING = ("refused", "withdrawn")
WITHOUT_EFFECT = ("pending", *CAME_TO_NOTHING)


def category_changes_visible_to(actor: Actor) -> QuerySet[CategoryChange]:
    """The changes of category of the patients whom the actor may see."""
    return CategoryChange.objects.filter(patient__in=visible_to(actor)).select_related(
        "patient", "agreement__prescriber"
    )


def agreements_of_changes(actor: Actor) -> QuerySet[Agreement]:
    """The agreements that changes of category come with, of the patients whom the actor sees."""
    return agreements_visible_to(actor).filter(
        pk__in=category_changes_visible_to(actor).values("agreement")
    )


def pending_change(patient_id: UUID) -> CategoryChange | None:
    """The change of category that waits for a signature or an approval; at most one does."""
    return (
        CategoryChange.objects.filter(about(patient_id), state=CategoryChange.State.PENDING)
        .select_related("agreement__prescriber")
        .first()
    )


def changes_that_wait(patient_ids: Iterable[UUID]) -> QuerySet[CategoryChange]:
    """The changes to a stricter category of these people that wait for a signature only."""
    return CategoryChange.objects.filter(
        Q(patient__in=patient_ids) | Q(patient__merged_into__in=patient_ids),
        state=CategoryChange.State.PENDING,
        needs_approval=False,
    )


def waits_for_approval() -> QuerySet[CategoryChange]:
    """The changes that an administrator decides on next: signed by both, not decided (L-CAT-3)."""
    return CategoryChange.objects.filter(
        state=CategoryChange.State.PENDING,
        needs_approval=True,
        agreement__patient_signed_at__isnull=False,
        agreement__prescriber_signed_at__isnull=False,
    ).select_related("patient", "agreement__prescriber")


def agreements_in_effect(
    patient_id: UUID | OuterRef, program: str | OuterRef
) -> QuerySet[Agreement]:
    """The complete agreements of one person that are among the facts (L-ENR-3, L-CAT-3)."""
    return Agreement.objects.filter(
        about(patient_id),
        Q(category_change__isnull=True) | ~Q(category_change__state__in=WITHOUT_EFFECT),
        program=program,
        withdrawn_at__isnull=True,
        patient_signed_at__isnull=False,
        prescriber_signed_at__isnull=False,
    )


def representative_of(patient: Patient) -> Representative | None:
    """Who speaks for a patient now: a minor's guardian, an adult's representative (L-CAT-4)."""
    return speaker_among(
        Representative.objects.filter(about(patient.pk), ended_at__isnull=True)[:1], patient
    )


def speaker_among(named: Iterable[Representative], patient: Patient) -> Representative | None:
    """Which of those who were named speaks for the patient now; at most one was not ended."""
    found = next((each for each in named if each.ended_at is None), None)
    return found if found is not None and speaks_for(found, patient, clock.now()) else None


def speaks_for(named: Representative, patient: Patient, now: datetime) -> bool:
    """Whether a person who was named speaks for the patient at `now`.

    A guardian does until the day on which the patient comes of age (L-CAT-1), written or not.
    """
    is_guardian = named.kind == Representative.Kind.GUARDIAN
    return named.ended_at is None and not (is_guardian and is_of_age(patient, now))


def is_of_age(patient: Patient, now: datetime) -> bool:
    """Whether a patient is an adult at `now`, by the program's calendar (L-CAT-1)."""
    policy = policy_in_force(programs()[0], now)
    return policy.calendar.day(now) >= birthday(patient.born_on, policy.parameters.adult_age_years)


@dataclass(frozen=True, slots=True)
class Access:
    """Who could enter a patient's own pages now, and who is in."""

    codes: list[PatientCode]
    visits: list[PatientVisit]


def open_codes(patient: Patient, now: datetime) -> QuerySet[PatientCode]:
    """The codes of a patient that could be used at `now` (real time)."""
    return PatientCode.objects.filter(
        patient=patient,
        used_at=None,
        ended_at=None,
        expires_at__gt=now,
        wrong_attempts__lt=F("attempts_allowed"),
    )


def may_be_told(code: PatientCode, now: datetime) -> bool:
    """Whether a page may show this new code at `now` (real time): it opens something, and is new.

    A second press of the button is the same showing; a page that is sent again later shows nothing.
    """
    is_new = now - code.issued_at <= ONE_SHOWING
    return is_new and open_codes(code.patient, now).filter(pk=code.pk).exists()


def told_once(code: PatientCode) -> dict[str, Any]:
    """What a page shows of a new code, once; a code to sign needs no reference."""
    reference, digits = one_time.told(code.pk)
    return {
        "reference": reference if code.purpose == PatientCode.Purpose.ENTER else "",
        "code": digits,
        "lasts": code.expires_at - code.issued_at,
    }


def access_of(patient: Patient, now: datetime) -> Access:
    """The codes of a patient that are open at `now` (real time), and the visits that go on."""
    visits = PatientVisit.objects.filter(
        code__patient=patient,
        ended_at=None,
        last_seen_at__gt=now - settings.PATIENT_IDLE_TIMEOUT,
        began_at__gt=now - settings.PATIENT_VISIT_LENGTH,
    )
    return Access(
        list(open_codes(patient, now).select_related("representative")),
        list(visits.select_related("code__representative")),
    )


def representatives_visible_to(actor: Actor) -> QuerySet[Representative]:
    """Who speaks, or spoke, for the patients whom the actor may see."""
    return Representative.objects.filter(patient__in=visible_to(actor)).select_related("patient")


def undeliverable_visible_to(actor: Actor) -> QuerySet[UndeliverableAddress]:
    """The addresses that reached nobody, of the patients whom the actor may see."""
    return UndeliverableAddress.objects.filter(patient__in=visible_to(actor)).select_related(
        "patient"
    )


def waits_for_an_address() -> QuerySet[UndeliverableAddress]:
    """The addresses that somebody must replace, for a person's list (L-END-3)."""
    return UndeliverableAddress.objects.filter(resolved_at__isnull=True).select_related("patient")
