"""Contraception, obligations, counseling and health status (rules §5, L-SUR-4)."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM, Role
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotFound
from apps.evidence.models import (
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    ObligationsAttestation,
    PatientSurvey,
)
from apps.evidence.services.checks import CHECK_YEAR, UNBORN, when
from apps.evidence.services.pregnancy import withdraw
from apps.evidence.services.program import open_intervention
from apps.patients.models import Patient
from apps.patients.selectors import about, current_category, is_female, kept, program_of
from apps.patients.services import lock_patient
from apps.prescriptions import services as prescriptions
from apps.rules.advisories import known_flags
from apps.rules.dates import Dated
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force, programs
from apps.rules.terms import is_adequate


@command(by=PRESCRIBING)
def record_contraception(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    abstinence: bool,
    methods: Collection[str],
    in_use_since: date | None,
    lapse: bool,
    attested_at: datetime | None = None,
    attested_on: date | None = None,
) -> ContraceptionAttestation:
    """Record what contraception a patient attests (L-CON-1 to 4).

    One that is inadequate or reports a lapse voids what is open and opens an intervention,
    whatever date it bears (L-CON-4).
    """
    patient = lock_patient(run, patient_id)
    policy = policy_in_force(program, run.now)
    is_enough = is_enough_contraception(policy, abstinence, methods, lapse)
    attested = when(
        run, patient, _attestation(is_enough), field="attested", at=attested_at, on=attested_on
    )
    unknown = set(methods) - policy.methods
    if unknown:
        raise InvalidRequest("Unknown method.", {"methods": f"Unknown: {', '.join(unknown)}."})
    if in_use_since and in_use_since.toordinal() > policy.calendar.day(attested.at):
        raise InvalidRequest(
            "The methods cannot be in use since a day after the attestation.",
            {"in_use_since": "Enter the day on which all of these methods were in use."},
        )
    if in_use_since and in_use_since < patient.born_on:
        raise InvalidRequest(UNBORN, {"in_use_since": CHECK_YEAR})
    if in_use_since is None and is_enough:
        _check_unchanged(patient, policy, abstinence, methods, attested.at)
    prescriptions.write_overdue(run, patient)
    attestation = ContraceptionAttestation.objects.create(
        patient=patient,
        attested_at=attested.at,
        date_only=attested.date_only,
        abstinence=abstinence,
        methods=sorted(set(methods)),
        in_use_since=in_use_since,
        lapse=lapse,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "contraception_attested", subject=attestation, patient_id=patient.pk)
    if not is_enough:
        prescriptions.void_open_authorizations(run, patient, cause="contraception_inadequate")
        open_intervention(run, patient, cause="contraception_inadequate")
    return attestation


PROMISES = ("condom", "abstinence", "no_sperm_donation", "no_blood_donation", "no_sharing")


def promises_all(
    patient: Patient,
    *,
    condom: bool,
    abstinence: bool,
    no_sperm_donation: bool,
    no_blood_donation: bool,
    no_sharing: bool,
) -> bool:
    """Whether an attestation keeps every obligation that the patient has (L-CON-6)."""
    theirs = no_blood_donation and no_sharing
    if is_female(patient):
        return theirs
    return theirs and no_sperm_donation and (condom or abstinence)


def is_enough_contraception(
    policy: Policy, abstinence: bool, methods: Collection[str], lapse: bool
) -> bool:
    """Whether the rules would call such an attestation adequate (L-CON-1)."""
    said = ContraceptionAttestation(abstinence=abstinence, methods=sorted(methods), lapse=lapse)
    return is_adequate(said, policy)


def _check_unchanged(
    patient: Patient, policy: Policy, abstinence: bool, methods: Collection[str], at: datetime
) -> None:
    """Raises InvalidRequest where other methods come without the day they were taken up (L-CON-2).

    Left out, that day says that the methods are those of the last attestation: the four weeks
    before an initiation would go on counting from the earlier ones.
    """
    last = (
        ContraceptionAttestation.objects.filter(
            about(patient.pk), withdrawn_at=None, attested_at__lte=at
        )
        .order_by("attested_at", "recorded_at")
        .last()
    )
    if last is None or not is_adequate(last, policy):
        return
    as_before = set(methods).intersection(last.methods)
    if not is_enough_contraception(policy, abstinence and last.abstinence, as_before, lapse=False):
        raise InvalidRequest(
            "These methods differ from those of the last attestation.",
            {"in_use_since": "Enter the day from which all of these were used."},
        )


def _attestation(is_enough: bool) -> Dated:
    return Dated.ADEQUATE_ATTESTATION if is_enough else Dated.INADEQUATE_ATTESTATION


def note_lapse(
    run: Run,
    patient: Patient,
    *,
    attested_at: datetime,
    survey: PatientSurvey | None = None,
    date_only: bool = False,
) -> ContraceptionAttestation:
    """Put a lapse that was told, in a survey or by itself, on record; void what is open (L-CON-4).

    Inside a command, which opens the intervention.
    """
    attestation = ContraceptionAttestation.objects.create(
        patient=patient,
        attested_at=attested_at,
        date_only=date_only,
        abstinence=False,
        methods=[],
        in_use_since=None,
        lapse=True,
        survey=survey,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "contraception_attested", subject=attestation, patient_id=patient.pk)
    prescriptions.void_open_authorizations(run, patient, cause="contraception_inadequate")
    return attestation


@command(by=frozenset({Role.PATIENT}))
def report_lapse(run: Run) -> ContraceptionAttestation:
    """The patient reports a lapse, or sex without contraception (L-CON-4): voids what is open.

    An intervention is opened. Raises InvalidRequest where the category asks for no contraception.
    """
    patient = lock_patient(run, run.actor.own_patient)
    policy = policy_in_force(program_of(patient) or programs()[0], run.now)
    if not policy.categories[current_category(patient).risk_category].pregnancy_path:
        raise InvalidRequest(
            "Nothing of this kind is recorded here.", {"kind": "Call your prescriber about it."}
        )
    prescriptions.write_overdue(run, patient)
    attestation = note_lapse(run, patient, attested_at=run.now)
    open_intervention(
        run, patient, cause="contraception_inadequate", questions=["contraception_lapse"]
    )
    return attestation


@command(by=PROGRAM)
def withdraw_contraception(
    run: Run, *, attestation_id: UUID, reason: str
) -> ContraceptionAttestation:
    """Withdraw an attestation made by mistake (L-CON-2): voids what rests on it (L-AUT-8)."""
    found = ContraceptionAttestation.objects.filter(pk=attestation_id).first()
    if found is None:
        raise NotFound("There is no such attestation.")
    patient = lock_patient(run, kept(found.patient_id))
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
    condom: bool,
    abstinence: bool,
    no_sperm_donation: bool,
    no_blood_donation: bool,
    no_sharing: bool,
    attested_at: datetime | None = None,
    attested_on: date | None = None,
) -> ObligationsAttestation:
    """Record the obligations that a patient attests (L-CON-6)."""
    patient = lock_patient(run, patient_id)
    promised = promises_all(
        patient,
        condom=condom,
        abstinence=abstinence,
        no_sperm_donation=no_sperm_donation,
        no_blood_donation=no_blood_donation,
        no_sharing=no_sharing,
    )
    attested = when(
        run, patient, _attestation(promised), field="attested", at=attested_at, on=attested_on
    )
    attestation = ObligationsAttestation.objects.create(
        patient=patient,
        attested_at=attested.at,
        date_only=attested.date_only,
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
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    topics: Collection[str],
    given_at: datetime | None = None,
    given_on: date | None = None,
) -> Counseling:
    """Record the counseling given for a supply (L-SUR-4)."""
    patient = lock_patient(run, patient_id)
    given = when(run, patient, Dated.COUNSELING, field="given", at=given_at, on=given_on)
    if program not in programs():
        raise InvalidRequest("Unknown program.", {"program": "There is no such program."})
    counseling = Counseling.objects.create(
        patient=patient,
        program=program,
        given_at=given.at,
        date_only=given.date_only,
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
    _check_flags(run, patient, advisory_flags)
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


def _check_flags(run: Run, patient: Patient, flags: Collection[str]) -> None:
    """Raises InvalidRequest for a flag that no advisory looks at: it would be kept, and unheard."""
    known = known_flags(policy_in_force(program_of(patient) or programs()[0], run.now))
    unknown = sorted(set(flags) - known)
    if unknown:
        raise InvalidRequest(
            "Unknown advisory flag.",
            {
                "advisory_flags": f"Unknown: {', '.join(unknown)}. "
                f"One of: {', '.join(sorted(known))}."
            },
        )


@command(by=PRESCRIBING | PROGRAM)
def report_breastfeeding(run: Run, *, patient_id: UUID) -> HealthStatus:
    """Record that a patient breastfeeds, the rest of her status unchanged: it blocks (L-CON-7).

    Anybody who may see her reports it; that it ended is said with a whole new status.
    """
    patient = lock_patient(run, patient_id)
    if not is_female(patient):
        raise InvalidRequest(
            "Breastfeeding is reported of a female patient.",
            {"patient_id": "This patient is recorded as male."},
        )
    known = patient.healthstatus_set.filter(withdrawn_at=None).order_by("recorded_at").last()
    status = HealthStatus.objects.create(
        patient=patient,
        cycle=known.cycle if known else "",
        breastfeeding=True,
        advisory_flags=known.advisory_flags if known else [],
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "breastfeeding_reported", subject=status, patient_id=patient.pk)
    return status
