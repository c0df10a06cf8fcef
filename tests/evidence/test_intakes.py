"""L-SRC-1: phone, fax, paper; what harms is in effect at once, the rest waits for another."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.accounts import services as accounts
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import ActorKind, Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.core.models import Operation
from apps.evidence import services as evidence
from apps.evidence.models import Intake, PregnancyTest
from apps.evidence.services.intakes import Source
from apps.patients.models import CategoryAssignment, Patient
from apps.patients.services import NotDuplicate, Signatures
from apps.providers import services as providers
from tests import builders
from tests.builders import PROGRAM

pytestmark = pytest.mark.django_db

Cast = builders.Cast
PDF = b"%PDF-1.7 a synthetic form"
PNG = b"\x89PNG\r\n\x1a\n a synthetic scan"


def today() -> str:
    """The date in the program's zone."""
    return clock.now().astimezone(ZoneInfo("America/New_York")).date().isoformat()


def by_phone(cast: Cast, **fields: Any) -> Source:
    """The prescriber's office called and was called back."""
    defaults: dict[str, Any] = {
        "channel": "phone",
        "told_by": "prescriber",
        "told_by_name": "Nina Nurse",
        "prescriber_id": cast.prescriber.pk,
        "verification": "called_back",
        "verification_note": "On the practice's number",
    }
    return Source(**{**defaults, **fields})


def by_fax(cast: Cast, **fields: Any) -> Source:
    return by_phone(cast, **{"channel": "fax", "verification": "known_sender", **fields})


def negative(**fields: Any) -> dict[str, Any]:
    at = (clock.now() - timedelta(hours=2)).isoformat()
    defaults = {
        "result": "negative",
        "sensitivity_miu_ml": 25,
        "specimen": "serum",
        "collected_at": at,
        "resulted_at": at,
    }
    return {**defaults, **fields}


