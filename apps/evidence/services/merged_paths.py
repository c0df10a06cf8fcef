"""What a merge must not lose: a restart of therapy that only one of two records knew (L-PAT-1).

A later supply under the other record was decided without it, so it has cleared nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.core.command import Run
from apps.evidence.models import ContraceptionAttestation, PregnancyCase
from apps.evidence.services.attestations import note_lapse
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import Patient
from apps.prescriptions import selectors as ledger
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force, programs
from apps.rules.terms import is_adequate


@dataclass(frozen=True, slots=True)
class Therapy:
    """Of one record alone: its last regular dispense, and the latest of what restarts after it."""

    supplied_at: datetime | None
    restarted_at: datetime | None

    @property
    def waits_for_initiation(self) -> bool:
        """Whether the next supply under this record would have begun therapy anew (L-AUT-1)."""
        if self.restarted_at is None:
            return False
        return self.supplied_at is None or self.restarted_at >= self.supplied_at


def restart_if_lost(run: Run, kept: Patient, merged: Patient) -> None:
    """Let the kept record begin anew where the entries of both together would say otherwise.

    Inside the merge, before it is written. It records a lapse at the instant of the merge, which
    the staff can withdraw with a reason, as any other. Off the pregnancy path nothing is judged by
    the path.
    """
    for program in programs():
        policy = policy_in_force(program, run.now)
        if not policy.categories[patients.current_category(kept).risk_category].pregnancy_path:
            return
        if _is_lost([_therapy_of(each, policy) for each in (kept, merged)]):
            note_lapse(run, kept, attested_at=run.now)
            return


def _is_lost(therapies: Sequence[Therapy]) -> bool:
    """Whether a restart of one record lies before the last regular dispense of the other."""
    supplied_at = max((each.supplied_at for each in therapies if each.supplied_at), default=None)
    return supplied_at is not None and any(
        each.waits_for_initiation and each.restarted_at is not None
        and each.restarted_at < supplied_at
        for each in therapies
    )  # fmt: skip


def _therapy_of(patient: Patient, policy: Policy) -> Therapy:
    regular = ledger.supplies_of(patient.pk, policy.program).filter(authorized=True)
    last = regular.order_by("dispensed_at").last()
    restarts = [*_breaks(patient, policy), *_agreed_off_the_path(patient, policy)]
    if last is not None and not policy.categories[last.risk_category].pregnancy_path:
        restarts.append(last.dispensed_at)
    return Therapy(last.dispensed_at if last else None, max(restarts, default=None))


def _breaks(patient: Patient, policy: Policy) -> list[datetime]:
    """The contract's breaks: inadequate attestations as recorded, pregnancies that ended."""
    theirs = patients.about(patient.pk)
    cases = PregnancyCase.objects.filter(theirs, subject="patient", closed_at__isnull=False)
    closed = cases.exclude(outcome="not_pregnant").values_list("closed_at", flat=True)
    attested = ContraceptionAttestation.objects.filter(theirs, withdrawn_at__isnull=True)
    return [
        *(at for at in closed if at is not None),
        *(each.recorded_at for each in attested if not is_adequate(each, policy)),
    ]


def _agreed_off_the_path(patient: Patient, policy: Policy) -> list[datetime]:
    return [
        max(each.patient_signed_at, each.prescriber_signed_at)
        for each in standing.agreements_in_effect(patient.pk, policy.program)
        if each.patient_signed_at and each.prescriber_signed_at
        and not policy.categories[each.risk_category].pregnancy_path
    ]  # fmt: skip
