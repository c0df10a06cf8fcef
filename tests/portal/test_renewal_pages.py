"""A certification that runs out is renewed in time, on the pages that say so."""

from datetime import date, timedelta

import pytest
import time_machine

from apps.rules.documents import document
from tests import builders
from tests.portal.people import send, signed_in

FORM = document(builders.PROGRAM, "pharmacy_enrollment")
pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


def test_the_sites_page_says_when_to_renew_and_the_certification_page_renews(
    cast: builders.Cast,
) -> None:
    """L-ENR-2, L-ENR-6."""
    with time_machine.travel(builders.START, tick=True) as moving:
        assert cast.pharmacy.representative is not None
        boss = signed_in(cast.pharmacy.representative)
        assert "From 2 April 2027" in boss.get("/sites/").content.decode()
        assert "Can be renewed" in boss.get("/certification/").content.decode()
        moving.move_to(builders.START + timedelta(days=350))
        boss = signed_in(cast.pharmacy.representative)
        assert "Sign now" in boss.get("/sites/").content.decode()
        assert send(boss, "/certification/", attestations=sorted(FORM.codes)).status_code == 302
        assert cast.pharmacy.certifications.count() == 2
        assert cast.pharmacy.certifications.latest("certified_until").last_day_on == date(
            2028, 6, 1
        )
