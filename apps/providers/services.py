"""Commands on prescribers and pharmacies: register, sign the enrollment form, certify, suspend."""

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts import services as accounts
from apps.accounts.models import Organization, User
from apps.audit import services as audit
from apps.core.call import PROGRAM, Role
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.providers import npi as npis
from apps.providers.models import (
    Delegation,
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Practice,
    Prescriber,
    PrescriberEnrollment,
)
from apps.rules.calendar import TICK, date_of
from apps.rules.documents import document
from apps.rules.lifecycle import CERTIFIED_PARTY
from apps.rules.policy import policy_in_force

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
STANDING_EVENTS = ("suspend", "decertify", "reinstate")

Party = TypeVar("Party", Prescriber, Pharmacy)


@command(by=PROGRAM | {Role.SYSTEM})
def register_prescriber(
    run: Run,
    *,
    npi: str,
    given_name: str,
    family_name: str,
    specialty: str,
    phone: str,
    email: str,
    practice_name: str,
    practice_id: UUID | None = None,
) -> Prescriber:
    """Register a prescriber, pending, with an account without a password (L-ENR-1).

    Raises InvalidRequest for an NPI with a wrong check digit, Conflict for one that is registered,
    and NotFound for an unknown practice.
    """
    _check_npi(npi, Prescriber.objects.filter(npi=npi))
    run.read_clock()
    user = accounts.person(email=email, given_name=given_name, family_name=family_name)
    if Prescriber.objects.filter(user=user).exists():
        raise Conflict("This e-mail address belongs to another registered prescriber.")
    practice = _practice(practice_id, practice_name)
    prescriber = Prescriber.objects.create(
        user=user,
        practice=practice,
        npi=npi,
        given_name=given_name,
        family_name=family_name,
        specialty=specialty,
        phone=phone,
        email=email.lower(),
        registered_at=run.now,
    )
    accounts.add_member(run, user=user, organization=practice.organization, role=Role.PRESCRIBER)
    audit.record(run, "prescriber_registered", subject=prescriber)
    return prescriber


@command(by=PROGRAM | {Role.SYSTEM})
def register_pharmacy(
    run: Run,
    *,
    npi: str,
    name: str,
    address: str,
    phone: str,
    email: str,
    representative_given_name: str,
    representative_family_name: str,
    representative_email: str,
    ncpdp_id: str | None = None,
) -> Pharmacy:
    """Register a pharmacy, pending, with its authorized representative (L-ENR-2).

    Raises InvalidRequest for an NPI with a wrong check digit, Conflict for a registered NPI or
    NCPDP id.
    """
    _check_npi(npi, Pharmacy.objects.filter(npi=npi))
    if ncpdp_id and Pharmacy.objects.filter(ncpdp_id=ncpdp_id).exists():
        raise Conflict("A pharmacy with this NCPDP id is registered already.")
    run.read_clock()
    organization = Organization.objects.create(kind=Organization.Kind.PHARMACY, name=name)
    representative = accounts.person(
        email=representative_email,
        given_name=representative_given_name,
        family_name=representative_family_name,
    )
    pharmacy = Pharmacy.objects.create(
        organization=organization,
        representative=representative,
        npi=npi,
        ncpdp_id=ncpdp_id or None,
        name=name,
        address=address,
        phone=phone,
        email=email.lower(),
        registered_at=run.now,
    )
    accounts.add_member(
        run, user=representative, organization=organization, role=Role.REPRESENTATIVE
    )
    audit.record(run, "pharmacy_registered", subject=pharmacy)
    return pharmacy


@command(by=frozenset({Role.PRESCRIBER}))
def sign_prescriber_enrollment(
    run: Run, *, program: str, attestations: Collection[str]
) -> PrescriberEnrollment:
    """The prescriber acknowledges the education and signs every attestation (L-ENR-1).

    Raises InvalidRequest, naming the attestations that are not signed.
    """
    version = _all_signed(program, "prescriber_enrollment", attestations)
    prescriber = _locked(Prescriber.objects.filter(pk=run.actor.own_prescriber), "prescriber")
    now = run.read_clock()
    enrollment = PrescriberEnrollment.objects.create(
        prescriber=prescriber,
        form_version=version,
        education_acknowledged_at=now,
        attestations=sorted(attestations),
        signed_at=now,
        recorded_at=now,
        operation_id=run.operation_id,
    )
    audit.record(run, "prescriber_enrollment_signed", subject=enrollment)
    return enrollment


