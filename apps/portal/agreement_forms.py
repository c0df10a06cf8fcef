"""Forms of agreements that end with the prescriber's own electronic signature."""

from apps.portal.enrollment_forms import DuplicatesForm, SignatureForm
from apps.portal.signing import Signed

AGREEMENT_MEANING = "sign this Patient–Prescriber Agreement as the prescriber"


class SignedAgreementForm(Signed, SignatureForm):
    """Who signs for the patient, and the prescriber's signature."""

    meaning = AGREEMENT_MEANING


class SignedDuplicatesForm(Signed, DuplicatesForm):
    """The decisions about likely duplicates, and the signature of the agreement that follows."""

    meaning = AGREEMENT_MEANING

    def must_be_signed(self) -> bool:
        """Nobody is enrolled who is registered already."""
        return self.same_person() is None
