"""What was agreed, authorized, refused and dispensed for one patient, read for the pages.

One statement reads it all. Nothing is decided here.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from apps.audit.models import Signature
from apps.audit.signatures import signatures_of_rows
from apps.core.call import Actor
from apps.core.together import attach, attach_lists, read_together
from apps.eligibility import selectors as eligibility
from apps.eligibility.models import Decision
from apps.patients import selectors as patients
from apps.patients.models import Agreement, AgreementScan
from apps.patients.selectors import about
from apps.portal.program import PROGRAM
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Authorization, Dispense


@dataclass(frozen=True, slots=True)
class Supplies:
    """What was agreed, signed, authorized, refused and dispensed, as visible, the latest first."""

    agreements: list[Agreement]
    signatures: list[Signature]
    scanned: frozenset[str]
    """The ids of those agreements whose signed paper is here as a scan."""
    authorizations: list[Authorization]
    dispenses: list[Dispense]
    refusals: list[Decision]
    answered_yes: dict[str, datetime]
    """When a pharmacy was last answered yes about an authorization, by its id."""

    @property
    def refused_requests(self) -> list[Decision]:
        """Requests for an authorization to which the answer was no."""
        return [each for each in self.refusals if each.act == Decision.Act.AUTHORIZE]

    @property
    def refused_at_pharmacies(self) -> list[Decision]:
        """What a pharmacy asked and was refused: why the patient came back without capsules."""
        return [each for each in self.refusals if each.act != Decision.Act.AUTHORIZE]

    def latest_refusal_of(self, authorization: Authorization) -> Decision | None:
        """The latest answer no to a pharmacy about this authorization; None after a later yes."""
        about_it = (
            each for each in self.refused_at_pharmacies if each.authorization_id == authorization.pk
        )
        found = next(about_it, None)
        yes = self.answered_yes.get(str(authorization.pk))
        return None if found and yes and yes > found.recorded_at else found


def supplies_of(actor: Actor, patient_id: UUID) -> Supplies:
    """A patient's agreements, authorizations, refusals and dispenses; one statement."""
    own = {"program": PROGRAM}
    theirs = about(patient_id)
    signed = patients.agreements_visible_to(actor).filter(theirs, **own)
    issued = prescriptions.authorizations_visible_to(actor).filter(theirs, **own)
    given = prescriptions.dispenses_visible_to(actor).filter(theirs, **own)
    refused = eligibility.decisions_visible_to(actor).filter(
        patient_id=patient_id, program=PROGRAM, allowed=False
    )
    told_yes = (
        eligibility.at_pharmacies()
        .filter(patient_id=patient_id, program=PROGRAM, allowed=True)
        .values("authorization_id")
        .annotate(at=Max("recorded_at"))
    )
    returned, stopped, where = prescriptions.beside_dispenses(given)
    (agreements, signatures, prescribers, authorizations, dispenses, returns, stops,
     pharmacies, refusals, yes, scans) = read_together(
        signed.order_by("-recorded_at"),
        signatures_of_rows(signed),
        patients.prescribers_of(signed),
        issued.order_by("-issued_at"),
        given.order_by("-dispensed_at"),
        returned,
        stopped,
        where,
        refused.order_by("-recorded_at"),
        told_yes,
        AgreementScan.objects.filter(agreement__in=signed).values("agreement_id"),
    )  # fmt: skip
    scanned = frozenset(each["agreement_id"] for each in scans)
    attach(agreements, "prescriber", prescribers)
    attach(dispenses, "pharmacy", pharmacies)
    attach_lists(dispenses, "returns", returns, "dispense_id")
    attach_lists(dispenses, "stops", stops, "dispense_id")
    answered_yes = {each["authorization_id"]: datetime.fromisoformat(each["at"]) for each in yes}
    return Supplies(
        agreements, signatures, scanned, authorizations, dispenses, refusals, answered_yes
    )
