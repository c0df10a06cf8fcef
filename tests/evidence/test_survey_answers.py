"""What a patient's answers make known, and where they differ from the prescriber's (L-SUR-3)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.audit.models import Event
from apps.core import clock
from apps.core.errors import InvalidRequest
from apps.eligibility import deciding
from apps.evidence import services as evidence
from apps.evidence.models import Deviation, Intervention, PatientSurvey, PrescriberSurvey
from apps.notices.messages import message_of
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.patients.services import Identity, Signatures
from apps.rules.documents import document
from apps.rules.guidance import guidance
from tests import builders
from tests.builders import PROGRAM, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: Cast) -> Iterator[Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


LAPSES = [
    ("unprotected_contact", "yes"),
    ("contraception_lapse", "yes"),
    ("uses_two_methods", "no"),
]
BLEEDING = [("missed_period", "missed_period"), ("unusual_bleeding", "abnormal_bleeding")]
L_SUR_3 = {
    # The at-risk answers that the rule names, and who is asked.
    "may_be_pregnant": ("adult_frp", "child_frp"),
    "missed_period": ("adult_frp", "child_frp"),
    "unprotected_contact": ("adult_frp", "child_frp"),
    "contraception_lapse": ("adult_frp", "child_frp"),
    "menses_or_bleeding": ("adult_fnrp", "child_fnrp"),
    "unprotected_partner": ("adult_male", "child_male"),
    "donated_sperm": ("adult_male", "child_male"),
    "donated_blood": ("adult_frp", "adult_fnrp", "adult_male"),
    "shared_drug": ("adult_frp", "adult_fnrp", "adult_male"),
    "understands_birth_defects": ("adult_frp", "adult_fnrp", "adult_male"),
    "facts_changed": ("adult_frp", "adult_fnrp", "adult_male"),
}

MAN = Identity("Max", "Manly", date(1970, 2, 3), "60601")


def answer(
    cast: Cast, patient: Patient, category: str = "adult_frp", **given: str
) -> PatientSurvey:
    """A survey completed now with these answers, the others safe."""
    survey: PatientSurvey = evidence.record_patient_survey(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers(category), **given},
    )
    return survey


@pytest.mark.parametrize(
    ("question", "category"),
    [(question, category) for question, asked in L_SUR_3.items() for category in asked],
)
def test_each_answer_that_the_rule_names_is_asked_for_and_is_at_risk(
    question: str, category: str
) -> None:
    """L-SUR-3"""
    items = {item.code: item for item in document(PROGRAM, "patient_survey", category).items}
    assert items[question].at_risk == ("no" if question.startswith("understands") else "yes")


@pytest.mark.parametrize(("question", "risky"), LAPSES)
def test_a_lapse_told_in_a_survey_breaks_the_run_and_voids_what_is_open(
    cast: Cast, question: str, risky: str
) -> None:
    """L-CON-4, L-SUR-3"""
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient

    survey = answer(cast, patient, **{question: risky})

    authorization.refresh_from_db()
    assert authorization.state == "void"
    attestation = patient.contraceptionattestation_set.latest("recorded_at")
    assert (attestation.lapse, attestation.survey_id) == (True, survey.pk)
    assert attestation.attested_at == survey.completed_at
    intervention = patient.intervention_set.get()
    assert (intervention.cause, intervention.questions) == ("at_risk_answer", [question])
    assert intervention.survey_id == survey.pk
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert {"L-SUR-3", "L-CON-1", "L-CON-2", "L-PT-1"} <= set(refused.document["unmet"])
    assert refused.document["path"] == "initiation"


def test_what_a_survey_of_a_mere_date_tells_counts_from_that_days_end_l_src_2(cast: Cast) -> None:
    """The test and the counseling of that morning may have come before what she told."""
    patient = builders.ready_frp(cast.prescribing)
    risky = {"missed_period": "yes", "contraception_lapse": "yes"}
    survey = evidence.record_patient_survey(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        completed_on=builders.program_day(clock.now()),
        answers={**builders.safe_answers("adult_frp"), **risky},
    )
    report = patient.bleedingreport_set.get()
    lapse = patient.contraceptionattestation_set.get(lapse=True)
    told = (report.reported_at, report.date_only, lapse.attested_at, lapse.date_only)
    assert told == (survey.recorded_at, True, survey.recorded_at, True)
    assert survey.completed_at < survey.recorded_at
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert {"L-PT-8", "L-CON-1"} <= set(refused.document["unmet"])


@pytest.mark.parametrize(("question", "kind"), BLEEDING)
def test_a_missed_period_or_bleeding_told_in_a_survey_is_an_evaluation_hold(
    cast: Cast, question: str, kind: str
) -> None:
    """L-PT-8: it outlives the intervention, and ends with a test and counseling after it."""
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient

    survey = answer(cast, patient, **{question: "yes"})

    report = patient.bleedingreport_set.get()
    assert (report.kind, report.survey_id) == (kind, survey.pk)
    assert report.reported_at == survey.completed_at
    refused = builders.confirm(cast.dispensing, authorization)
    assert refused.document["unmet"] == ["L-PT-8", "L-SUR-3"]
    resolve(cast, patient.intervention_set.get())
    refused = builders.confirm(cast.dispensing, authorization)
    assert refused.document["unmet"] == ["L-PT-8"]
    builders.negative_test(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    assert builders.confirm(cast.dispensing, authorization).allowed


def test_bleeding_told_off_the_pregnancy_path_waits_for_a_new_agreement(cast: Cast) -> None:
    """L-PT-8: it may be a return of menses."""
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    answer(cast, patient, "adult_fnrp", menses_or_bleeding="yes")
    assert patient.bleedingreport_set.get().kind == "abnormal_bleeding"
    builders.obligations(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    resolve(cast, patient.intervention_set.get())
    refused = builders.request(cast.prescribing, patient, "adult_fnrp")
    assert refused.document["unmet"] == ["L-PT-8"]
    reaffirm(cast, patient)
    assert builders.request(cast.prescribing, patient, "adult_fnrp").allowed


def test_may_be_pregnant_opens_a_case_and_a_mans_partner_one_that_does_not_block(
    cast: Cast,
) -> None:
    """L-SUR-3, L-PRG-1"""
    authorization = builders.authorized_frp(cast)
    survey = answer(cast, authorization.patient, may_be_pregnant="yes")
    case = authorization.patient.pregnancycase_set.get()
    assert (case.subject, case.survey_id) == ("patient", survey.pk)
    assert case.steps.count() > 0
    authorization.refresh_from_db()
    assert authorization.state == "void"

    man = builders.enroll(cast.prescribing, "adult_male", identity=MAN)
    answer(cast, man, "adult_male", partner_may_be_pregnant="yes")
    assert man.pregnancycase_set.get().subject == "partner"
    builders.obligations(cast.prescribing, man)
    builders.counseling(cast.prescribing, man)
    resolve(cast, man.intervention_set.get())
    assert builders.request(cast.prescribing, man, "adult_male").allowed


def test_several_risky_answers_make_one_intervention_that_names_them_all(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    answer(cast, patient, contraception_lapse="yes", unprotected_contact="yes", shared_drug="yes")
    intervention = patient.intervention_set.get()
    assert intervention.questions == ["contraception_lapse", "shared_drug", "unprotected_contact"]
    assert patient.contraceptionattestation_set.filter(lapse=True).count() == 1


def test_a_notice_of_an_intervention_names_no_question_and_no_answer(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    answer(cast, patient, missed_period="yes", donated_blood="yes")
    told = Notice.objects.exclude(template__startswith="reminder")
    assert {"intervention_opened", "evaluation_needed"} <= {each.template for each in told}
    for notice in told:
        said = message_of(notice)
        text = f"{said.subject} {said.text} {notice.params}".lower()
        assert not any(word in text for word in ("period", "blood", "pregnan", "survey", "test"))


# --- What the patient reads at once ---------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        item.code
        for item in document(PROGRAM, "patient_survey").items
        if item.danger and item.code != "menses_or_bleeding"
    ],
)
def test_a_dangerous_answer_tells_to_stop_whom_to_call_and_what_follows(question: str) -> None:
    """L-SUR-3"""
    item = next(i for i in document(PROGRAM, "patient_survey").items if i.code == question)
    text = guidance(PROGRAM, {question: item.at_risk or ""})
    assert text is not None
    assert {"stop_capsules", "call_prescriber", "what_next"} <= text.codes


@pytest.mark.parametrize(("question", "risky"), LAPSES)
def test_after_unprotected_contact_emergency_contraception_is_named(
    question: str, risky: str
) -> None:
    """L-SUR-3"""
    text = guidance(PROGRAM, {question: risky})
    assert text is not None
    assert "emergency_contraception" in text.codes


def test_every_risky_answer_tells_whom_to_call_and_safe_ones_tell_nothing() -> None:
    for item in document(PROGRAM, "patient_survey").items:
        if item.at_risk:
            text = guidance(PROGRAM, {item.code: item.at_risk})
            assert text is not None
            assert "call_prescriber" in text.codes
    assert guidance(PROGRAM, builders.safe_answers("adult_frp")) is None
    every = document(PROGRAM, "patient_survey").codes
    for sentence in document(PROGRAM, "patient_guidance").items:
        assert sentence.when <= every


def test_a_record_says_which_version_and_language_of_each_text_was_used(cast: Cast) -> None:
    authorization = builders.authorized_frp(cast)
    safe = PatientSurvey.objects.get()
    asked = document(PROGRAM, "patient_survey")
    assert (safe.text_version, safe.text_language) == (asked.version, "en")
    assert safe.guidance_version == ""
    risky = answer(cast, authorization.patient, shared_drug="yes")
    assert risky.guidance_version == document(PROGRAM, "patient_guidance").version
    prescribers = PrescriberSurvey.objects.get()
    assert prescribers.text_language == "en"
    assert authorization.patient.agreements.get().text_language == "en"


# --- The prescriber's survey, and what differs ----------------------------------------------------


def test_the_prescribers_survey_states_the_record_and_the_days_prescribed(cast: Cast) -> None:
    """L-SUR-1: category, counseling, the last test, the cycle, the days of therapy prescribed."""
    patient = builders.ready_frp(cast.prescribing)
    cycle(cast, patient, "regular")
    builders.request(cast.prescribing, patient, "adult_frp", days_supply=21)
    survey = PrescriberSurvey.objects.get()
    assert survey.risk_category == "adult_frp"
    test = patient.pregnancytest_set.latest("collected_at")
    stated = survey.stated
    assert datetime.fromisoformat(stated["last_test"]["collected_at"]) == test.collected_at
    assert stated["last_test"]["result"] == "negative"
    assert (stated["cycle"], stated["days_supply"]) == ("regular", 21)
    given_at = patient.counseling_set.get().given_at
    assert datetime.fromisoformat(stated["counseled_at"]) == given_at
    assert survey.answers["counseled"] == "yes"


def test_the_prescribers_survey_must_attest_each_point(cast: Cast) -> None:
    """L-SUR-1"""
    patient = builders.ready_frp(cast.prescribing)
    codes = document(PROGRAM, "prescriber_survey", "adult_frp").codes
    for left_out in codes:
        answers = dict.fromkeys(codes, "yes")
        for wrong in ({**answers, left_out: "no"}, dict.fromkeys(codes - {left_out}, "yes")):
            with pytest.raises(InvalidRequest):
                builders.request(cast.prescribing, patient, "adult_frp", survey_answers=wrong)
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed


MISMATCHES: list[tuple[dict[str, str], str, list[str]]] = [
    ({"counseled": "no"}, "", ["counseled"]),
    ({"regular_periods": "no"}, "regular", ["regular_periods"]),
    # None is recorded: the tests are planned as for a regular one.
    ({"regular_periods": "no"}, "", ["regular_periods"]),
    ({"regular_periods": "yes"}, "irregular", ["regular_periods"]),
    ({"regular_periods": "yes"}, "none", ["regular_periods"]),
    ({"counseled": "no", "regular_periods": "no"}, "regular", ["counseled", "regular_periods"]),
]


@pytest.mark.parametrize(("given", "recorded", "questions"), MISMATCHES)
def test_the_request_that_shows_a_mismatch_is_refused_and_the_staff_resolve_it(
    cast: Cast, given: dict[str, str], recorded: str, questions: list[str]
) -> None:
    """L-SUR-3"""
    patient = builders.ready_frp(cast.prescribing)
    if recorded:
        cycle(cast, patient, recorded)
    survey = answer(cast, patient, **given)
    assert not Intervention.objects.exists()

    refused = builders.request(cast.prescribing, patient, "adult_frp")

    assert refused.document["unmet"] == ["L-SUR-3"]
    assert deciding.replay(refused)["unmet"] == ["L-SUR-3"]
    intervention = Intervention.objects.get()
    assert (intervention.cause, intervention.questions) == ("mismatch", questions)
    assert intervention.survey_id == survey.pk
    opened = Event.objects.get(code="intervention_opened")
    assert opened.data == {"cause": "mismatch", "questions": questions}

    again = builders.request(cast.prescribing, patient, "adult_frp")
    assert again.document["unmet"] == ["L-SUR-3"]
    assert Intervention.objects.count() == 1

    resolve(cast, intervention)
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        ({"regular_periods": "no"}, "irregular"),
        ({"regular_periods": "no"}, "none"),
        ({"regular_periods": "yes"}, "regular"),
        ({}, ""),
    ],
)
def test_answers_that_agree_open_nothing(cast: Cast, given: dict[str, str], recorded: str) -> None:
    patient = builders.ready_frp(cast.prescribing)
    if recorded:
        cycle(cast, patient, recorded)
    answer(cast, patient, **given)
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed
    assert not Intervention.objects.exists()


def test_new_answers_are_compared_anew_and_a_survey_that_serves_is_not(cast: Cast) -> None:
    patient = builders.ready_frp(cast.prescribing)
    answer(cast, patient, counseled="no")
    assert not builders.request(cast.prescribing, patient, "adult_frp").allowed
    resolve(cast, Intervention.objects.get())
    # Corrected by a later survey; then the same answer again is another mismatch.
    answer(cast, patient)
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed
    answer(cast, patient, counseled="no")
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert "L-SUR-3" in refused.document["unmet"]
    assert Intervention.objects.count() == 2


def test_a_survey_of_thirty_days_ago_is_compared_also_when_the_clocks_were_put_back(
    cast: Cast,
) -> None:
    """L-SUR-2, L-SUR-3: it serves until the end of its thirtieth day, however long the days are."""
    with time_machine.travel(datetime(2026, 10, 5, 4, 30, tzinfo=UTC), tick=False) as traveller:
        patient = builders.enroll(cast.prescribing)
        answer(cast, patient, counseled="no")
        traveller.move_to(datetime(2026, 11, 5, 4, 45, tzinfo=UTC))  # 23:45 in New York
        builders.contraception(cast.prescribing, patient, since=date(2026, 9, 1))
        builders.negative_test(cast.prescribing, patient, ago=timedelta(days=11))
        builders.negative_test(cast.prescribing, patient)
        builders.obligations(cast.prescribing, patient)
        builders.counseling(cast.prescribing, patient)
        refused = builders.request(cast.prescribing, patient, "adult_frp")
        assert refused.document["unmet"] == ["L-SUR-3"]


def test_a_survey_that_is_too_old_to_serve_is_not_compared(cast: Cast) -> None:
    start = datetime(2026, 6, 1, 16, tzinfo=UTC)
    with time_machine.travel(start) as traveller:
        patient = builders.enroll(cast.prescribing)
        answer(cast, patient, counseled="no")
        traveller.shift(timedelta(days=32))
        builders.make_ready_frp(cast.prescribing, patient)
        assert builders.request(cast.prescribing, patient, "adult_frp").allowed


def test_a_risky_survey_entered_late_reports_the_pregnancy_late(cast: Cast) -> None:
    """L-PRG-2: the deviation of a late report."""
    start = datetime(2026, 6, 1, 16, tzinfo=UTC)
    with time_machine.travel(start) as traveller:
        patient = builders.enroll(cast.prescribing)
        completed_at = clock.now()
        traveller.shift(timedelta(days=2))
        evidence.record_patient_survey(
            cast.prescribing,
            patient_id=patient.pk,
            program=PROGRAM,
            completed_at=completed_at,
            answers={**builders.safe_answers("adult_frp"), "may_be_pregnant": "yes"},
        )
        deviation = Deviation.objects.get(kind="late_pregnancy_report")
        assert deviation.occurred_at == completed_at


def reaffirm(cast: Cast, patient: Patient) -> Any:
    now = clock.now()
    return evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        signatures=Signatures(
            signer="patient",
            signer_name="Fiona Synthetic",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )


def cycle(cast: Cast, patient: Patient, code: str) -> Any:
    return evidence.record_health_status(
        cast.prescribing, patient_id=patient.pk, cycle=code, breastfeeding=False
    )


def resolve(cast: Cast, intervention: Intervention) -> Intervention:
    return evidence.resolve_intervention(
        cast.staff,
        intervention_id=intervention.pk,
        conclusion="counseled",
        contacted="The patient, by telephone",
        outcome="Counseled; all is understood",
    )
