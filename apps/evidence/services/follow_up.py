"""The steps that a pregnancy case owes, kept in step with what is known of it (L-PRG-2).

Inside commands only. The days are the policy's; nothing here decides what is owed.
"""

from collections.abc import Mapping
from datetime import date

from apps.audit import services as audit
from apps.core.command import Run
from apps.evidence.models import CaseDetail, CaseStep, PregnancyCase
from apps.rules.calendar import date_of
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force

MOVED = "Its day changed with the dates of the pregnancy."


def schedule(run: Run, case: PregnancyCase, policy: Policy) -> None:
    """Add every step that the policy asks of a case that was just opened."""
    due_on = policy.follow_up.due_on(reported_on=_reported_on(case, policy))
    CaseStep.objects.bulk_create(
        CaseStep(
            case=case,
            program=policy.program,
            kind=step.kind,
            title=step.title,
            due_on=due_on[step.kind],
            recorded_at=run.now,
            operation_id=run.operation_id,
        )
        for step in policy.follow_up.steps
    )


def reschedule(run: Run, case: PregnancyCase, details: CaseDetail) -> None:
    """Give open steps the days that the case's latest dates ask for; what was owed stays shown."""
    due_on: dict[str, Mapping[str, date]] = {}
    for step in case.steps.filter(ended_at=None):
        if step.program not in due_on:
            due_on[step.program] = _due_on(run, case, details, step.program)
        new = due_on[step.program].get(step.kind, step.due_on)
        if new == step.due_on:
            continue
        end_step(run, step, ended_as=CaseStep.End.RESCHEDULED, note=MOVED)
        CaseStep.objects.create(
            case=case,
            program=step.program,
            kind=step.kind,
            title=step.title,
            due_on=new,
            recorded_at=run.now,
            operation_id=run.operation_id,
        )
        audit.record(run, "case_step_rescheduled", subject=step, patient_id=case.patient_id)


def end_step(run: Run, step: CaseStep, *, ended_as: str, note: str) -> None:
    """End an open step, once."""
    step.ended_at, step.ended_as, step.note = run.now, ended_as, note
    step.ending_operation_id = run.operation_id
    step.save(update_fields=["ended_at", "ended_as", "note", "ending_operation"])


def _due_on(run: Run, case: PregnancyCase, details: CaseDetail, program: str) -> Mapping[str, date]:
    policy = policy_in_force(program, run.now)
    was_born = details.pregnancy_outcome in {"live_birth", "birth_defect"}
    birth_on = details.pregnancy_ended_on if was_born else None
    return policy.follow_up.due_on(
        reported_on=_reported_on(case, policy),
        conceived_on=details.conceived_on,
        birth_on=birth_on or details.birth_expected_on,
    )


def _reported_on(case: PregnancyCase, policy: Policy) -> date:
    return date_of(policy.calendar.day(case.reported_at))
