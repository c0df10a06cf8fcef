"""Pregnancy cases followed up, interventions of all patients, and reports that block at once."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint, found
from apps.api.filters import OfCases, OfInterventions
from apps.api.scopes import CARE, SAFETY, Work
from apps.api.serializers import evidence as shapes
from apps.api.serializers import safety
from apps.api.views.evidence import CARE_OR_OFFICE
from apps.api.views.patients import OfPatient
from apps.evidence import models, selectors, services


class AllInterventions(Endpoint):
    """Interventions of all patients whom the caller may see."""

    area = SAFETY
    to_read = CARE
    entry, filters = shapes.InterventionEntry, OfInterventions
    lists = True

    def get(self, request: Request) -> Response:
        """List interventions; `is_open=true` gives those that wait for a resolution (L-SUR-3)."""
        rows = selectors.of_present_patients(self.actor(request), models.Intervention)
        return self.page(request, rows, saw="interventions_listed")


class AllPregnancyCases(Endpoint):
    """Pregnancy cases of all patients whom the caller may see."""

    area = SAFETY
    to_read = CARE
    entry, filters = shapes.PregnancyCaseEntry, OfCases
    lists = True

    def get(self, request: Request) -> Response:
        """List pregnancy cases; `is_open=true` gives those that are followed up (L-PRG-2)."""
        rows = selectors.of_present_patients(self.actor(request), models.PregnancyCase)
        return self.page(request, rows, saw="pregnancy_cases_listed")


class OfCase(OfPatient):
    """An address below one pregnancy case of a patient."""

    area = SAFETY
    lists = True

    def case(self, request: Request, patient_id: UUID, entry_id: UUID) -> models.PregnancyCase:
        """The case. Raises NotFound unless it is one of this patient's, and visible."""
        rows = selectors.of_present_patients(self.actor(request), models.PregnancyCase)
        case: models.PregnancyCase = found(rows.filter(patient_id=patient_id), entry_id)
        return case


class PregnancyCaseDetails(OfCase):
    """What is known of a pregnancy case."""

    to_write = CARE_OR_OFFICE
    form, entry = safety.CaseDetailsForm, safety.CaseDetailEntry

    def get(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """List what was known of a case, latest first; the latest holds (L-PRG-2)."""
        case = self.case(request, patient_id, entry_id)
        rows = selectors.case_details_visible_to(self.actor(request)).filter(case=case)
        return self.page(request, rows, saw="case_details_viewed", patient_id=patient_id)

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Add all that is known of a case now; its open steps get their new days (L-PRG-2)."""
        case = self.case(request, patient_id, entry_id)
        details = services.Details(**self.given(request))
        return self.created(
            services.record_case_details(self.once(request), case_id=case.pk, details=details)
        )


class PregnancyCaseSteps(OfCase):
    """The follow-up of a pregnancy case."""

    entry = safety.CaseStepEntry
    to_write = frozenset()

    def get(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """List the steps that a case owes or owed, with their days (L-PRG-2)."""
        case = self.case(request, patient_id, entry_id)
        rows = selectors.case_steps_visible_to(self.actor(request)).filter(case=case)
        return self.page(request, rows, saw="case_steps_viewed", patient_id=patient_id)


class StepEnd(OfPatient):
    """The end of one step of a case's follow-up."""

    area = SAFETY
    to_write = frozenset({Work.ADMINISTER})
    entry = safety.CaseStepEntry

    def step_of(self, request: Request, patient_id: UUID, entry_id: UUID) -> UUID:
        """The step's id. Raises NotFound unless it is of a case of this patient, and visible."""
        steps = selectors.case_steps_visible_to(self.actor(request))
        return found(steps.filter(case__patient_id=patient_id), entry_id).pk  # type: ignore[no-any-return]


class CaseStepCompletion(StepEnd):
    """Completion of a step."""

    form = safety.StepNoteForm

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Say that a step is done, and what was found (L-PRG-2)."""
        step_id = self.step_of(request, patient_id, entry_id)
        return self.created(
            services.complete_case_step(self.once(request), step_id=step_id, **self.given(request))
        )


class CaseStepWaiver(StepEnd):
    """Waiver of a step."""

    form = shapes.ReasonForm

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Waive a step with a reason, as an administrator (L-PRG-2)."""
        step_id = self.step_of(request, patient_id, entry_id)
        return self.created(
            services.waive_case_step(self.once(request), step_id=step_id, **self.given(request))
        )


class BreastfeedingReports(OfPatient):
    """Reports of breastfeeding."""

    area = SAFETY
    to_write = CARE_OR_OFFICE
    form, entry = safety.NothingForm, shapes.HealthStatusEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record that a patient breastfeeds, the rest of her status unchanged (L-CON-7)."""
        self.given(request)
        return self.created(
            services.report_breastfeeding(self.once(request), patient_id=patient_id)
        )
