"""What the staff work on: interventions (L-SUR-3), deviations (§13)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from apps.accounts.signed import sign_for_organization
from apps.audit import services as audit
from apps.audit.models import Meaning
from apps.core.call import PROGRAM
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, NotFound
from apps.evidence.models import Deviation, Intervention, PatientSurvey
from apps.evidence.services.checks import one_of, refuse_own_patient
from apps.evidence.signed import intervention_resolution
from apps.notices import services as notices
from apps.patients.models import Patient
from apps.patients.services import lock_kept
from apps.providers import selectors as providers
from apps.rules.policy import Policy


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


@command(by=PROGRAM)
def resolve_intervention(
    run: Run, *, intervention_id: UUID, conclusion: str, contacted: str, outcome: str
) -> Intervention:
    """Resolve an intervention: what was concluded, who was contacted, and the written outcome.

    Raises NotFound, Conflict, or NotAllowed for who prescribes for the patient.
    """
    one_of(conclusion, Intervention.Conclusion.values, field="conclusion")
    found = Intervention.objects.filter(pk=intervention_id).first()
    if found is None:
        raise NotFound("There is no such intervention.")
    refuse_own_patient(run, lock_kept(run, found.patient_id))
    intervention = Intervention.objects.get(pk=found.pk)
    if intervention.resolved_at is not None:
        raise Conflict("This intervention is resolved already.")
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
