"""Commands on prescribers and pharmacies, their certifications and their people."""

from apps.providers.services.certifying import (
    certify_pharmacy,
    certify_prescriber,
    change_pharmacy_standing,
    change_prescriber_standing,
    sign_pharmacy_enrollment,
    sign_prescriber_enrollment,
)
from apps.providers.services.delegating import end_delegation, name_delegate
from apps.providers.services.misuse import report_signing_misuse
from apps.providers.services.registering import (
    change_coverage,
    register_pharmacy,
    register_prescriber,
)
from apps.providers.services.representing import (
    change_representative,
    confirm_successor,
    name_successor,
    take_over_representation,
    withdraw_successor,
)
from apps.providers.services.training import (
    acknowledge_training,
    record_staff_training,
    require_counselor,
    require_training,
)

__all__ = [
    "acknowledge_training",
    "certify_pharmacy",
    "certify_prescriber",
    "change_coverage",
    "change_pharmacy_standing",
    "change_prescriber_standing",
    "change_representative",
    "confirm_successor",
    "end_delegation",
    "name_delegate",
    "name_successor",
    "record_staff_training",
    "register_pharmacy",
    "register_prescriber",
    "report_signing_misuse",
    "require_counselor",
    "require_training",
    "sign_pharmacy_enrollment",
    "sign_prescriber_enrollment",
    "take_over_representation",
    "withdraw_successor",
]
