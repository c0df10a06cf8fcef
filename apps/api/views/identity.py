"""Phone, fax and paper; corrections; two records of one person."""

from typing import ClassVar
from uuid import UUID

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint, found
from apps.api.scopes import EVIDENCE, OFFICE, PATIENTS, Work
from apps.api.serializers import evidence as entries
from apps.api.serializers import identity as shapes
from apps.api.serializers.patients import AgreementEntry
from apps.api.views.evidence import CARE_OR_OFFICE, EntryEnd
from apps.api.views.patients import OfPatient
from apps.core.scans import scan_download
from apps.evidence import models, selectors, services
from apps.patients import selectors as patients
from apps.patients import services as enrolling
from apps.patients.resemblances import undecided_resemblances

ADMINISTER = frozenset({Work.ADMINISTER})


class Intakes(OfPatient):
    """What came by phone, fax or paper about a patient."""

    area = EVIDENCE
    to_write = ADMINISTER
    form, entry = shapes.IntakeForm, shapes.IntakeEntry
    lists = True

    def get(self, request: Request, patient_id: UUID) -> Response:
        """List a patient's intakes, latest first, with who entered and who checked them."""
        patient = self.patient(request, patient_id)
        rows = selectors.intakes_visible_to(self.actor(request)).filter(patients.about(patient.pk))
        return self.page(request, rows, saw="intakes_viewed", patient_id=patient.pk)

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Enter what a caller or a form says (L-SRC-1).

        What harms is in effect at once; anything else waits until a second person accepts it, in
        the administration.
        """
        return self.created(
            services.enter_intake(self.once(request), patient_id=patient_id, **self.given(request))
        )


class IntakeScan(OfPatient):
    """The scan of an intake."""

    area = EVIDENCE
    to_write = frozenset()
    downloads = tuple(models.IntakeScan.ContentType.values)

    def get(self, request: Request, patient_id: UUID, entry_id: UUID) -> HttpResponse:
        """Download the scan: PDF, PNG or JPEG."""
        patient = self.patient(request, patient_id)
        rows = selectors.intakes_visible_to(self.actor(request))
        intake = found(rows.filter(patients.about(patient.pk)), entry_id)
        scan = selectors.scan_of(self.actor(request), intake.pk)
        self.saw(request, "intake_scan_viewed", patient_id=patient.pk, subject=scan)
        return scan_download(scan)


class EntryWithdrawal(EntryEnd):
    """The withdrawal of an entry; a subclass names its kind."""

    code: ClassVar[str]

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Withdraw an entry that was a mistake (L-SRC-3); what may rest on it is void."""
        return self.created(
            services.withdraw_entry(
                self.once(request),
                kind=self.code,
                entry_id=self.entry_of(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class ObligationsWithdrawal(EntryWithdrawal):
    """Withdrawal of an attestation of the obligations."""

    kind, code = models.ObligationsAttestation, "obligations"
    entry = entries.ObligationsEntry


class CounselingWithdrawal(EntryWithdrawal):
    """Withdrawal of counseling."""

    kind, code = models.Counseling, "counseling"
    entry = entries.CounselingEntry


class HealthStatusWithdrawal(EntryWithdrawal):
    """Withdrawal of a health status."""

    kind, code = models.HealthStatus, "health_status"
    entry = entries.HealthStatusEntry


class PatientSurveyWithdrawal(EntryWithdrawal):
    """Withdrawal of a patient survey."""

    kind, code = models.PatientSurvey, "patient_survey"
    entry = entries.PatientSurveyEntry


class AgreementWithdrawal(OfPatient):
    """Withdrawal of an agreement."""

    to_write = CARE_OR_OFFICE
    form, entry = entries.ReasonForm, AgreementEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Withdraw an agreement that was a mistake (L-SRC-3); what may rest on it is void."""
        patient = self.patient(request, patient_id)
        rows = patients.agreements_visible_to(self.actor(request))
        agreement = found(rows.filter(patients.about(patient.pk)), entry_id)
        return self.created(
            services.withdraw_entry(
                self.once(request), kind="agreement", entry_id=agreement.pk, **self.given(request)
            )
        )


class EntryMoves(Endpoint):
    """Entries on the wrong person."""

    area = EVIDENCE
    to_read = frozenset()
    to_write = CARE_OR_OFFICE
    form, entry = shapes.MoveForm, shapes.MovedEntry

    def post(self, request: Request) -> Response:
        """Move an entry to whom it belongs (L-SRC-3): withdrawn there, entered here, at once.

        The staff move what harms; what would make the other one eligible comes as an intake.
        """
        return self.created(services.move_entry(self.once(request), **self.given(request)))


class IdentityCorrections(OfPatient):
    """Corrections of a patient's name or date of birth."""

    to_write = ADMINISTER
    form, entry = shapes.IdentityCorrectionForm, shapes.IdentityCorrectionEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Set a wrong name or date of birth right (L-SRC-3), with what shows it.

        Another date of birth voids what is open. `resembled` names the registered patients whom
        the corrected one resembles: merge what is one person's.
        """
        return self.created(
            services.correct_identity(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class Merges(OfPatient):
    """Other records of this person."""

    to_write = ADMINISTER
    form, entry = shapes.MergeForm, shapes.MergeEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Merge another record into this one (L-PAT-1): every entry of both counts, for good."""
        return self.created(
            services.merge_patients(self.once(request), kept_id=patient_id, **self.given(request))
        )


class Resemblances(Endpoint):
    """Patients who resemble each other."""

    area = PATIENTS
    to_read = OFFICE
    to_write = frozenset()
    names_prescriber = False
    entry = shapes.ResemblancesEntry

    def get(self, request: Request) -> Response:
        """List the pairs of registered patients about whom nobody decided yet (L-PAT-1)."""
        pairs = undecided_resemblances(self.actor(request))
        ids = [one for pair in pairs for one in (pair.patient_id, pair.resembles_id)]
        self.saw(request, "resemblances_viewed", patient_ids=ids)
        return self.answer({"results": pairs})


class DuplicateDecisions(OfPatient):
    """Decisions that a patient is not another one."""

    to_write = ADMINISTER
    form, entry = shapes.TwoPersonsForm, shapes.DuplicateDecisionEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Decide that two patients who resemble each other are two persons (L-PAT-1)."""
        return self.created(
            enrolling.decide_not_duplicate(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )
