"""Taking in prescribers and pharmacies with their standing. Inside an operation of `importing`."""

from datetime import datetime

from apps.accounts.models import Organization
from apps.core.command import Run, body_of
from apps.core.errors import InvalidRequest
from apps.importing.reading import Row
from apps.importing.values import Moment
from apps.providers import services as providers
from apps.providers.models import (
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Practice,
    Prescriber,
    PrescriberEnrollment,
)
from apps.rules.calendar import Calendar
from apps.rules.dates import Dated
from apps.rules.edition import Policy

REASON = "Imported with this standing."


def take_in_prescriber(run: Run, row: Row, policy: Policy) -> Prescriber:
    """A prescriber with the enrollment form that was signed there, moved to their standing."""
    practice = Practice.objects.filter(
        organization__kind=Organization.Kind.PRACTICE, organization__name=row["practice"]
    ).first()
    prescriber = body_of(providers.register_prescriber)(
        run,
        **{key: row[key] for key in ("npi", "given_name", "family_name", "specialty", "phone")},
        email=row["email"],
        practice_name=row["practice"],
        practice_id=practice.pk if practice else None,
    )
    signed_at = _signed(row["signed_at"], policy.calendar, run.now)
    PrescriberEnrollment.objects.create(
        prescriber=prescriber,
        form_version=row["form_version"],
        education_acknowledged_at=signed_at,
        attestations=[],
        signed_at=signed_at,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    _stand(prescriber, row["standing"])
    return prescriber


def take_in_pharmacy(run: Run, row: Row, policy: Policy) -> Pharmacy:
    """A pharmacy with its form and certification, moved to its standing.

    The representative signs this program's form at the next renewal.
    """
    calendar, parameters = policy.calendar, policy.parameters
    pharmacy = body_of(providers.register_pharmacy)(
        run,
        **{key: row[key] for key in ("npi", "name", "address", "phone", "email")},
        ncpdp_id=row["ncpdp_id"] or None,
        representative_given_name=row["representative_given_name"],
        representative_family_name=row["representative_family_name"],
        representative_email=row["representative_email"],
    )
    signed_at = _signed(row["signed_at"], calendar, run.now)
    longest = calendar.day(run.now) + parameters.pharmacy_certification_days
    if row["certified_until"].toordinal() > longest + parameters.pharmacy_renewal_notice_days:
        raise InvalidRequest(
            "It cannot be certified for so long (L-ENR-2).",
            {"certified_until": "lies further ahead than any certification: check the year"},
        )
    enrollment = PharmacyEnrollment.objects.create(
        pharmacy=pharmacy,
        form_version=row["form_version"],
        attestations=[],
        signed_at=signed_at,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    ends = calendar.start_of_day(row["certified_until"].toordinal() + 1)
    if row["standing"] != "pending" and ends > signed_at:
        PharmacyCertification.objects.create(
            pharmacy=pharmacy,
            enrollment=enrollment,
            certified_from=signed_at,
            certified_until=ends,
            last_day_on=row["certified_until"],
            recorded_at=run.now,
            operation_id=run.operation_id,
        )
    _stand(pharmacy, row["standing"])
    return pharmacy


def _stand(party: Prescriber | Pharmacy, standing: str) -> None:
    """Move along the lifecycle's table, as the database asks for."""
    steps = {"pending": (), "decertified": ("decertified",)}.get(standing, ("certified", standing))
    for state in dict.fromkeys(steps):
        party.state = state
        party.save(update_fields=["state"])


def _signed(signed_at: Moment, calendar: Calendar, now: datetime) -> datetime:
    """When it was signed. Raises InvalidRequest for what is still to come."""
    at = signed_at.instant(Dated.SIGNATURE, calendar, now)
    if at > now:
        raise InvalidRequest("It is not signed yet.", {"signed_at": "lies in the future"})
    return at
