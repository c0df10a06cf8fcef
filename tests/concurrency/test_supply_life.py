"""Two who say what became of one supply, or decide on one request, at once: one of them wins."""

from datetime import timedelta
from typing import Any

from apps.core import clock
from apps.core.call import Role
from apps.core.errors import CommandError, Conflict
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import RuleException
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Dispense, DispenseReturn, SupplyStop
from apps.rules.calendar import date_of
from apps.rules.policy import policy_in_force
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import errors_of, in_order, race
from tests.eligibility.supplies import report_late

PATIENTS = "patients_patient"


def dispensed(program: Program) -> Dispense:
    made = builders.dispense(program.cast.dispensing, program.confirmed()).dispense
    assert made is not None
    return made


def stop(program: Program, made: Dispense, kind: str) -> Any:
    calendar = policy_in_force(made.program, made.dispensed_at).calendar
    return eligibility.stop_supply(
        program.cast.dispensing,
        dispense_id=made.pk,
        kind=kind,
        stopped_on=date_of(calendar.day(made.dispensed_at)),
        reason="Told at the counter",
    )


def restock(program: Program, made: Dispense) -> Any:
    return eligibility.return_to_stock(
        program.cast.dispensing,
        dispense_id=made.pk,
        never_left_premises=True,
        reason="Never collected",
    )


def test_l_dsp_5_of_two_stops_of_one_dispense_one_wins(program: Program) -> None:
    made = dispensed(program)
    outcomes = race(lambda: stop(program, made, "lost"), lambda: stop(program, made, "destroyed"))
    assert errors_of(outcomes) == [Conflict]
    assert SupplyStop.objects.filter(dispense=made).count() == 1


def test_l_dsp_7_what_is_handed_back_at_that_moment_is_not_restocked(program: Program) -> None:
    for first, second in ((stop_it, restock), (restock, stop_it)):
        made = dispensed(program)
        outcomes = in_order(
            lambda made=made, act=first: act(program, made),  # type: ignore[misc]
            lambda made=made, act=second: act(program, made),  # type: ignore[misc]
            behind=(PATIENTS, made.patient_id),
        )
        assert outcomes[0].error is None
        assert isinstance(outcomes[1].error, Conflict)
        ends = (SupplyStop, DispenseReturn)
        assert sum(kind.objects.filter(dispense=made).count() for kind in ends) == 1


def stop_it(program: Program, made: Dispense) -> Any:
    return stop(program, made, "handed_back")


def test_l_dsp_10_of_two_persons_who_decide_at_once_one_wins(program: Program) -> None:
    patient = program.ready()
    colleague = builders.office_member(Role.STAFF, "colleague@program.example")
    request = evidence.request_exception(
        colleague,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        rule="L-DSP-5",
        expires_at=clock.now() + timedelta(days=1),
        reason="Travel",
    )
    outcomes = race(
        lambda: evidence.grant_exception(
            program.cast.administrator, request_id=request.pk, reason="Agreed"
        ),
        lambda: evidence.grant_exception(
            program.cast.staff, request_id=request.pk, reason="Agreed, too"
        ),
        lambda: evidence.refuse_exception(
            program.cast.administrator, request_id=request.pk, reason="No need"
        ),
    )
    assert errors_of(outcomes) == [Conflict, Conflict]
    request.refresh_from_db()
    granted = RuleException.objects.filter(request=request).count()
    assert granted == (1 if request.state == "granted" else 0)


def late(program: Program, authorization: Authorization) -> Dispense:
    return report_late(
        program.cast.dispensing,
        authorization,
        checklist=tuple(builders.checklist(authorization.risk_category)),
    )


def ask_anew(program: Program, patient: Patient) -> Any:
    return builders.request(program.cast.prescribing, patient, "adult_frp")


def test_l_dsp_8_a_late_dispense_races_a_new_request(program: Program) -> None:
    """The old authorization is open: no new one beside it, unless the dispense has used it up."""
    for late_first in (True, False):
        authorization = program.confirmed().authorization
        patient = authorization.patient
        acts = [
            lambda authorization=authorization: late(program, authorization),
            lambda patient=patient: ask_anew(program, patient),
        ]
        first, second = acts if late_first else reversed(acts)
        outcomes = in_order(first, second, behind=(PATIENTS, patient.pk))
        assert [outcome.error for outcome in outcomes] == [None, None]
        authorization.refresh_from_db()
        assert authorization.state == "dispensed"
        decision = outcomes[1 if late_first else 0].value()
        assert ("L-AUT-3" in decision.document["unmet"]) is not late_first


def test_l_dsp_8_of_a_late_dispense_and_a_dispense_on_one_confirmation_one_is_within_the_rules(
    program: Program,
) -> None:
    for _ in range(3):
        confirmation = program.confirmed()
        authorization = confirmation.authorization
        outcomes = race(
            lambda held=confirmation: builders.dispense(  # type: ignore[misc]
                program.cast.dispensing, held
            ),
            lambda given=authorization: late(program, given),  # type: ignore[misc]
        )
        assert all(isinstance(error, CommandError) for error in errors_in(outcomes))
        made = Dispense.objects.filter(authorization=authorization)
        assert made.filter(authorized=True).count() == 1


def errors_in(outcomes: Any) -> list[Exception]:
    return [outcome.error for outcome in outcomes if outcome.error is not None]
