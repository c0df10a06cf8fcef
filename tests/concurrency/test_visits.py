"""One code, two browsers at once; and a code that is used while the record changes."""

import pytest
from django.test import Client

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import TherapyEvent
from apps.patients.models import PatientCode, PatientVisit
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import in_order, race
from tests.visitors import give_code, knock


def test_of_two_browsers_with_one_code_one_gets_in(program: Program) -> None:
    patient = program.ready()
    code = give_code(program.cast.prescribing, patient)
    answers = race(*[lambda: knock(Client(), code).status_code] * 2)
    assert sorted(each.value() for each in answers) == [200, 302]
    assert PatientVisit.objects.filter(code=code).count() == 1


@pytest.mark.parametrize("comes_first", ["the visitor", "the change"])
def test_who_enters_while_the_record_changes_is_out_whichever_comes_first(
    program: Program, comes_first: str
) -> None:
    patient = program.ready()
    code = give_code(program.cast.prescribing, patient)

    def enter() -> int:
        return int(knock(Client(), code).status_code)

    def die() -> TherapyEvent:
        return evidence.record_death(
            program.cast.prescribing,
            patient_id=patient.pk,
            happened_on=builders.program_day(clock.now()),
            reason="Progression",
            said_by="Family",
        )

    acts = (enter, die) if comes_first == "the visitor" else (die, enter)
    for outcome in in_order(*acts, behind=(PatientCode._meta.db_table, code.pk)):
        outcome.value()
    assert PatientVisit.objects.filter(code=code).exists() is (comes_first == "the visitor")
    assert not PatientVisit.objects.filter(code=code, ended_at=None).exists()
