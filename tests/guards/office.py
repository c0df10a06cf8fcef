"""Rows of the program's own work for the world of the guards, made by the real commands."""

from apps.accounts.models import Organization
from apps.core import clock
from apps.notices.models import Notice
from apps.oversight import services as oversight
from apps.patients.models import Patient
from tests import builders


def work_on(cast: builders.Cast, patient: Patient) -> None:
    """An intervention that is taken, a message that reached nobody and was settled, a copy that is
    asked for, a legal hold on somebody who has no part in the rest."""
    intervention = patient.intervention_set.earliest("opened_at")
    oversight.take(
        cast.staff,
        program=builders.PROGRAM,
        kind="intervention",
        subject_id=intervention.pk,
    )
    lost = Notice.objects.filter(state=Notice.State.SCHEDULED).earliest("created_at")
    lost.state, lost.ended_at, lost.ended_reason = "undeliverable", clock.now(), "not_handed_over"
    lost.save(update_fields=["state", "ended_at", "ended_reason"])
    oversight.settle(
        cast.staff,
        program=builders.PROGRAM,
        kind="undeliverable_notice",
        subject_id=lost.pk,
        note="Told by telephone",
    )
    oversight.ask_for_record(cast.staff, patient_id=patient.pk, reason="An inspection")
    apart = Organization.objects.create(kind=Organization.Kind.PRACTICE, name="Closed practice")
    oversight.place_legal_hold(
        cast.administrator,
        organization_id=apart.pk,
        authority="Counsel of the program",
        reason="A claim is announced",
    )
