"""What the staff work on: interventions (L-SUR-3), deviations (§13)."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q

from apps.accounts.selectors import people_behind
from apps.accounts.signed import sign_for_organization
from apps.audit import services as audit
from apps.audit.models import Meaning
from apps.core.call import PROGRAM, Actor, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence.models import Deviation, Intervention, PatientSurvey, PregnancyCase
from apps.evidence.selectors import may_close_deviation
from apps.evidence.services.checks import one_of, refuse_own_patient
from apps.evidence.signed import intervention_resolution
from apps.notices import services as notices
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.services import lock_kept
from apps.providers import selectors as providers
from apps.rules.lifecycle import DEVIATION
from apps.rules.policy import Policy, policy_in_force, programs

OPEN_DEVIATIONS: Final = (Deviation.State.OPEN, Deviation.State.UNDER_REVIEW)


def open_intervention(
    run: Run,
    patient: Patient,
    *,
    cause: str,
    questions: Collection[str] = (),
    survey: PatientSurvey | None = None,
) -> Intervention:
    """Open an intervention and tell the administrators; inside a command.

    `questions` are the codes of a survey's questions that it is about. The notice names nothing.
    """
    intervention = Intervention.objects.create(
        patient=patient,
        opened_at=run.now,
        cause=cause,
        questions=sorted(questions),
        survey=survey,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run,
        "intervention_opened",
        subject=intervention,
        patient_id=patient.pk,
        data={"cause": cause, "questions": intervention.questions},
    )
    notices.tell(
        run,
        "intervention_opened",
        about=str(intervention.pk),
        recipients=[
            *providers.administrator_recipients(),
            providers.prescriber_recipient(patient.prescriber),
        ],
        patient_id=patient.pk,
    )
    return intervention


def record_deviation(
    run: Run,
    patient: Patient,
    *,
    policy: Policy,
    kind: str,
    occurrence: str,
    occurred_at: datetime,
    rule: str | None = None,
    organization_id: UUID | None = None,
) -> Deviation:
    """Record a broken rule once (rules §13); inside a command.

    The policy's [deviations] say what rule the kind breaks and how grave it is; `rule` names it
    where the kind can break several. `organization_id` is the practice or pharmacy that broke it.
    """
    known = policy.deviations[kind]
    deviation, is_new = Deviation.objects.get_or_create(
        patient=patient,
        kind=kind,
        occurrence=occurrence,
        defaults={
            "rule": rule or known.rule,
            "occurred_at": occurred_at,
            "severity": known.severity,
            "organization_id": organization_id,
            "recorded_at": run.now,
            "operation_id": run.operation_id,
        },
    )
    if is_new:
        audit.record(run, "deviation_recorded", subject=deviation, patient_id=patient.pk)
    return deviation


def move_deviation(run: Run, deviation: Deviation, event: str, reason: str) -> Deviation:
    """Move a deviation along its table, inside a command. Raises Conflict where it has no move."""
    before = deviation.state
    target = DEVIATION.target(event=event, state=before, role=run.actor.role.value)
    if target is None:
        shown = deviation.get_state_display().lower()
        raise Conflict(f"A deviation that is {shown} cannot be moved like this.")
    deviation.state = target
    deviation.save(update_fields=["state", "corrective_action"])
    audit.record(
        run,
        "deviation_moved",
        subject=deviation,
        patient_id=deviation.patient_id,
        reason=reason,
        data={"from": before, "to": target},
    )
    return deviation


def close_deviations(run: Run, patient: Patient, *, of: UUID, cause: str) -> None:
    """Close what an entry that is withdrawn seemed to break; inside a command of the staff.

    `of` is the entry that the deviations are about. What is closed already stays as it was; what
    only an administrator closes is left under review, with the cause, where staff withdraw alone.
    """
    policy = policy_in_force(patients.program_of(patient) or programs()[0], run.now)
    theirs = Deviation.objects.filter(patients.about(patient.pk), state__in=OPEN_DEVIATIONS)
    of_entry = theirs.filter(Q(occurrence=str(of)) | Q(occurrence__startswith=f"{of}:"))
    for deviation in of_entry.select_for_update(of=("self",), no_key=True).order_by("pk"):
        if deviation.state == Deviation.State.OPEN:
            move_deviation(run, deviation, "review", cause)
        if not may_close_deviation(run.actor.role, deviation.severity, policy):
            continue
        deviation.corrective_action = f"The entry was withdrawn: {cause}"
        move_deviation(run, deviation, "correct", deviation.corrective_action)


@command(by=PROGRAM)
def resolve_intervention(
    run: Run, *, intervention_id: UUID, conclusion: str, contacted: str, outcome: str
) -> Intervention:
    """Resolve an intervention: what was concluded, who was contacted, and the written outcome.

    Raises NotFound; Conflict; NotAllowed for who prescribes for the patient, or took down the
    answers themselves; InvalidRequest for a case that nobody opened.
    """
    one_of(conclusion, Intervention.Conclusion.values, field="conclusion")
    found = Intervention.objects.filter(pk=intervention_id).first()
    if found is None:
        raise NotFound("There is no such intervention.")
    patient = lock_kept(run, found.patient_id)
    refuse_own_patient(run, patient)
    intervention = Intervention.objects.select_related("survey__operation").get(pk=found.pk)
    if intervention.resolved_at is not None:
        raise Conflict("This intervention is resolved already.")
    if bar := why_not_resolve(run.actor, intervention):
        raise NotAllowed(bar)
    if conclusion == Intervention.Conclusion.CASE_OPENED:
        _check_case_opened(patient, intervention)
    intervention.outcome = required_reason(outcome, field="outcome")
    intervention.contacted = required_reason(contacted, field="contacted")
    intervention.conclusion = conclusion
    intervention.resolved_at = run.now
    intervention.resolving_operation_id = run.operation_id
    intervention.save(
        update_fields=["conclusion", "contacted", "outcome", "resolved_at", "resolving_operation"]
    )
    sign_for_organization(
        run,
        meaning=Meaning.INTERVENTION,
        subject=intervention,
        content=intervention_resolution(intervention),
        patient_id=intervention.patient_id,
    )
    audit.record(
        run,
        "intervention_resolved",
        subject=intervention,
        patient_id=intervention.patient_id,
    )
    return intervention


def why_not_resolve(actor: Actor, intervention: Intervention) -> str:
    """Why somebody of the staff who entered the risky answers of this does not resolve it, or "".

    They were in effect at once, unlike others; once it is resolved, they serve an authorization as
    any survey, and a second person checks what makes somebody eligible (L-SRC-1).
    """
    if intervention.survey is None or not intervention.survey.at_risk:
        return ""
    entered = intervention.survey.operation
    if Role(entered.role) not in PROGRAM:
        return ""
    behind = people_behind(entered.actor_kind, entered.actor_id)
    if behind & people_behind(actor.kind, actor.id):
        return "You entered these answers yourself: somebody else of the program must resolve this."
    return ""


def _check_case_opened(patient: Patient, intervention: Intervention) -> None:
    """Raises InvalidRequest where no case follows it up: the hold would end, and nothing begin."""
    cases = PregnancyCase.objects.filter(patients.about(patient.pk))
    followed = cases.filter(Q(closed_at=None) | Q(recorded_at__gte=intervention.opened_at))
    if not followed.exists():
        raise InvalidRequest(
            "No pregnancy case follows this up.",
            {"conclusion": "Report the pregnancy first: no case has been open since."},
        )
