"""A wrong name or date of birth is set right by the office, and nothing goes on resting on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.models import Membership
from apps.audit.models import Event, RowChange
from apps.core import clock
from apps.core.call import Call, Role
from apps.core.errors import InvalidRequest, NotAllowed, NotFound
from apps.eligibility import facts, selectors
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.evidence import services as evidence
from apps.notices.models import Notice
from apps.patients import services as patients
from apps.patients import standing
from apps.patients.models import IdentityCorrection, Patient, PatientCode, Representative
from apps.patients.reaching import name_representative
from apps.patients.services import Merged
from tests import builders
from tests.builders import PROGRAM

pytestmark = pytest.mark.django_db

TODAY = clock.now().astimezone(ZoneInfo("America/New_York")).date()
RIGHT = date(1986, 5, 4)


def correct(call: Call, patient: Patient, **changed: Any) -> IdentityCorrection:
    given: dict[str, Any] = {
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "born_on": patient.born_on,
        "source_document": "Passport, seen at the practice",
        "reason": "Day and month were mixed up",
    }
    return evidence.correct_identity(call, patient_id=patient.pk, **{**given, **changed})


def requirement(cast: builders.Cast, patient: Patient, rule: str) -> dict[str, Any]:
    outlook = selectors.outlook(cast.staff.actor, [patient.pk], PROGRAM)[patient.pk]
    found: dict[str, Any] = next(r for r in outlook["requirements"] if r["rule"] == rule)
    return found


def test_l_src_3_another_date_of_birth_voids_what_is_open_and_the_pharmacy_finds_her_again(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    patient, wrong = authorization.patient, authorization.patient.born_on
    correction = correct(cast.staff, patient, born_on=RIGHT)
    patient.refresh_from_db()
    authorization.refresh_from_db()
    confirmation.refresh_from_db()
    assert patient.born_on == RIGHT
    assert (authorization.state, authorization.ended_reason) == ("void", "identity_corrected")
    assert confirmation.state == "void"
    told = Notice.objects.filter(template="authorization_voided").values_list("recipient_id")
    assert {found for (found,) in told} == {cast.prescriber.pk, cast.pharmacy.pk}
    (notice,) = Notice.objects.filter(template="identity_corrected")
    assert notice.recipient_id == cast.prescriber.pk
    # Before and after, by whom and why: in the correction, the row's history and the event.
    assert (correction.born_on_before, correction.born_on) == (wrong, RIGHT)
    kept = RowChange.objects.filter(table_name="patients_patient", row_id=str(patient.pk))
    changed = kept.get(before__born_on=wrong.isoformat(), after__born_on=RIGHT.isoformat())
    assert changed.operation_id == correction.operation_id
    event = Event.objects.get(code="patient_identity_corrected")
    assert (event.data["changed"], event.patient_id) == (["born_on"], patient.pk)
    assert event.reason == "Day and month were mixed up"
    # What is asked for anew is found by the right date of birth, and by it alone.
    decision = builders.request(cast.prescribing, patient, "adult_frp")
    assert decision.authorization is not None, decision.document["unmet"]
    asked: dict[str, Any] = {
        "pharmacy_id": cast.pharmacy.pk,
        "number": decision.authorization.number,
        "prescription": Prescription("adult_frp"),
    }
    assert eligibility.verify(cast.dispensing, born_on=RIGHT, **asked).decision["allowed"]
    with pytest.raises(NotFound):
        eligibility.verify(cast.dispensing, born_on=wrong, **asked)


def test_l_src_3_another_name_ends_access_and_leaves_what_is_open_and_what_was_signed(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    code = evidence.issue_patient_code(
        cast.prescribing, patient_id=patient.pk, purpose="enter", way="shown",
        identified="in_person",
    )  # fmt: skip
    agreement = patient.agreements.get()
    correct(cast.administrator, patient, family_name=" Synthetic-Smith ")
    patient.refresh_from_db()
    authorization.refresh_from_db()
    assert (patient.family_name, authorization.state) == ("Synthetic-Smith", "issued")
    ended = PatientCode.objects.get(pk=code.pk)
    assert ended.ended_how == PatientCode.End.RECORD_CHANGED
    agreement.refresh_from_db()
    assert agreement.signer_name == "Fiona Synthetic"
    assert builders.confirm(cast.dispensing, authorization).confirmation is not None


@pytest.mark.parametrize(
    ("category", "born_on", "reason"),
    [
        ("adult_frp", TODAY.replace(year=TODAY.year - 12, day=1), "AGE_TOO_YOUNG_FOR_CATEGORY"),
        ("child_frp", date(1986, 5, 4), "AGE_TOO_OLD_FOR_CATEGORY"),
    ],
)
def test_l_cat_1_a_category_that_does_not_fit_the_right_age_blocks_until_it_is_changed(
    cast: builders.Cast, category: str, born_on: date, reason: str
) -> None:
    patient = builders.enroll(cast.prescribing, category)
    if category == "child_frp":
        named = name_representative(
            cast.prescribing, patient_id=patient.pk, kind=Representative.Kind.GUARDIAN,
            name="Gail Guardian", relationship="mother",
        )  # fmt: skip
        assert standing.speaks_for(named, patient, clock.now())
    assert requirement(cast, patient, "L-CAT-1")["met"]
    correct(cast.staff, patient, born_on=born_on)
    patient.refresh_from_db()
    judged = requirement(cast, patient, "L-CAT-1")
    assert (judged["met"], judged["reason"]) == (False, reason)
    # An adult has no guardian; a child's agreement is signed by one. Then the category fits.
    assert standing.representative_of(patient) is None
    is_child = category == "adult_frp"
    evidence.change_category(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        risk_category="child_frp" if is_child else "adult_frp",
        basis=None,
        reason="The date of birth was wrong",
        said_by="The program's staff",
        signatures=patients.Signatures(
            signer="guardian" if is_child else "patient",
            signer_name="Gail Guardian" if is_child else "Fiona Synthetic",
            signer_relationship="mother" if is_child else "",
            patient_signed_at=clock.now(),
            prescriber_signed_at=clock.now(),
        ),
    )
    for rule in ("L-CAT-1", "L-ENR-3"):
        assert requirement(cast, patient, rule)["met"], rule


def test_l_pat_1_whom_the_corrected_patient_resembles_is_named(cast: builders.Cast) -> None:
    other = builders.enroll(cast.prescribing)
    twin = replace(builders.IDENTITY, given_name="Fione", family_name="Synthetik", born_on=RIGHT)
    patient = builders.enroll(cast.prescribing, identity=twin)
    assert not IdentityCorrection.objects.exists()
    first = correct(cast.staff, patient, given_name="Fiona", family_name="Synthetic")
    assert first.resembled == [other.pk]
    assert Event.objects.get(code="patient_identity_corrected").patient_ids == [other.pk]


def own_prescriber(cast: builders.Cast, patient: Patient) -> Call:
    return member(cast, cast.prescriber.user_id)


def member(cast: builders.Cast, user_id: Any) -> Call:
    """Somebody who works for the program's office as well."""
    office = cast.staff.actor.own_organization
    Membership.objects.create(user_id=user_id, organization_id=office, role=Role.STAFF.value)
    return builders.call_of(replace(cast.staff.actor, id=user_id))


