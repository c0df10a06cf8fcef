"""What stands for a patient, as the patient's page shows it: therapy, category, who speaks.

Presentation only; where a therapy stands was worked out by the rules.
"""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from apps.core.call import Actor
from apps.core.together import attach, read_together
from apps.eligibility.selectors import Plan
from apps.evidence import selectors as evidence
from apps.evidence.models import TherapyEvent
from apps.patients import standing
from apps.patients.models import CategoryChange, Patient, Representative
from apps.patients.selectors import about
from apps.portal.patient_record import Section
from apps.rules.therapy import (
    DIED,
    DISCONTINUED,
    INTERRUPTED,
    NOT_STARTED,
    ON_THERAPY,
    WITHDREW,
    Therapy,
)

STATUS = {
    NOT_STARTED: "Not started",
    ON_THERAPY: "On therapy",
    INTERRUPTED: "Interrupted",
    DISCONTINUED: "Discontinued",
    DIED: "Died",
    WITHDREW: "Withdrew from the program",
}
# Which sayings a status admits; the commands say no themselves to what does not fit.
SAYINGS = {
    NOT_STARTED: ("discontinue", "withdrawal", "death"),
    ON_THERAPY: ("interrupt", "discontinue", "withdrawal", "death"),
    INTERRUPTED: ("interrupt", "resume", "discontinue", "withdrawal", "death"),
    DISCONTINUED: ("withdrawal", "death"),
    WITHDREW: ("death",),
    DIED: (),
}
WORDS = {
    "interrupt": "Interrupt therapy",
    "resume": "Resume therapy",
    "discontinue": "Discontinue therapy",
    "withdrawal": "Record a withdrawal from the program",
    "death": "Record the patient’s death",
}


def standing_of(actor: Actor, person: Patient, plan: Plan) -> dict[str, Any]:
    """The context of `prescriber/standing.html`."""
    events, changes, agreements, speakers, failing = read_together(
        evidence.visible_to(actor, TherapyEvent)
        .filter(patient=person)
        .order_by("-happened_on", "-recorded_at"),
        standing.category_changes_visible_to(actor)
        .filter(about(person.pk))
        .order_by("-requested_at"),
        standing.agreements_of_changes(actor).filter(about(person.pk)),
        standing.representatives_visible_to(actor).filter(about(person.pk)).order_by("-named_at"),
        standing.undeliverable_visible_to(actor).filter(patient=person, resolved_at__isnull=True),
    )
    attach(changes, "agreement", agreements)
    change = next((each for each in changes if each.state == CategoryChange.State.PENDING), None)
    speaks = standing.speaker_among(speakers, person)
    return {
        "therapy": _therapy(plan.therapy),
        "ended": ended_text(plan.therapy),
        "sayings": [
            {"label": WORDS[each], "url": reverse("say", args=[person.pk, each])}
            for each in SAYINGS[plan.therapy.status]
        ],
        "change": change,
        "change_is_signed": change is not None
        and bool(change.agreement.patient_signed_at and change.agreement.prescriber_signed_at),
        "speaks": speaks,
        "needs_guardian": speaks is None and plan.risk_category.startswith("child"),
        "failing": [each.get_kind_display() for each in failing],
        "sections": [
            _events(events),
            _changes([each for each in changes if each.patient_id == person.pk]),
            _speakers([each for each in speakers if each.patient_id == person.pk]),
        ],
    }


def _therapy(therapy: Therapy) -> dict[str, Any]:
    return {
        "status": STATUS[therapy.status],
        "since_on": therapy.since_on,
        "until_on": therapy.obligations_until_on,
        "in_force": therapy.obligations_in_force,
        "is_over": therapy.is_over,
    }


def ended_text(therapy: Therapy) -> str:
    """What to do after the end, in one sentence; empty while therapy lasts."""
    if therapy.status == DIED:
        return (
            "Nothing is requested any more. If this is a mistake, withdraw its entry on the "
            "patient’s page, under “Therapy”."
        )
    if therapy.is_over:
        return "To begin anew, sign a new agreement with the patient."
    return ""


def _events(events: Iterable[TherapyEvent]) -> Section:
    return Section(
        "Therapy",
        ["Day", "What", "Who said so", "Reason", "Action"],
        [_event(each) for each in events],
        "Nothing was said of the therapy.",
    )


def _event(event: TherapyEvent) -> list[Any]:
    action: Any = {
        "text": "Withdraw",
        "url": reverse("withdraw_saying", args=[event.patient_id, event.pk]),
    }
    if event.withdrawn_at:
        action = f"Withdrawn: {event.withdrawal_reason}"
    return [
        {"on": event.happened_on},
        event.get_kind_display(),
        event.said_by,
        event.reason,
        action,
    ]


def _changes(changes: Iterable[CategoryChange]) -> Section:
    return Section(
        "Changes of category",
        ["Asked for", "Category", "Who said so", "State", "Decision"],
        [
            [
                {"at": each.requested_at},
                each.get_risk_category_display(),
                f"{each.said_by}: {each.reason}",
                _state(each),
                each.decision_reason,
            ]
            for each in changes
        ],
        "The category was never changed.",
    )


def _state(change: CategoryChange) -> str:
    if change.state == CategoryChange.State.PENDING and change.needs_approval:
        return "Waiting for an administrator"
    return change.get_state_display()


def _speakers(named: Iterable[Representative]) -> Section:
    return Section(
        "Who speaks for the patient",
        ["Named", "Name", "Phone", "E-mail", "Action"],
        [
            [
                {"at": each.named_at},
                f"{each.name} ({each.relationship})",
                each.phone,
                each.email,
                f"Ended: {each.end_reason}"
                if each.ended_at
                else {
                    "text": "End",
                    "url": reverse("end_representative", args=[each.patient_id, each.pk]),
                },
            ]
            for each in named
        ],
        "Nobody is named.",
    )
