"""What the commands on evidence refuse: the future, strangers, missing reasons, unknown codes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.patients.models import Patient
from apps.patients.services import Signatures
from apps.providers import services as providers
from apps.rules.documents import document
from tests import builders

pytestmark = pytest.mark.django_db

SOON = timedelta(minutes=1)
Act = Callable[..., Any]


def test_of(call: Call, patient: Patient, **fields: Any) -> Any:
    asked = {
        "collected_at": clock.now(),
        "resulted_at": clock.now(),
        "result": "negative",
        "sensitivity_miu_ml": Decimal(25),
        "specimen": "serum",
        **fields,
    }
    return evidence.record_pregnancy_test(call, patient_id=patient.pk, **asked)


test_of.__test__ = False  # type: ignore[attr-defined]


def attest(call: Call, patient: Patient, **fields: Any) -> Any:
    return builders.contraception(call, patient, **fields)


def promise(call: Call, patient: Patient, **fields: Any) -> Any:
    asked = {
        "attested_at": clock.now(),
        "condom": True,
        "abstinence": False,
        "no_sperm_donation": True,
        "no_blood_donation": True,
        "no_sharing": True,
        **fields,
    }
    return evidence.record_obligations(call, patient_id=patient.pk, **asked)


def counsel(call: Call, patient: Patient, **fields: Any) -> Any:
    asked = {"given_at": clock.now(), "topics": [], "program": builders.PROGRAM, **fields}
    return evidence.record_counseling(call, patient_id=patient.pk, **asked)


def answer(call: Call, patient: Patient, **fields: Any) -> Any:
    asked = {
        "completed_at": clock.now(),
        "answers": builders.safe_answers("adult_frp"),
        "program": builders.PROGRAM,
        **fields,
    }
    return evidence.record_patient_survey(call, patient_id=patient.pk, **asked)


def bleed(call: Call, patient: Patient, **fields: Any) -> Any:
    asked = {"reported_at": clock.now(), "kind": "missed_period", **fields}
    return evidence.report_bleeding(call, patient_id=patient.pk, **asked)


def report(call: Call, patient: Patient, **fields: Any) -> Any:
    asked = {"reported_at": clock.now(), "subject": "patient", "source": "Telephone", **fields}
    return evidence.report_pregnancy(call, patient_id=patient.pk, **asked)


def status(call: Call, patient: Patient, **fields: Any) -> Any:
    asked = {"cycle": "regular", "breastfeeding": False, **fields}
    return evidence.record_health_status(call, patient_id=patient.pk, **asked)


RECORDING: list[Act] = [test_of, attest, promise, counsel, answer, bleed, report, status]


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (test_of, "collected_at"),
        (test_of, "resulted_at"),
        (attest, "attested_at"),
        (promise, "attested_at"),
        (counsel, "given_at"),
        (answer, "completed_at"),
        (bleed, "reported_at"),
        (report, "reported_at"),
    ],
)
def test_what_has_not_happened_yet_is_not_recorded(
    act: Act, field: str, cast: builders.Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest) as refusal:
        act(cast.prescribing, patient, **{field: clock.now() + SOON})
    assert field in refusal.value.fields


def test_a_slip_in_the_year_never_makes_a_record_unreadable(cast: builders.Cast) -> None:
    """What the facts hold for good, withdrawn or not, must be of years that the rules can read."""
    patient = builders.ready_frp(cast.prescribing)
    first_year, before_birth = datetime(1, 1, 1, tzinfo=UTC), patient.born_on - timedelta(days=1)
    timed = [(test_of, "collected"), (test_of, "resulted"), (attest, "attested")]
    timed += [(promise, "attested"), (counsel, "given"), (answer, "completed")]
    for act, field in [*timed, (bleed, "reported"), (report, "reported")]:
        for given in (
            {f"{field}_at": first_year},
            {f"{field}_at": datetime.combine(before_birth, time(12), UTC)},
            {f"{field}_at": None, f"{field}_on": date.min},
            {f"{field}_at": None, f"{field}_on": before_birth},
        ):
            with pytest.raises(InvalidRequest) as refusal:
                act(cast.prescribing, patient, **given)
            assert refusal.value.fields.keys() <= given.keys()
    signed = Signatures("patient", "Fiona", patient_signed_at=clock.now())
    born_before = datetime.combine(before_birth, time(12), UTC)
    for early in (
        {"prescriber_signed_at": first_year}, {"prescriber_signed_on": date.min},
        {"prescriber_signed_at": born_before}, {"patient_signed_at": born_before},
    ):  # fmt: skip
        with pytest.raises(InvalidRequest):
            evidence.renew_agreement(
                cast.prescribing,
                patient_id=patient.pk,
                program=builders.PROGRAM,
                signatures=replace(signed, **early),
            )
    with pytest.raises(InvalidRequest) as refusal:
        attest(cast.prescribing, patient, in_use_since=before_birth)
    assert refusal.value.fields.keys() == {"in_use_since"}
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed


def test_no_signature_is_added_from_before_the_patients_birth(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=Signatures("patient", "Fiona"),
    )
    waiting = patient.agreements.get(patient_signed_at=None)
    with pytest.raises(InvalidRequest) as refusal:
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            agreement_id=waiting.pk,
            patient_signed_at=datetime.combine(patient.born_on - timedelta(days=1), time(12), UTC),
        )
    assert refusal.value.fields.keys() == {"patient_signed_at"}


@pytest.mark.parametrize("act", RECORDING)
def test_a_strangers_patient_is_not_found(act: Act, cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    stranger = builders.certified_prescriber(cast.administrator, serial=2)
    with pytest.raises(NotFound):
        act(builders.prescribing_call(stranger), patient)


@pytest.mark.parametrize("act", RECORDING)
def test_a_colleague_sees_a_patient_only_where_the_practice_lets_them_cover(
    act: Act, cast: builders.Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    colleague = builders.certified_prescriber(
        cast.administrator, serial=2, practice_id=cast.prescriber.practice_id
    )
    call = builders.prescribing_call(colleague)
    with pytest.raises(NotFound):
        act(call, patient)
    practice = cast.prescriber.practice
    practice.members_cover_each_other = True
    practice.save()
    act(call, patient)


@pytest.mark.parametrize(
    ("act", "field", "value"),
    [
        (test_of, "result", "maybe"),
        (test_of, "specimen", "hair"),
        (test_of, "sensitivity_miu_ml", Decimal(0)),
        (test_of, "laboratory", "City\u202elab"),
        (attest, "methods", ["charm"]),
        (bleed, "kind", "bruise"),
        (report, "subject", "sister"),
        (report, "source", "  "),
        (status, "cycle", "odd"),
        (status, "advisory_flags", ["digoxin", "hay_fever"]),
        (counsel, "program", "other"),
    ],
)
def test_a_value_that_is_not_one_is_refused_by_name(
    act: Act, field: str, value: object, cast: builders.Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest) as refusal:
        act(cast.prescribing, patient, **{field: value})
    assert set(refusal.value.fields) == {field}


def test_a_result_is_not_older_than_its_specimen(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest) as refusal:
        test_of(cast.prescribing, patient, resulted_at=clock.now() - SOON)
    assert set(refusal.value.fields) == {"resulted_at"}


def test_methods_are_not_in_use_since_a_day_after_the_attestation(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest) as refusal:
        attest(cast.prescribing, patient, since=builders.today() + timedelta(days=2))
    assert set(refusal.value.fields) == {"in_use_since"}


def test_other_methods_are_taken_with_the_day_from_which_they_are_used_l_con_2(
    cast: builders.Cast,
) -> None:
    """Left out, that day means that nothing changed: the run would go on from the earlier ones."""
    patient = builders.enroll(cast.prescribing)
    attest(cast.prescribing, patient, since=builders.today() - timedelta(days=40))
    others: list[dict[str, Any]] = [
        {"methods": ["hormonal_patch", "male_condom"]},
        {"methods": [], "abstinence": True},
    ]
    for other in others:
        with pytest.raises(InvalidRequest) as refusal:
            attest(cast.prescribing, patient, **other)
        assert set(refusal.value.fields) == {"in_use_since"}
    today = builders.program_day(clock.now())
    attest(cast.prescribing, patient, methods=["iud", "male_condom", "diaphragm"])
    attest(cast.prescribing, patient, methods=["iud", "diaphragm"])
    attest(cast.prescribing, patient, methods=[], abstinence=True, since=today)
    attest(cast.prescribing, patient, lapse=True)
    attest(cast.prescribing, patient)


@pytest.mark.parametrize("answers", [{}, {"donated_blood": "perhaps"}, {"favorite_color": "green"}])
def test_a_survey_is_complete_or_refused(answers: dict[str, str], cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    given = {**builders.safe_answers("adult_frp"), **answers} if answers else {}
    with pytest.raises(InvalidRequest) as refusal:
        answer(cast.prescribing, patient, answers=given)
    assert all(field.startswith("answers.") for field in refusal.value.fields)


def test_a_prescriber_survey_attests_each_point_or_asks_nothing(cast: builders.Cast) -> None:
    patient = builders.ready_frp(cast.prescribing)
    denied = dict.fromkeys(document(builders.PROGRAM, "prescriber_survey", "adult_frp").codes, "no")
    with pytest.raises(InvalidRequest, match="attest each point"):
        builders.request(cast.prescribing, patient, "adult_frp", survey_answers=denied)
    assert not patient.prescribersurvey_set.exists()


# --- Who may make somebody eligible -------------------------------------------------------------


def test_staff_alone_records_any_result_but_a_negative_one(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    for call in (cast.staff, cast.administrator):
        with pytest.raises(NotAllowed):
            test_of(call, patient)
    assert test_of(cast.staff, patient, result="indeterminate").pk
    assert test_of(cast.staff, patient, result="positive").pk


def test_a_prescriber_who_is_not_certified_records_any_result_but_a_negative_one(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    providers.change_prescriber_standing(
        cast.administrator,
        prescriber_id=cast.prescriber.pk,
        event="suspend",
        reason="Inspection",
    )
    with pytest.raises(Conflict, match="suspended"):
        test_of(cast.prescribing, patient)
    assert test_of(cast.prescribing, patient, result="positive").pk


def test_a_prescriber_who_is_not_certified_completes_no_agreement(cast: builders.Cast) -> None:
    """L-ENR-3: a colleague who covers would rest on it."""
    signatures = Signatures("patient", "Fiona Synthetic", patient_signed_at=clock.now())
    patient = builders.enroll(cast.prescribing, signatures=signatures)
    providers.change_prescriber_standing(
        cast.administrator,
        prescriber_id=cast.prescriber.pk,
        event="suspend",
        reason="Inspection",
    )
    with pytest.raises(Conflict, match="suspended"):
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            agreement_id=patient.agreements.get().pk,
            prescriber_signed_at=clock.now(),
        )


# --- Withdrawing and closing --------------------------------------------------------------------


def test_a_positive_result_is_withdrawn_by_an_administrator_alone_and_the_case_stays(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    test = test_of(cast.prescribing, patient, result="positive")
    for call in (cast.prescribing, cast.staff):
        with pytest.raises(NotAllowed):
            evidence.withdraw_pregnancy_test(call, test_id=test.pk, reason="Mistake")
    evidence.withdraw_pregnancy_test(cast.administrator, test_id=test.pk, reason="Mistake")
    assert patient.pregnancycase_set.get().closed_at is None


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_withdrawal_needs_a_reason_and_happens_once(reason: str, cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    entries: list[tuple[Act, dict[str, Any], Call]] = [
        (
            evidence.withdraw_pregnancy_test,
            {"test_id": test_of(cast.prescribing, patient).pk},
            cast.prescribing,
        ),
        (
            evidence.withdraw_bleeding_report,
            {"report_id": bleed(cast.prescribing, patient).pk},
            cast.prescribing,
        ),
        (
            evidence.withdraw_contraception,
            {"attestation_id": attest(cast.prescribing, patient).pk},
            cast.staff,
        ),
    ]
    for withdraw, which, call in entries:
        with pytest.raises(InvalidRequest):
            withdraw(call, **which, reason=reason)
        assert withdraw(call, **which, reason=" Mistake ").withdrawal_reason == "Mistake"
        with pytest.raises(Conflict):
            withdraw(call, **which, reason="Once more")


def test_a_strangers_entry_is_not_found(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    test, entry = test_of(cast.prescribing, patient), bleed(cast.prescribing, patient)
    stranger = builders.prescribing_call(
        builders.certified_prescriber(cast.administrator, serial=2)
    )
    with pytest.raises(NotFound):
        evidence.withdraw_pregnancy_test(stranger, test_id=test.pk, reason="Mistake")
    with pytest.raises(NotFound):
        evidence.withdraw_bleeding_report(stranger, report_id=entry.pk, reason="Mistake")
    for act, which in (
        (evidence.withdraw_pregnancy_test, "test_id"),
        (evidence.withdraw_bleeding_report, "report_id"),
    ):
        with pytest.raises(NotFound):
            act(cast.administrator, **{which: uuid4()}, reason="Mistake")


def test_a_case_is_closed_once_with_an_outcome_and_a_reason(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    case = report(cast.prescribing, patient)
    close = {"case_id": case.pk, "outcome": "not_pregnant", "reason": "Laboratory error"}
    for wrong in ({"outcome": "fine"}, {"outcome": ""}, {"reason": " "}):
        with pytest.raises(InvalidRequest):
            evidence.close_pregnancy_case(cast.administrator, **{**close, **wrong})
    with pytest.raises(NotFound):
        evidence.close_pregnancy_case(cast.administrator, **{**close, "case_id": uuid4()})
    assert evidence.close_pregnancy_case(cast.administrator, **close).closed_at
    with pytest.raises(Conflict):
        evidence.close_pregnancy_case(cast.administrator, **close)


def test_an_intervention_is_resolved_once_with_a_written_outcome(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    attest(cast.prescribing, patient, lapse=True)
    intervention = patient.intervention_set.get()
    resolution: dict[str, Any] = {
        "intervention_id": intervention.pk,
        "conclusion": "counseled",
        "contacted": "The patient, by telephone",
        "outcome": "Called",
    }
    for wrong in ({"outcome": " "}, {"contacted": " "}, {"conclusion": "fine"}):
        with pytest.raises(InvalidRequest):
            evidence.resolve_intervention(cast.staff, **{**resolution, **wrong})
    resolved = evidence.resolve_intervention(cast.staff, **resolution)
    assert (resolved.conclusion, resolved.contacted) == ("counseled", "The patient, by telephone")
    with pytest.raises(Conflict):
        evidence.resolve_intervention(cast.staff, **resolution)
    with pytest.raises(NotFound):
        evidence.resolve_intervention(cast.staff, **{**resolution, "intervention_id": uuid4()})


# --- Reports of pregnancy -----------------------------------------------------------------------


def test_a_pharmacy_reports_a_pregnancy_of_those_whom_it_serves(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    with pytest.raises(NotFound):
        report(cast.dispensing, authorization.patient)
    builders.confirm(cast.dispensing, authorization)
    assert report(cast.dispensing, authorization.patient).subject == "patient"
    authorization.refresh_from_db()
    assert authorization.state == "void"


def test_a_partners_pregnancy_is_reported_of_men_alone(cast: builders.Cast) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        report(cast.prescribing, builders.enroll(cast.prescribing), subject="partner")
    assert set(refusal.value.fields) == {"subject"}


# --- Cancelling ---------------------------------------------------------------------------------


def test_a_cancellation_needs_a_reason_an_open_number_and_ones_own_patient(
    cast: builders.Cast,
) -> None:
    """L-AUT-9: and it happens once."""
    authorization = builders.authorized_frp(cast)
    cancel = eligibility.cancel_authorization
    stranger = builders.prescribing_call(
        builders.certified_prescriber(cast.administrator, serial=2)
    )
    with pytest.raises(NotFound):
        cancel(stranger, authorization_id=authorization.pk, reason="Not mine")
    with pytest.raises(InvalidRequest):
        cancel(cast.prescribing, authorization_id=authorization.pk, reason=" ")
    cancel(cast.prescribing, authorization_id=authorization.pk, reason="Wrong strength")
    with pytest.raises(Conflict):
        cancel(cast.prescribing, authorization_id=authorization.pk, reason="Once more")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"directions": " "}, "directions"),
        ({"indication": "<b>C90"}, "indication"),
        ({"indication": "\u202e00.09C"}, "indication"),
        ({"strength_mg": Decimal(0)}, "strength_mg"),
    ],
)
def test_an_incomplete_prescription_is_refused_by_name(
    wrong: dict[str, Any], field: str, cast: builders.Cast
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    with pytest.raises(InvalidRequest) as refusal:
        builders.request(cast.prescribing, patient, "adult_frp", **wrong)
    assert set(refusal.value.fields) == {field}
    assert not patient.prescribersurvey_set.exists()


def test_the_staff_alone_record_no_survey_that_makes_someone_eligible(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(NotAllowed):
        builders.survey(cast.staff, patient, "adult_frp")
    risky = {**builders.safe_answers("adult_frp"), "shared_drug": "yes"}
    survey = evidence.record_patient_survey(
        cast.staff,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        completed_at=clock.now(),
        answers=risky,
    )
    assert survey.at_risk
