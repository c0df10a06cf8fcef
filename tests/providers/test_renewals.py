"""L-ENR-2: a pharmacy's certification is renewed by its representative, in time or after all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
import time_machine

from apps.core.call import Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.providers import selectors
from apps.providers import services as providers
from apps.providers.models import Pharmacy, PharmacyEnrollment
from apps.rules.documents import document
from apps.rules.policy import policy_in_force
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

DAY = timedelta(days=1)
NOTICE = policy_in_force(builders.PROGRAM, builders.START).parameters.pharmacy_renewal_notice_days
LAST_DAY = date(2027, 6, 1)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(builders.START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def cast(clock: time_machine.Traveller, cast: builders.Cast) -> builders.Cast:
    return cast


def representing(pharmacy: Pharmacy) -> Call:
    pharmacy.refresh_from_db()
    return builders.pharmacy_call(pharmacy, Role.REPRESENTATIVE, pharmacy.representative_id)


def sign(call: Call) -> PharmacyEnrollment:
    return providers.sign_pharmacy_enrollment(
        call,
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
    )


def before_the_end(days: int) -> datetime:
    """Noon in New York, so many days before the certification's last day."""
    return builders.START + (LAST_DAY - builders.START.date()) - days * DAY


def status(pharmacy: Pharmacy) -> selectors.CertificationStatus:
    return selectors.certifications_of([pharmacy], builders.PROGRAM)[pharmacy.pk]