def the_patient(cast: builders.Cast, patient: Patient) -> Call:
    return member(cast, builders.user(patient.email).pk)


def who_speaks(cast: builders.Cast, patient: Patient) -> Call:
    name_representative(
        cast.staff, patient_id=patient.pk, kind=Representative.Kind.REPRESENTATIVE,
        name="Rudi Example", relationship="son", email="Rudi@people.example",
    )  # fmt: skip
    return member(cast, builders.user("rudi@people.example").pk)


@pytest.mark.parametrize("who", [own_prescriber, the_patient, who_speaks])
def test_nobody_corrects_themselves_whom_they_speak_for_or_their_own_patient(
    cast: builders.Cast, who: Callable[[builders.Cast, Patient], Call]
) -> None:
    patient = builders.enroll(cast.prescribing)
    call = who(cast, patient)
    with pytest.raises(NotAllowed):
        correct(call, patient, born_on=RIGHT)
    with pytest.raises(NotAllowed):
        correct(cast.prescribing, patient, born_on=RIGHT)


def test_what_cannot_be_right_is_refused_with_what_to_do(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    for changed, field in (
        ({}, "born_on"),
        ({"born_on": RIGHT, "reason": " "}, "reason"),
        ({"born_on": RIGHT, "source_document": " "}, "source_document"),
        ({"born_on": TODAY + timedelta(days=1)}, "born_on"),
        ({"born_on": date(1899, 1, 1)}, "born_on"),
        ({"given_name": " "}, "given_name"),
        ({"family_name": "Two\nlines"}, "family_name"),
        # The basis of the category is of 2015, the agreement of today.
        ({"born_on": date(2015, 1, 2)}, "born_on"),
    ):
        with pytest.raises(InvalidRequest) as refused:
            correct(cast.staff, patient, **changed)
        assert field in refused.value.fields, changed
    male = builders.enroll(cast.prescribing, "adult_male", replace(
        builders.IDENTITY, given_name="Max", family_name="Other", born_on=date(1950, 1, 1),
        postal_code="90001", phone="", email=""))  # fmt: skip
    yesterday = clock.now() - timedelta(days=1)
    evidence.record_obligations(
        cast.prescribing, patient_id=male.pk, attested_at=yesterday, condom=True,
        abstinence=False, no_sperm_donation=True, no_blood_donation=True, no_sharing=True,
    )  # fmt: skip
    with pytest.raises(InvalidRequest) as refused:
        correct(cast.staff, male, born_on=TODAY)
    assert "withdraw it first" in refused.value.fields["born_on"]
    evidence.merge_patients(cast.staff, kept_id=patient.pk, merged_id=male.pk, reason="One person")
    with pytest.raises(Merged):
        correct(cast.staff, male, given_name="Maxim")
    assert not IdentityCorrection.objects.exists()
    assert facts.for_authorize([patient.pk], program=PROGRAM, now=clock.now())


def test_no_statement_past_the_command_changes_who_a_patient_is(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    correct(cast.staff, patient, born_on=RIGHT)
    for changed in ({"born_on": builders.IDENTITY.born_on}, {"given_name": "Gerda"}):
        with pytest.raises(IntegrityError, match="identity_by_a_correction"), transaction.atomic():
            Patient.objects.filter(pk=patient.pk).update(**changed)
