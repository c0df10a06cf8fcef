"""Whether signed records still say what was signed (21 CFR 11.70). Reads only."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.apps import apps
from django.db.models import Model

from apps.audit.models import Signature
from apps.audit.signatures import Content, has_content, is_whole
from apps.patients.signed import agreement_content
from apps.providers import signed as of_providers

Says = Callable[[Any, Signature], Content]


def _program_of(signature: Signature) -> str:
    """The program whose text was signed, as the signature has it."""
    return str(json.loads(signature.content)["text"]["program"])


# What each kind of record says now, in the form in which it was signed.
CONTENTS: Final[Mapping[str, Says]] = {
    "patients.agreement": lambda agreement, signature: agreement_content(
        agreement, signature.meaning
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
    return has_content(signature, CONTENTS[signature.subject_model](record, signature))


def signed_record(signature: Signature) -> Model | None:
    """The record that was signed; None when it is not there any more."""
    model = apps.get_model(signature.subject_model)
    found: Model | None = model._default_manager.filter(pk=signature.subject_id).first()
    return found
