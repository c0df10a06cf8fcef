"""Enrolling: who is who, which category fits, who signs, and nobody twice (L-ENR-3, L-PAT-1)."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from apps.audit.models import RowChange
from apps.core import clock
from apps.core.call import Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence import services as evidence
from apps.patients import selectors
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.patients.services import CategoryBasis, LikelyDuplicates, NotDuplicate, Signatures
from apps.providers import services as providers
from tests import builders

pytestmark = pytest.mark.django_db


def signed(**fields: Any) -> Signatures:
    defaults: dict[str, Any] = {
        "signer": "patient",
        "signer_name": "Fiona Synthetic",
        "patient_signed_at": clock.now(),
        "prescriber_signed_at": clock.now(),
    }
    return Signatures(**{**defaults, **fields})


def refused(call: Call, category: str = "adult_frp", **fields: Any) -> set[str]:
    with pytest.raises(InvalidRequest) as refusal:
        builders.enroll(call, category, **fields)
    assert not Patient.objects.exists()
    return set(refusal.value.fields)


def test_only_a_certified_prescriber_enrolls(cast: builders.Cast) -> None:
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event="suspend", reason="Inspection"
    )
    with pytest.raises(Conflict, match="suspended"):
        builders.enroll(cast.prescribing)


@pytest.mark.parametrize("name", ["given_name", "family_name", "postal_code"])
def test_a_patient_has_a_name_and_a_postal_code(name: str, cast: builders.Cast) -> None:
    blank: dict[str, Any] = {name: "  "}
    identity = replace(builders.IDENTITY, **blank)
    assert refused(cast.prescribing, identity=identity) == {name}


@pytest.mark.parametrize("strange", ["\n", "\r", "\t", "\x7f", "\x85", "\u200b", "\u202e"])
@pytest.mark.parametrize("name", ["given_name", "family_name", "postal_code", "phone"])
def test_a_name_is_what_is_seen(name: str, strange: str, cast: builders.Cast) -> None:
    whole = getattr(builders.IDENTITY, name)
    broken: dict[str, Any] = {name: f"{whole[:2]}{strange}{whole[2:]}"}
    identity = replace(builders.IDENTITY, **broken)
    assert refused(cast.prescribing, identity=identity) == {name}


@pytest.mark.parametrize("name", ["Zoë", "O’Neill-Ōta", "نرگس\u200cزاده", "María  José"])
def test_names_of_all_scripts_are_names(name: str, cast: builders.Cast) -> None:
    identity = replace(builders.IDENTITY, given_name=name)
    assert builders.enroll(cast.prescribing, identity=identity).given_name == name


@pytest.mark.parametrize("born_on", [date(1899, 12, 31), date(2100, 1, 1)])
def test_a_date_of_birth_lies_between_1900_and_today(born_on: date, cast: builders.Cast) -> None:
    identity = replace(builders.IDENTITY, born_on=born_on)
    assert refused(cast.prescribing, identity=identity) == {"born_on"}


def test_a_childs_category_needs_a_child_and_an_adults_an_adult(cast: builders.Cast) -> None:
    child = replace(builders.IDENTITY, born_on=builders.today() - timedelta(days=3650))
    assert "risk_category" in refused(cast.prescribing, "adult_frp", identity=child)
    adult = builders.IDENTITY
    with pytest.raises(InvalidRequest) as refusal:
        patients.enroll_patient(
            cast.prescribing,
            program=builders.PROGRAM,
            identity=adult,
            risk_category="child_frp",
            basis=None,
            signatures=signed(signer="guardian", signer_relationship="mother"),
        )
    assert set(refusal.value.fields) == {"risk_category"}


def test_an_unknown_category_is_refused(cast: builders.Cast) -> None:
    assert refused(cast.prescribing, "adult") == {"risk_category"}


@pytest.mark.parametrize(
    ("category", "basis"),
    [
        ("adult_fnrp", None),
        ("adult_fnrp", CategoryBasis(kind="tubal_ligation", on=date(2015, 1, 1))),
        ("adult_fnrp", CategoryBasis(kind="hysterectomy", on=date(1980, 1, 1))),
        ("adult_fnrp", CategoryBasis(kind="hysterectomy", on=date(2100, 1, 1))),
        ("adult_frp", CategoryBasis(kind="hysterectomy", on=date(2015, 1, 1))),
    ],
)
def test_a_basis_is_one_of_three_dated_and_given_where_it_is_asked(
    category: str, basis: CategoryBasis | None, cast: builders.Cast
) -> None:
    assert refused(cast.prescribing, category, basis=basis) == {"category_basis"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"signer": "guardian", "signer_relationship": "mother"}, "signer"),
        ({"signer_name": " "}, "signer_name"),
        ({"signer": "representative"}, "signer_relationship"),
        ({"patient_signed_at": "future"}, "patient_signed_at"),
        ({"prescriber_signed_at": "future"}, "prescriber_signed_at"),
    ],
)
def test_who_signs_fits_is_named_and_has_signed_already(
    wrong: dict[str, Any], field: str, cast: builders.Cast
) -> None:
    later = clock.now() + timedelta(hours=1)
    given = {name: later if value == "future" else value for name, value in wrong.items()}
    assert refused(cast.prescribing, signatures=signed(**given)) == {field}


def test_a_delegate_does_not_sign_for_the_prescriber(cast: builders.Cast) -> None:
    delegate = replace(cast.prescribing, actor=replace(cast.prescribing.actor, role=Role.DELEGATE))
    with pytest.raises(NotAllowed):
        builders.enroll(delegate)
    patient = builders.enroll(delegate, signatures=signed(prescriber_signed_at=None))
    agreement = patient.agreements.get()
    with pytest.raises(NotAllowed):
        evidence.sign_agreement(
            delegate,
            patient_id=patient.pk,
            agreement_id=agreement.pk,
            prescriber_signed_at=clock.now(),
        )
    evidence.sign_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        agreement_id=agreement.pk,
        prescriber_signed_at=clock.now(),
    )
    with pytest.raises(Conflict, match="already"):
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            agreement_id=agreement.pk,
            prescriber_signed_at=clock.now(),
        )


def test_an_agreement_that_a_later_one_overtook_is_completed_by_nobody(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, signatures=signed(prescriber_signed_at=None))
    overtaken = patient.agreements.get()
    evidence.renew_agreement(
        cast.prescribing, patient_id=patient.pk, program=builders.PROGRAM, signatures=signed()
    )
    with pytest.raises(Conflict, match="later agreement is signed"):
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            agreement_id=overtaken.pk,
            prescriber_signed_at=clock.now(),
        )


def test_an_agreement_is_not_renewed_by_who_read_that_of_another_category(
    cast: builders.Cast,
) -> None:
    """The page was right when it was sent; the category changed before the command had its turn."""
    patient = builders.enroll(cast.prescribing)
    of_woman = selectors.current_category(patient).risk_category
    renew = partial(
        evidence.renew_agreement,
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=signed(),
    )
    with pytest.raises(Conflict, match="category has changed"):
        renew(category_read="adult_male")
    assert patient.agreements.count() == 1
    renew(category_read=of_woman)
    assert patient.agreements.count() == 2


def test_an_agreement_of_another_patient_is_not_signed(cast: builders.Cast) -> None:
    one = builders.enroll(cast.prescribing, signatures=signed(patient_signed_at=None))
    other = builders.enroll(cast.prescribing, "adult_male", identity=stranger())
    with pytest.raises(Conflict):
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=other.pk,
            agreement_id=one.agreements.get().pk,
            patient_signed_at=clock.now(),
        )


def stranger() -> patients.Identity:
    """A person who resembles nobody."""
    return patients.Identity(
        given_name="Max", family_name="Different", born_on=date(1970, 7, 7), postal_code="94110"
    )


# --- Nobody twice -------------------------------------------------------------------------------

ALIKE = [
    {"phone": "", "email": ""},
    {"given_name": " FIONA ", "family_name": "synthetic"},
    {"given_name": "Synthetic", "family_name": "Fiona"},
    {"postal_code": "99999", "phone": "", "email": ""},
    {"born_on": date(1986, 5, 4)},
    {"given_name": "Fi", "postal_code": "10001-1234"},
    {"family_name": "Married", "given_name": "Fiona", "postal_code": "99999"},
]


@pytest.mark.parametrize("changes", ALIKE)
def test_a_person_who_resembles_a_registered_one_is_shown_and_must_be_decided(
    changes: dict[str, Any], cast: builders.Cast
) -> None:
    first = builders.enroll(cast.prescribing)
    alike = replace(builders.IDENTITY, **changes)
    with pytest.raises(LikelyDuplicates) as refusal:
        builders.enroll(cast.prescribing, identity=alike)
    assert [found.patient for found in refusal.value.resemblances] == [first]
    assert len(refusal.value.resemblances[0].alike_in) >= 2
    silent = (NotDuplicate(patient_id=first.pk, reason=" "),)
    with pytest.raises(LikelyDuplicates):
        builders.enroll(cast.prescribing, identity=alike, not_duplicates=silent)

    decided = (NotDuplicate(patient_id=first.pk, reason="Twin sister, seen together"),)
    second = builders.enroll(cast.prescribing, identity=alike, not_duplicates=decided)

    assert second.not_duplicate_of.get().resembles == first


@pytest.mark.parametrize(
    "shared",
    [
        {"postal_code": builders.IDENTITY.postal_code},
        {"born_on": builders.IDENTITY.born_on},
        {"given_name": "Fiona", "family_name": "Synthetic"},
    ],
)
def test_one_who_shares_only_one_thing_is_another_person(
    shared: dict[str, Any], cast: builders.Cast
) -> None:
    builders.enroll(cast.prescribing)
    builders.enroll(cast.prescribing, "adult_male", identity=replace(stranger(), **shared))
    assert Patient.objects.count() == 2


def test_a_duplicate_is_seen_across_practices(cast: builders.Cast) -> None:
    first = builders.enroll(cast.prescribing)
    other = builders.certified_prescriber(cast.administrator, serial=2)
    with pytest.raises(LikelyDuplicates) as refusal:
        builders.enroll(builders.prescribing_call(other))
    assert [found.patient for found in refusal.value.resemblances] == [first]
    assert not selectors.visible_to(builders.prescribing_call(other).actor).exists()


def test_a_patient_of_somebody_else_and_one_who_does_not_exist_read_the_same(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    other = builders.prescribing_call(builders.certified_prescriber(cast.administrator, serial=2))

    def refusal(patient_id: UUID) -> str:
        with pytest.raises(NotFound) as found:
            patients.correct_contact(
                other, patient_id=patient_id, postal_code="1", phone="", email="", time_zone="UTC"
            )
        return found.value.message

    assert refusal(patient.pk) == refusal(uuid4())


# --- Contact ------------------------------------------------------------------------------------


def test_a_corrected_contact_leaves_what_it_was(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    asked: dict[str, Any] = {
        "patient_id": patient.pk,
        "postal_code": " 10002 ",
        "phone": "212-555-0999",
        "email": "Other@Patients.Example",
        "time_zone": "America/Chicago",
    }
    changed = patients.correct_contact(cast.staff, **asked)
    assert (changed.postal_code, changed.email) == ("10002", "other@patients.example")
    change = RowChange.objects.get(table_name="patients_patient", row_id=str(patient.pk))
    assert (change.before or {})["phone"] == builders.IDENTITY.phone
    assert change.after["phone"] == "212-555-0999"
    other = builders.certified_prescriber(cast.administrator, serial=2)
    with pytest.raises(NotFound):
        patients.correct_contact(builders.prescribing_call(other), **asked)


def test_a_time_zone_that_does_not_exist_is_refused(cast: builders.Cast) -> None:
    stranger = replace(builders.IDENTITY, time_zone="Mars/Olympus")
    with pytest.raises(InvalidRequest) as refusal:
        builders.enroll(cast.prescribing, identity=stranger)
    assert "time_zone" in refusal.value.fields