def test_in_good_standing_the_signature_renews_at_once_from_the_end_of_the_period_that_runs(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2."""
    first = cast.pharmacy.certifications.get()
    assert first.last_day_on == LAST_DAY
    clock.move_to(before_the_end(NOTICE))

    signed = sign(representing(cast.pharmacy))

    second = signed.certification
    assert second.certified_from == first.certified_until
    assert (second.last_day_on - first.last_day_on).days == 366
    assert signed.signed_by_id == cast.pharmacy.representative_id
    with pytest.raises(Conflict, match="waits for approval"):
        providers.certify_pharmacy(
            cast.staff, pharmacy_id=cast.pharmacy.pk, program=builders.PROGRAM
        )


def test_a_renewal_opens_on_its_day_and_not_one_day_before(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2."""
    clock.move_to(before_the_end(NOTICE + 1))
    with pytest.raises(Conflict, match=r"renewed from 2027-04-02 on"):
        sign(representing(cast.pharmacy))
    assert not status(cast.pharmacy).may_sign

    clock.move_to(before_the_end(NOTICE))
    assert status(cast.pharmacy).may_sign
    sign(representing(cast.pharmacy))
    assert not status(cast.pharmacy).may_sign
    with pytest.raises(Conflict, match="can be renewed from"):
        sign(representing(cast.pharmacy))
    assert cast.pharmacy.certifications.count() == 2


def test_a_lapsed_certification_blocks_by_itself_and_its_renewal_waits_for_the_staff(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2."""
    clock.move_to(before_the_end(-1))
    assert status(cast.pharmacy).has_lapsed
    sign(representing(cast.pharmacy))
    assert status(cast.pharmacy).is_waiting
    assert cast.pharmacy.certifications.count() == 1

    renewed = providers.certify_pharmacy(
        cast.staff, pharmacy_id=cast.pharmacy.pk, program=builders.PROGRAM, reason="Looked up"
    )
    assert renewed.certified_from == renewed.recorded_at
    assert not status(cast.pharmacy).has_lapsed


def test_what_was_signed_twice_is_approved_once(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2: a second approval would certify for a second period."""
    clock.move_to(before_the_end(-1))
    for _ in range(2):
        sign(representing(cast.pharmacy))
    providers.certify_pharmacy(
        cast.staff, pharmacy_id=cast.pharmacy.pk, program=builders.PROGRAM, reason="Looked up"
    )
    assert not status(cast.pharmacy).is_waiting
    with pytest.raises(Conflict, match="waits for approval"):
        providers.certify_pharmacy(
            cast.staff, pharmacy_id=cast.pharmacy.pk, program=builders.PROGRAM, reason="Again"
        )
    # Else the page would not let them renew in time.
    clock.shift((366 - NOTICE) * DAY)
    assert status(cast.pharmacy).may_sign
    assert list(selectors.certifications_to_renew(NOTICE, program=builders.PROGRAM)) == [
        cast.pharmacy
    ]


def test_forms_that_waited_together_are_approved_once(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2: a certification runs for a year, however often its form was sent."""
    clock.move_to(before_the_end(-1))
    earlier, latest = sign(representing(cast.pharmacy)), sign(representing(cast.pharmacy))
    waiting = selectors.waiting_forms(cast.pharmacy)
    assert list(waiting) == [earlier, latest]
    certify = partial(
        providers.certify_pharmacy, pharmacy_id=cast.pharmacy.pk, program=builders.PROGRAM
    )
    assert certify(cast.staff).enrollment == latest
    with pytest.raises(Conflict, match="waits for approval"):
        certify(cast.staff)
    assert not waiting.all()
    assert not status(cast.pharmacy).is_waiting
    assert cast.pharmacy.certifications.count() == 2


def test_who_signed_the_form_does_not_approve_it_once_somebody_else_represents_the_pharmacy(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2."""
    clock.move_to(before_the_end(-1))
    signed = sign(representing(cast.pharmacy))
    providers.change_representative(
        cast.administrator,
        pharmacy_id=cast.pharmacy.pk,
        email="next@pharmacy.example",
        given_name="Nora",
        family_name="Next",
        reason="A new one",
    )
    signer = builders.call_of(replace(cast.administrator.actor, id=signed.signed_by_id))
    with pytest.raises(NotAllowed, match="Another person"):
        providers.certify_pharmacy(signer, pharmacy_id=cast.pharmacy.pk, program=builders.PROGRAM)


def test_on_its_last_day_a_pharmacy_is_still_in_good_standing(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2."""
    clock.move_to(before_the_end(0))
    assert sign(representing(cast.pharmacy)).certification.certified_from > builders.START


def test_only_the_representative_signs_for_a_pharmacy(cast: builders.Cast) -> None:
    """L-ENR-2."""
    other = builders.user("other@pharmacy.example")
    call = builders.pharmacy_call(cast.pharmacy, Role.REPRESENTATIVE, other.pk)
    with pytest.raises(NotAllowed, match="authorized representative"):
        sign(call)
    with pytest.raises(InvalidRequest):
        providers.sign_pharmacy_enrollment(
            representing(cast.pharmacy), program=builders.PROGRAM, attestations=["training"]
        )


def test_certifications_to_renew_are_those_that_end_in_so_many_days_and_do_not_wait(
    cast: builders.Cast, clock: time_machine.Traveller
) -> None:
    """L-ENR-2, §12."""

    def due(days: int) -> list[Pharmacy]:
        return list(selectors.certifications_to_renew(days, program=builders.PROGRAM))

    clock.move_to(before_the_end(NOTICE + 1))
    assert due(NOTICE) == []
    assert due(NOTICE + 1) == [cast.pharmacy]
    clock.move_to(before_the_end(-5))
    assert due(0) == [cast.pharmacy]
    sign(representing(cast.pharmacy))
    assert due(0) == []


def test_why_a_standing_was_lost_is_shown_to_who_lost_it(cast: builders.Cast) -> None:
    """L-ENR-1, L-ENR-2."""
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event="suspend", reason="An audit"
    )
    providers.change_pharmacy_standing(
        cast.administrator, pharmacy_id=cast.pharmacy.pk, event="decertify", reason="Closed down"
    )
    shown = selectors.certification_of(cast.prescribing.actor, builders.PROGRAM)
    assert (shown.party.state, shown.reason) == ("suspended", "An audit")
    cast.pharmacy.refresh_from_db()
    assert status(cast.pharmacy).reason == "Closed down"
    assert not status(cast.pharmacy).may_sign