def enter(
    cast: Cast,
    patient: Patient,
    kind: str = "pregnancy_test",
    content: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Intake:
    defaults: dict[str, Any] = {"source": by_phone(cast), "scan": None}
    return evidence.enter_intake(
        cast.staff,
        patient_id=patient.pk,
        kind=kind,
        content=negative() if content is None else content,
        **{**defaults, **fields},
    )


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return builders.enroll(cast.prescribing)


def test_a_negative_test_by_phone_waits_for_a_second_person(cast: Cast, patient: Patient) -> None:
    intake = enter(cast, patient)
    assert (intake.state, intake.entry_id) == ("waiting", None)
    assert not PregnancyTest.objects.exists()


def test_an_accepted_test_bears_real_time_channel_and_both_persons_l_src_1(
    cast: Cast, patient: Patient
) -> None:
    content = negative()
    intake = enter(cast, patient, content=content)
    accepted = evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    test = PregnancyTest.objects.get()
    assert test.pk == accepted.entry_id
    assert test.collected_at.isoformat() == content["collected_at"]
    assert test.recorded_at == accepted.checked_at
    operation = test.operation
    assert (operation.channel, operation.name) == ("phone", "intake_pregnancy_test")
    assert operation.actor_id == cast.staff.actor.id == intake.entered_by_id
    assert operation.prescriber_id == cast.prescriber.pk
    assert accepted.check_operation is not None
    assert accepted.check_operation.actor_id == cast.administrator.actor.id
    assert accepted.check_operation.channel == "api"
    told = Event.objects.get(code="pregnancy_test_recorded")
    assert (told.channel, told.actor_id) == ("phone", cast.staff.actor.id)


def test_who_entered_an_intake_never_accepts_it(cast: Cast, patient: Patient) -> None:
    intake = enter(cast, patient)
    with pytest.raises(NotAllowed, match="Another person"):
        evidence.accept_intake(cast.staff, intake_id=intake.pk)
    with pytest.raises(NotAllowed, match="Another person"):
        evidence.refuse_intake(cast.staff, intake_id=intake.pk, reason="My own")


def test_a_refused_intake_leaves_no_record_and_says_why(cast: Cast, patient: Patient) -> None:
    intake = enter(cast, patient)
    refused = evidence.refuse_intake(cast.administrator, intake_id=intake.pk, reason="Illegible")
    assert (refused.state, refused.refusal_reason) == ("refused", "Illegible")
    assert not PregnancyTest.objects.exists()
    with pytest.raises(Conflict, match="checked already: refused"):
        evidence.accept_intake(cast.administrator, intake_id=intake.pk)


HARMFUL: list[tuple[str, dict[str, Any]]] = [
    ("pregnancy_test", {"result": "positive"}),
    ("pregnancy_test", {"result": "indeterminate"}),
    ("contraception", {"lapse": True}),
    ("contraception", {"methods": ["iud"]}),
    ("obligations", {"no_sharing": False}),
    ("health_status", {"breastfeeding": True}),
    ("patient_survey", {"risky": True}),
    ("bleeding_report", {}),
    ("pregnancy_report", {}),
]
WAITING: list[tuple[str, dict[str, Any]]] = [
    ("pregnancy_test", {}),
    ("contraception", {}),
    ("obligations", {}),
    ("health_status", {}),
    ("patient_survey", {}),
    ("counseling", {}),
]


def content_of(kind: str, **changes: Any) -> dict[str, Any]:
    """What a caller says of that kind: fine, but for the changes."""
    on = today()
    answers = builders.safe_answers("adult_frp")
    if changes.pop("risky", False):
        answers["missed_period"] = "yes"
    fine: dict[str, dict[str, Any]] = {
        "pregnancy_test": negative(),
        "contraception": {
            "program": PROGRAM,
            "abstinence": False,
            "methods": ["iud", "male_condom"],
            "lapse": False,
            "attested_on": on,
        },
        "obligations": {
            "condom": False,
            "abstinence": True,
            "no_sperm_donation": True,
            "no_blood_donation": True,
            "no_sharing": True,
            "attested_on": on,
        },
        "health_status": {"cycle": "regular", "breastfeeding": False},
        "patient_survey": {"program": PROGRAM, "completed_on": on, "answers": answers},
        "bleeding_report": {"kind": "missed_period", "reported_on": on},
        "pregnancy_report": {"subject": "patient", "source": "Her husband", "reported_on": on},
        "counseling": {"program": PROGRAM, "topics": ["contraception"], "given_on": on},
    }
    return {**fine[kind], **changes}


@pytest.mark.parametrize(("kind", "changes"), HARMFUL)
def test_what_harms_is_in_effect_at_once_and_voids_by_itself_l_src_1(
    cast: Cast, kind: str, changes: dict[str, Any]
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    intake = enter(cast, patient, kind, content_of(kind, **changes))
    assert intake.state == "effective"
    assert intake.entry_id is not None
    decision = builders.request(cast.prescribing, patient, "adult_frp")
    assert decision.authorization is None
    with pytest.raises(Conflict, match="in effect at once"):
        evidence.accept_intake(cast.administrator, intake_id=intake.pk)


@pytest.mark.parametrize(("kind", "changes"), WAITING)
def test_what_would_make_someone_eligible_waits_and_is_then_recorded(
    cast: Cast, patient: Patient, kind: str, changes: dict[str, Any]
) -> None:
    intake = enter(cast, patient, kind, content_of(kind, **changes))
    assert intake.state == "waiting"
    accepted = evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    assert (accepted.state, accepted.entry_id is None) == ("accepted", False)


def test_a_test_needs_a_prescriber_who_is_certified_when_it_is_accepted_rules_4(
    cast: Cast, patient: Patient
) -> None:
    source = by_phone(cast, told_by="patient", prescriber_id=None)
    with pytest.raises(InvalidRequest) as wrong:
        enter(cast, patient, source=source)
    assert "prescriber_id" in wrong.value.fields
    intake = enter(cast, patient)
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event="suspend", reason="Audit"
    )
    with pytest.raises(Conflict, match="certification is suspended"):
        evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    assert not PregnancyTest.objects.exists()


def test_only_a_prescriber_who_cares_for_the_patient_stands_for_it(
    cast: Cast, patient: Patient
) -> None:
    stranger = builders.certified_prescriber(cast.administrator, serial=2)
    with pytest.raises(InvalidRequest) as wrong:
        enter(cast, patient, source=by_phone(cast, prescriber_id=stranger.pk))
    assert "prescriber_id" in wrong.value.fields


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"verification": ""}, "verification"),
        ({"channel": "portal"}, "channel"),
        ({"told_by": "neighbor"}, "told_by"),
        ({"told_by_name": " "}, "told_by_name"),
        ({"verification": "felt_right"}, "verification"),
        ({"channel": "fax"}, "scan"),
        ({"prescriber_id": None}, "prescriber_id"),
        ({"told_by_name": "\u202e\u200b"}, "told_by_name"),
    ],
)
def test_who_said_it_and_how_that_was_verified_is_always_known(
    cast: Cast, patient: Patient, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as wrong:
        enter(cast, patient, source=by_phone(cast, **changes))
    assert field in wrong.value.fields


def test_a_caller_is_verified_in_a_way_that_can_have_been(cast: Cast, patient: Patient) -> None:
    """L-SRC-1: nobody signs by phone, nor is called back where no number is on record."""
    report = {"kind": "missed_period", "reported_at": clock.now().isoformat()}
    told = by_phone(cast, told_by="patient", prescriber_id=None)
    for source, phone in ((replace(told, verification="signature"), "1"), (told, "")):
        Patient.objects.update(phone=phone)
        with pytest.raises(InvalidRequest) as wrong:
            enter(cast, patient, "bleeding_report", report, source=source)
        assert list(wrong.value.fields) == ["verification"]
    otherwise = replace(told, verification="identifiers")
    assert enter(cast, patient, "bleeding_report", report, source=otherwise).state == "effective"


def test_the_scan_is_kept_as_what_it_is(cast: Cast, patient: Patient) -> None:
    intake = enter(cast, patient, source=by_fax(cast), scan=PDF)
    assert intake.scan is not None
    assert bytes(intake.scan.content) == PDF
    assert (intake.scan.content_type, intake.scan.size) == ("application/pdf", len(PDF))


@pytest.mark.parametrize("scan", [b"GIF89a", b"", b"<html>", b"%PDF-" + b"0" * 5 * 1024**2])
def test_a_file_that_is_no_scan_or_too_large_is_refused(
    cast: Cast, patient: Patient, scan: bytes
) -> None:
    with pytest.raises(InvalidRequest) as wrong:
        enter(cast, patient, source=by_fax(cast), scan=scan)
    assert list(wrong.value.fields) == ["scan"]
    assert not Intake.objects.exists()


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"collected_at": None}, "content.collected_at"),
        ({"collected_at": "2026-03-01T09:00:00"}, "content.collected_at"),
        ({"collected_on": "2026-03-01"}, "content.collected_on"),
        ({"result": "maybe"}, "content.result"),
        ({"sensitivity_miu_ml": True}, "content.sensitivity_miu_ml"),
        ({"sensitivity_miu_ml": -1}, "content.sensitivity_miu_ml"),
        ({"laboratory": "x" * 121}, "content.laboratory"),
        ({"mood": "good"}, "content.mood"),
        ({"collected_at": "2999-01-01T00:00:00Z"}, "content.collected_at"),
    ],
)
def test_content_is_read_strictly_and_could_take_effect_now(
    cast: Cast, patient: Patient, content: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as wrong:
        enter(cast, patient, content=negative(**content))
    assert field in wrong.value.fields
    assert not Intake.objects.exists()


def test_an_agreement_on_paper_is_completed_by_its_intake(cast: Cast, patient: Patient) -> None:
    unsigned = evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        signatures=Signatures(signer="patient", signer_name="Fiona Synthetic"),
    )
    content = {
        "agreement_id": str(unsigned.pk),
        "patient_signed_on": today(),
        "prescriber_signed_on": today(),
    }
    intake = enter(cast, patient, "agreement_signature", content, source=by_fax(cast), scan=PNG)
    unsigned.refresh_from_db()
    assert (intake.state, unsigned.patient_signed_at) == ("waiting", None)
    evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    unsigned.refresh_from_db()
    assert unsigned.patient_signed_at is not None
    assert (unsigned.patient_date_only, unsigned.prescriber_date_only) == (True, True)


