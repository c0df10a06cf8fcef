"""What is known at `as_of`: entries that had not happened yet, or were over by then, are dropped.

This is the only place that drops an entry. Judging what is left is not its business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from apps.rules.entries import (
    Agreement,
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    Dispense,
    EarlierAuthorization,
    Facts,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
)


@dataclass(frozen=True, slots=True)
class CompleteAgreement:
    """An agreement that both have signed; its time is the later signature."""

    completed_at: datetime
    agreement: Agreement
    first_signed_at: datetime
    """The earlier signature."""


@dataclass(frozen=True, slots=True)
class Known:
    """The entries that count at `as_of`."""

    agreements: Sequence[CompleteAgreement]
    """Complete ones, in order of time."""
    tests: Sequence[PregnancyTest]
    """Not withdrawn."""
    withdrawn_tests: Sequence[PregnancyTest]
    attestations: Sequence[ContraceptionAttestation]
    """Of contraception, not withdrawn, in order of time."""
    withdrawn_attestations: Sequence[ContraceptionAttestation]
    obligations: Sequence[ObligationsAttestation]
    bleeding: Sequence[BleedingReport]
    """Not withdrawn."""
    counseling: Sequence[Counseling]
    surveys: Sequence[PatientSurvey]
    interventions: Sequence[Intervention]
    """Not resolved."""
    cases: Sequence[PregnancyCase]
    """The patient's own; a closure after `as_of` is not there."""
    authorizations: Sequence[EarlierAuthorization]
    dispenses: Sequence[Dispense]
    """Not returned, in order of time."""


def known_at(facts: Facts) -> Known:
    """The entries of these facts that count at their `as_of`."""
    as_of = facts.as_of
    tests, withdrawn_tests = _tests(facts.pregnancy_tests, as_of)
    attestations, withdrawn_attestations = _attestations(facts.contraception, as_of)
    return Known(
        agreements=_complete(facts.agreements, as_of),
        tests=tests,
        withdrawn_tests=withdrawn_tests,
        attestations=attestations,
        withdrawn_attestations=withdrawn_attestations,
        obligations=[each for each in facts.obligations if each.attested_at <= as_of],
        bleeding=_reports(facts.bleeding_reports, as_of),
        counseling=[each for each in facts.counseling if each.given_at <= as_of],
        surveys=[each for each in facts.patient_surveys if each.completed_at <= as_of],
        interventions=_unresolved(facts.interventions, as_of),
        cases=_own_cases(facts.pregnancy_cases, as_of),
        authorizations=[each for each in facts.authorizations if each.issued_at <= as_of],
        dispenses=_supply(facts.dispenses, as_of),
    )


def _is_over(ended_at: datetime | None, as_of: datetime) -> bool:
    """An end counts from its own instant on; one after `as_of` has not happened."""
    return ended_at is not None and ended_at <= as_of


def _complete(agreements: Sequence[Agreement], as_of: datetime) -> list[CompleteAgreement]:
    complete = []
    for each in agreements:
        patient, prescriber = each.patient_signed_at, each.prescriber_signed_at
        if patient is not None and prescriber is not None:
            completed_at = max(patient, prescriber)
            if completed_at <= as_of:
                first_signed_at = min(patient, prescriber)
                complete.append(CompleteAgreement(completed_at, each, first_signed_at))
    complete.sort(key=attrgetter("completed_at"))
    return complete


def _tests(
    tests: Sequence[PregnancyTest], as_of: datetime
) -> tuple[list[PregnancyTest], list[PregnancyTest]]:
    """Those that stand, and those withdrawn; a result that is still to come is not known."""
    standing: list[PregnancyTest] = []
    withdrawn: list[PregnancyTest] = []
    for each in tests:
        if each.collected_at <= as_of and each.resulted_at <= as_of:
            (withdrawn if _is_over(each.withdrawn_at, as_of) else standing).append(each)
    return standing, withdrawn


def _attestations(
    attestations: Sequence[ContraceptionAttestation], as_of: datetime
) -> tuple[list[ContraceptionAttestation], list[ContraceptionAttestation]]:
    """Those that stand, in order of time, and those withdrawn; known once recorded."""
    standing: list[ContraceptionAttestation] = []
    withdrawn: list[ContraceptionAttestation] = []
    for each in attestations:
        if each.attested_at <= as_of and each.recorded_at <= as_of:
            (withdrawn if _is_over(each.withdrawn_at, as_of) else standing).append(each)
    standing.sort(key=attrgetter("attested_at"))
    return standing, withdrawn


def _reports(reports: Sequence[BleedingReport], as_of: datetime) -> list[BleedingReport]:
    return [
        each
        for each in reports
        if each.reported_at <= as_of and not _is_over(each.withdrawn_at, as_of)
    ]


def _unresolved(interventions: Sequence[Intervention], as_of: datetime) -> list[Intervention]:
    return [
        each
        for each in interventions
        if each.opened_at <= as_of and not _is_over(each.resolved_at, as_of)
    ]


def _own_cases(cases: Sequence[PregnancyCase], as_of: datetime) -> list[PregnancyCase]:
    return [
        each
        if each.closed_at is None or each.closed_at <= as_of
        else PregnancyCase(each.reported_at, each.subject)
        for each in cases
        if each.subject == "patient" and each.reported_at <= as_of
    ]


def _supply(dispenses: Sequence[Dispense], as_of: datetime) -> list[Dispense]:
    kept = [
        each
        for each in dispenses
        if each.dispensed_at <= as_of and not _is_over(each.returned_at, as_of)
    ]
    kept.sort(key=attrgetter("dispensed_at"))
    return kept
