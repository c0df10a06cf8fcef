"""Several roles in one sign-in: visible everywhere, and no page counts in another than its own.

With the framework's check against forgery on, for that is what tells the roles apart.
"""

import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership, Organization, User
from apps.core import clock
from apps.core.call import Role
from apps.providers.models import Delegation
from tests import builders
from tests.browsers import signed_in

pytestmark = pytest.mark.django_db
TYPED = {"given_name": "Dana", "family_name": "Delegate", "email": "dana@practice.example"}


class Tabs:
    """One browser of a person who is a prescriber and an administrator, and its roles by name."""

    def __init__(self, cast: builders.Cast) -> None:
        self.cast = cast
        user = self.cast.prescriber.user
        assert user is not None
        office = Organization.objects.get(kind="program")
        Membership.objects.create(user=user, organization=office, role=Role.ADMINISTRATOR.value)
        self.user: User = user
        self.browser = Client(enforce_csrf_checks=True)
        self.browser.cookies = signed_in(user).cookies
        page = self.browser.get("/role/")
        self.roles = {choice.role: choice for choice in page.context["choices"]}

    def switch(self, role: str, target: str = "/") -> Any:
        """On the page of the roles, in whatever tab."""
        token = token_on(self.browser.get("/role/"))
        key = self.roles[role].key
        sent = {"acting": key, "next": target, "csrfmiddlewaretoken": token}
        answer = self.browser.post("/role/", sent)
        assert answer.status_code == 302
        return answer

    def open_delegates(self) -> dict[str, str]:
        """The form that names a delegate, as a tab shows it now, with what is typed there."""
        page = self.browser.get("/delegates/")
        key = str(page.context["form"]["submission"].value())
        return {**TYPED, "submission": key, "csrfmiddlewaretoken": token_on(page)}


