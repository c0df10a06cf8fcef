"""Questions about agreements that wait for a signature: whose it is, what has overtaken them.

Reads only.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from apps.core.call import Actor
from apps.evidence.models import TherapyEvent
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import (
    Agreement,
    CategoryAssignment,
    CategoryChange,
    Patient,
    Representative,
)
from apps.patients.standing import CAME_TO_NOTHING
from apps.patients.visits import is_same_name
from apps.providers.selectors import covered_by
from apps.rules.documents import document
from apps.rules.therapy import ENDS


@dataclass(frozen=True, slots=True)
class Unsigned:
    """The latest agreements that wait for a signature of the patient's side."""

    own: Agreement | None = None
    """This visitor signs it."""
    of_another: Agreement | None = None
    """Somebody else does: who speaks for the patient, or the patient."""

    @property
    def has_newer_text(self) -> bool:
        """Whether what waits cannot be signed by this visitor or that one: its text has changed."""
        found = self.own or self.of_another
        return found is not None and has_newer_text(found)


def unsigned(actor: Actor, patient: Patient, program: str) -> Unsigned:
    """What waits for the signature of this visitor, and of somebody else.

    Not what was overtaken: nobody signs that any more. Two statements at most.
    """
    waiting = (
        patients.agreements_visible_to(actor)
        .filter(patient=patient, program=program, withdrawn_at=None, patient_signed_at=None)
        .exclude(category_change__state__in=CAME_TO_NOTHING)
        .order_by("-recorded_at")
    )
    speaks = speaker_of(actor, patient)
    of_another = None
    for found in _with_what_happened_since(waiting):
        if _why_overtaken(found):
            continue
        if is_named(actor, speaks, found):
            return Unsigned(own=found, of_another=of_another)
        of_another = of_another or found
    return Unsigned(of_another=of_another)


def speaker_of(actor: Actor, patient: Patient) -> Representative | None:
    """Who speaks for the patient now, where this visitor is not the patient."""
    return standing.representative_of(patient) if actor.speaks_for_another else None


def is_named(actor: Actor, speaks: Representative | None, agreement: Agreement) -> bool:
    """Whether the agreement names this visitor as the one who signs for the patient's side.

    By name, too: who came after the guardian whom it names does not sign as that person.
    """
    if not actor.speaks_for_another:
        return agreement.signer == Agreement.Signer.PATIENT
    if speaks is None or speaks.pk != actor.id or speaks.kind != agreement.signer:
        return False
    return is_same_name(speaks.name, agreement.signer_name)


def has_newer_text(agreement: Agreement) -> bool:
    """Whether the program's text is another one since an agreement was made out.

    Nobody signs the old words on their own pages: a new agreement is made out for that.
    """
    return document(agreement.program, "agreement").version != agreement.text_version


def overtaken(agreement: Agreement) -> str:
    """What happened since an agreement was made out that leaves it without use; "" if nothing.

    As the latest one it would fit neither category nor prescriber, and stop a patient's supply; or
    it would void what rests on a later one, which is complete.
    """
    itself = Agreement.objects.filter(pk=agreement.pk)
    return _why_overtaken(_with_what_happened_since(itself).get())


def waiting_for_signatures() -> QuerySet[Any]:
    """The agreements that lack a signature, but those of therapies that ended since (L-END-1), and
    those that something has overtaken.
    """
    ended = TherapyEvent.objects.filter(
        patients.about(OuterRef("patient_id")),
        Q(program=OuterRef("program")) | Q(program=""),
        kind__in=ENDS,
        recorded_at__gt=OuterRef("recorded_at"),
        withdrawn_at__isnull=True,
    )
    waiting = Agreement.objects.filter(
        ~Exists(ended),
        Q(patient_signed_at=None) | Q(prescriber_signed_at=None),
        patient__merged_into=None,
        withdrawn_at=None,
    ).exclude(category_change__state__in=CAME_TO_NOTHING)
    return _with_what_happened_since(waiting).filter(
        Q(is_change=True) | Q(risk_category=F("present_category")),
        is_with_prescriber=True,
        is_followed=False,
    )


def _with_what_happened_since(agreements: QuerySet[Agreement]) -> QuerySet[Any]:
    whose = OuterRef("patient_id")
    theirs = Patient.objects.filter(covered_by(OuterRef("prescriber_id")), pk=whose)
    categories = CategoryAssignment.objects.filter(patient=whose).order_by("-recorded_at")
    changes = CategoryChange.objects.filter(agreement=OuterRef("pk"))
    signed = standing.agreements_in_effect(whose, OuterRef("program"))
    return agreements.annotate(
        is_with_prescriber=Exists(theirs),
        present_category=Subquery(categories.values("risk_category")[:1]),
        is_change=Exists(changes),
        is_followed=Exists(signed.filter(recorded_at__gt=OuterRef("recorded_at"))),
    )


def _why_overtaken(since: Any) -> str:
    if not since.is_with_prescriber:
        return _("The patient has another prescriber since this agreement was made out.")
    if not since.is_change and since.risk_category != since.present_category:
        return _("The risk category has changed since this agreement was made out.")
    if since.is_followed:
        return _("A later agreement is signed already.")
    return ""
