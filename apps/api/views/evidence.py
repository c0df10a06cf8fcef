"""Evidence about a patient: record, list, and end what can be ended."""

from typing import ClassVar
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import found
from apps.api.fields import Form
from apps.api.scopes import EVIDENCE, SAFETY, Work
from apps.api.serializers import evidence as shapes
from apps.api.views.patients import OfPatient
from apps.evidence import models, selectors, services
from apps.evidence.models.base import Evidence
from apps.patients.selectors import about

CARE_OR_OFFICE = frozenset({Work.PRESCRIBE, Work.ADMINISTER})


class Entries(OfPatient):
    """The entries of one kind about one patient."""

    area = EVIDENCE
    kind: ClassVar[type[Evidence]]
    lists = True

    def get(self, request: Request, patient_id: UUID) -> Response:
        """List a patient's entries, latest recorded first."""
        patient = self.patient(request, patient_id)
        rows = selectors.visible_to(self.actor(request), self.kind).filter(about(patient.pk))
        saw = f"{self.kind._meta.model_name}_viewed"
        return self.page(request, rows, saw=saw, patient_id=patient.pk)


class EntryEnd(OfPatient):
    """The end of one entry: its withdrawal, closure or resolution."""

    area = EVIDENCE
    kind: ClassVar[type[Evidence]]
    to_write = CARE_OR_OFFICE
    form: ClassVar[type[Form] | None] = shapes.ReasonForm

    def entry_of(self, request: Request, patient_id: UUID, entry_id: UUID) -> UUID:
        """The entry's id. Raises NotFound unless it is one of this patient's, and visible."""
        rows = selectors.visible_to(self.actor(request), self.kind).filter(about(patient_id))
        return found(rows, entry_id).pk  # type: ignore[no-any-return]


class PregnancyTests(Entries):
    """Pregnancy tests of a patient."""

    kind = models.PregnancyTest
    to_write = CARE_OR_OFFICE
    form, entry = shapes.PregnancyTestForm, shapes.PregnancyTestEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record a test; a positive one opens a case and voids what is open at once (L-PT-5)."""
        return self.created(
            services.record_pregnancy_test(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class PregnancyTestWithdrawal(EntryEnd):
    """Withdrawal of a pregnancy test."""

    kind = models.PregnancyTest
    entry = shapes.PregnancyTestEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Withdraw a test that was a mistake; a positive one only as an administrator (L-PT-7)."""
        return self.created(
            services.withdraw_pregnancy_test(
                self.once(request),
                test_id=self.entry_of(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class Contraception(Entries):
    """Attestations of contraception."""

    kind = models.ContraceptionAttestation
    form, entry = shapes.ContraceptionForm, shapes.ContraceptionEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record what a patient attests; a lapse voids what is open (L-CON-1 to 4)."""
        return self.created(
            services.record_contraception(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class ContraceptionWithdrawal(EntryEnd):
    """Withdrawal of an attestation of contraception."""

    kind = models.ContraceptionAttestation
    to_write = frozenset({Work.ADMINISTER})
    entry = shapes.ContraceptionEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Withdraw an attestation that was a mistake (L-CON-2)."""
        return self.created(
            services.withdraw_contraception(
                self.once(request),
                attestation_id=self.entry_of(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class Obligations(Entries):
    """Attestations of the obligations."""

    kind = models.ObligationsAttestation
    form, entry = shapes.ObligationsForm, shapes.ObligationsEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record the obligations that a patient attests (L-CON-6)."""
        return self.created(
            services.record_obligations(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class CounselingEntries(Entries):
    """Counseling."""

    kind = models.Counseling
    form, entry = shapes.CounselingForm, shapes.CounselingEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record the counseling given for a supply (L-SUR-4)."""
        return self.created(
            services.record_counseling(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class HealthStatuses(Entries):
    """Health statuses."""

    kind = models.HealthStatus
    form, entry = shapes.HealthStatusForm, shapes.HealthStatusEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record cycle, breastfeeding and advisory flags as they are now (L-CON-7)."""
        return self.created(
            services.record_health_status(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class PatientSurveys(Entries):
    """Patient surveys."""

    kind = models.PatientSurvey
    to_write = CARE_OR_OFFICE
    form, entry = shapes.PatientSurveyForm, shapes.PatientSurveyEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record a patient's answers; an at-risk one opens an intervention (L-SUR-2, L-SUR-3)."""
        return self.created(
            services.record_patient_survey(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class BleedingReports(Entries):
    """Bleeding reports."""

    kind = models.BleedingReport
    to_write = CARE_OR_OFFICE
    form, entry = shapes.BleedingReportForm, shapes.BleedingReportEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record a missed period or abnormal bleeding: evaluation hold (L-PT-8)."""
        return self.created(
            services.report_bleeding(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class BleedingReportWithdrawal(EntryEnd):
    """Withdrawal of a bleeding report."""

    kind = models.BleedingReport
    entry = shapes.BleedingReportEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Withdraw a report that was a mistake (L-PT-8)."""
        return self.created(
            services.withdraw_bleeding_report(
                self.once(request),
                report_id=self.entry_of(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class PregnancyCases(Entries):
    """Pregnancy cases."""

    area = SAFETY
    kind = models.PregnancyCase
    to_write = CARE_OR_OFFICE | {Work.DISPENSE}
    form, entry = shapes.PregnancyCaseForm, shapes.PregnancyCaseEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Report a suspected pregnancy of a patient, or of a male patient's partner (L-PRG-1).

        A pharmacy reports for a patient to whom it dispensed.
        """
        return self.created(
            services.report_pregnancy(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class PregnancyCaseClosure(EntryEnd):
    """Closure of a pregnancy case."""

    area = SAFETY
    kind = models.PregnancyCase
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.PregnancyCaseClosureForm, shapes.PregnancyCaseEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Close a case with its outcome, as an administrator (L-PRG-3)."""
        return self.created(
            services.close_pregnancy_case(
                self.once(request),
                case_id=self.entry_of(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class Interventions(Entries):
    """Interventions."""

    area = SAFETY
    kind = models.Intervention
    entry = shapes.InterventionEntry
    to_write = frozenset()


class InterventionResolution(EntryEnd):
    """Resolution of an intervention."""

    area = SAFETY
    kind = models.Intervention
    to_write = frozenset({Work.ADMINISTER})
    form, entry = shapes.ResolutionForm, shapes.InterventionEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Resolve an intervention with a written outcome (L-SUR-3)."""
        return self.created(
            services.resolve_intervention(
                self.once(request),
                intervention_id=self.entry_of(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class RuleExceptions(Entries):
    """Exceptions from rules: two persons grant them, in the administration (L-DSP-10)."""

    kind = models.RuleException
    entry = shapes.RuleExceptionEntry