@command(by=frozenset({Role.REPRESENTATIVE}))
def sign_pharmacy_enrollment(
    run: Run, *, program: str, attestations: Collection[str]
) -> PharmacyEnrollment:
    """The authorized representative signs every attestation, to certify or to renew (L-ENR-2).

    Raises InvalidRequest, naming the attestations that are not signed.
    """
    version = _all_signed(program, "pharmacy_enrollment", attestations)
    pharmacy = _locked(
        Pharmacy.objects.filter(organization_id=run.actor.own_organization), "pharmacy"
    )
    now = run.read_clock()
    enrollment = PharmacyEnrollment.objects.create(
        pharmacy=pharmacy,
        signed_by_id=run.actor.id,
        form_version=version,
        attestations=sorted(attestations),
        signed_at=now,
        recorded_at=now,
        operation_id=run.operation_id,
    )
    audit.record(run, "pharmacy_enrollment_signed", subject=enrollment)
    return enrollment


@command(by=PROGRAM)
def certify_prescriber(run: Run, *, prescriber_id: UUID, reason: str = "") -> Prescriber:
    """Approve a prescriber whose enrollment form is signed (L-ENR-1); `reason`: what was checked.

    Raises NotFound; Conflict when no form is signed or the state does not admit it.
    """
    prescriber = _locked(Prescriber.objects.filter(pk=prescriber_id), "prescriber")
    run.read_clock()
    _check_signed(prescriber)
    return _move(run, prescriber, "certify", reason.strip())


@command(by=PROGRAM)
def certify_pharmacy(
    run: Run, *, pharmacy_id: UUID, program: str, reason: str = ""
) -> PharmacyCertification:
    """Approve a pharmacy's signed form, for the policy's number of days (L-ENR-2).

    `reason` says what was checked. A renewal begins where the running certification ends. Raises
    NotFound; Conflict when no form waits for approval or the state does not admit it.
    """
    pharmacy = _locked(Pharmacy.objects.filter(pk=pharmacy_id), "pharmacy")
    now = run.read_clock()
    waiting = pharmacy.enrollments.filter(certification__isnull=True).order_by("-signed_at").first()
    if waiting is None:
        raise Conflict("No signed enrollment form of this pharmacy waits for approval.")
    if pharmacy.state == "pending":
        _move(run, pharmacy, "certify", reason.strip())
    elif pharmacy.state != "certified":
        raise Conflict(f"A {pharmacy.state} pharmacy must be reinstated first.")
    policy = policy_in_force(program, now)
    latest = pharmacy.certifications.order_by("-certified_until").first()
    starts = max(now, latest.certified_until) if latest else now
    last_day = policy.calendar.day(starts) + policy.parameters.pharmacy_certification_days
    certification = PharmacyCertification.objects.create(
        pharmacy=pharmacy,
        enrollment=waiting,
        certified_from=starts,
        certified_until=policy.calendar.end_of_day(last_day) + TICK,
        last_day_on=date_of(last_day),
        recorded_at=now,
        operation_id=run.operation_id,
    )
    audit.record(run, "pharmacy_certified", subject=certification, reason=reason.strip())
    return certification


@command(by=ADMINISTRATOR)
def change_prescriber_standing(
    run: Run, *, prescriber_id: UUID, event: str, reason: str
) -> Prescriber:
    """Suspend, decertify or reinstate a prescriber, with a reason (L-ENR-1).

    Raises NotFound; Conflict when the state does not admit it, or to reinstate one who never
    signed the enrollment form.
    """
    _check_event(event)
    prescriber = _locked(Prescriber.objects.filter(pk=prescriber_id), "prescriber")
    run.read_clock()
    if event == "reinstate":
        _check_signed(prescriber)
    return _move(run, prescriber, event, _required(reason))


@command(by=ADMINISTRATOR)
def change_pharmacy_standing(run: Run, *, pharmacy_id: UUID, event: str, reason: str) -> Pharmacy:
    """Suspend, decertify or reinstate a pharmacy, with a reason (L-ENR-2).

    Raises NotFound; Conflict when the state does not admit it, or to reinstate one that never
    signed the enrollment form.
    """
    _check_event(event)
    pharmacy = _locked(Pharmacy.objects.filter(pk=pharmacy_id), "pharmacy")
    run.read_clock()
    if event == "reinstate":
        _check_signed(pharmacy)
    return _move(run, pharmacy, event, _required(reason))


