"""Questions about prescribers and pharmacies, and who an account or client acts as. Reads only."""

from apps.providers.selectors.acting import Client, actors_of_membership, client_of_token
from apps.providers.selectors.certifications import (
    CertificationStatus,
    certification_of,
    certification_of_pharmacy,
    certifications_to_renew,
    latest_certification,
    reason_of_standing,
    renewal_opens_at,
    waiting_forms,
)
from apps.providers.selectors.parties import (
    administrator_recipients,
    covered_by,
    delegations_of,
    delegations_visible_to,
    pharmacies_visible_to,
    pharmacy_recipient,
    prescriber_recipient,
    prescribers_visible_to,
)
from apps.providers.selectors.staffing import (
    RepresentedSite,
    StaffMember,
    is_trained,
    sites_represented_by,
    staff_of,
    successions_open_to,
    training_version,
    trainings_visible_to,
)

__all__ = [
    "CertificationStatus",
    "Client",
    "RepresentedSite",
    "StaffMember",
    "actors_of_membership",
    "administrator_recipients",
    "certification_of",
    "certification_of_pharmacy",
    "certifications_to_renew",
    "client_of_token",
    "covered_by",
    "delegations_of",
    "delegations_visible_to",
    "is_trained",
    "latest_certification",
    "pharmacies_visible_to",
    "pharmacy_recipient",
    "prescriber_recipient",
    "prescribers_visible_to",
    "reason_of_standing",
    "renewal_opens_at",
    "sites_represented_by",
    "staff_of",
    "successions_open_to",
    "training_version",
    "trainings_visible_to",
    "waiting_forms",
]
