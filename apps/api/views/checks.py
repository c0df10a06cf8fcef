"""Check eligibility: the busiest address of the product, kept lean."""

from django.http import HttpResponse
from rest_framework.request import Request

from apps.api.authentication import known_client
from apps.api.endpoint import Endpoint
from apps.api.scopes import CHECKS, Work
from apps.api.serializers import prescriptions as shapes
from apps.core.errors import NotAllowed
from apps.eligibility import services


class EligibilityChecks(Endpoint):
    """Eligibility checks."""

    area = CHECKS
    to_write = frozenset({Work.DISPENSE})
    form, entry = shapes.PrescriptionForm, shapes.CheckEntry
    creates = False
    statuses = {"POST": (200,)}

    def post(self, request: Request) -> HttpResponse:
        """Whether this prescription may be dispensed now, with every requirement (L-DSP-1).

        Changes nothing, and is kept: each check is one decision in the record. An unknown number
        and a wrong date of birth give the same 404.
        """
        pharmacy_id = known_client(request).pharmacy_id
        if pharmacy_id is None:
            raise NotAllowed("Only a pharmacy checks eligibility.")
        checked = services.verify(
            self.call(request), pharmacy_id=pharmacy_id, **self.given(request)
        )
        # The decision's text is written once, for the record and for the answer.
        return HttpResponse(
            f'{{"id":"{checked.decision_id}","decision":{checked.text}}}',
            content_type="application/json",
        )
