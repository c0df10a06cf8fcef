"""Commands that register prescribers, practices and pharmacies, pending until certified."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts import services as accounts
from apps.accounts.models import Organization
from apps.audit import services as audit
from apps.core.call import PROGRAM, Role
from apps.core.checks import one_line, required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.providers import npi as npis
from apps.providers.models import Pharmacy, Practice, Prescriber


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
    one_line(specialty=specialty, phone=phone, practice_name=practice_name)
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
    one_line(
        name=name,
        address=address,
        phone=phone,
        representative_given_name=representative_given_name,
        representative_family_name=representative_family_name,
    )
    if ncpdp_id and Pharmacy.objects.filter(ncpdp_id=ncpdp_id).exists():
        raise Conflict("A pharmacy with this NCPDP id is registered already.")
    run.read_clock()
    organization = Organization.objects.create(kind=Organization.Kind.PHARMACY, name=name)
    representative = accounts.person(
        email=representative_email,
        given_name=representative_given_name,
        family_name=representative_family_name,
        field="representative_email",
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


@command(by=PROGRAM)
def change_coverage(
    run: Run, *, practice_id: UUID, members_cover_each_other: bool, reason: str
) -> Practice:
    """Record whether a practice's prescribers may cover for each other, and who said so (L-ENR-5).

    Raises InvalidRequest without a reason, NotFound for an unknown practice.
    """
    cause = required_reason(reason)
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
        reason=cause,
        data={"members_cover_each_other": members_cover_each_other},
    )
    return practice


def _check_npi(npi: str, registered: QuerySet[Any]) -> None:
    if not npis.is_valid(npi):
        raise InvalidRequest(
            "The NPI is not valid.",
            {"npi": "Ten digits, the last of which is a check digit. Compare it with the source."},
        )
    if registered.exists():
        raise Conflict("This NPI is registered already.")


def _practice(practice_id: UUID | None, name: str) -> Practice:
    if practice_id is not None:
        practice = Practice.objects.filter(pk=practice_id).first()
        if practice is None:
            raise NotFound("There is no such practice.")
        return practice
    organization = Organization.objects.create(kind=Organization.Kind.PRACTICE, name=name)
    return Practice.objects.create(organization=organization)
