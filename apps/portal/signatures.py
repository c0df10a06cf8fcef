"""How pages show the signatures of a record. Presentation only."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Model
from django.urls import reverse

from apps.audit.models import Signature
from apps.audit.signatures import language_signed, signatures_of_all
from apps.oversight.signed_records import is_unchanged
from apps.patients.models import Agreement
from apps.portal.own_words import MEANINGS, METHODS


@dataclass(frozen=True, slots=True)
class Shown:
    """One signature as people read it; `is_unchanged`: the record still says what was signed."""

    name: str
    at: datetime
    meaning: str
    method: str
    is_unchanged: bool
    digest: str
    language: str
    """In which the text was read that was signed; "" where no text was."""


def shown_signatures(subject: Model) -> list[Shown]:
    """The signatures of one record, the earliest first."""
    return shown_by_record([subject]).get(str(subject.pk), [])


def own_signatures(agreement: Agreement) -> list[Shown]:
    """The signatures of a patient's own agreement, in the words of the patient's pages."""
    found = signatures_of_all([agreement])
    return [
        replace(
            _shown(each, agreement),
            meaning=str(MEANINGS[each.meaning]),
            method=str(METHODS[each.method]),
        )
        for each in found
    ]


def shown_by_record(subjects: Iterable[Model]) -> dict[str, list[Shown]]:
    """The signatures of several records of one kind, by the record's id; one statement."""
    found = list(subjects)
    return _by_record(found, signatures_of_all(found))


def _by_record(
    subjects: Iterable[Model], signatures: Iterable[Signature]
) -> dict[str, list[Shown]]:
    by_id = {str(subject.pk): subject for subject in subjects}
    shown: dict[str, list[Shown]] = {}
    for signature in signatures:
        subject = by_id[signature.subject_id]
        shown.setdefault(signature.subject_id, []).append(_shown(signature, subject))
    return shown


def agreement_signatures(
    agreements: Sequence[Agreement], signatures: Iterable[Signature], scanned: Collection[str]
) -> list[tuple[str, list[Shown], str]]:
    """The signatures of a patient's agreements: what each agrees to, and where its paper is.

    `scanned`: the ids of those whose signed paper is here as a scan.
    """
    shown = _by_record(agreements, signatures)
    return [
        (
            f"{each.get_risk_category_display()}, version {each.text_version}",
            shown[key],
            reverse("agreement_scan", args=[each.patient_id, key]) if key in scanned else "",
        )
        for each in agreements
        if (key := str(each.pk)) in shown
    ]


def _shown(signature: Signature, subject: Model) -> Shown:
    return Shown(
        name=signature.printed_name,
        at=signature.signed_at,
        meaning=signature.meaning_in_words,
        method=signature.get_method_display(),
        is_unchanged=is_unchanged(signature, subject),
        digest=signature.content_digest,
        language=language_signed(signature),
    )