def test_a_scanned_signature_lets_a_change_of_category_take_effect(cast: Cast) -> None:
    alike = replace(builders.IDENTITY, given_name="Nora", born_on=date(1950, 1, 2), phone="")
    patient = builders.enroll(cast.prescribing, "adult_fnrp", identity=alike)
    change = evidence.change_category(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        risk_category="adult_frp",
        basis=None,
        reason="Menses",
        said_by="The patient",
        signatures=Signatures("patient", "Nora Synthetic", prescriber_signed_at=clock.now()),
    )
    content = {
        "agreement_id": str(change.agreement_id),
        "patient_signed_at": clock.now().isoformat(),
    }
    intake = enter(cast, patient, "agreement_signature", content, source=by_fax(cast), scan=PDF)
    evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    change.refresh_from_db()
    assert change.state == "approved"
    assert patient.categories.latest("recorded_at").risk_category == "adult_frp"


def test_nobody_signs_by_phone(cast: Cast, patient: Patient) -> None:
    content = {"agreement_id": str(patient.agreements.get().pk)}
    with pytest.raises(InvalidRequest) as wrong:
        enter(cast, patient, "agreement_signature", content)
    assert "channel" in wrong.value.fields


def test_an_agreement_for_a_category_that_changed_meanwhile_is_not_accepted(
    cast: Cast, patient: Patient
) -> None:
    content = {
        "program": PROGRAM,
        "signer": "patient",
        "signer_name": "Fiona Synthetic",
        "patient_signed_on": today(),
        "prescriber_signed_on": today(),
    }
    intake = enter(cast, patient, "agreement_renewal", content, source=by_fax(cast), scan=PDF)
    found_to_be_male(cast, patient)
    with pytest.raises(Conflict, match="category has changed"):
        evidence.accept_intake(cast.administrator, intake_id=intake.pk)


