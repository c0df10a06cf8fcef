"""Changing a risk category (L-CAT-3): who approves, when it takes effect, and what it voids."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from apps.core import clock
from apps.core.call import Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import selectors as eligibility
from apps.evidence import services as evidence
from apps.notices.models import Notice
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import CategoryAssignment, CategoryChange, Patient
from apps.patients.services import CategoryBasis, Signatures
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


HYSTERECTOMY = CategoryBasis(kind="hysterectomy", on=date(2026, 5, 1))


def signatures(**fields: Any) -> Signatures:
    now = clock.now()
    whole = Signatures(
        signer="patient",
        signer_name="Fiona Synthetic",
        patient_signed_at=now,
        prescriber_signed_at=now,
    )
    return replace(whole, **fields)


def change(call: Call, patient: Patient, risk_category: str, **fields: Any) -> CategoryChange:
    defaults: dict[str, Any] = {
        "basis": HYSTERECTOMY if risk_category == "adult_fnrp" else None,
        "reason": "Operated on",
        "said_by": "The surgeon's letter",
        "signatures": signatures(),
    }
    return evidence.change_category(
        call,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        risk_category=risk_category,
        **{**defaults, **fields},
    )


def approve(cast: builders.Cast, waiting: CategoryChange) -> CategoryChange:
    return evidence.decide_category_change(
        cast.administrator, change_id=waiting.pk, decision="approve", reason="Letter checked"
    )


def unmet(cast: builders.Cast, patient: Patient) -> list[str]:
    found = eligibility.outlook(cast.prescribing.actor, [patient.pk], builders.PROGRAM)
    unmet: list[str] = found[patient.pk]["unmet"]
    return unmet


def category(patient: Patient) -> str:
    return patients.current_category(patient).risk_category


def test_l_cat_3_less_monitoring_waits_and_changes_nothing_until_an_administrator_approves(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient

    waiting = change(cast.prescribing, patient, "adult_fnrp")

    authorization.refresh_from_db()
    assert (waiting.state, waiting.needs_approval) == ("pending", True)
    assert category(patient) == "adult_frp"
    assert authorization.state == "issued"
    assert "L-ENR-3" not in unmet(cast, patient)
    assert Notice.objects.filter(template="category_change_waits").count() == 1

    done = approve(cast, waiting)

    authorization.refresh_from_db()
    assert (done.state, done.decision_reason) == ("approved", "Letter checked")
    assert done.assignment == patients.current_category(patient)
    assert category(patient) == "adult_fnrp"
    assert patients.current_category(patient).basis_kind == "hysterectomy"
    assert (authorization.state, authorization.ended_reason) == ("void", "category_changed")
    assert not {"L-ENR-3", "L-CAT-2", "L-AUT-3"} & set(unmet(cast, patient))


def test_l_cat_3_an_approved_change_tells_the_prescriber_and_the_pharmacy_that_holds_a_number(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None

    approve(cast, change(cast.prescribing, authorization.patient, "adult_fnrp"))

    confirmation.refresh_from_db()
    assert confirmation.state == "void"
    told = Notice.objects.filter(template__in=["category_changed", "authorization_voided"])
    assert {(each.template, each.recipient_kind) for each in told} == {
        ("category_changed", "prescriber"),
        ("authorization_voided", "prescriber"),
        ("authorization_voided", "pharmacy"),
    }


def test_l_cat_3_a_refused_change_leaves_the_category_and_tells_the_prescriber(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    waiting = change(cast.prescribing, patient, "adult_fnrp")

    refused = evidence.decide_category_change(
        cast.administrator, change_id=waiting.pk, decision="refuse", reason="No letter"
    )

    assert (refused.state, refused.decision_reason, refused.assignment) == (
        "refused",
        "No letter",
        None,
    )
    assert category(patient) == "adult_frp"
    assert "L-ENR-3" not in unmet(cast, patient)
    assert Notice.objects.filter(
        template="category_change_refused", recipient_id=cast.prescriber.pk
    ).exists()
    with pytest.raises(Conflict):
        approve(cast, waiting)


def test_l_cat_3_nobody_but_an_administrator_decides_and_never_on_the_own_request(
    cast: builders.Cast,
) -> None:
    waiting = change(cast.prescribing, builders.enroll(cast.prescribing), "adult_fnrp")
    for call in (cast.staff, cast.prescribing, cast.dispensing):
        with pytest.raises(NotAllowed):
            evidence.decide_category_change(
                call, change_id=waiting.pk, decision="approve", reason="So"
            )
    same_person = Call(
        actor=replace(cast.administrator.actor, id=cast.prescribing.actor.id),
        channel=cast.administrator.channel,
    )
    with pytest.raises(NotAllowed, match="yourself"):
        evidence.decide_category_change(
            same_person, change_id=waiting.pk, decision="approve", reason="So"
        )
    waiting.refresh_from_db()
    assert waiting.state == "pending"


def test_l_cat_3_nobody_decides_for_the_own_patient_whoever_asked(cast: builders.Cast) -> None:
    delegate = builders.call_of(
        replace(cast.prescribing.actor, id=cast.staff.actor.id, role=Role.DELEGATE)
    )
    waiting = change(
        delegate,
        builders.enroll(cast.prescribing),
        "adult_fnrp",
        signatures=signatures(prescriber_signed_at=None),
    )
    prescriber_in_office = builders.call_of(
        replace(cast.administrator.actor, id=cast.prescribing.actor.id)
    )
    with pytest.raises(NotAllowed, match="prescribe for this patient yourself"):
        evidence.decide_category_change(
            prescriber_in_office, change_id=waiting.pk, decision="approve", reason="So"
        )


def test_l_cat_3_more_monitoring_takes_effect_at_once_and_begins_at_initiation(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    builders.prepare(cast.prescribing, patient, "adult_fnrp")
    first = builders.request(cast.prescribing, patient, "adult_fnrp").authorization
    assert first is not None
    held = builders.confirm(cast.dispensing, first).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)

    done = change(cast.prescribing, patient, "adult_frp")

    assert (done.state, done.needs_approval) == ("approved", False)
    assert category(patient) == "adult_frp"
    outlook = eligibility.outlook(cast.prescribing.actor, [patient.pk], builders.PROGRAM)[
        patient.pk
    ]
    assert outlook["path"] == "initiation"
    assert {"L-PT-1", "L-PT-2", "L-CON-2"} <= set(outlook["unmet"])


def test_l_sur_2_answers_to_the_questions_off_the_path_serve_nobody_on_it(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    builders.prepare(cast.prescribing, patient, "adult_fnrp")
    change(cast.prescribing, patient, "adult_frp")
    assert "L-SUR-2" in unmet(cast, patient)
    builders.survey(cast.prescribing, patient, "adult_frp")
    assert "L-SUR-2" not in unmet(cast, patient)


def test_l_sur_2_answers_to_the_same_questions_go_on_serving_who_comes_of_age(
    cast: builders.Cast,
) -> None:
    girl = builders.enroll(cast.prescribing, "child_frp")
    builders.survey(cast.prescribing, girl, "child_frp")
    CategoryAssignment.objects.create(
        patient=girl,
        risk_category="adult_frp",
        reason="Of age",
        recorded_at=clock.now(),
        operation=girl.categories.get().operation,
    )
    assert "L-SUR-2" not in unmet(cast, girl)


def test_l_cat_3_coming_onto_the_path_voids_at_once_while_a_signature_is_missing(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    builders.prepare(cast.prescribing, patient, "adult_fnrp")
    issued = builders.request(cast.prescribing, patient, "adult_fnrp").authorization
    assert issued is not None

    waiting = change(
        cast.prescribing, patient, "adult_frp", signatures=signatures(patient_signed_at=None)
    )

    issued.refresh_from_db()
    assert (waiting.state, issued.state) == ("pending", "void")
    with pytest.raises(Conflict, match="waits for a signature"):
        builders.request(cast.prescribing, patient, "adult_fnrp")

    evidence.sign_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        agreement_id=waiting.agreement_id,
        patient_signed_at=clock.now(),
    )

    waiting.refresh_from_db()
    assert waiting.state == "approved"
    assert category(patient) == "adult_frp"


def test_l_cat_3_a_missing_signature_is_added_before_an_administrator_can_approve(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    waiting = change(
        cast.prescribing, patient, "adult_fnrp", signatures=signatures(patient_signed_at=None)
    )
    assert not standing.waits_for_approval().exists()
    with pytest.raises(Conflict, match="signed by both"):
        approve(cast, waiting)

    evidence.sign_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        agreement_id=waiting.agreement_id,
        patient_signed_at=clock.now(),
    )

    authorization.refresh_from_db()
    assert authorization.state == "issued"
    assert list(standing.waits_for_approval()) == [waiting]
    assert approve(cast, waiting).state == "approved"


def test_l_cat_3_an_agreement_of_a_change_that_was_refused_is_not_signed_any_more(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    waiting = change(
        cast.prescribing, patient, "adult_fnrp", signatures=signatures(patient_signed_at=None)
    )
    evidence.withdraw_category_change(cast.prescribing, change_id=waiting.pk, reason="A mistake")

    with pytest.raises(Conflict, match="did not come about"):
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            agreement_id=waiting.agreement_id,
            patient_signed_at=clock.now(),
        )


def test_l_cat_3_one_change_waits_at_a_time(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    waiting = change(cast.prescribing, patient, "adult_fnrp")

    with pytest.raises(Conflict, match="waits for this patient"):
        change(cast.prescribing, patient, "adult_male")

    evidence.withdraw_category_change(cast.prescribing, change_id=waiting.pk, reason="A mistake")
    assert change(cast.prescribing, patient, "adult_male").needs_approval


def test_l_cat_3_a_change_needs_a_reason_who_said_so_and_a_category_that_fits(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("adult_fnrp", {"reason": " "}, "reason"),
        ("adult_fnrp", {"said_by": ""}, "said_by"),
        ("adult_fnrp", {"basis": None}, "category_basis"),
        ("child_frp", {}, "risk_category"),
        ("adult_frp", {}, "risk_category"),
        ("adult_fnrp", {"signatures": signatures(signer="guardian")}, "signer"),
    ]
    for risk_category, fields, named in wrong:
        with pytest.raises(InvalidRequest) as refusal:
            change(cast.prescribing, patient, risk_category, **fields)
        assert named in refusal.value.fields
    assert not CategoryChange.objects.exists()


def test_l_cat_3_only_the_own_patients_category_is_changed(cast: builders.Cast) -> None:
    other = builders.prescribing_call(builders.certified_prescriber(cast.administrator, serial=2))
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(NotFound):
        change(other, patient, "adult_fnrp")
    waiting = change(cast.prescribing, patient, "adult_fnrp")
    with pytest.raises(NotFound):
        evidence.withdraw_category_change(other, change_id=waiting.pk, reason="Mine")


def test_l_cat_3_an_approval_comes_too_late_when_a_supply_was_dispensed_since_the_signature(
    cast: builders.Cast,
) -> None:
    """Else a later return onto the pregnancy path would not begin at initiation (L-AUT-1)."""
    authorization = builders.authorized_frp(cast)
    waiting = change(cast.prescribing, authorization.patient, "adult_fnrp")
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)

    with pytest.raises(Conflict, match="sign it anew"):
        approve(cast, waiting)

    waiting.refresh_from_db()
    assert waiting.state == "pending"
    assert category(authorization.patient) == "adult_frp"


def test_l_cat_3_an_agreement_that_is_not_the_latest_brings_no_category(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    earlier = clock.now() - timedelta(days=3)
    with pytest.raises(Conflict, match="later agreement"):
        change(
            cast.prescribing,
            patient,
            "adult_frp",
            signatures=signatures(patient_signed_at=earlier, prescriber_signed_at=earlier),
        )


def test_l_cat_3_both_categories_stay_in_history(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    approve(cast, change(cast.prescribing, patient, "adult_fnrp"))
    change(cast.prescribing, patient, "adult_frp", reason="Menses again", said_by="The patient")

    given = patient.categories.order_by("recorded_at").values_list("risk_category", "reason")
    assert list(given) == [
        ("adult_frp", "Enrollment"),
        ("adult_fnrp", "Operated on"),
        ("adult_frp", "Menses again"),
    ]


def test_l_cat_1_a_child_who_came_of_age_is_recategorized_with_a_new_agreement(
    cast: builders.Cast,
) -> None:
    with time_machine.travel(builders.START, tick=True):
        patient = builders.enroll(cast.prescribing, "child_frp")
    with time_machine.travel(builders.START.replace(year=2033), tick=True):
        assert "L-CAT-1" in unmet(cast, patient)
        done = change(cast.prescribing, patient, "adult_frp", reason="Came of age")
        assert done.state == "approved"
        assert not {"L-CAT-1", "L-ENR-3"} & set(unmet(cast, patient))


def test_l_pt_8_a_report_off_the_path_is_settled_by_a_new_category_or_a_new_agreement(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_fnrp")
    evidence.report_bleeding(
        cast.prescribing,
        patient_id=patient.pk,
        reported_at=clock.now(),
        kind="abnormal_bleeding",
    )
    assert "L-PT-8" in unmet(cast, patient)

    evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=signatures(),
    )

    assert "L-PT-8" not in unmet(cast, patient)


def test_l_cat_3_who_was_off_the_pregnancy_path_begins_anew_whatever_the_care_team_withdraws(
    cast: builders.Cast,
) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    patient = held.authorization.patient
    with time_machine.travel(builders.START + timedelta(days=5), tick=True):
        less = approve(cast, change(cast.prescribing, patient, "adult_fnrp"))
    with time_machine.travel(builders.START + timedelta(days=21), tick=True):
        change(cast.prescribing, patient, "adult_frp")
        for call in (cast.prescribing, cast.staff):
            with pytest.raises(NotAllowed, match="only an administrator"):
                evidence.withdraw_entry(
                    call, kind="agreement", entry_id=less.agreement_id, reason="By mistake"
                )
        builders.negative_test(cast.prescribing, patient)
        assert "L-PT-1" in unmet(cast, patient)
        evidence.withdraw_entry(
            cast.administrator, kind="agreement", entry_id=less.agreement_id, reason="Twins"
        )
        assert "L-PT-1" not in unmet(cast, patient)


def test_l_enr_3_an_agreement_for_the_category_of_before_is_not_completed_any_more(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    waiting = evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=signatures(patient_signed_at=None),
    )
    approve(cast, change(cast.prescribing, patient, "adult_fnrp"))
    with pytest.raises(Conflict, match="category has changed since"):
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            agreement_id=waiting.pk,
            patient_signed_at=clock.now(),
        )
    assert "L-ENR-3" not in unmet(cast, patient)


def test_l_pt_8_another_basis_lifts_no_bleeding_report_without_an_administrator(
    cast: builders.Cast,
) -> None:
    """Where her menses returned, the 24 months count anew, whatever basis is found for her then."""
    since = CategoryBasis("natural_menopause", date(2020, 1, 1))
    patient = builders.enroll(cast.prescribing, "adult_fnrp", basis=since)
    evidence.report_bleeding(
        cast.prescribing,
        patient_id=patient.pk,
        kind="abnormal_bleeding",
        reported_at=clock.now(),
    )
    for basis in (HYSTERECTOMY, CategoryBasis("natural_menopause", date(2019, 1, 1))):
        waiting = change(cast.prescribing, patient, "adult_fnrp", basis=basis)
        assert (waiting.state, waiting.needs_approval) == ("pending", True)
        assert "L-CAT-2" in unmet(cast, patient)
        evidence.withdraw_category_change(cast.prescribing, change_id=waiting.pk, reason="Again")

    later = CategoryBasis("natural_menopause", builders.program_day(clock.now()))
    assert change(cast.prescribing, patient, "adult_fnrp", basis=later).state == "approved"
    assert "L-CAT-2" in unmet(cast, patient)

    approve(cast, change(cast.prescribing, patient, "adult_fnrp"))
    assert not {"L-CAT-2", "L-PT-8"} & set(unmet(cast, patient))
