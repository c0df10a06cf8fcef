"""L-SRC-1, L-ENR-3: a patient from a faxed or mailed form, registered by the staff, unsigned."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.accounts.models import Membership
from apps.audit import services as audit
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.core.models import Operation
from apps.eligibility import selectors
from apps.evidence import services as evidence
from apps.evidence.services.intakes import Source
from apps.notices.messages import message_of
from apps.notices.models import Notice
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.patients.services import LikelyDuplicates, NotDuplicate
from apps.patients.showing import SHOWN, SHOWN_ALLOWED
from apps.providers import services as providers
from tests import builders
from tests.builders import IDENTITY, PROGRAM

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 a synthetic form"


def register(cast: builders.Cast, call: Call | None = None, **changed: Any) -> Patient:
    given: dict[str, Any] = {
        "program": PROGRAM,
        "channel": "fax",
        "prescriber_id": cast.prescriber.pk,
        "identity": IDENTITY,
        "risk_category": "adult_frp",
        "basis": None,
        "signer": "patient",
        "signer_name": "Fiona Synthetic",
    }
    return evidence.enroll_from_form(call or cast.staff, **{**given, **changed})


def agreement_reason(cast: builders.Cast, patient: Patient) -> str:
    outlook = selectors.outlook(cast.staff.actor, [patient.pk], PROGRAM)[patient.pk]
    found = next(each for each in outlook["requirements"] if each["rule"] == "L-ENR-3")
    return str(found["reason"])


def test_a_patient_from_a_form_is_not_eligible_before_a_second_person_checked_the_signatures(
    cast: builders.Cast,
) -> None:
    patient = register(cast)
    agreement = patient.agreements.get()
    assert patient.prescriber == agreement.prescriber == cast.prescriber
    assert (agreement.patient_signed_at, agreement.prescriber_signed_at) == (None, None)
    assert agreement_reason(cast, patient) == "AGREEMENT_UNSIGNED"

    signed_on = builders.program_day(clock.now() - timedelta(days=1)).isoformat()
    intake = evidence.enter_intake(
        cast.staff,
        patient_id=patient.pk,
        kind="agreement_signature",
        content={
            "agreement_id": str(agreement.pk),
            "patient_signed_on": signed_on,
            "prescriber_signed_on": signed_on,
        },
        source=Source("fax", "prescriber", "Paula Prescriber1", cast.prescriber.pk),
        scan=PDF,
    )
    assert agreement_reason(cast, patient) == "AGREEMENT_UNSIGNED"
    with pytest.raises(NotAllowed, match="Another person"):
        evidence.accept_intake(cast.staff, intake_id=intake.pk)
    evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    assert agreement_reason(cast, patient) == "AGREEMENT_CURRENT"


def test_the_trail_says_who_entered_it_for_whom_and_through_which_channel(
    cast: builders.Cast,
) -> None:
    patient = register(cast, channel="paper")
    event = Event.objects.get(code="patient_enrolled_from_form")
    assert (event.patient_id, event.actor_id, event.role) == (
        patient.pk, cast.staff.actor.id, "staff",
    )  # fmt: skip
    assert event.data == {"channel": "paper", "prescriber": str(cast.prescriber.pk)}
    # The rows bear an operation of the same person, on behalf of the prescriber.
    made = patient.agreements.get().operation
    assert made == Operation.objects.get(name="enroll_patient")
    assert (made.actor_id, made.role, made.channel, made.prescriber_id) == (
        cast.staff.actor.id, "staff", "paper", cast.prescriber.pk,
    )  # fmt: skip
    assert Event.objects.get(code="patient_enrolled").operation_id == made.pk


def test_the_prescriber_is_told_without_a_word_about_the_patient(cast: builders.Cast) -> None:
    patient = register(cast)
    (notice,) = Notice.objects.filter(template="patient_enrolled_from_form")
    assert (notice.recipient_id, notice.address) == (cast.prescriber.pk, cast.prescriber.email)
    message = message_of(notice)
    for word in (patient.given_name, patient.family_name, PROGRAM, str(patient.pk)):
        assert word.casefold() not in f"{message.subject} {message.text}".casefold()


@pytest.mark.parametrize("event", ["suspend", "decertify"])
def test_a_form_of_a_prescriber_who_is_not_certified_enrolls_nobody(
    cast: builders.Cast, event: str
) -> None:
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event=event, reason="Inspection"
    )
    with pytest.raises(Conflict, match="certif"):
        register(cast)
    with pytest.raises(NotFound):
        register(cast, prescriber_id=uuid4())
    assert not Patient.objects.exists()
    assert not Notice.objects.filter(template="patient_enrolled_from_form").exists()


@pytest.mark.parametrize("channel", ["phone", "portal", "import", "system", "pigeon"])
def test_only_what_has_a_scan_enrolls(cast: builders.Cast, channel: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        register(cast, channel=channel)
    assert set(refusal.value.fields) == {"channel"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"risk_category": "adult_fnrp"}, "category_basis"),
        ({"risk_category": "child_frp", "signer": "guardian"}, "risk_category"),
        ({"signer": "guardian"}, "signer"),
        ({"signer_name": " "}, "signer_name"),
        ({"identity": replace(IDENTITY, postal_code="")}, "postal_code"),
    ],
)
def test_identity_category_and_signer_are_checked_as_for_prescribers(
    cast: builders.Cast, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        register(cast, **wrong)
    assert field in refusal.value.fields
    assert not Patient.objects.exists()


def test_a_likely_duplicate_is_shown_and_decided_l_pat_1(cast: builders.Cast) -> None:
    first = builders.enroll(cast.prescribing)
    for _ in range(SHOWN_ALLOWED):  # The staff see everybody: to them that is no list.
        audit.record_view(cast.staff, SHOWN, patient_ids=[first.pk])
    with pytest.raises(LikelyDuplicates) as refusal:
        register(cast)
    assert [found.patient for found in refusal.value.resemblances] == [first]
    decided = (NotDuplicate(patient_id=first.pk, reason="Twin sister, by the form"),)
    second = register(cast, not_duplicates=decided)
    assert second.not_duplicate_of.get().resembles == first


def in_the_office(cast: builders.Cast, user_id: Any) -> Call:
    """Somebody who also works in the program's office."""
    Membership.objects.create(
        user_id=user_id,
        organization_id=cast.staff.actor.own_organization,
        role=Role.ADMINISTRATOR.value,
    )
    actor = replace(cast.administrator.actor, id=user_id)
    return builders.call_of(actor)


