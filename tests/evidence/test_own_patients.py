"""Who prescribes for a patient lifts nothing of what holds the patient back, in whatever role."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import InvalidRequest, NotAllowed
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import Intervention, PregnancyCase
from apps.providers import services as providers
from tests import builders
from tests.builders import PROGRAM, Cast
from tests.eligibility.supplies import dispensed_to, enter_late, man

pytestmark = pytest.mark.django_db
OWN = "prescribe for this patient yourself"


def in_office(cast: Cast, person: Call) -> Call:
    """The same person as an administrator: a role that somebody who prescribes may hold, too."""
    return builders.call_of(replace(cast.administrator.actor, id=person.actor.id))


def covering(cast: Cast) -> Call:
    """A colleague who covers for the patient's prescriber."""
    practice = cast.prescriber.practice
    practice.members_cover_each_other = True
    practice.save()
    colleague = builders.certified_prescriber(cast.administrator, serial=2, practice_id=practice.pk)
    return builders.prescribing_call(colleague)


def delegated(cast: Cast) -> Call:
    """Who acts on the prescriber's behalf."""
    named = providers.name_delegate(
        cast.prescribing, email="dee@practice.example", given_name="Dee", family_name="Legate"
    )
    return builders.call_of(replace(cast.prescribing.actor, id=named.delegate_id))


@pytest.mark.parametrize("who", [lambda cast: cast.prescribing, covering, delegated])
def test_who_prescribes_for_a_patient_lifts_nothing_that_holds_them_back(
    cast: Cast, who: Callable[[Cast], Call]
) -> None:
    """L-PRG-3, L-PT-7, L-PT-8, L-CON-2, L-CON-7, L-SUR-3, L-DSP-10"""
    patient = builders.enroll(cast.prescribing)
    pk = patient.pk
    tests = [
        builders.pregnancy_test(cast.prescribing, patient, result=result)
        for result in ("positive", "indeterminate", "negative")
    ]
    case = PregnancyCase.objects.get(test=tests[0])
    lapse = builders.contraception(cast.prescribing, patient, lapse=True)
    report = evidence.report_bleeding(
        cast.staff, patient_id=pk, kind="missed_period", reported_at=clock.now()
    )
    feeding = evidence.report_breastfeeding(cast.staff, patient_id=pk)
    today = builders.program_day(clock.now())
    left = evidence.withdraw_from_program(
        cast.staff, patient_id=pk, program=PROGRAM, happened_on=today, reason="Left", said_by="She"
    )
    asked = evidence.request_exception(
        cast.staff,
        patient_id=pk,
        program=PROGRAM,
        rule="L-DSP-5",
        expires_at=clock.now() + timedelta(days=1),
        reason="Travel",
    )
    late = enter_late(cast, patient)
    resolution: dict[str, Any] = {
        "intervention_id": Intervention.objects.get(patient=patient).pk,
        "conclusion": "counseled",
        "contacted": "The patient",
        "outcome": "All is well",
    }
    acts: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (evidence.close_pregnancy_case, {"case_id": case.pk, "outcome": "not_pregnant"}),
        (evidence.withdraw_pregnancy_test, {"test_id": tests[0].pk}),
        (evidence.withdraw_pregnancy_test, {"test_id": tests[1].pk}),
        (evidence.withdraw_contraception, {"attestation_id": lapse.pk}),
        (evidence.withdraw_bleeding_report, {"report_id": report.pk}),
        (evidence.withdraw_entry, {"kind": "health_status", "entry_id": feeding.pk}),
        (evidence.withdraw_therapy_event, {"event_id": left.pk}),
        (evidence.grant_exception, {"request_id": asked.pk}),
        (
            eligibility.stop_supply,
            {"dispense_id": late.pk, "kind": "lost", "stopped_on": today},
        ),
        (eligibility.withdraw_late_dispense, {"dispense_id": late.pk}),
    ]
    themselves = in_office(cast, who(cast))
    for act, about in acts:
        with pytest.raises(NotAllowed, match=OWN):
            act(themselves, reason="It was a mistake", **about)
    with pytest.raises(NotAllowed, match=OWN):
        evidence.resolve_intervention(themselves, **resolution)
    # What takes away from eligibility, anybody of the office may do; the rest somebody else does.
    evidence.withdraw_pregnancy_test(themselves, test_id=tests[2].pk, reason="Another patient's")
    for act, about in acts:
        act(cast.administrator, reason="It was a mistake", **about)
    evidence.resolve_intervention(cast.staff, **resolution)


