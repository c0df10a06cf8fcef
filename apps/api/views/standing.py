"""What stands for a patient: category changes, therapy, who speaks for them, how to reach them."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import found
from apps.api.fields import Form
from apps.api.scopes import PATIENTS, Work
from apps.api.serializers import standing as shapes
from apps.api.serializers.evidence import ReasonForm
from apps.api.serializers.patients import PatientEntry
from apps.api.views.evidence import CARE_OR_OFFICE, Entries, EntryEnd
from apps.api.views.patients import OfPatient
from apps.core.call import Actor
from apps.eligibility import selectors as eligibility
from apps.evidence import models
from apps.evidence import services as evidence
from apps.patients import reaching, services, standing
from apps.rules.policy import programs

OFFICE_ONLY = frozenset({Work.ADMINISTER})
SAYING = {
    "interrupted": evidence.interrupt_therapy,
    "resumed": evidence.resume_therapy,
    "discontinued": evidence.discontinue_therapy,
    "died": evidence.record_death,
    "withdrew": evidence.withdraw_from_program,
}


class Listed(OfPatient):
    """Rows about one patient that are no evidence."""

    lists = True
    saw_code: ClassVar[str]

    def rows(self, actor: Actor) -> QuerySet[Any]:
        """The rows of all patients that the actor may see."""
        raise NotImplementedError

    def get(self, request: Request, patient_id: UUID) -> Response:
        """List a patient's entries, latest recorded first."""
        patient = self.patient(request, patient_id)
        rows = self.rows(self.actor(request)).filter(patient=patient)
        return self.page(request, rows, saw=self.saw_code, patient_id=patient.pk)


class CategoryChanges(Listed):
    """Changes of category of a patient."""

    form, entry = shapes.CategoryChangeForm, shapes.CategoryChangeEntry
    saw_code = "category_changes_viewed"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        return standing.category_changes_visible_to(actor)

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Ask for another category (L-CAT-3).

        Signed by both, it takes effect at once; towards less monitoring it waits for an
        administrator (`state` is `pending`).
        """
        return self.created(
            evidence.change_category(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class OfCategoryChange(OfPatient):
    """An address below one change of category."""

    entry = shapes.CategoryChangeEntry

    def change(self, request: Request, patient_id: UUID, entry_id: UUID) -> UUID:
        """The change's id. Raises NotFound unless it is one of this patient's, and visible."""
        rows = standing.category_changes_visible_to(self.actor(request))
        return found(rows.filter(patient_id=patient_id), entry_id).pk  # type: ignore[no-any-return]


class CategoryChangeDecision(OfCategoryChange):
    """The decision on a change of category."""

    to_write = OFFICE_ONLY
    form: ClassVar[type[Form] | None] = shapes.DecisionForm

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Approve or refuse a change that waits, as an administrator who did not ask for it."""
        return self.created(
            evidence.decide_category_change(
                self.once(request),
                change_id=self.change(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class CategoryChangeWithdrawal(OfCategoryChange):
    """The withdrawal of a change of category."""

    form: ClassVar[type[Form] | None] = ReasonForm

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Take back a change that still waits."""
        return self.created(
            evidence.withdraw_category_change(
                self.once(request),
                change_id=self.change(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class Therapy(OfPatient):
    """Where a therapy stands."""

    entry = shapes.TherapyEntry

    def get(self, request: Request, patient_id: UUID) -> Response:
        """Show where the therapy stands, and until when obligations last (L-END-1, L-CON-5)."""
        unknown = set(request.query_params) - {"program"}
        program = request.query_params.get("program", programs()[0])
        if unknown or program not in programs():
            raise ValidationError(
                {name: ["Only ?program=, a program's code."] for name in request.query_params}
            )
        patient = self.patient(request, patient_id)
        self.saw(request, "therapy_viewed", patient_id=patient.pk, subject=patient)
        return self.answer(eligibility.therapy_status(self.actor(request), patient.pk, program))


class TherapyEvents(Entries):
    """What was said of a patient's therapy."""

    area = PATIENTS
    kind = models.TherapyEvent
    to_write = CARE_OR_OFFICE
    form, entry = shapes.TherapyEventForm, shapes.TherapyEventEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Interrupt, resume or discontinue therapy; record a death or a withdrawal (rules §10).

        The staff record deaths and withdrawals. An end voids what is open.
        """
        said = self.given(request)
        command: Any = SAYING[said.pop("kind")]
        return self.created(command(self.once(request), patient_id=patient_id, **said))


class TherapyEventWithdrawal(EntryEnd):
    """Withdrawal of what was said of a therapy."""

    area = PATIENTS
    kind = models.TherapyEvent
    entry = shapes.TherapyEventEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Withdraw an entry that was a mistake; what it voided stays void."""
        return self.created(
            evidence.withdraw_therapy_event(
                self.once(request),
                event_id=self.entry_of(request, patient_id, entry_id),
                **self.given(request),
            )
        )


class Representatives(Listed):
    """Who speaks for a patient."""

    to_write = CARE_OR_OFFICE
    form, entry = shapes.RepresentativeForm, shapes.RepresentativeEntry
    saw_code = "representatives_viewed"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        return standing.representatives_visible_to(actor)

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Name a guardian, or the representative of an adult who cannot consent (L-CAT-4)."""
        return self.created(
            reaching.name_representative(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class RepresentativeEnd(OfPatient):
    """The end of somebody's speaking for a patient."""

    to_write = CARE_OR_OFFICE
    form, entry = ReasonForm, shapes.RepresentativeEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """End it, with a reason; another one can be named then."""
        rows = standing.representatives_visible_to(self.actor(request))
        named = found(rows.filter(patient_id=patient_id), entry_id)
        return self.created(
            reaching.end_representative(
                self.once(request), representative_id=named.pk, **self.given(request)
            )
        )


class Contact(OfPatient):
    """How a patient is reached."""

    to_write = CARE_OR_OFFICE
    form, entry = shapes.ContactForm, PatientEntry

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Correct how a patient is reached; settles addresses that reached nobody (L-END-3)."""
        services.correct_contact(self.once(request), patient_id=patient_id, **self.given(request))
        # A repeated call shows the record as it is by now, if it is still the caller's to see.
        return self.created(self.patient(request, patient_id))


class UndeliverableAddresses(Listed):
    """Addresses of a patient that reached nobody."""

    to_write = OFFICE_ONLY
    form, entry = shapes.UndeliverableForm, shapes.UndeliverableEntry
    saw_code = "undeliverable_addresses_viewed"

    def rows(self, actor: Actor) -> QuerySet[Any]:
        return standing.undeliverable_visible_to(actor)

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Record that a patient's present address of a kind reaches nobody (L-END-3)."""
        return self.created(
            reaching.record_undeliverable(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class UndeliverableSettlement(OfPatient):
    """The settlement of an address that reached nobody."""

    to_write = CARE_OR_OFFICE
    form, entry = ReasonForm, shapes.UndeliverableEntry

    def post(self, request: Request, patient_id: UUID, entry_id: UUID) -> Response:
        """Settle an address that is right after all, with a reason."""
        rows = standing.undeliverable_visible_to(self.actor(request))
        entry = found(rows.filter(patient_id=patient_id), entry_id)
        return self.created(
            reaching.resolve_undeliverable(
                self.once(request), undeliverable_id=entry.pk, **self.given(request)
            )
        )
