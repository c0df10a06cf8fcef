"""Prescribers and pharmacies: register, sign, certify, change the standing."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import filters
from apps.api.endpoint import Endpoint, found
from apps.api.scopes import OFFICE, REGISTRY, Work
from apps.api.serializers import providers as shapes
from apps.core.errors import NotFound
from apps.providers import selectors, services


class Prescribers(Endpoint):
    """Prescribers."""

    area = REGISTRY
    to_read = OFFICE | {Work.PRESCRIBE}
    to_write = frozenset({Work.ADMINISTER})
    names_prescriber = False
    form, entry = shapes.PrescriberForm, shapes.PrescriberEntry
    filters, order, lists = filters.ByState, "-registered_at", True

    def get(self, request: Request) -> Response:
        """List prescribers: the program's people see all, a practice its own."""
        return self.page(request, selectors.prescribers_visible_to(self.actor(request)))

    def post(self, request: Request) -> Response:
        """Register a prescriber, pending (L-ENR-1)."""
        return self.created(services.register_prescriber(self.once(request), **self.given(request)))


class Prescriber(Endpoint):
    """One prescriber."""

    area = REGISTRY
    to_read = OFFICE | {Work.PRESCRIBE}
    names_prescriber = False
    entry = shapes.PrescriberEntry

    def get(self, request: Request, prescriber_id: UUID) -> Response:
        """Show a prescriber."""
        rows = selectors.prescribers_visible_to(self.actor(request))
        return self.answer(found(rows, prescriber_id))


class PrescriberEnrollments(Endpoint):
    """Enrollment forms of a prescriber."""

    area = REGISTRY
    to_write = frozenset({Work.PRESCRIBE})
    form, entry = shapes.EnrollmentForm, shapes.PrescriberEnrollmentEntry

    def post(self, request: Request, prescriber_id: UUID) -> Response:
        """Sign the enrollment form: the prescriber acted for is the one of the address."""
        if prescriber_id != self.actor(request).prescriber_id:
            raise NotFound("You do not act for this prescriber.")
        return self.created(
            services.sign_prescriber_enrollment(self.once(request), **self.given(request))
        )


class PrescriberCertifications(Endpoint):
    """Certifications of a prescriber."""

    area = REGISTRY
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.NothingForm, shapes.PrescriberEntry

    def post(self, request: Request, prescriber_id: UUID) -> Response:
        """Certify a prescriber whose enrollment form is signed (L-ENR-1)."""
        self.given(request)
        return self.created(
            services.certify_prescriber(self.once(request), prescriber_id=prescriber_id)
        )


class PrescriberStandings(Endpoint):
    """Moves of a prescriber's standing."""

    area = REGISTRY
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.StandingForm, shapes.PrescriberEntry

    def post(self, request: Request, prescriber_id: UUID) -> Response:
        """Suspend, decertify or reinstate a prescriber, with a reason."""
        return self.created(
            services.change_prescriber_standing(
                self.once(request), prescriber_id=prescriber_id, **self.given(request)
            )
        )


class Pharmacies(Endpoint):
    """Pharmacies."""

    area = REGISTRY
    to_read = OFFICE | {Work.DISPENSE}
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.PharmacyForm, shapes.PharmacyEntry
    filters, order, lists = filters.ByState, "-registered_at", True

    def get(self, request: Request) -> Response:
        """List pharmacies: the program's people see all, a pharmacy itself."""
        return self.page(request, selectors.pharmacies_visible_to(self.actor(request)))

    def post(self, request: Request) -> Response:
        """Register a pharmacy, pending, with its authorized representative (L-ENR-2)."""
        return self.created(services.register_pharmacy(self.once(request), **self.given(request)))


class Pharmacy(Endpoint):
    """One pharmacy."""

    area = REGISTRY
    to_read = OFFICE | {Work.DISPENSE}
    entry = shapes.PharmacyEntry

    def get(self, request: Request, pharmacy_id: UUID) -> Response:
        """Show a pharmacy."""
        rows = selectors.pharmacies_visible_to(self.actor(request))
        return self.answer(found(rows, pharmacy_id))


class PharmacyEnrollments(Endpoint):
    """Enrollment forms of a pharmacy."""

    area = REGISTRY
    to_write = frozenset({Work.DISPENSE})
    form, entry = shapes.EnrollmentForm, shapes.PharmacyEnrollmentEntry

    def post(self, request: Request, pharmacy_id: UUID) -> Response:
        """Sign the enrollment form, as the pharmacy's authorized representative (L-ENR-2)."""
        found(selectors.pharmacies_visible_to(self.actor(request)), pharmacy_id)
        return self.created(
            services.sign_pharmacy_enrollment(self.once(request), **self.given(request))
        )


class PharmacyCertifications(Endpoint):
    """Certifications of a pharmacy."""

    area = REGISTRY
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.PharmacyCertificationForm, shapes.PharmacyCertificationEntry

    def post(self, request: Request, pharmacy_id: UUID) -> Response:
        """Certify a pharmacy whose signed form waits, or renew its certification (L-ENR-2)."""
        return self.created(
            services.certify_pharmacy(
                self.once(request), pharmacy_id=pharmacy_id, **self.given(request)
            )
        )


class PharmacyStandings(Endpoint):
    """Moves of a pharmacy's standing."""

    area = REGISTRY
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.StandingForm, shapes.PharmacyEntry

    def post(self, request: Request, pharmacy_id: UUID) -> Response:
        """Suspend, decertify or reinstate a pharmacy, with a reason."""
        return self.created(
            services.change_pharmacy_standing(
                self.once(request), pharmacy_id=pharmacy_id, **self.given(request)
            )
        )
