"""Two requests that show the same mismatch, and a resolution that races one (L-SUR-3)."""

from apps.core import clock
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.evidence.models import Intervention
from apps.patients.models import Patient
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import in_order, race


def contradicting(program: Program) -> Patient:
    """A patient who says that nobody counseled her, of whom the prescriber says otherwise."""
    patient = program.ready()
    evidence.record_patient_survey(
        program.cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "counseled": "no"},
    )
    return patient


def ask(program: Program, patient: Patient) -> Decision:
    return builders.request(program.cast.prescribing, patient, "adult_frp")


def resolve(program: Program, patient: Patient) -> Intervention:
    return evidence.resolve_intervention(
        program.cast.staff,
        intervention_id=patient.intervention_set.get().pk,
        conclusion="counseled",
        contacted="The patient",
        outcome="Counseled now",
    )


def test_of_two_requests_that_show_one_mismatch_both_are_refused_and_one_intervention_opens(
    program: Program,
) -> None:
    """L-SUR-3"""
    patient = contradicting(program)
    first, second = race(lambda: ask(program, patient), lambda: ask(program, patient))
    for outcome in (first, second):
        assert outcome.value().document["unmet"] == ["L-SUR-3"]
    assert patient.intervention_set.get().cause == "mismatch"
    assert not patient.authorizations.exists()


def test_a_request_that_waited_for_the_resolution_is_allowed_and_opens_no_other(
    program: Program,
) -> None:
    """L-SUR-3"""
    patient = contradicting(program)
    assert not ask(program, patient).allowed
    resolved, asked = in_order(
        lambda: resolve(program, patient),
        lambda: ask(program, patient),
        behind=("patients_patient", patient.pk),
    )
    assert resolved.value().resolved_at is not None
    assert asked.value().allowed
    assert patient.intervention_set.count() == 1


def test_a_resolution_that_waited_for_a_request_lets_only_the_next_one_pass(
    program: Program,
) -> None:
    """L-SUR-3"""
    patient = contradicting(program)
    assert not ask(program, patient).allowed
    asked, resolved = in_order(
        lambda: ask(program, patient),
        lambda: resolve(program, patient),
        behind=("patients_patient", patient.pk),
    )
    assert asked.value().document["unmet"] == ["L-SUR-3"]
    assert resolved.value().resolved_at is not None
    assert ask(program, patient).allowed
