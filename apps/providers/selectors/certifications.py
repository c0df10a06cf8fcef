"""Where a certification stands, what waits for approval, what must be renewed (L-ENR-1, L-ENR-2).

Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import DateField, Exists, F, OuterRef, QuerySet, Subquery

from apps.audit.models import Event
from apps.core import clock
from apps.core.call import PRESCRIBING, Actor
from apps.core.together import read_together
from apps.providers.models import (
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Prescriber,
    PrescriberEnrollment,
)
from apps.providers.selectors.parties import pharmacies_visible_to, prescribers_visible_to
from apps.rules.calendar import date_of
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force


def latest_certification(pharmacy: Pharmacy) -> PharmacyCertification | None:
    """The period that ends last, whether it runs, has lapsed or is still to begin."""
    return pharmacy.certifications.order_by("-certified_until").first()


def waiting_forms(pharmacy: Pharmacy | OuterRef) -> QuerySet[PharmacyEnrollment]:
    """A pharmacy's signed forms that wait for the program's staff, the first one first.

    No certification rests on them, nor on one that was signed later: several forms that waited
    together are approved once, as one (L-ENR-2).
    """
    return _waiting().filter(pharmacy=pharmacy).order_by("signed_at")


def _waiting() -> QuerySet[PharmacyEnrollment]:
    approved_since = PharmacyCertification.objects.filter(
        pharmacy=OuterRef("pharmacy"), enrollment__signed_at__gte=OuterRef("signed_at")
    )
    signed = PharmacyEnrollment.objects.filter(purpose=PharmacyEnrollment.Purpose.CERTIFICATION)
    return signed.exclude(Exists(approved_since))


def renewal_opens_at(running: PharmacyCertification, policy: Policy) -> datetime:
    """The first instant at which a certification can be renewed: some days before its last one."""
    notice = policy.parameters.pharmacy_renewal_notice_days
    return policy.calendar.start_of_day(running.last_day_on.toordinal() - notice)


@dataclass(frozen=True, slots=True)
class CertificationStatus:
    """Where a party stands: its last signed form, whether one waits, what can be signed when."""

    party: Prescriber | Pharmacy
    form: PrescriberEnrollment | PharmacyEnrollment | None
    is_waiting: bool
    may_sign: bool
    last_day_on: date | None = None
    renews_from_on: date | None = None
    has_lapsed: bool = False
    needs_new_signature: bool = False
    reason: str = ""
    """Why it was suspended or decertified, in the words of who did it."""


def certification_of(actor: Actor, program: str) -> CertificationStatus:
    """The certification of the prescriber or pharmacy that the actor acts for.

    Raises NotAllowed for an actor who acts for neither.
    """
    if actor.role in PRESCRIBING:
        return certification_of_prescriber(
            prescribers_visible_to(actor).get(pk=actor.own_prescriber)
        )
    pharmacy = pharmacies_visible_to(actor).get(organization_id=actor.own_organization)
    return certifications_of([pharmacy], program)[pharmacy.pk]


def certification_of_prescriber(prescriber: Prescriber) -> CertificationStatus:
    """Where a prescriber's certification stands now (L-ENR-1)."""
    form = prescriber.enrollments.order_by("-signed_at").first()
    is_waiting = form is not None and prescriber.state == "pending"
    change = _changes_of_standing([prescriber]).first()
    return CertificationStatus(
        party=prescriber,
        form=form,
        is_waiting=is_waiting,
        may_sign=prescriber.state == "pending" and not is_waiting,
        reason=change["reason"] if change else "",
    )


def certifications_of(
    pharmacies: Sequence[Pharmacy], program: str
) -> dict[UUID, CertificationStatus]:
    """Where the certification of each pharmacy stands now (L-ENR-2); one statement for all."""
    signed, periods, waiting, changes = read_together(
        PharmacyEnrollment.objects.filter(pharmacy__in=pharmacies).order_by("-signed_at"),
        PharmacyCertification.objects.filter(pharmacy__in=pharmacies).order_by("certified_until"),
        _waiting().filter(pharmacy__in=pharmacies),
        _changes_of_standing(pharmacies),
    )
    forms: dict[UUID, list[PharmacyEnrollment]] = {each.pk: [] for each in pharmacies}
    for form in signed:
        forms[form.pharmacy_id].append(form)
    latest = {each.pharmacy_id: each for each in periods}
    waits = {each.pharmacy_id for each in waiting}
    reasons = {change["subject_id"]: change["reason"] for change in changes}
    return {
        each.pk: _status(
            each,
            forms[each.pk],
            latest.get(each.pk),
            program,
            is_waiting=each.pk in waits,
            reason=reasons.get(str(each.pk), ""),
        )
        for each in pharmacies
    }


def _status(
    pharmacy: Pharmacy,
    forms: list[PharmacyEnrollment],
    latest: PharmacyCertification | None,
    program: str,
    *,
    is_waiting: bool,
    reason: str,
) -> CertificationStatus:
    now = clock.now()
    policy = policy_in_force(program, now)
    opens_at = renewal_opens_at(latest, policy) if latest else None
    is_open = opens_at is None or now >= opens_at
    is_new = all(form.signed_by_id != pharmacy.representative_id for form in forms)
    needs_new_signature = pharmacy.state == "certified" and is_new and bool(forms)
    return CertificationStatus(
        party=pharmacy,
        form=forms[0] if forms else None,
        is_waiting=is_waiting,
        may_sign=not is_waiting
        and (
            pharmacy.state == "pending"
            or (pharmacy.state == "certified" and (is_open or needs_new_signature))
        ),
        last_day_on=latest.last_day_on if latest else None,
        renews_from_on=date_of(policy.calendar.day(opens_at)) if opens_at else None,
        has_lapsed=latest is not None and latest.certified_until <= now,
        needs_new_signature=needs_new_signature,
        reason=reason,
    )


def _changes_of_standing(parties: Sequence[Prescriber | Pharmacy]) -> QuerySet[Event, Any]:
    """By which each of them that is suspended or decertified became so, and why (L-ENR-1)."""
    stopped = [each for each in parties if each.state in {"suspended", "decertified"}]
    return (
        Event.objects.filter(
            code__in={f"{each._meta.model_name}_standing_changed" for each in stopped},
            subject_model__in={each._meta.label_lower for each in stopped},
            subject_id__in=[str(each.pk) for each in stopped],
        )
        .order_by("subject_id", "-occurred_at", "-pk")
        .distinct("subject_id")
        .values("subject_id", "reason")
    )


def certifications_to_renew(within_days: int, *, program: str) -> QuerySet[Pharmacy]:
    """Certified pharmacies whose certification ends within so many days, or has lapsed (§12).

    Each with its `last_day_on`, the earliest first. One whose signed form waits for the staff has
    done its part and is left out.
    """
    now = clock.now()
    calendar = policy_in_force(program, now).calendar
    latest = PharmacyCertification.objects.filter(pharmacy=OuterRef("pk")).order_by(
        "-certified_until"
    )
    return (
        Pharmacy.objects.filter(state="certified")
        .exclude(Exists(waiting_forms(OuterRef("pk"))))
        .annotate(last_day_on=Subquery(latest.values("last_day_on")[:1], output_field=DateField()))
        .filter(last_day_on__lte=date_of(calendar.day(now) + within_days))
        .order_by(F("last_day_on"), "pk")
    )
