"""What the staff work on: interventions (L-SUR-3), exceptions by two persons (L-DSP-10)."""

from datetime import datetime
from uuid import UUID

from apps.accounts import selectors as accounts
from apps.audit import services as audit
from apps.core.call import PROGRAM, ActorKind, Role
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence.models import Deviation, Intervention, RuleException
from apps.evidence.services.checks import required_reason
from apps.notices import services as notices
from apps.patients.models import Patient
from apps.patients.services import lock
from apps.providers import selectors as providers
from apps.rules.policy import Policy, policy_in_force


def open_intervention(run: Run, patient: Patient, *, cause: str) -> Intervention:
    """Open an intervention and tell the administrators; inside a command."""
    intervention = Intervention.objects.create(
        patient=patient,
        opened_at=run.now,
        cause=cause,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run,
        "intervention_opened",
        subject=intervention,
        patient_id=patient.pk,
        data={"cause": cause},
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
def resolve_intervention(run: Run, *, intervention_id: UUID, outcome: str) -> Intervention:
    """Resolve an intervention with a written outcome. Raises NotFound or Conflict."""
    found = Intervention.objects.filter(pk=intervention_id).first()
    if found is None:
        raise NotFound("There is no such intervention.")
    lock(run, Patient.objects.filter(pk=found.patient_id))
    intervention = Intervention.objects.get(pk=found.pk)
    if intervention.resolved_at is not None:
        raise Conflict("This intervention is resolved already.")
    intervention.outcome = required_reason(outcome, field="outcome")
    intervention.resolved_at = run.now
    intervention.resolving_operation_id = run.operation_id
    intervention.save(update_fields=["outcome", "resolved_at", "resolving_operation"])
    audit.record(
        run,
        "intervention_resolved",
        subject=intervention,
        patient_id=intervention.patient_id,
    )
    return intervention


@command(by=PROGRAM)
def grant_exception(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    rule: str,
    seconded_by_id: UUID,
    expires_at: datetime,
    reason: str,
) -> RuleException:
    """Except a patient from an overridable rule until an instant, two of the staff together.

    The door makes sure that the second one agrees in person; so no system can grant one. Raises
    InvalidRequest for another rule, NotAllowed unless two members of the staff are named.
    """
    if run.actor.kind is not ActorKind.PERSON:
        raise NotAllowed("Two persons grant an exception together, in the administration.")
    patient = lock(run, Patient.objects.filter(pk=patient_id))
    policy = policy_in_force(program, run.now)
    if rule not in policy.overridable:
        allowed = ", ".join(sorted(policy.overridable))
        raise InvalidRequest("No exception from this rule.", {"rule": f"Only: {allowed}."})
    if expires_at <= run.now:
        raise InvalidRequest("The end is over.", {"expires_at": "Choose an end in the future."})
    staff = [accounts.people_with_role(role) for role in PROGRAM]
    if run.actor.id == seconded_by_id or not any(
        people.filter(pk=seconded_by_id).exists() for people in staff
    ):
        raise NotAllowed("A second member of the program's staff must agree.")
    if run.actor.id is None or run.actor.role not in {Role.STAFF, Role.ADMINISTRATOR}:
        raise NotAllowed("Only a member of the program's staff grants an exception.")
    exception = RuleException.objects.create(
        patient=patient,
        program=program,
        rule=rule,
        granted_at=run.now,
        expires_at=expires_at,
        granted_by_id=run.actor.id,
        seconded_by_id=seconded_by_id,
        reason=required_reason(reason),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run, "exception_granted", subject=exception, patient_id=patient.pk, reason=exception.reason
    )
    return exception
