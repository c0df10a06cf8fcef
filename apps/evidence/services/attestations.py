"""Contraception, obligations, counseling and health status (rules §5, L-SUR-4)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotFound
from apps.evidence.models import (
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    ObligationsAttestation,
)
from apps.evidence.services.checks import not_in_future
from apps.evidence.services.pregnancy import withdraw
from apps.evidence.services.program import open_intervention
from apps.patients.services import lock_patient
from apps.prescriptions import services as prescriptions
from apps.rules.policy import policy_in_force, programs
from apps.rules.terms import is_adequate


@command(by=PRESCRIBING)
def record_contraception(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    attested_at: datetime,
    abstinence: bool,
    methods: Collection[str],
    in_use_since: date | None,
    lapse: bool,
) -> ContraceptionAttestation:
    """Record what contraception a patient attests (L-CON-1 to 4).

    One that is inadequate or reports a lapse voids what is open and opens an intervention,
    whatever date it bears (L-CON-4).
    """
    patient = lock_patient(run, patient_id)
    policy = policy_in_force(program, run.now)
    not_in_future(run.now, {"attested_at": attested_at})
    unknown = set(methods) - policy.methods
    if unknown:
        raise InvalidRequest("Unknown method.", {"methods": f"Unknown: {', '.join(unknown)}."})
    if in_use_since and in_use_since.toordinal() > policy.calendar.day(attested_at):
        raise InvalidRequest(
            "The methods cannot be in use since a day after the attestation.",
            {"in_use_since": "Enter the day on which all of these methods were in use."},
        )
    prescriptions.write_overdue(run, patient)
    attestation = ContraceptionAttestation.objects.create(
        patient=patient,
        attested_at=attested_at,
        abstinence=abstinence,
        methods=sorted(set(methods)),
        in_use_since=in_use_since,
        lapse=lapse,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "contraception_attested", subject=attestation, patient_id=patient.pk)
    if not is_adequate(attestation, policy):
        prescriptions.void_open_authorizations(run, patient, cause="contraception_inadequate")
        open_intervention(run, patient, cause="contraception_inadequate")
    return attestation


@command(by=PROGRAM)
def withdraw_contraception(
    run: Run, *, attestation_id: UUID, reason: str
) -> ContraceptionAttestation:
    """Withdraw an attestation made by mistake (L-CON-2): voids what rests on it (L-AUT-8)."""
    found = ContraceptionAttestation.objects.filter(pk=attestation_id).first()
    if found is None:
        raise NotFound("There is no such attestation.")
    patient = lock_patient(run, found.patient_id)
    attestation = ContraceptionAttestation.objects.get(pk=attestation_id)
    prescriptions.write_overdue(run, patient)
    withdraw(run, attestation, reason)
    prescriptions.void_open_authorizations(run, patient, cause="contraception_withdrawn")
    return attestation


@command(by=PRESCRIBING)
def record_obligations(
    run: Run,
    *,
    patient_id: UUID,
    attested_at: datetime,
    condom: bool,
    abstinence: bool,
    no_sperm_donation: bool,
    no_blood_donation: bool,
    no_sharing: bool,
) -> ObligationsAttestation:
    """Record the obligations that a patient attests (L-CON-6)."""
    patient = lock_patient(run, patient_id)
    not_in_future(run.now, {"attested_at": attested_at})
    attestation = ObligationsAttestation.objects.create(
        patient=patient,
        attested_at=attested_at,
        condom=condom,
        abstinence=abstinence,
        no_sperm_donation=no_sperm_donation,
        no_blood_donation=no_blood_donation,
        no_sharing=no_sharing,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "obligations_attested", subject=attestation, patient_id=patient.pk)
    return attestation


@command(by=PRESCRIBING)
def record_counseling(
    run: Run, *, patient_id: UUID, program: str, given_at: datetime, topics: Collection[str]
) -> Counseling:
    """Record the counseling given for a supply (L-SUR-4)."""
    patient = lock_patient(run, patient_id)
    not_in_future(run.now, {"given_at": given_at})
    if program not in programs():
        raise InvalidRequest("Unknown program.", {"program": "There is no such program."})
    counseling = Counseling.objects.create(
        patient=patient,
        program=program,
        given_at=given_at,
        topics=sorted(set(topics)),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "counseling_recorded", subject=counseling, patient_id=patient.pk)
    return counseling


@command(by=PRESCRIBING)
def record_health_status(
    run: Run,
    *,
    patient_id: UUID,
    cycle: str,
    breastfeeding: bool,
    advisory_flags: Collection[str] = (),
) -> HealthStatus:
    """Record cycle, breastfeeding and advisory flags as they are now (L-CON-7, §11)."""
    patient = lock_patient(run, patient_id)
    if cycle not in {"", *HealthStatus.Cycle.values}:
        raise InvalidRequest("Unknown cycle.", {"cycle": "Choose regular, irregular or none."})
    status = HealthStatus.objects.create(
        patient=patient,
        cycle=cycle,
        breastfeeding=breastfeeding,
        advisory_flags=sorted(set(advisory_flags)),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "health_status_recorded", subject=status, patient_id=patient.pk)
    return status
