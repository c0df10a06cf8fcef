"""The whole way of somebody who was invited: link, password, second factor, first page."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client

from apps.accounts import services
from apps.accounts.models import User
from apps.audit.models import Event
from apps.providers import services as providers
from tests import builders
from tests.accounts.steps import NEW, TESS, choose, invited, link_in
from tests.browsers import signed_in

pytestmark = pytest.mark.django_db


def test_the_link_works_once(cast: builders.Cast) -> None:
    invited(cast)
    link = link_in(mail.outbox[0])
    assert choose(Client(), link, NEW).status_code == 302
    assert "This link no longer works" in Client().get(link, follow=True).content.decode()


def test_the_link_expires(cast: builders.Cast) -> None:
    with time_machine.travel(builders.START, tick=False) as at:
        invited(cast)
        at.shift(timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 1))
        old = Client().get(link_in(mail.outbox[0]), follow=True).content.decode()
    assert "This link no longer works" in old
    assert "Send a new link" in old


def test_who_invited_sends_it_again_until_it_is_accepted(cast: builders.Cast) -> None:
    membership = invited(cast)
    assert cast.pharmacy.representative is not None
    rita = signed_in(cast.pharmacy.representative)
    url = f"/staff/{membership.pk}/invite/"
    assert url in rita.get("/staff/").content.decode()
    assert "gets a new link" in rita.get(url).content.decode()
    rita.post(url)
    assert [message.to for message in mail.outbox] == [[TESS], [TESS]]
    assert Event.objects.filter(code="invitation_sent").count() == 2
    choose(Client(), link_in(mail.outbox[1]), NEW)
    assert url not in rita.get("/staff/").content.decode()
    count = len(mail.outbox)
    rita.post(url)
    assert len(mail.outbox) == count


def test_a_prescriber_invites_a_delegate_again_and_nobody_elses(cast: builders.Cast) -> None:
    named = providers.name_delegate(
        cast.prescribing, email="dana@practice.example", given_name="Dana", family_name="D"
    )
    stranger = builders.certified_prescriber(cast.administrator, serial=2)
    assert cast.prescriber.user is not None
    assert stranger.user is not None
    url = f"/delegates/{named.pk}/invite/"
    assert signed_in(stranger.user).post(url).status_code == 404
    own = signed_in(cast.prescriber.user)
    assert url in own.get("/delegates/").content.decode()
    own.post(url)
    assert [message.to for message in mail.outbox] == [["dana@practice.example"]]


def test_another_pharmacys_representative_invites_nobody_here(cast: builders.Cast) -> None:
    membership = invited(cast)
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    assert other.representative is not None
    answer = signed_in(other.representative).post(f"/staff/{membership.pk}/invite/")
    assert answer.status_code == 404


def test_an_account_that_begins_anew_is_invited_again_by_its_own_link(cast: builders.Cast) -> None:
    invited(cast)
    choose(Client(), link_in(mail.outbox[0]), NEW)
    tess = User.objects.get(email=TESS)
    services.reset_sign_in(cast.staff, user_id=tess.pk, reason="Lost the phone; called back")
    staff = signed_in(User.objects.get(email="staff@program.example"))
    staff.post(
        f"/admin/accounts/user/{tess.pk}/do/invite/",
        {"submission": "00000000-0000-4000-8000-000000000001"},
    )
    link = link_in(mail.outbox[-1])
    client = Client()
    page = choose(client, link, NEW)
    assert "You used this password before" in page.content.decode()
    assert choose(client, link, "quite another password").status_code == 302
