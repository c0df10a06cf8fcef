"""Patients who move to another prescriber, and who acts for prescribers and pharmacies.

What a person does on their own sign-in only (acknowledging the training, naming a successor and
taking over) has no address here.
"""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint, found
from apps.api.scopes import CARE, OFFICE, PATIENTS, REGISTRY, Work
from apps.api.serializers import moving as shapes
from apps.api.serializers.evidence import ReasonForm
from apps.api.serializers.providers import PharmacyEntry, PrescriberEntry
from apps.core.errors import NotFound
from apps.evidence import selectors as evidence_selectors
from apps.evidence import services as evidence
from apps.patients import transfers
from apps.providers import selectors, services
from apps.providers.models import Delegation

ADMINISTER = frozenset({Work.ADMINISTER})


class Transfers(Endpoint):
    """Moves of patients to another prescriber."""

    area = PATIENTS
    to_read = CARE
    to_write = frozenset({Work.PRESCRIBE})
    form, entry = shapes.TransferForm, shapes.TransferEntry
    lists = True

    def get(self, request: Request) -> Response:
        """List moves: a prescriber those from and to them, the program's people all (L-ENR-5)."""
        rows = transfers.transfers_visible_to(self.actor(request))
        return self.page(request, rows, saw="transfers_listed")

    def post(self, request: Request) -> Response:
        """Take a patient over from another prescriber, with a new agreement (L-ENR-5).

        404 alike for whoever does not fit all that was given; repeated misses end in 429.
        """
        arguments = self.given(request)
        return self.created(evidence.take_over_patient(self.once(request), **arguments))


class HandOvers(Endpoint):
    """Handing patients over."""

    area = PATIENTS
    to_write = ADMINISTER
    form, entry = shapes.HandOverForm, PrescriberEntry

    def post(self, request: Request) -> Response:
        """Give patients of one who retires, died or was decertified to another (L-ENR-5)."""
        return self.created(evidence.hand_over_patients(self.once(request), **self.given(request)))


class StrandedPatients(Endpoint):
    """Patients without a certified prescriber."""

    area = PATIENTS
    to_read = OFFICE
    entry = shapes.StrandedEntry
    order, lists = "-registered_at", True

    def get(self, request: Request) -> Response:
        """List the patients whose prescriber lost the certification (L-ENR-5)."""
        return self.page(
            request, evidence_selectors.stranded_patients(), saw="stranded_patients_listed"
        )


class Trainings(Endpoint):
    """Acknowledged trainings of a pharmacy's staff."""

    area = REGISTRY
    to_read = OFFICE | {Work.DISPENSE}
    entry = shapes.TrainingEntry
    lists = True

    def get(self, request: Request, pharmacy_id: UUID) -> Response:
        """List who acknowledged which version of the training, and when (L-ENR-2)."""
        actor = self.actor(request)
        pharmacy = found(selectors.pharmacies_visible_to(actor), pharmacy_id)
        rows = selectors.trainings_visible_to(actor).filter(pharmacy=pharmacy)
        return self.page(request, rows)


class PharmacyRepresentatives(Endpoint):
    """The authorized representative of a pharmacy."""

    area = REGISTRY
    to_write = ADMINISTER
    form, entry = shapes.PharmacyRepresentativeForm, PharmacyEntry

    def post(self, request: Request, pharmacy_id: UUID) -> Response:
        """Make somebody the pharmacy's representative, with a reason (L-ENR-6)."""
        return self.created(
            services.change_representative(
                self.once(request), pharmacy_id=pharmacy_id, **self.given(request)
            )
        )


class SuccessorConfirmation(Endpoint):
    """The successor whom a representative named."""

    area = REGISTRY
    to_write = ADMINISTER
    form, entry = ReasonForm, PharmacyEntry

    def post(self, request: Request, pharmacy_id: UUID) -> Response:
        """Put the named successor in, where the representative cannot act any more (L-ENR-6)."""
        return self.created(
            services.confirm_successor(
                self.once(request), pharmacy_id=pharmacy_id, **self.given(request)
            )
        )


class Delegations(Endpoint):
    """Delegations of a prescriber."""

    area = REGISTRY
    to_read = CARE
    entry = shapes.DelegationEntry
    order, lists = "-named_at", True

    def get(self, request: Request, prescriber_id: UUID) -> Response:
        """List who acts on the prescriber's behalf (L-SUR-1)."""
        actor = self.actor(request)
        rows = selectors.delegations_visible_to(actor).filter(prescriber_id=prescriber_id)
        if actor.prescriber_id not in {None, prescriber_id}:
            raise NotFound("You do not act for this prescriber.")
        return self.page(request, rows)


class DelegationEnd(Endpoint):
    """The end of a delegation."""

    area = REGISTRY
    to_write = frozenset({Work.PRESCRIBE, Work.ADMINISTER})
    form, entry = ReasonForm, shapes.DelegationEntry

    def post(self, request: Request, prescriber_id: UUID, delegation_id: UUID) -> Response:
        """End a delegation; it stops at once (L-SUR-1)."""
        rows = selectors.delegations_visible_to(self.actor(request))
        delegation: Delegation = found(rows.filter(prescriber_id=prescriber_id), delegation_id)
        return self.created(
            services.end_delegation(
                self.once(request), delegation_id=delegation.pk, **self.given(request)
            )
        )


class Coverage(Endpoint):
    """Whether a practice's prescribers cover for each other."""

    area = REGISTRY
    to_write = ADMINISTER
    form, entry = shapes.CoverageForm, shapes.PracticeEntry

    def post(self, request: Request, practice_id: UUID) -> Response:
        """Record whether the practice's prescribers may cover for each other (L-ENR-5)."""
        return self.created(
            services.change_coverage(
                self.once(request), practice_id=practice_id, **self.given(request)
            )
        )
