"""What is known about a patient, as an actor may see it. Reads only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet

from apps.core.call import PROGRAM, Actor, Role
from apps.core.errors import NotFound
from apps.core.models import Operation
from apps.core.together import attach, read_together
from apps.core.triggers import Immutable
from apps.evidence.models import (
    BleedingReport,
    CaseDetail,
    CaseStep,
    ContraceptionAttestation,
    Counseling,
    Deviation,
    HealthStatus,
    Intake,
    IntakeScan,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
    TherapyEvent,
)
from apps.evidence.models.base import Evidence
from apps.patients import selectors as patients
from apps.patients.models import Agreement, Patient
from apps.patients.transfers import moved_away_from
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Authorization
from apps.providers.selectors import has_left
from apps.rules.policy import Policy

Entry = TypeVar("Entry", bound=Evidence)
Row = TypeVar("Row", bound=Model)

STRANDING = ("suspended", "decertified")


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """The entries about one patient, newest first, withdrawn ones included."""

    tests: list[PregnancyTest]
    contraception: list[ContraceptionAttestation]
    obligations: list[ObligationsAttestation]
    counseling: list[Counseling]
    health: list[HealthStatus]
    surveys: list[PatientSurvey]
    bleeding_reports: list[BleedingReport]
    cases: list[PregnancyCase]
    interventions: list[Intervention]


def visible_to(actor: Actor, kind: type[Entry]) -> QuerySet[Entry]:
    """The entries of one kind about the patients that the actor may see.

    Of a patient who moved to another prescriber, the old one sees the own entries (L-ENR-5).
    """
    return kind._default_manager.filter(
        Q(patient__in=patients.visible_to(actor)) | patients.entered_before_moving(actor)
    )


def is_contraception_attested(patient_id: UUID) -> bool:
    """Whether an attestation of contraception stands, so that a next one can be unchanged."""
    found = ContraceptionAttestation.objects.filter(patients.about(patient_id), withdrawn_at=None)
    return found.exists()


def of_present_patients(actor: Actor, kind: type[Entry]) -> QuerySet[Entry]:
    """The entries of one kind about patients whom the actor may see now.

    What a prescriber entered before the patient moved is not among them: how such a case or
    intervention goes on is newer than the move (L-ENR-5).
    """
    return kind._default_manager.filter(patient__in=patients.visible_to(actor))


def record_of(actor: Actor, patient_id: UUID, program: str) -> PatientRecord:
    """The record of a patient whom the actor may see: one statement. Raises NotFound.

    The entries of records that were merged into this one are among them (L-PAT-1).
    """

    def known(kind: type[Evidence]) -> QuerySet[Any]:
        return kind._default_manager.filter(patients.about(patient_id))

    patient, operations, *entries = read_together(
        patients.visible_to(actor).filter(pk=patient_id),
        _operations_of(known(ContraceptionAttestation)),
        *_of_every_kind(known, program),
    )
    if not patient:
        raise NotFound("There is no such patient among those that you may see.")
    record = PatientRecord(*entries)
    attach(record.contraception, "operation", operations)
    return record


def _of_every_kind(
    known: Callable[[type[Evidence]], QuerySet[Any]], program: str
) -> Iterator[QuerySet[Any]]:
    """What is known of each kind, in the order in which a `PatientRecord` has them."""
    of_program = {"program": program}
    orders: list[tuple[type[Evidence], str, dict[str, str]]] = [
        (PregnancyTest, "-collected_at", {}),
        (ContraceptionAttestation, "-attested_at", {}),
        (ObligationsAttestation, "-attested_at", {}),
        (Counseling, "-given_at", of_program),
        (HealthStatus, "-recorded_at", {}),
        (PatientSurvey, "-completed_at", of_program),
        (BleedingReport, "-reported_at", {}),
        (PregnancyCase, "-reported_at", {}),
        (Intervention, "-opened_at", {}),
    ]
    for kind, order, only in orders:
        yield known(kind).filter(**only).order_by(order, "-recorded_at")


def _operations_of(rows: QuerySet[Any]) -> QuerySet[Operation]:
    return Operation.objects.filter(pk__in=rows.values("operation"))


def told_by_themself() -> Q:
    """Entries that followed from the patient's own answers or reports: no guardian reads them."""
    return Q(survey__isnull=False) | Q(operation__actor_id=F("patient_id"))


def instants_told(patient_id: UUID) -> dict[str, set[datetime]]:
    """When the patient told what, by the lists of the facts: the instants that tell it there."""
    lists: dict[str, tuple[type[Evidence], str]] = {
        "contraception": (ContraceptionAttestation, "recorded_at"),
        "bleeding_reports": (BleedingReport, "reported_at"),
        "pregnancy_cases": (PregnancyCase, "reported_at"),
        "interventions": (Intervention, "opened_at"),
    }
    found = read_together(
        *(
            model._default_manager.filter(told_by_themself(), patients.about(patient_id))
            for model, _ in lists.values()
        )
    )
    return {
        name: {getattr(row, instant) for row in rows}
        for (name, (_, instant)), rows in zip(lists.items(), found, strict=True)
    }


@dataclass(frozen=True, slots=True)
class FormerRecord:
    """What the old prescriber's side entered about a patient, as it stood when they moved."""

    patient: Patient
    moved_at: datetime
    agreements: list[Agreement]
    authorizations: list[Authorization]
    record: PatientRecord


