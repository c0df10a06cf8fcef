"""L-ENR-2, L-ENR-5, L-ENR-6, L-SUR-1: pages of training, sites, delegates, moving patients."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership, User
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Role
from apps.core.errors import NotAllowed
from apps.evidence import services as evidence
from apps.patients.models import PatientTransfer
from apps.providers import services as providers
from apps.providers.models import Delegation, StaffTraining
from apps.rules.documents import document
from tests import builders
from tests.portal.people import (
    People,
    browser_of,
    date_parts,
    instant_parts,
    people,
    send,
    signed_in,
    signed_paper,
)

pytestmark = pytest.mark.django_db

DELEGATE = {"given_name": "Dora", "family_name": "Desk", "email": "dora@practice.example"}


def signs(kind: str) -> dict[str, Any]:
    return {"attestations": sorted(document(builders.PROGRAM, kind).codes)}


def test_nobody_takes_over_for_a_category_that_does_not_exist(cast: builders.Cast) -> None:
    assert people(cast)["owner"].get("/take-over/nonsense/").status_code == 404


# --- Training and staff --------------------------------------------------------------------------


def test_a_new_colleague_is_invited_reads_the_training_and_then_confirms(
    cast: builders.Cast,
) -> None:
    """L-ENR-2."""
    authorization = builders.authorized_frp(cast)
    representative = cast.pharmacy.representative
    assert representative is not None
    boss = signed_in(representative)
    typed = {
        "role": "technician",
        "given_name": "Tess",
        "family_name": "Technician",
        "email": "tess@pharmacy.example",
    }
    assert send(boss, "/staff/invite/", **typed)["Location"] == "/staff/"
    assert [message.to for message in mail.outbox] == [["tess@pharmacy.example"]]
    assert "missing: dispenses nothing until then" in boss.get("/staff/").content.decode()

    tess = signed_in(User.objects.get(email="tess@pharmacy.example"))
    assert tess.get("/")["Location"] == "/training/"
    with pytest.raises(NotAllowed, match="page Training"):
        builders.confirm(
            builders.pharmacy_call(
                cast.pharmacy, Role.TECHNICIAN, User.objects.get(given_name="Tess").pk
            ),
            authorization,
        )
    refused = send(tess, "/training/", attestations=["counsel"])
    assert refused.context["form"].errors
    assert send(tess, "/training/", **signs("staff_training")).status_code == 302
    assert "Acknowledged" in tess.get("/training/").content.decode()
    assert tess.get("/")["Location"] == "/check/"


def test_the_representative_records_a_paper_and_ends_a_role_at_once(cast: builders.Cast) -> None:
    """L-ENR-2."""
    assert cast.pharmacy.representative is not None
    boss = signed_in(cast.pharmacy.representative)
    at = instant_parts("acknowledged_at", clock.now() - timedelta(days=1))
    unsaid = send(boss, "/staff/training/", name="Pat Paper", **at)
    assert "role" in unsaid.context["form"].errors
    said = {"name": "Pat Paper", "role": "technician", **at}
    assert send(boss, "/staff/training/", **said).status_code == 302
    made = StaffTraining.objects.get(user=None)
    assert (made.name, made.role) == ("Pat Paper", "technician")
    assert "Pat Paper" in boss.get("/staff/").content.decode()

    pharmacist = browser_of(cast.dispensing)
    assert pharmacist.get("/check/").status_code == 200
    membership = Membership.objects.get(user=builders.person_of(cast.dispensing))
    url = reverse("end_membership", args=[membership.pk])
    assert send(boss, url, reason="Left").status_code == 302
    assert pharmacist.get("/check/").status_code == 403


# --- Sites and successors ------------------------------------------------------------------------


def test_the_successor_takes_over_on_their_own_sign_in(cast: builders.Cast) -> None:
    """L-ENR-6."""
    assert cast.pharmacy.representative is not None
    boss, pharmacist = signed_in(cast.pharmacy.representative), browser_of(cast.dispensing)
    email = builders.person_of(cast.dispensing).email
    assert "Nobody else has this address" not in boss.get("/successor/").content.decode()
    assert (
        send(boss, "/successor/", email="nobody@x.example", family_name="X").context["form"].errors
    )
    named = send(boss, "/successor/", email=email, family_name="Pharmacist")
    assert named.status_code == 302
    shown = boss.get("/sites/").content.decode()
    assert "Phil Pharmacist" in shown

    url = reverse("take_over_site", args=[cast.pharmacy.pk])
    assert url in pharmacist.get("/training/").content.decode()
    assert send(pharmacist, url, **signs("pharmacy_enrollment")).status_code == 302
    cast.pharmacy.refresh_from_db()
    assert cast.pharmacy.representative_id == cast.dispensing.actor.id
    assert boss.get("/sites/").status_code == 403


def test_the_name_of_a_successor_is_taken_back(cast: builders.Cast) -> None:
    """L-ENR-6."""
    assert cast.pharmacy.representative is not None
    boss = signed_in(cast.pharmacy.representative)
    email = builders.person_of(cast.dispensing).email
    send(boss, "/successor/", email=email, family_name="Pharmacist")
    key = boss.get("/successor/").context["withdrawal"]["submission"].value()
    assert boss.post("/successor/withdraw/", {"submission": key}).status_code == 302
    assert not cast.pharmacy.successions.filter(ended_at=None).exists()


# --- Delegates -----------------------------------------------------------------------------------


def test_a_delegation_that_is_ended_stops_a_sign_in_that_is_running(cast: builders.Cast) -> None:
    """L-SUR-1."""
    owner = browser_of(cast.prescribing)
    assert send(owner, "/delegates/", **DELEGATE).status_code == 302
    assert [message.to for message in mail.outbox] == [["dora@practice.example"]]
    assert send(owner, "/delegates/", **DELEGATE).context["form"].errors
    dora = signed_in(User.objects.get(email="dora@practice.example"))
    assert dora.get("/patients/").status_code == 200

    url = reverse("end_delegation", args=[Delegation.objects.get().pk])
    assert send(owner, url, reason="Left the practice").status_code == 302

    assert dora.get("/patients/").status_code == 403
    assert owner.get(url).status_code == 404


# --- Patients who move ---------------------------------------------------------------------------


def take_over(browser: Client, category: str = "adult_frp", **typed: Any) -> Any:
    defaults = {
        "given_name": "Fiona",
        "family_name": "Synthetic",
        "postal_code": "10001",
        "reason": "Moved house",
        "signer": "patient",
        "signer_name": "Fiona Synthetic",
        "how": "paper",
        **date_parts("born_on", builders.IDENTITY.born_on),
        **signed_paper(clock.now()),
    }
    return send(browser, f"/take-over/{category}/", **{**defaults, **typed})


def moved(cast: builders.Cast) -> tuple[People, PatientTransfer]:
    """Fiona has moved from the owner to the other prescriber."""
    everybody = people(cast)
    builders.authorized_frp(everybody.cast)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        answer = take_over(everybody["other prescriber"])
    assert answer.status_code == 302, answer.context["form"].errors
    return everybody, PatientTransfer.objects.get()


def test_a_patient_is_taken_over_and_the_old_prescriber_reads_only_the_own_entries(
    cast: builders.Cast,
) -> None:
    """L-ENR-5."""
    everybody, transfer = moved(cast)
    page = reverse("patient", args=[transfer.patient_id])
    assert everybody["other prescriber"].get(page).status_code == 200
    assert everybody["owner"].get(page).status_code == 404

    listed = everybody["owner"].get("/former-patients/").content.decode()
    former = reverse("former_patient", args=[transfer.patient_id])
    assert former in listed
    shown = everybody["owner"].get(former)
    assert [section.heading for section in shown.context["sections"]][:2] == [
        "Agreements",
        "Authorizations",
    ]
    text = shown.content.decode()
    assert "Withdraw</a>" not in text
    assert "10001" not in text
    assert everybody["colleague"].get(former).status_code == 404
    assert everybody["other prescriber"].get(former).status_code == 404
    assert Event.objects.filter(code="former_patient_viewed").count() == 1


def test_who_does_not_fit_is_answered_alike_and_what_was_typed_stays(cast: builders.Cast) -> None:
    """L-ENR-5."""
    everybody = people(cast)
    builders.enroll(everybody.cast.prescribing)
    for wrong in ({"family_name": "Stranger"}, {"postal_code": "99999"}):
        answer = take_over(everybody["other prescriber"], **wrong)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "Nobody in the program fits all of this" in text
        assert "<title>Error:" in text
        assert 'value="Fiona"' in text
    missing = take_over(everybody["other prescriber"], postal_code="", password="wrong")
    assert set(missing.context["form"].errors) == {"postal_code"}  # Nothing is signed yet.
    assert "postal_code" in missing.context["form"].errors


def test_after_a_hand_over_the_new_prescribers_list_says_that_an_agreement_is_missing(
    cast: builders.Cast,
) -> None:
    """L-ENR-5."""
    everybody = people(cast)
    patient = builders.ready_frp(everybody.cast.prescribing)
    assert "Sign a new agreement" not in everybody["owner"].get("/patients/").content.decode()
    stranger = everybody["other prescriber"]
    new = User.objects.get(email="prescriber3@practice.example").prescriber
    evidence.hand_over_patients(
        everybody.cast.staff,
        from_prescriber_id=patient.prescriber_id,
        to_prescriber_id=new.pk,
        reason="Retired",
    )
    (row,) = stranger.get("/patients/").context["rows"]
    assert "agreement" in row["line"].text.casefold()


def test_why_a_certification_was_lost_and_whom_to_call_is_shown(cast: builders.Cast) -> None:
    """L-ENR-1."""
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event="suspend", reason="An audit"
    )
    text = browser_of(cast.prescribing).get("/certification/").content.decode()
    assert "Suspended" in text
    assert "An audit" in text
    assert "Call the program’s staff" in text
