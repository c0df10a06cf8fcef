"""Who speaks for a patient (L-CAT-4), and addresses that reach nobody (L-END-3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.core import clock
from apps.core.call import SYSTEM_CALL, Call
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.evidence import services as evidence
from apps.patients import reaching, standing
from apps.patients import services as patients
from apps.patients.models import Patient, Representative
from apps.reminders.selectors import rungs_of_patients
from tests import builders

pytestmark = pytest.mark.django_db


def name(call: Call, patient: Patient, **fields: Any) -> Representative:
    defaults = {
        "kind": "guardian",
        "name": "Gail Guardian",
        "relationship": "mother",
        "email": "Gail@Families.example",
    }
    return reaching.name_representative(call, patient_id=patient.pk, **{**defaults, **fields})


def test_l_cat_4_who_speaks_for_a_patient_is_named_with_the_relationship(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    assert standing.representative_of(patient) is None

    named = name(cast.prescribing, patient)

    assert standing.representative_of(patient) == named
    assert (named.relationship, named.email) == ("mother", "gail@families.example")
    with pytest.raises(InvalidRequest) as refusal:
        name(cast.prescribing, patient, relationship=" ", kind="friend")
    assert set(refusal.value.fields) == {"relationship", "kind"}
    with pytest.raises(InvalidRequest) as refusal:
        name(cast.prescribing, patient, name="Gail\u202eGuardian")
    assert set(refusal.value.fields) == {"name"}


def test_what_names_and_reaches_people_is_what_is_seen(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    turned, unseen = "Gail \u202enaidrauG", "Gail\u200b Guardian"
    for field, typed in (("name", turned), ("name", unseen), ("phone", "212\n555")):
        with pytest.raises(InvalidRequest) as refusal:
            name(cast.prescribing, patient, **{field: typed})
        assert set(refusal.value.fields) == {field}
    with pytest.raises(InvalidRequest) as refusal:
        patients.correct_contact(
            cast.prescribing,
            patient_id=patient.pk,
            postal_code="10001",
            phone="212\n555",
            email="",
            time_zone="America/New_York",
        )
    assert set(refusal.value.fields) == {"phone"}
    now = clock.now()
    with pytest.raises(InvalidRequest) as refusal:
        evidence.renew_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            program=builders.PROGRAM,
            signatures=patients.Signatures("guardian", turned, "mother", now, now),
        )
    assert set(refusal.value.fields) == {"signer_name"}


def test_l_cat_4_a_guardian_speaks_until_the_patient_comes_of_age(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    mother = name(cast.prescribing, patient)
    adult_on = patient.born_on.replace(year=patient.born_on.year + 18)
    noon = datetime(adult_on.year, adult_on.month, adult_on.day, 17, tzinfo=UTC)
    with time_machine.travel(noon - timedelta(days=1)):
        assert standing.representative_of(patient) == mother
        assert mother.email in _addresses(patient)
    with time_machine.travel(noon):
        assert standing.representative_of(patient) is None
        assert mother.email not in _addresses(patient)
        with pytest.raises(InvalidRequest) as refusal:
            name(cast.prescribing, patient)
        assert set(refusal.value.fields) == {"kind"}
        speaks = name(cast.prescribing, patient, kind="representative")
        assert standing.representative_of(patient) == speaks
    mother.refresh_from_db()
    assert mother.end_reason == "The patient has come of age."


def _addresses(patient: Patient) -> set[str]:
    rungs = rungs_of_patients([patient])[patient.pk]
    return {contact.address("email") for contact in rungs["patient"]}


def test_l_cat_4_one_speaks_at_a_time_and_the_next_follows_when_that_ended(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    first = name(cast.prescribing, patient)
    with pytest.raises(Conflict):
        name(cast.staff, patient, name="Gus Guardian")

    ended = reaching.end_representative(
        cast.staff, representative_id=first.pk, reason="Custody has changed"
    )

    assert ended.end_reason == "Custody has changed"
    second = name(cast.staff, patient, name="Gus Guardian")
    assert standing.representative_of(patient) == second
    with pytest.raises(Conflict):
        reaching.end_representative(cast.staff, representative_id=first.pk, reason="Again")


def test_l_cat_4_nobody_names_or_ends_who_speaks_for_anothers_patient(cast: builders.Cast) -> None:
    other = builders.prescribing_call(builders.certified_prescriber(cast.administrator, serial=2))
    patient = builders.enroll(cast.prescribing, "child_frp")
    named = name(cast.prescribing, patient)
    with pytest.raises(NotFound):
        name(other, patient)
    with pytest.raises(NotFound):
        reaching.end_representative(other, representative_id=named.pk, reason="Mine")


def correct(call: Call, patient: Patient, **fields: str) -> Patient:
    known = {each: getattr(patient, each) for each in ("postal_code", "phone", "email")}
    return patients.correct_contact(
        call, patient_id=patient.pk, time_zone=patient.time_zone, **{**known, **fields}
    )


def test_l_end_3_an_address_that_reaches_nobody_waits_until_another_one_is_on_record(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)

    found = reaching.record_undeliverable(
        SYSTEM_CALL, patient_id=patient.pk, kind="email", finding="The mail server refused it"
    )

    with pytest.raises(InvalidRequest) as refusal:
        reaching.record_undeliverable(
            cast.staff,
            patient_id=patient.pk,
            kind="phone",
            finding="No answer",
            found_at=datetime(1, 1, 1, tzinfo=UTC),
        )
    assert set(refusal.value.fields) == {"found_at"}

    assert found.address == "fiona@patients.example"
    assert list(standing.waits_for_an_address()) == [found]
    again = reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="email", finding="Bounced"
    )
    assert again == found
    correct(cast.prescribing, patient, phone="212-555-0999")
    assert standing.waits_for_an_address().exists()

    correct(cast.prescribing, patient, email="fiona.new@patients.example")

    found.refresh_from_db()
    assert found.resolved_at is not None
    assert not standing.waits_for_an_address().exists()


def test_l_end_3_an_address_that_is_right_after_all_is_settled_with_a_reason(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    found = reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="phone", finding="Nobody answers"
    )
    with pytest.raises(InvalidRequest):
        reaching.resolve_undeliverable(cast.staff, undeliverable_id=found.pk, reason=" ")
    settled = reaching.resolve_undeliverable(
        cast.staff, undeliverable_id=found.pk, reason="The patient called back"
    )
    assert settled.resolution == "The patient called back"
    with pytest.raises(Conflict):
        reaching.resolve_undeliverable(cast.staff, undeliverable_id=found.pk, reason="Again")


def test_l_end_3_an_address_that_is_not_on_record_cannot_fail(cast: builders.Cast) -> None:
    silent = replace(builders.IDENTITY, email="")
    patient = builders.enroll(cast.prescribing, identity=silent)
    for kind in ("email", "pigeon"):
        with pytest.raises(InvalidRequest):
            reaching.record_undeliverable(
                cast.staff, patient_id=patient.pk, kind=kind, finding="Bounced"
            )
