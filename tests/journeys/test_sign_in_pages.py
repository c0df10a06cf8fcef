"""The way in, as people meet it: second factors, a real security key's protocol, own sign-ins."""

import pytest

from apps.accounts.models import Membership, Organization, User
from apps.core import clock
from apps.core.call import Role
from tests import builders
from tests.browsers import code_from
from tests.builders import PASSWORD
from tests.journeys.site import NARROW, Person, Site

pytestmark = pytest.mark.browser
EMAIL = "newcomer@program.example"
VIRTUAL_KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def arrive(site: Site) -> Person:
    """Somebody of the office with a password and no second factor yet."""
    builders.office_member(Role.ADMINISTRATOR, EMAIL)
    context = site.browser.new_context()
    person = Person(site, context.new_page(), User.objects.get(email=EMAIL))
    site.people.append(person)
    person.watch()
    # Security keys answer to names only, not to bare addresses.
    site.address = site.address.replace("127.0.0.1", "localhost")
    enter_password(person)
    return person


def enter_password(person: Person) -> None:
    person.go("/accounts/login/")
    person.page.fill("input[name=login]", EMAIL)
    person.page.fill("input[name=password]", PASSWORD)
    person.press("Sign in")


def test_an_app_is_set_up_and_the_account_is_kept_in_order(site: Site) -> None:
    person = arrive(site)
    person.sees("One step is left before you can work here")
    person.follow("Set up the app")
    secret = person.page.locator(".rp-number").inner_text().replace(" ", "")
    person.page.fill("input[name=code]", "000000")
    person.press("Turn on")
    assert person.page.title().startswith("Error:")
    secret = person.page.locator(".rp-number").inner_text().replace(" ", "")
    person.page.fill("input[name=code]", code_from(secret))
    person.press("Turn on")
    person.sees("10 of 10 are unused")
    person.follow("I have kept them: go on")
    person.follow("Your account")
    person.sees("It is set up.")
    person.follow("My sign-ins")
    person.sees("(this one)")
    person.follow("Password")
    person.page.set_viewport_size({"width": NARROW, "height": 900})
    person.go("/sign-ins/")


def test_a_security_key_is_added_and_signs_in(site: Site) -> None:
    person = arrive(site)
    protocol = person.page.context.new_cdp_session(person.page)
    protocol.send("WebAuthn.enable")
    key = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})
    person.follow("Add a security key")
    person.press("Add the security key")
    person.sees("10 of 10 are unused")
    person.follow("I have kept them: go on")
    person.press("Sign out")
    enter_password(person)
    person.sees("Or use your security key")
    person.press("Use the security key")
    person.sees("Signed in as")
    person.go("/accounts/2fa/")
    person.follow("See your security keys")
    person.leave_by(person.page.get_by_role("link", name="Rename"))
    person.sees("Confirm that it is you")
    person.follow("Use a security key")
    person.press("Use the security key")
    person.sees("Rename “Security key”")
    person.write("Name", "Blue key")
    person.press("Save")
    person.sees("Blue key")
    person.leave_by(person.page.get_by_role("link", name="Remove"))
    person.press("Remove it")
    person.sees("Set up your second factor")
    protocol.send(
        "WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key["authenticatorId"]}
    )


def test_a_key_that_does_not_answer_is_said_on_the_page(site: Site) -> None:
    person = arrive(site)
    person.follow("Add a security key")
    person.page.evaluate("() => { navigator.credentials.create = () => Promise.reject('no') }")
    person.page.get_by_role("button", name="Add the security key").click()
    person.page.get_by_text("The security key did not answer").wait_for(state="visible")
    person.inspect()


def test_a_page_of_another_role_waits_to_be_sent(site: Site) -> None:
    cast = builders.cast()
    user = cast.prescriber.user
    assert user is not None
    office = Organization.objects.get(kind="program")
    Membership.objects.create(user=user, organization=office, role=Role.ADMINISTRATOR.value)
    person = site.sign_in(user.email)
    prescriber = f"Prescriber, {cast.prescriber.practice}"
    person.press(prescriber)
    person.go("/delegates/")
    person.write("Given name", "Dana")
    person.write("Family name", "Delegate")
    person.write("E-mail address", "dana@practice.example")
    other = Person(site, person.page.context.new_page(), user)
    other.go("/role/")
    other.press("Administrator, Program office")
    other.sees("Administrator")
    person.press("Name this delegate")
    person.sees("Nothing was saved")
    person.press(f"Act as {prescriber} again and send it")
    person.sees("Dana Delegate is your delegate from now on.")
    person.complaints = [line for line in person.complaints if "409" not in line]
    assert User.objects.filter(email="dana@practice.example").exists()


def test_what_was_typed_in_a_role_that_ended_stands_there_to_be_copied(site: Site) -> None:
    cast = builders.cast()
    user = cast.prescriber.user
    assert user is not None
    person = site.sign_in(user.email)
    person.go("/delegates/")
    person.write("Given name", "Dana")
    person.write("Family name", "Delegate")
    person.write("E-mail address", "dana@practice.example")
    Membership.objects.filter(user=user).update(ended_at=clock.now())
    person.press("Name this delegate")
    person.sees("Nothing was saved: the role in which this page was opened has ended")
    person.sees("dana@practice.example")
    person.complaints = [line for line in person.complaints if "409" not in line]
    person.leave_by(person.page.get_by_role("main").get_by_role("link", name="Sign out"))
    person.sees("Sign out")


def test_the_lock_out_page_leads_out(site: Site) -> None:
    person = arrive(site)
    person.press("Sign out")
    for _ in range(10):
        person.go("/accounts/login/")
        person.page.fill("input[name=login]", "guessed@program.example")
        person.page.fill("input[name=password]", "wrong")
        person.press("Sign in")
    person.sees("Sign-in is locked for now")
    person.complaints = [line for line in person.complaints if "429" not in line]
    person.follow("Set a new password")


def test_a_page_warns_before_the_idle_time_ends_and_lets_its_person_go_on(site: Site) -> None:
    builders.office_member(Role.ADMINISTRATOR, EMAIL)
    person = site.sign_in(EMAIL)
    warning = person.page.locator("#rp-idle")
    person.page.clock.install()
    person.go("/sign-ins/")
    person.page.clock.fast_forward("11:50")
    assert not warning.is_visible()
    person.page.clock.fast_forward("00:20")
    person.sees("In 2 minutes you will be signed out")
    person.inspect()
    person.page.get_by_role("button", name="Stay signed in").click()
    warning.wait_for(state="hidden")
    person.page.clock.fast_forward("14:10")
    person.sees("You are signed out, unless you worked in another window")
    assert not person.page.get_by_role("button", name="Stay signed in").is_visible()