def token_on(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found is not None
    return found[1]


def hidden_fields(page: Any) -> dict[str, str]:
    """What waits on the page of a refused form."""
    form = page.content.decode().split("/role/send/")[1].split("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))


@pytest.fixture
def tabs(cast: builders.Cast) -> Tabs:
    return Tabs(cast)


def test_a_page_of_the_other_role_is_refused_and_what_was_typed_waits(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    tabs.switch("Administrator")
    # What signs is typed anew by whoever sends it then: it stands on no page.
    proof = {"password": "Opens-what-signs", "code": "123456", "oldpassword": "Opens-before"}
    refused = tabs.browser.post("/delegates/", {**typed, **proof})
    assert refused.status_code == 409
    said = refused.content.decode()
    assert not [each for each in proof.values() if each in said]
    assert "Nothing was saved" in said
    assert f"opened as <strong>Prescriber, {tabs.cast.prescriber.practice}" in said
    assert "act as <strong>Administrator, Program office" in said
    assert not Delegation.objects.exists()
    waiting = hidden_fields(refused)
    assert waiting == typed
    back = tabs.browser.post(refused.context["send_url"], waiting)
    assert (back.status_code, back.headers["Location"]) == (307, "/delegates/")
    sent = tabs.browser.post(back.headers["Location"], waiting)
    assert sent.status_code == 302
    assert Delegation.objects.get().delegate.email == TYPED["email"]


def test_on_the_way_back_to_a_role_its_pages_count_again(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    tabs.switch("Administrator")
    tabs.switch("Prescriber")
    assert tabs.browser.post("/delegates/", typed).status_code == 302
    assert Delegation.objects.exists()


def test_a_page_of_the_administration_is_bound_to_its_role_as_well(tabs: Tabs) -> None:
    tabs.switch("Administrator")
    page = tabs.browser.get("/admin/accounts/membership/add/")
    token = token_on(page)
    tabs.switch("Prescriber")
    before = Membership.objects.count()
    sent = {"csrfmiddlewaretoken": token, "reason": "Typed with care"}
    refused = tabs.browser.post("/admin/accounts/membership/add/", sent)
    assert refused.status_code == 409
    assert hidden_fields(refused)["reason"] == "Typed with care"
    assert Membership.objects.count() == before


def test_a_forged_page_gets_no_offer_to_be_sent(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    tabs.switch("Administrator")
    for token in ("", "x" * 64, "ä" * 32, "0" * 32):
        forged = {**TYPED, "csrfmiddlewaretoken": token}
        assert tabs.browser.post("/delegates/", forged).status_code == 403
        url = f"/role/send/?as={tabs.roles['Prescriber'].key}&next=/delegates/"
        assert tabs.browser.post(url, forged).status_code == 403
    assert tabs.browser.get("/patients/").status_code == 403, "still an administrator"


def test_what_waits_is_sent_to_no_other_site(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    tabs.switch("Administrator")
    url = f"/role/send/?as={tabs.roles['Prescriber'].key}&next=https://evil.example/"
    assert tabs.browser.post(url, typed).status_code == 403


def test_a_page_of_another_person_in_the_same_browser_is_refused(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    other = signed_in(User.objects.get(memberships__role="pharmacist"))
    tabs.browser.cookies["sessionid"] = other.cookies["sessionid"].value
    tabs.browser.cookies["csrftoken"] = "a" * 32
    assert tabs.browser.post("/delegates/", typed).status_code == 403


PROOF = {"password": "Opens-what-signs", "code": "123456", "oldpassword": "Opens-before"}


def end(tabs: Tabs, *roles: str) -> None:
    """Roles of a person end while their pages stand open."""
    Membership.objects.filter(user=tabs.user, role__in=roles).update(ended_at=clock.now())


def stands_to_be_copied(answer: Any, typed: dict[str, str]) -> str:
    """The page that says that nothing was saved, and what was typed by whom sends it."""
    assert answer.status_code == 409
    page: str = answer.content.decode()
    assert "Nothing was saved: the role in which this page was opened has ended" in page
    assert answer.context["typed"] == {
        "Given name": "Dana", "Family name": "Delegate", "Email": "dana@practice.example"
    }  # fmt: skip
    not_shown = (typed["submission"], typed["csrfmiddlewaretoken"], *PROOF.values())
    assert not [each for each in not_shown if each in page]
    assert not Delegation.objects.exists()
    return page


def test_a_role_that_ended_is_not_replaced_in_silence(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    end(tabs, "prescriber")
    answer = tabs.browser.post("/delegates/", {**typed, **PROOF})
    said = stands_to_be_copied(answer, typed)
    assert 'href="/role/">Choose another role' in said
    # What another site sends is not shown as what was typed here.
    for token in ("", "x" * 64):
        forged = {**typed, "csrfmiddlewaretoken": token}
        assert tabs.browser.post("/role/send/", forged).status_code == 403
    page = tabs.browser.get("/role/")
    assert [choice.role for choice in page.context["choices"]] == ["Administrator"]


def test_who_has_no_role_left_can_copy_what_they_typed_and_sign_out(
    tabs: Tabs, settings: LazySettings
) -> None:
    settings.PROGRAM_PHONE = "800-555-0142"
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    end(tabs, "prescriber", "administrator")
    said = stands_to_be_copied(tabs.browser.post("/delegates/", {**typed, **PROOF}), typed)
    assert "Choose another role" not in said
    assert f'href="{reverse("account_logout")}"' in said
    assert settings.PROGRAM_PHONE in said
    assert tabs.browser.get("/delegates/").status_code == 403


def test_a_page_of_an_ended_role_can_be_copied_once_another_is_chosen(tabs: Tabs) -> None:
    """Its token is not that of the present role then: it is told apart from a forged one."""
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    end(tabs, "prescriber")
    tabs.switch("Administrator")
    for url in ("/delegates/", "/role/send/?as=gone&next=/delegates/"):
        said = stands_to_be_copied(tabs.browser.post(url, {**typed, **PROOF}), typed)
        assert "act as <strong>Administrator, Program office" in said
    forged = {**typed, "csrfmiddlewaretoken": "x" * 64}
    assert tabs.browser.post("/delegates/", forged).status_code == 403


def test_what_was_typed_is_read_field_by_field_and_a_file_chosen_again(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    typed = tabs.open_delegates()
    end(tabs, "prescriber")
    sent = {
        "csrfmiddlewaretoken": typed["csrfmiddlewaretoken"],
        "consent-reason": "Two lines,\nand <one> more",
        "checklist": ["guide", "pregnancy"],
        "born_on_month": "1",
        "born_on_day": "8",
        "born_on_year": "1990",
        "signed_at_month": "",
        "signed_at_day": "9",
        "signed_at_time": "14:05",
        "consent-code": "123456",
        "scan": SimpleUploadedFile("IMG_0001.pdf", builders.SCAN),
    }
    answer = tabs.browser.post("/delegates/", sent)
    assert answer.context["typed"] == {
        "Reason": "Two lines,\nand <one> more", "Checklist": "guide\npregnancy",
        "Born on": "8 January 1990", "Signed at": "9 14:05",
    }  # fmt: skip
    said = answer.content.decode()
    assert "Two lines,<br>and &lt;one&gt; more" in said
    assert "A file has to be chosen again" in said


def test_role_and_switch_are_in_sight_on_every_side(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    portal = tabs.browser.get("/patients/").content.decode()
    assert "· Prescriber ·" in portal
    assert "Switch role" in portal
    tabs.switch("Administrator")
    administration = tabs.browser.get("/admin/").content.decode()
    assert "Administrator, Program office" in administration
    assert "Switch role" in administration


def test_the_administration_is_entered_in_a_role_of_the_office_only(tabs: Tabs) -> None:
    tabs.switch("Prescriber")
    asked = tabs.browser.get("/admin/accounts/user/")
    assert asked.headers["Location"] == "/role/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    tabs.switch("Administrator", "/admin/accounts/user/")
    assert tabs.browser.get("/admin/accounts/user/").status_code == 200


def test_who_holds_two_roles_of_the_office_acts_in_the_one_they_chose(tabs: Tabs) -> None:
    office = Organization.objects.get(kind="program")
    Membership.objects.create(user=tabs.user, organization=office, role=Role.AUDITOR.value)
    page = tabs.browser.get("/role/")
    tabs.roles = {choice.role: choice for choice in page.context["choices"]}
    tabs.switch("Auditor")
    assert tabs.browser.get("/admin/accounts/membership/").status_code == 200
    assert tabs.browser.get("/admin/accounts/membership/add/").status_code == 403
    tabs.switch("Administrator")
    assert tabs.browser.get("/admin/accounts/membership/add/").status_code == 200
