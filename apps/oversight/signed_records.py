"""Whether signed records still say what was signed (21 CFR 11.70). Reads only."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.apps import apps
from django.db.models import Model

from apps.audit.models import Event, Signature
from apps.audit.signatures import Content, has_content, is_whole, language_signed
from apps.evidence import signed as of_evidence
from apps.patients.signed import agreement_content
from apps.prescriptions.signed import content_signed
from apps.providers import signed as of_providers

Says = Callable[[Any, Signature], Content]


def _program_of(signature: Signature) -> str:
    """The program whose text was signed, as the signature has it."""
    return str(json.loads(signature.content)["text"]["program"])


def _standing(signature: Signature) -> Content:
    """The move that was signed: the standing itself may have moved on since."""
    moves = Event.objects.filter(
        operation_id=signature.operation_id,
        subject_model=signature.subject_model,
        subject_id=signature.subject_id,
        code__endswith="_standing_changed",
    )
    return of_providers.standing(moves.get())


# What each kind of record says now, in the form in which it was signed.
CONTENTS: Final[Mapping[str, Says]] = {
    "evidence.deviation": lambda deviation, _: of_evidence.deviation_acceptance(deviation),
    "evidence.intervention": lambda found, _: of_evidence.intervention_resolution(found),
    "evidence.pregnancycase": lambda case, _: of_evidence.case_closure(case),
    "evidence.ruleexception": lambda exception, _: of_evidence.exception_grant(exception),
    "patients.categorychange": lambda change, _: of_evidence.category_decision(change),
    "providers.pharmacy": lambda _, signature: _standing(signature),
    "providers.pharmacycertification": lambda period, _: of_providers.certification(period),
    "providers.prescriber": lambda _, signature: _standing(signature),
    "evidence.patientsurvey": lambda survey, signature: of_evidence.patient_survey(
        survey, language_signed(signature)
    ),
    "evidence.prescribersurvey": lambda survey, _: of_evidence.prescriber_survey(survey),
    "prescriptions.dispense": lambda made, signature: content_signed(made, signature.meaning),
    "providers.stafftraining": lambda training, _: of_providers.staff_training(training),
    "patients.agreement": lambda agreement, signature: agreement_content(
        agreement, signature.meaning, language_signed(signature)
    ),
    "providers.prescriberenrollment": lambda form, signature: of_providers.prescriber_enrollment(
        form, _program_of(signature)
    ),
    "providers.pharmacyenrollment": lambda form, signature: of_providers.pharmacy_enrollment(
        form, _program_of(signature)
    ),
}


def is_unchanged(signature: Signature, record: Model) -> bool:
    """Whether `record` says now exactly what this signature signed of it."""
    if not is_whole(signature):
        return False
    return has_content(signature, record, CONTENTS[signature.subject_model](record, signature))


def signed_record(signature: Signature) -> Model | None:
    """The record that was signed; None when it is not there any more."""
    model = apps.get_model(signature.subject_model)
    found: Model | None = model._default_manager.filter(pk=signature.subject_id).first()
    return found
