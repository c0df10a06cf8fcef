"""No list of an action answers by itself; what is known is shown where it is decided upon."""

from datetime import timedelta
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import Intake, PregnancyTest
from apps.patients.models import Patient, PatientCode
from tests import builders
from tests.backoffice.test_standing import act, page, waiting

pytestmark = pytest.mark.django_db

# Each has a list whose first answer would help, identify somebody or say what became of something.
WITH_LISTS = (
    "intake-pregnancy-test",
    "intake-pregnancy-report",
    "intake-agreement-renewal",
    "let-in",
    "late-dispense",
    "representative",
)
TOLD = {
    "channel": "phone",
    "told_by": "prescriber",
    "told_by_name": "Nina Nurse",
    "verification": "identifiers",
}


def supposed(form: forms.Form) -> dict[str, Any]:
    """The lists that show an answer which nobody gave and no record knows, with that answer."""
    found = {}
    for name, field in form.fields.items():
        is_list = isinstance(field.widget, forms.Select)
        if not is_list or field.widget.allow_multiple_selected:
            continue
        codes = [str(code) for code, _ in field.widget.choices]
        if len(codes) > 1 and codes[0] and str(form[name].value() or "") not in codes:
            found[name] = codes[0]
    return found


def test_no_list_shows_an_answer_that_nobody_gave(cast: builders.Cast, staff: Client) -> None:
    """A test that nobody called negative; somebody whom nobody said to have seen."""
    patient = builders.enroll(cast.prescribing)
    for name in WITH_LISTS:
        form = staff.get(page(patient, name)).context["form"]
        assert supposed(form) == {}, name
    hurried = {**TOLD, "prescriber_id": str(cast.prescriber.pk), "sensitivity_miu_ml": "25"}
    refused = act(staff, patient, "intake-pregnancy-test", **hurried, result="", specimen="")
    assert {"result", "specimen"} <= set(refused.context["form"].errors)
    shown = act(staff, patient, "let-in", purpose="enter", way="shown", identified="")
    assert "identified" in shown.context["form"].errors
    assert not any(model.objects.exists() for model in (PregnancyTest, Intake, PatientCode))


def test_what_a_caller_leaves_out_of_the_health_stays_as_it_was(
    cast: builders.Cast, staff: Client
) -> None:
    """L-PT-4, L-CON-7: that she breastfeeds ends neither an irregular cycle nor an advisory."""
    patient = builders.enroll(cast.prescribing)
    evidence.record_health_status(
        cast.prescribing,
        patient_id=patient.pk,
        cycle="irregular",
        breastfeeding=False,
        advisory_flags=["digoxin"],
    )
    form = staff.get(page(patient, "intake-health-status")).context["form"]
    entered = {**TOLD, "told_by": "patient", "cycle": form["cycle"].value(), "breastfeeding": "yes"}
    assert act(staff, patient, "intake-health-status", **entered).status_code == 302
    latest = patient.healthstatus_set.latest("recorded_at")
    assert (latest.breastfeeding, latest.cycle) == (True, "irregular")
    assert latest.advisory_flags == ["digoxin"]


def test_a_first_attestation_by_phone_tells_since_when(cast: builders.Cast, staff: Client) -> None:
    """L-CON-2: the four weeks would count from the call, and no later entry could mend that."""
    patient = builders.enroll(cast.prescribing)
    told = {**TOLD, "prescriber_id": str(cast.prescriber.pk), "program": builders.PROGRAM,
            "abstinence": "no", "lapse": "no", "methods": ["iud", "male_condom"],
            "attested_on": (clock.now() - timedelta(days=1)).date().isoformat()}  # fmt: skip

    def errors(**more: Any) -> set[str]:
        answer = act(staff, patient, "intake-contraception", **{**told, **more})
        return set(answer.context["form"].errors) if answer.status_code == 200 else set()

    assert errors() == {"in_use_since"}
    assert errors(lapse="yes", methods=[]) == set()
    builders.contraception(cast.prescribing, patient)
    assert errors() == set()


def test_who_decides_on_a_category_reads_what_holds_now(
    cast: builders.Cast, administrator: Client
) -> None:
    """L-CAT-3, L-PT-8: beside what is asked for, and the bleeding that it might set aside."""
    patient: Patient = builders.enroll(cast.prescribing)
    change = waiting(cast, patient)
    for address in (
        reverse("admin:patients_categorychange_change", args=[change.pk]),
        page(change, "approve"),
    ):
        shown = administrator.get(address).content.decode()
        assert "of reproductive potential; no bleeding or missed period reported" in shown
    evidence.report_bleeding(
        cast.staff, patient_id=patient.pk, kind="missed_period", reported_at=clock.now()
    )
    shown = administrator.get(page(change, "approve")).content.decode()
    assert "Asked for: " in shown
    assert "hysterectomy of 1 January 2020" in shown
    assert "Missed period, reported on" in shown
