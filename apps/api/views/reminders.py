"""Reminders: preferences, a patient's steps and their fate, and messages to the caller."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint, found
from apps.api.scopes import ALL, OFFICE, REMINDERS, Work
from apps.api.serializers import reminders as shapes
from apps.api.views.evidence import CARE_OR_OFFICE
from apps.api.views.patients import OfPatient
from apps.core.call import Actor
from apps.providers import selectors as providers
from apps.reminders import messages, preferences, selectors


class PatientPreferences(OfPatient):
    """How a patient, or whoever speaks for them, wishes to be reminded."""

    area = REMINDERS
    to_write = CARE_OR_OFFICE
    form, entry = shapes.PreferencesForm, shapes.PreferencesEntry

    def get(self, request: Request, patient_id: UUID) -> Response:
        """Show a patient's preferences; before any are set, that the policy is followed."""
        patient = self.patient(request, patient_id)
        self.saw(request, "reminder_preferences_viewed", patient_id=patient.pk)
        return self.answer(selectors.wishes_of(patient.pk))

    def post(self, request: Request, patient_id: UUID) -> Response:
        """Set a patient's preferences, all of them (§12)."""
        return self.created(
            preferences.set_patient_preferences(
                self.once(request), patient_id=patient_id, **self.given(request)
            )
        )


class PartyPreferences(Endpoint):
    """How a prescriber or pharmacy wishes to be reminded."""

    area = REMINDERS
    form, entry = shapes.PreferencesForm, shapes.PreferencesEntry

    def visible(self, actor: Actor) -> QuerySet[Any]:
        """The prescribers or pharmacies that the actor may see."""
        raise NotImplementedError

    def shown(self, request: Request, party_id: UUID) -> Response:
        """The preferences of one that the caller may see."""
        party = found(self.visible(self.actor(request)), party_id)
        self.saw(request, "reminder_preferences_viewed", subject=party)
        return self.answer(selectors.wishes_of(party.pk))


class PrescriberPreferences(PartyPreferences):
    """How a prescriber wishes to be reminded."""

    to_read = OFFICE | {Work.PRESCRIBE}
    to_write = CARE_OR_OFFICE

    def visible(self, actor: Actor) -> QuerySet[Any]:
        return providers.prescribers_visible_to(actor)

    def get(self, request: Request, prescriber_id: UUID) -> Response:
        """Show a prescriber's preferences."""
        return self.shown(request, prescriber_id)

    def post(self, request: Request, prescriber_id: UUID) -> Response:
        """Set a prescriber's preferences, all of them (§12)."""
        return self.created(
            preferences.set_prescriber_preferences(
                self.once(request), prescriber_id=prescriber_id, **self.given(request)
            )
        )


class PharmacyPreferences(PartyPreferences):
    """How a pharmacy wishes to be reminded."""

    to_read = OFFICE | {Work.DISPENSE}
    to_write = frozenset({Work.DISPENSE, Work.ADMINISTER})

    def visible(self, actor: Actor) -> QuerySet[Any]:
        return providers.pharmacies_visible_to(actor)

    def get(self, request: Request, pharmacy_id: UUID) -> Response:
        """Show a pharmacy's preferences."""
        return self.shown(request, pharmacy_id)

    def post(self, request: Request, pharmacy_id: UUID) -> Response:
        """Set a pharmacy's preferences, all of them (§12)."""
        return self.created(
            preferences.set_pharmacy_preferences(
                self.once(request), pharmacy_id=pharmacy_id, **self.given(request)
            )
        )


class Reminders(OfPatient):
    """The reminders of what a patient owes: planned, sent, cancelled, undeliverable."""

    area = REMINDERS
    entry = shapes.ReminderEntry
    order, lists = "-due_at", True

    def get(self, request: Request, patient_id: UUID) -> Response:
        """List every step with its fate and the reason, the latest due first (§12)."""
        patient = self.patient(request, patient_id)
        rows = messages.reminders_about(self.actor(request), patient.pk)
        return self.page(request, rows, saw="reminders_viewed", patient_id=patient.pk)


class Messages(Endpoint):
    """Messages to the caller's prescriber or pharmacy."""

    area = REMINDERS
    to_read = ALL
    entry = shapes.MessageEntry
    order, lists = "-sent_at", True

    def get(self, request: Request) -> Response:
        """List what was sent to the caller, the latest first (§12)."""
        return self.page(request, messages.messages_to(self.actor(request)), saw="messages_viewed")


class MessageReading(Endpoint):
    """The mark that a message was read."""

    area = REMINDERS
    to_write: ClassVar[frozenset[Work]] = ALL
    entry = shapes.MessageEntry

    def post(self, request: Request, notice_id: UUID) -> Response:
        """Mark a message as read; the first time counts."""
        return self.created(messages.mark_read(self.once(request), notice_id=notice_id))
