"""On a clock that was put back nothing is decided: what has ended would seem to last."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.core import clock
from apps.core.errors import Unavailable
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.prescriptions.models import Authorization
from tests import builders
from tests.eligibility.supplies import authorized, man

# The database's clock is real: the cast is registered a month ago, not at START.
pytestmark = pytest.mark.django_db


def check(cast: builders.Cast, authorization: Authorization) -> Decision:
    found = eligibility.verify(
        cast.dispensing,
        pharmacy_id=cast.pharmacy.pk,
        number=authorization.number,
        born_on=authorization.patient.born_on,
        prescription=Prescription(risk_category=authorization.risk_category),
    )
    return Decision.objects.get(pk=found.decision_id)


def at(instant: datetime) -> time_machine.travel:
    return time_machine.travel(instant, tick=False)


def test_on_a_wrong_clock_what_has_ended_is_neither_checked_nor_confirmed(settings: Any) -> None:
    now = clock.real_now()
    with at(now - timedelta(days=32)):
        cast = builders.cast()
        authorization = authorized(cast, man(cast))
    settings.CLOCK_IS_COMPARED = True
    with at(now - timedelta(hours=1)):
        with pytest.raises(Unavailable):
            check(cast, authorization)
        with pytest.raises(Unavailable):
            builders.confirm(cast.dispensing, authorization)
    assert not check(cast, authorization).allowed
    assert not builders.confirm(cast.dispensing, authorization).allowed
