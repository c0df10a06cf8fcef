"""What becomes of a supply, dispenses reported late, requests for exceptions, and outages."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint, found
from apps.api.scopes import ALL, DISPENSES, OFFICE, OVERSIGHT, Work
from apps.api.serializers import supplies as shapes
from apps.api.serializers.evidence import ReasonForm
from apps.api.serializers.prescriptions import DispenseEntry, DispenseReturnEntry
from apps.api.views.evidence import Entries
from apps.core import clock
from apps.eligibility import reconciliation, services
from apps.evidence.models import ExceptionRequest
from apps.prescriptions import selectors as prescriptions

COUNTER_OR_STAFF = frozenset({Work.DISPENSE, Work.ADMINISTER})


class DispenseReturn(Endpoint):
    """The return of a dispense to stock."""

    area = DISPENSES
    to_write = frozenset({Work.DISPENSE})
    form, entry = shapes.StockForm, DispenseReturnEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Return to stock what never left the premises (L-DSP-7)."""
        return self.created(
            services.return_to_stock(
                self.once(request), dispense_id=dispense_id, **self.given(request)
            )
        )


class SupplyStop(Endpoint):
    """The end of a supply before its time."""

    area = DISPENSES
    to_write = COUNTER_OR_STAFF
    form, entry = shapes.SupplyStopForm, shapes.SupplyStopEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Record that what was left was lost, destroyed or handed back (L-DSP-5).

        A second loss within the policy's months is a 409 for a pharmacy: the program's staff
        record it.
        """
        return self.created(
            services.stop_supply(self.once(request), dispense_id=dispense_id, **self.given(request))
        )


class SupplyEndWithdrawal(Endpoint):
    """The withdrawal of a return or of a supply's end that was recorded by mistake."""

    area = DISPENSES
    to_write = frozenset({Work.ADMINISTER})
    form, entry = ReasonForm, DispenseEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Withdraw its return to stock, or its end: the supply counts again."""
        return self.created(
            services.withdraw_supply_end(
                self.once(request), dispense_id=dispense_id, **self.given(request)
            )
        )


class Shipment(Endpoint):
    """The shipment of a dispense."""

    area = DISPENSES
    to_write = COUNTER_OR_STAFF
    form, entry = shapes.ShipmentForm, shapes.ShipmentEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Record that a carrier took it; one that left late is a deviation (L-DSP-9)."""
        return self.created(
            services.record_shipment(
                self.once(request), dispense_id=dispense_id, **self.given(request)
            )
        )


class PackageCorrection(Endpoint):
    """The correction of a dispense's lot number and NDC."""

    area = DISPENSES
    to_write = COUNTER_OR_STAFF
    form, entry = shapes.PackageCorrectionForm, DispenseEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Set them right beside what was signed; the history keeps each correction (L-SRC-3)."""
        return self.created(
            services.correct_package(
                self.once(request), dispense_id=dispense_id, **self.given(request)
            )
        )


class ShipmentCorrection(Endpoint):
    """The correction of a dispense's shipment."""

    area = DISPENSES
    to_write = COUNTER_OR_STAFF
    form, entry = shapes.ShipmentCorrectionForm, shapes.ShipmentEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Set carrier and tracking number right; the history keeps what stood there (L-DSP-9)."""
        return self.created(
            services.correct_shipment(
                self.once(request), dispense_id=dispense_id, **self.given(request)
            )
        )


class ShipmentOutcome(Endpoint):
    """How the shipment of a dispense ended."""

    area = DISPENSES
    to_write = COUNTER_OR_STAFF
    form, entry = shapes.OutcomeForm, shapes.ShipmentEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Record once that it was delivered, lost or brought back; the latter two stop its supply.

        A second loss within the policy's months is stored, and its stop left to the staff.
        """
        return self.created(
            services.record_shipment_outcome(
                self.once(request), dispense_id=dispense_id, **self.given(request)
            )
        )


class LateDispenses(Endpoint):
    """Dispenses that a pharmacy reports late."""

    area = DISPENSES
    to_write = frozenset({Work.DISPENSE})
    form, entry = shapes.LateDispenseForm, DispenseEntry

    def post(self, request: Request) -> Response:
        """Enter a dispense of the own pharmacy with its real time (L-DSP-8).

        It is stored whatever rule it broke, and counts as supply; `authorized` says whether it was
        made under a valid confirmation and within every rule.
        """
        return self.created(
            services.report_late_dispense(self.once(request), **self.given(request))
        )


class PatientLateDispenses(Endpoint):
    """Late dispenses to a patient, as the program's staff enter them."""

    area = DISPENSES
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.StaffLateDispenseForm, DispenseEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Enter a dispense of any pharmacy, also one outside the program (L-DSP-8)."""
        return self.created(
            services.enter_late_dispense(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class LateDispenseWithdrawal(Endpoint):
    """The withdrawal of a dispense that was entered late by mistake."""

    area = DISPENSES
    to_write = frozenset({Work.ADMINISTER})
    form, entry = ReasonForm, DispenseEntry

    def post(self, request: Request, dispense_id: UUID) -> Response:
        """Withdraw a late entry that was a mistake; it is no supply any more."""
        return self.created(
            services.withdraw_late_dispense(
                self.once(request), dispense_id=dispense_id, **self.given(request)
            )
        )


class ExceptionRequests(Entries):
    """Requests for exceptions. No system requests or grants one: two persons do (L-DSP-10)."""

    kind = ExceptionRequest
    entry = shapes.ExceptionRequestEntry


class Outages(Endpoint):
    """Outages."""

    area = OVERSIGHT
    to_read = ALL
    to_write = frozenset({Work.ADMINISTER})
    names_prescriber = False
    form, entry = shapes.OutageForm, shapes.OutageEntry
    order, lists = "-from_at", True

    def get(self, request: Request) -> Response:
        """List outages: a late record names the one in which it happened."""
        return self.page(request, prescriptions.outages())

    def post(self, request: Request) -> Response:
        """Declare an outage."""
        return self.created(services.declare_outage(self.once(request), **self.given(request)))


class OutageEnd(Endpoint):
    """The end of an outage."""

    area = OVERSIGHT
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.OutageEndForm, shapes.OutageEntry

    def post(self, request: Request, outage_id: UUID) -> Response:
        """End an outage, once."""
        return self.created(
            services.end_outage(self.once(request), outage_id=outage_id, **self.given(request))
        )


class OutageReconciliation(Endpoint):
    """What an outage left behind."""

    area = OVERSIGHT
    to_read = OFFICE
    entry = shapes.ReconciliationEntry

    def get(self, request: Request, outage_id: UUID) -> Response:
        """Show the entries to check, and the windows that ran out with what to do for each."""
        outage = found(prescriptions.outages(), outage_id)
        listed = reconciliation.reconciliation(outage, clock.now())
        self.saw(
            request,
            "outage_reconciliation_viewed",
            subject=outage,
            patient_ids=listed.patient_ids,
        )
        return self.answer(listed)
