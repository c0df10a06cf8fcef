"""The number of SQL statements does not grow with a patient's history."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.eligibility import selectors
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.patients.models import Patient
from tests import builders
from tests.copies import lengthen, twins

pytestmark = pytest.mark.django_db

SHORT, LONG = 10, 1000


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def counts(cast: builders.Cast, patient: Patient) -> dict[str, int]:
    """How many statements each step of the main job takes for this patient."""
    found = {
        "outlook": statements(
            lambda: selectors.outlook(cast.prescribing.actor, [patient.pk], builders.PROGRAM)
        ),
        "request": statements(lambda: builders.request(cast.prescribing, patient, "adult_frp")),
    }
    authorization = patient.authorizations.get()
    found["verify"] = statements(
        lambda: eligibility.verify(
            cast.dispensing,
            pharmacy_id=cast.pharmacy.pk,
            number=authorization.number,
            born_on=patient.born_on,
            prescription=Prescription(risk_category="adult_frp"),
        )
    )
    found["confirm"] = statements(lambda: builders.confirm(cast.dispensing, authorization))
    confirmation = authorization.confirmations.get()
    found["dispense"] = statements(lambda: builders.dispense(cast.dispensing, confirmation))
    assert patient.dispenses.count() == 1
    return found


def test_the_statements_of_each_step_do_not_grow_with_the_history(cast: builders.Cast) -> None:
    short = builders.ready_frp(cast.prescribing)
    (long,) = twins(short, 1)
    (warm,) = twins(short, 1)
    lengthen(short, SHORT)
    lengthen(long, LONG)
    counts(cast, warm)

    assert counts(cast, short) == counts(cast, long)


def test_an_outlook_on_many_patients_takes_the_statements_of_one(cast: builders.Cast) -> None:
    first = builders.ready_frp(cast.prescribing)
    many = [first.pk, *(twin.pk for twin in twins(first, 20))]
    actor = cast.prescribing.actor

    one = statements(lambda: selectors.outlook(actor, many[:1], builders.PROGRAM))
    all_of_them = statements(lambda: selectors.outlook(actor, many, builders.PROGRAM))

    assert one == all_of_them
    assert len(selectors.outlook(actor, many, builders.PROGRAM)) == 21