def found_to_be_male(cast: Cast, patient: Patient) -> None:
    """The category changes while the intake waits."""
    CategoryAssignment.objects.create(
        patient=patient,
        risk_category="adult_male",
        reason="Corrected",
        recorded_at=clock.now(),
        operation=Operation.objects.latest("started_at"),
    )


def test_a_merged_record_s_intake_is_not_accepted_but_may_be_refused(
    cast: Cast, patient: Patient
) -> None:
    other = builders.enroll(
        cast.prescribing, not_duplicates=(NotDuplicate(patient.pk, "Twin sister"),)
    )
    intake = enter(cast, patient)
    evidence.merge_patients(cast.staff, kept_id=other.pk, merged_id=patient.pk, reason="Same")
    with pytest.raises(Conflict, match=str(other.pk)):
        evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    refused = evidence.refuse_intake(cast.administrator, intake_id=intake.pk, reason="Merged")
    assert refused.state == "refused"


def test_a_system_of_the_office_checks_nothing(cast: Cast, patient: Patient) -> None:
    intake = enter(cast, patient)
    system = Call(
        actor=replace(cast.administrator.actor, kind=ActorKind.CLIENT),
        channel=cast.administrator.channel,
    )
    assert system.actor.role is Role.ADMINISTRATOR
    with pytest.raises(NotAllowed):
        evidence.accept_intake(system, intake_id=intake.pk)


def test_who_holds_a_systems_secret_does_not_check_what_it_entered(
    cast: Cast, patient: Patient
) -> None:
    """L-SRC-1: else one person could enter something through the system, and accept it."""
    client = accounts.register_api_client(
        cast.administrator,
        organization_id=cast.staff.actor.own_organization,
        role=Role.STAFF,
        name="Fax server",
        secret=accounts.new_client_secret(),
    )
    system = replace(cast.staff.actor, kind=ActorKind.CLIENT, id=client.pk)
    intake = enter(replace(cast, staff=builders.call_of(system)), patient)
    with pytest.raises(NotAllowed, match="another person must check"):
        evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    assert evidence.accept_intake(cast.staff, intake_id=intake.pk).state == "accepted"


def test_evidence_with_only_a_date_takes_the_least_favorable_instant_l_src_2(
    cast: Cast, patient: Patient
) -> None:
    day = date(2026, 3, 8)
    content = negative(collected_at=None, collected_on=day.isoformat())
    intake = enter(cast, patient, content=content)
    evidence.accept_intake(cast.administrator, intake_id=intake.pk)
    test = PregnancyTest.objects.get()
    assert test.date_only
    assert test.collected_at.isoformat() == "2026-03-08T05:00:00+00:00"