@command(by=frozenset({Role.PRESCRIBER}))
def name_delegate(run: Run, *, email: str, given_name: str, family_name: str) -> Delegation:
    """A prescriber names a colleague of the practice to act on their behalf (L-SUR-1).

    Raises Conflict when the colleague is named already.
    """
    prescriber = _locked(Prescriber.objects.filter(pk=run.actor.own_prescriber), "prescriber")
    now = run.read_clock()
    delegate = accounts.person(email=email, given_name=given_name, family_name=family_name)
    if prescriber.delegations.filter(delegate=delegate, ended_at__isnull=True).exists():
        raise Conflict("This colleague is your delegate already.")
    if not _is_delegate_here(delegate, prescriber):
        accounts.add_member(
            run,
            user=delegate,
            organization=prescriber.practice.organization,
            role=Role.DELEGATE,
        )
    delegation = Delegation.objects.create(prescriber=prescriber, delegate=delegate, named_at=now)
    audit.record(run, "delegate_named", subject=delegation)
    return delegation


@command(by=PROGRAM)
def change_coverage(run: Run, *, practice_id: UUID, members_cover_each_other: bool) -> Practice:
    """Record whether a practice's prescribers may cover for each other (L-ENR-5).

    Raises NotFound for an unknown practice.
    """
    run.read_clock()
    practice = Practice.objects.select_for_update(no_key=True).filter(pk=practice_id).first()
    if practice is None:
        raise NotFound("There is no such practice.")
    practice.members_cover_each_other = members_cover_each_other
    practice.save(update_fields=["members_cover_each_other"])
    audit.record(
        run,
        "practice_coverage_changed",
        subject=practice,
        data={"members_cover_each_other": members_cover_each_other},
    )
    return practice


def _is_delegate_here(user: User, prescriber: Prescriber) -> bool:
    return user.memberships.filter(
        organization_id=prescriber.practice_id, role=Role.DELEGATE.value, ended_at__isnull=True
    ).exists()


def _check_npi(npi: str, registered: QuerySet[Any]) -> None:
    if not npis.is_valid(npi):
        raise InvalidRequest(
            "The NPI is not valid.",
            {"npi": "Ten digits, the last of which is a check digit. Compare it with the source."},
        )
    if registered.exists():
        raise Conflict("This NPI is registered already.")


def _all_signed(program: str, kind: str, attestations: Collection[str]) -> str:
    """The form's version. Raises InvalidRequest unless exactly its attestations are signed."""
    form = document(program, kind)
    missing = [item.text for item in form.items if item.code not in attestations]
    unknown = set(attestations) - form.codes
    if missing or unknown:
        raise InvalidRequest(
            "Every attestation must be signed.",
            {"attestations": " ".join([*missing, *(f"Unknown: {code}." for code in unknown)])},
        )
    return form.version


def _practice(practice_id: UUID | None, name: str) -> Practice:
    if practice_id is not None:
        practice = Practice.objects.filter(pk=practice_id).first()
        if practice is None:
            raise NotFound("There is no such practice.")
        return practice
    organization = Organization.objects.create(kind=Organization.Kind.PRACTICE, name=name)
    return Practice.objects.create(organization=organization)


def _check_event(event: str) -> None:
    """Certifying is a command of its own: it needs a signed form."""
    if event not in STANDING_EVENTS:
        raise InvalidRequest(
            "Unknown change of standing.", {"event": f"One of: {', '.join(STANDING_EVENTS)}."}
        )


def _check_signed(party: Prescriber | Pharmacy) -> None:
    if not party.enrollments.exists():
        raise Conflict("The enrollment form is not signed yet.")


def _locked(parties: QuerySet[Party], noun: str) -> Party:
    party = parties.select_for_update(no_key=True).first()
    if party is None:
        raise NotFound(f"There is no such {noun}.")
    return party


def _move(run: Run, party: Party, event: str, reason: str) -> Party:
    """Move a locked party along its lifecycle table; raises NotAllowed or Conflict."""
    rows = [row for row in CERTIFIED_PARTY.transitions if row.event == event]
    if not any(run.actor.role.value in row.by for row in rows):
        raise NotAllowed(f"Your role cannot {event} a prescriber or pharmacy.")
    target = CERTIFIED_PARTY.target(event=event, state=party.state, role=run.actor.role.value)
    if target is None:
        raise Conflict(f"One that is {party.state} cannot be moved by “{event}”.")
    before, party.state = party.state, target
    party.save(update_fields=["state"])
    audit.record(
        run,
        f"{party._meta.model_name}_standing_changed",
        subject=party,
        reason=reason,
        data={"event": event, "from": before, "to": target},
    )
    return party


def _required(reason: str) -> str:
    if not reason.strip():
        raise InvalidRequest("A reason is required.", {"reason": "Say why, for the record."})
    return reason.strip()