def former_record_of(actor: Actor, patient_id: UUID, program: str) -> FormerRecord:
    """What this prescriber keeps to read of a patient who moved away, and nothing newer (L-ENR-5).

    Two statements. Raises NotFound for a patient who did not move away from them, or is theirs to
    see again.
    """
    moves = moved_away_from(actor)
    move = next((each for each in moves if each.patient_id == patient_id), None)
    if move is None:
        raise NotFound("There is no such patient among those who moved away from you.")

    def entered(kind: type[Evidence]) -> QuerySet[Any]:
        return visible_to(actor, kind).filter(patient_id=patient_id)

    own = {"patient_id": patient_id, "program": program}
    signed = patients.agreements_visible_to(actor).filter(**own)
    issued = prescriptions.authorizations_visible_to(actor).filter(**own)
    agreements, prescribers, authorizations, operations, *entries = read_together(
        signed.order_by("-recorded_at"),
        patients.prescribers_of(signed),
        issued.order_by("-issued_at"),
        _operations_of(entered(ContraceptionAttestation)),
        *_of_every_kind(entered, program),
    )
    for row in chain(agreements, *entries):
        as_it_stood(row, move.recorded_at)
    record = PatientRecord(*entries)
    attach(agreements, "prescriber", prescribers)
    attach(record.contraception, "operation", operations)
    return FormerRecord(move.patient, move.recorded_at, agreements, authorizations, record)


def as_it_stood(row: Row, at: datetime) -> Row:
    """The row without what closed it after `at`: a withdrawal, a resolution, a signature.

    Not to be saved. What closes a row is what its trigger lets be set once.
    """
    closing = [
        column
        for trigger in getattr(row._meta, "triggers", [])
        if isinstance(trigger, Immutable)
        for column in trigger.closing
    ]
    instants = [column for column in closing if column.endswith("_at")]
    later = [name for name in instants if (on := getattr(row, name)) is not None and on > at]
    if later:
        for column in [*later, *(set(closing) - set(instants))]:
            value = getattr(row, column)
            setattr(row, column, "" if isinstance(value, str) else None)
    return row


def stranded_patients() -> QuerySet[Patient]:
    """The patients whose prescriber lost the certification, or has left: somebody must take them
    over (L-ENR-5).

    Those who died need nobody any more.
    """
    died = TherapyEvent.objects.filter(kind=TherapyEvent.Kind.DIED, withdrawn_at__isnull=True)
    return (
        Patient.objects.filter(
            Q(prescriber__state__in=STRANDING) | has_left("prescriber__"), merged_into=None
        )
        .exclude(pk__in=died.values("patient_id"))
        .select_related("prescriber__practice__organization")
    )


def broken_by_dispense(dispense_id: UUID) -> QuerySet[Deviation]:
    """The rules that a dispense broke; the caller may see the dispense."""
    return Deviation.objects.filter(occurrence__startswith=str(dispense_id)).order_by("rule")


def may_close_deviation(role: Role, severity: str, policy: Policy) -> bool:
    """Whether this role closes deviations as grave as this: who owns their queue (§13)."""
    owner = policy.targets[f"deviation_{severity}"].owner
    return role in PROGRAM and (owner != Role.ADMINISTRATOR.value or role is Role.ADMINISTRATOR)


def intakes_visible_to(actor: Actor) -> QuerySet[Intake]:
    """What came by phone, fax or paper about the patients that the actor may see (L-SRC-1)."""
    return Intake.objects.filter(patient__in=patients.visible_to(actor)).select_related(
        "patient", "prescriber", "operation"
    )


def scan_of(actor: Actor, intake_id: UUID) -> IntakeScan:
    """The scan of an intake about a patient whom the actor may see. Raises NotFound."""
    scan = IntakeScan.objects.filter(intake__in=intakes_visible_to(actor).filter(pk=intake_id))
    found = scan.first()
    if found is None:
        raise NotFound("There is no such scan.")
    return found


def case_steps_due(*, until: date) -> QuerySet[CaseStep]:
    """The open steps of pregnancy cases that are owed by that day, longest owed first (L-PRG-2).

    For the program's own work: of all patients.
    """
    return (
        CaseStep.objects.filter(ended_at=None, due_on__lte=until)
        .select_related("case__patient__prescriber")
        .order_by("due_on", "recorded_at", "kind")
    )


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A pregnancy case with all that became known of it, latest first, and its steps by day."""

    case: PregnancyCase
    details: list[CaseDetail]
    steps: list[CaseStep]


def case_file(actor: Actor, patient_id: UUID, case_id: UUID) -> CaseFile:
    """One case of a patient whom the actor may see, with its follow-up. Raises NotFound."""
    cases = visible_to(actor, PregnancyCase).filter(patient_id=patient_id, pk=case_id)
    case = cases.first()
    if case is None:
        raise NotFound("There is no such case among those that you may see.")
    return CaseFile(
        case=case,
        details=list(case.details.order_by("-recorded_at")),
        steps=list(case.steps.order_by("due_on", "recorded_at")),
    )


def case_details_visible_to(actor: Actor) -> QuerySet[CaseDetail]:
    """What is known of the cases of patients whom the actor may see."""
    return CaseDetail.objects.filter(case__in=visible_to(actor, PregnancyCase))


def case_steps_visible_to(actor: Actor) -> QuerySet[CaseStep]:
    """The follow-up of the cases of patients whom the actor may see."""
    return CaseStep.objects.filter(case__in=visible_to(actor, PregnancyCase))