def test_who_is_concerned_registers_nobody(cast: builders.Cast) -> None:
    """The prescriber, their delegate, who covers for them; and the patient."""
    delegation = providers.name_delegate(
        cast.prescribing, email="delegate@practice.example", given_name="Dana",
        family_name="Delegate",
    )  # fmt: skip
    colleague = builders.certified_prescriber(
        cast.administrator, serial=2, practice_id=cast.prescriber.practice_id
    )
    cast.prescriber.practice.members_cover_each_other = True
    cast.prescriber.practice.save()
    for user_id in (cast.prescriber.user_id, delegation.delegate_id, colleague.user_id):
        with pytest.raises(NotAllowed, match="You prescribe for this patient"):
            register(cast, in_the_office(cast, user_id))
    own = builders.person_of(cast.staff).email
    with pytest.raises(NotAllowed, match="You are this patient"):
        register(cast, identity=replace(IDENTITY, email=own.upper()))
    assert not Patient.objects.exists()
    assert not Notice.objects.filter(template="patient_enrolled_from_form").exists()


def test_no_system_registers_from_a_form(cast: builders.Cast) -> None:
    with pytest.raises(NotAllowed, match="Somebody of the staff"):
        register(cast, builders.system_of_the_office(cast.administrator))


def test_the_prescriber_s_side_signs_what_was_registered_from_a_form(cast: builders.Cast) -> None:
    """Or the patient comes by after all: the agreement is signed as any other."""
    patient = register(cast, cast.administrator)
    agreement = patient.agreements.get()
    with pytest.raises(NotAllowed):
        evidence.sign_agreement(
            cast.staff,
            patient_id=patient.pk,
            agreement_id=agreement.pk,
            prescriber_signed_at=clock.now(),
        )
    evidence.sign_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        agreement_id=agreement.pk,
        patient_signed_at=clock.now(),
        prescriber_signed_at=clock.now(),
    )
    assert agreement_reason(cast, patient) == "AGREEMENT_CURRENT"


def test_staff_enroll_in_no_other_way(cast: builders.Cast) -> None:
    with pytest.raises(NotAllowed):
        patients.enroll_patient(
            cast.staff,
            program=PROGRAM,
            identity=IDENTITY,
            risk_category="adult_frp",
            basis=None,
            signatures=patients.Signatures("patient", "Fiona Synthetic"),
        )
    for call in (cast.prescribing, cast.dispensing):
        with pytest.raises(NotAllowed):
            register(cast, call)
