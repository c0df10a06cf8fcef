"""Patients and their agreements."""

from uuid import UUID

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.authentication import known_client
from apps.api.endpoint import Endpoint, found
from apps.api.scopes import CARE, DECISIONS, PATIENTS, Work
from apps.api.serializers import patients as shapes
from apps.eligibility import selectors as eligibility
from apps.evidence import services as evidence
from apps.patients import selectors, services
from apps.patients.models import Patient as PatientRow
from apps.patients.services import LikelyDuplicates
from apps.patients.showing import SHOWN
from apps.rules.policy import programs


class OfPatient(Endpoint):
    """An address below one patient."""

    area = PATIENTS
    to_read = CARE
    to_write = frozenset({Work.PRESCRIBE})

    def patient(self, request: Request, patient_id: UUID) -> PatientRow:
        """The patient of the address. Raises NotFound unless the actor may see them."""
        patient: PatientRow = found(selectors.visible_to(self.actor(request)), patient_id)
        return patient


class Patients(Endpoint):
    """Patients."""

    area = PATIENTS
    to_read = CARE
    to_write = frozenset({Work.PRESCRIBE})
    form, entry = shapes.PatientForm, shapes.PatientEntry
    order, lists = "-registered_at", True

    def get(self, request: Request) -> Response:
        """List the patients that the caller may see."""
        rows = selectors.visible_to(self.actor(request))
        return self.page(request, rows, saw="patients_listed")

    def post(self, request: Request) -> Response:
        """Enroll a patient with category and agreement (L-ENR-3).

        409 `likely_duplicates` lists registered patients whom the new one resembles: decide about
        each in `not_duplicates`, and send the request again with a new Idempotency-Key.
        """
        arguments = self.given(request)
        try:
            made = services.enroll_patient(self.once(request), **arguments)
            # A repeated call shows the record as it is by now, if it is still the caller's to see.
            return self.created(found(selectors.visible_to(self.actor(request)), made.pk))
        except LikelyDuplicates as likely:
            ids = [resemblance.patient.pk for resemblance in likely.resemblances]
            self.saw(request, SHOWN, patient_ids=ids)
            raise


class Patient(OfPatient):
    """One patient."""

    entry = shapes.PatientPage

    def get(self, request: Request, patient_id: UUID) -> Response:
        """Show a patient: category, agreements, holds, and what the rules say to a request now."""
        unknown = set(request.query_params) - {"program"}
        program = request.query_params.get("program", programs()[0])
        if unknown or program not in programs():
            raise ValidationError(
                {name: ["Only ?program=, a program's code."] for name in request.query_params}
            )
        actor = self.actor(request)
        patient = self.patient(request, patient_id)
        self.saw(request, "patient_viewed", patient_id=patient.pk, subject=patient)
        # Nothing is said of a merged record: `merged_into` names the one that is kept. What the
        # rules would say tells of tests, cases and answers: only to a token that is for decisions.
        may_ask = DECISIONS.read in known_client(request).scopes
        found_now = eligibility.outlook(actor, [patient.pk], program) if may_ask else {}
        outlook = found_now.get(patient.pk)
        return self.answer(
            {
                "patient": patient,
                "category": selectors.current_category(patient),
                "agreements": selectors.agreements_visible_to(actor)
                .filter(selectors.about(patient.pk))
                .order_by("-recorded_at"),
                "holds": eligibility.holds(outlook) if outlook else [] if may_ask else None,
                "outlook": outlook,
            }
        )


class Agreements(OfPatient):
    """Agreements of a patient."""

    form, entry = shapes.AgreementForm, shapes.AgreementEntry
    lists = True

    def get(self, request: Request, patient_id: UUID) -> Response:
        """List a patient's agreements."""
        patient = self.patient(request, patient_id)
        rows = selectors.agreements_visible_to(self.actor(request)).filter(
            selectors.about(patient.pk)
        )
        return self.page(request, rows, saw="agreements_viewed", patient_id=patient.pk)

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Sign a new agreement for the present category (L-ENR-4); voids what was issued."""
        return self.created(
            evidence.renew_agreement(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class AgreementSignatures(OfPatient):
    """Signatures of an agreement."""

    form, entry = shapes.SignatureForm, shapes.AgreementEntry

    def post(self, request: Request, patient_id: UUID, agreement_id: UUID) -> Response:
        """Add a signature that is still missing; completing the agreement voids what was issued."""
        patient = self.patient(request, patient_id)
        rows = selectors.agreements_visible_to(self.actor(request)).filter(
            selectors.about(patient.pk)
        )
        agreement = found(rows, agreement_id)
        return self.created(
            evidence.sign_agreement(
                self.once(request),
                patient_id=patient_id,
                agreement_id=agreement.pk,
                **self.given(request),
            )
        )