def test_nor_do_they_through_a_system_whose_secret_they_hold(cast: Cast) -> None:
    """L-PRG-3, L-PT-7, L-SUR-3: the system acts in the office's name, but it is they."""
    patient = builders.enroll(cast.prescribing)
    positive = builders.pregnancy_test(cast.prescribing, patient, result="positive")
    builders.contraception(cast.prescribing, patient, lapse=True)
    own = builders.system_of_the_office(in_office(cast, cast.prescribing))
    others = builders.system_of_the_office(cast.administrator)
    about_case: dict[str, Any] = {
        "case_id": PregnancyCase.objects.get().pk,
        "outcome": "not_pregnant",
    }
    about_intervention: dict[str, Any] = {
        "intervention_id": Intervention.objects.get().pk,
        "conclusion": "counseled",
        "contacted": "The patient",
        "outcome": "All is well",
    }
    with pytest.raises(NotAllowed, match=OWN):
        evidence.close_pregnancy_case(own, reason="A mistake", **about_case)
    with pytest.raises(NotAllowed, match=OWN):
        evidence.withdraw_pregnancy_test(own, test_id=positive.pk, reason="A mistake")
    with pytest.raises(NotAllowed, match=OWN):
        evidence.resolve_intervention(own, **about_intervention)
    evidence.close_pregnancy_case(others, reason="A mistake", **about_case)
    evidence.withdraw_pregnancy_test(others, test_id=positive.pk, reason="A mistake")
    evidence.resolve_intervention(others, **about_intervention)


def test_who_took_down_risky_answers_does_not_resolve_what_they_opened(cast: Cast) -> None:
    """L-SRC-1: resolved, they serve an authorization; a second person lets them."""
    patient = builders.enroll(cast.prescribing)
    evidence.record_patient_survey(
        cast.staff,
        patient_id=patient.pk,
        program=PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "shared_drug": "yes"},
    )
    resolution: dict[str, Any] = {
        "intervention_id": Intervention.objects.get().pk,
        "contacted": "The patient",
        "outcome": "All is well",
    }
    with pytest.raises(NotAllowed, match="entered these answers yourself"):
        evidence.resolve_intervention(cast.staff, conclusion="counseled", **resolution)
    # Nor does a hold end with a case that nobody opened (L-SUR-3).
    with pytest.raises(InvalidRequest) as wrong:
        evidence.resolve_intervention(cast.administrator, conclusion="case_opened", **resolution)
    assert "conclusion" in wrong.value.fields
    evidence.report_pregnancy(
        cast.staff, patient_id=patient.pk, subject="patient", source="She", reported_at=clock.now()
    )
    evidence.resolve_intervention(cast.administrator, conclusion="case_opened", **resolution)


def test_a_pharmacist_is_not_the_office_that_a_second_loss_needs(cast: Cast) -> None:
    """L-DSP-5: nor does one of the office who works there say that a supply was lost."""
    made = dispensed_to(cast, man(cast))
    lost: dict[str, Any] = {
        "dispense_id": made.pk,
        "kind": "lost",
        "stopped_on": builders.program_day(clock.now()),
        "reason": "Left on the bus",
    }
    with pytest.raises(NotAllowed, match="work where this happened"):
        eligibility.stop_supply(in_office(cast, cast.dispensing), **lost)
    eligibility.stop_supply(cast.staff, **lost)
