"""Everybody who may come to the pages: owner, colleagues, other organizations, office, nobody."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import Membership, Organization, User
from apps.core.call import DISPENSING, Call, Role
from apps.providers import services as providers
from apps.providers.selectors import roles_held
from tests import browsers, builders, second_factors
from tests.second_factors import have_components

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class People:
    """The cast of the access tests, by what they are to a patient of `cast.prescriber`."""

    cast: builders.Cast
    browsers: dict[str, Client]

    def __getitem__(self, name: str) -> Client:
        return self.browsers[name]


def browser_of(call: Call) -> Client:
    """The browser of whoever makes this call."""
    assert call.actor.id is not None
    return signed_in(User.objects.get(pk=call.actor.id))


def signed_in(user: User) -> Client:
    """A browser in which this person is signed in, who has PASSWORD and a second factor."""
    have_components(user)
    return browsers.signed_in(user)


def proof(client: Client, form: Any) -> dict[str, str]:
    """What the signed-in person types to sign this form; nothing where it is not signed."""
    user_id = client.session.get("_auth_user_id")
    return second_factors.proof(User.objects.get(pk=user_id), form) if user_id else {}


def member(role: Role, organization: Organization, email: str) -> User:
    """A new person with one role in one organization."""
    user = builders.user(email)
    Membership.objects.create(user=user, organization=organization, role=role.value)
    if role in DISPENSING:
        (held,) = roles_held(user)
        builders.train(builders.call_of(held.actor))
    return user


def people(cast: builders.Cast) -> People:
    """The whole cast, each in a browser of their own."""
    practice, pharmacy = cast.prescriber.practice, cast.pharmacy
    colleague = builders.certified_prescriber(cast.administrator, 2, practice_id=practice.pk)
    stranger = builders.certified_prescriber(cast.administrator, 3)
    other_pharmacy = builders.certified_pharmacy(cast.administrator, 2)
    assert pharmacy.representative is not None
    office = Organization.objects.get(kind="program")
    delegate = _delegate(cast)
    browsers = {
        "owner": browser_of(cast.prescribing),
        "delegate": signed_in(delegate),
        "colleague": browser_of(builders.prescribing_call(colleague)),
        "other prescriber": browser_of(builders.prescribing_call(stranger)),
        "pharmacist": browser_of(cast.dispensing),
        "technician": signed_in(
            member(Role.TECHNICIAN, pharmacy.organization, "technician@pharmacy.example")
        ),
        "representative": signed_in(pharmacy.representative),
        "other pharmacist": browser_of(
            builders.pharmacist_call(cast.administrator, other_pharmacy)
        ),
        "staff": browser_of(cast.staff),
        "administrator": browser_of(cast.administrator),
        "auditor": signed_in(member(Role.AUDITOR, office, "auditor@program.example")),
        "patient": signed_in(member(Role.PATIENT, office, "patient@patients.example")),
        "without a role": signed_in(builders.user("nobody@nowhere.example")),
        "nobody": Client(),
    }
    return People(cast, browsers)


def _delegate(cast: builders.Cast) -> User:
    providers.name_delegate(
        cast.prescribing,
        email="delegate@practice.example",
        given_name="Dana",
        family_name="Delegate",
    )
    return User.objects.get(email="delegate@practice.example")


def send(client: Client, url: str, **typed: Any) -> Any:
    """Open a page, then send its form with what was typed; what it hides and signature go along."""
    shown = client.get(url)
    form = shown.context["form"]
    return client.post(url, {**browsers.hidden_in(form), **proof(client, form), **typed})


def date_parts(name: str, on: Any) -> dict[str, Any]:
    """A date as the inputs of a form send it."""
    return {f"{name}_month": on.month, f"{name}_day": on.day, f"{name}_year": on.year}


def signed_paper(at: Any) -> dict[str, Any]:
    """A paper that the patient's side signed then, with its scan, as a form sends it."""
    scan = SimpleUploadedFile("IMG_0001.pdf", builders.SCAN)
    return {**instant_parts("patient_signed_at", at), "scan": scan}


def instant_parts(name: str, at: Any) -> dict[str, Any]:
    """An instant as the inputs of a form send it, in New York's time."""
    local = at.astimezone(NEW_YORK)
    return {**date_parts(name, local), f"{name}_time": f"{local:%H:%M}"}
