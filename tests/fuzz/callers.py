"""Who visits the pages: the cast, each where their forms are open, with drafts begun."""

import time
from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership, User
from apps.core.call import Role
from apps.patients.services import Identity
from apps.providers import services as providers
from tests import builders, second_factors
from tests.portal.people import People, browser_of, date_parts, people, send, signed_in

NEWCOMER = {
    "given_name": "Nora", "family_name": "New", "postal_code": "10001", "phone": "", "email": "",
    "time_zone": "America/New_York",
}  # fmt: skip
CHANGING = Identity("Carla", "Changing", date(1983, 3, 4), "50001")


def everybody_at_work() -> People:
    """The cast; owner and staff have begun to enroll somebody, and two have just come."""
    cast = people(builders.cast())
    born, form = date_parts("born_on", date(1980, 1, 1)), {"channel": "fax"}
    form["prescriber"] = cast.cast.prescriber.npi
    for who, whose in (("owner", {}), ("staff", form)):
        send(cast[who], reverse("enroll"), **NEWCOMER, **born, **whose)
        send(cast[who], reverse("enroll_body"), body="fertile")
    cast.browsers["newcomer"] = _not_certified(cast)
    cast.browsers["trainee"] = _not_trained(cast)
    return cast


def changing(everybody: People) -> str:
    """The page that signs a change of category that the owner has begun to ask for."""
    patient = builders.enroll(everybody.cast.prescribing, identity=CHANGING)
    asked = {"body": "male", "said_by": "The patient", "reason": "A mistake at enrollment"}
    send(everybody["owner"], reverse("change_category", args=[patient.pk]), **asked)
    return reverse("category_agreement", args=[patient.pk])


def confirmed_lately(browser: Client) -> Client:
    """The same browser, in which its person has just confirmed that it is them."""
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "reauthenticated": True, "at": time.time()}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return browser


def code_of(browser: Client) -> str:
    """What the second factor of whoever is signed in shows; each case takes its use back."""
    return second_factors.new_code(user_of(browser))


def user_of(browser: Client) -> User:
    """Who is signed in."""
    return User.objects.get(pk=browser.session["_auth_user_id"])


def _not_certified(cast: People) -> Client:
    person: dict[str, Any] = {
        "npi": builders.npi(66),
        "given_name": "Nadia",
        "family_name": "Newcomer",
        "specialty": "Hematology",
        "phone": "212-555-0100",
        "email": "newcomer@practice.example",
        "practice_name": "New practice",
    }
    prescriber = providers.register_prescriber(cast.cast.administrator, **person)
    return browser_of(builders.prescribing_call(prescriber))


def _not_trained(cast: People) -> Client:
    user = builders.user("trainee@pharmacy.example")
    organization = cast.cast.pharmacy.organization
    Membership.objects.create(user=user, organization=organization, role=Role.PHARMACIST.value)
    return signed_in(user)
