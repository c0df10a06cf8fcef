"""What is next leads to its page, and what is first told of contraception is whole."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.patients.models import Patient
from apps.patients.services import Signatures
from apps.portal.one_step import ADDS, DONE_WITH, Step, said_once
from apps.portal.views.patients import WAIT_OR_CANCEL
from apps.rules.reasons import REASONS
from tests import builders
from tests.portal.people import browser_of, date_parts, instant_parts, send
from tests.portal.test_pharmacy_pages import check

pytestmark = pytest.mark.django_db


def test_a_next_step_leads_to_the_page_on_which_it_is_done(
    cast: builders.Cast, prescriber: Client
) -> None:
    waiting = Signatures("patient", "Nora New", "", prescriber_signed_at=clock.now())
    patient = builders.enroll(cast.prescribing, signatures=waiting)
    page = prescriber.get(reverse("patient", args=[patient.pk]))
    told = {step.what: step.url for step in page.context["steps"]}
    assert told["Counsel the patient and record it."].endswith("/record/counseling/")
    assert told["Answer the patient survey."].endswith("/record/survey/")
    # Of an agreement that waits for a signature, to that one, and once
    sign = reverse("sign_agreement", args=[patient.pk, patient.agreements.get().pk])
    assert [step.what for step in page.context["steps"] if step.url == sign] == [
        "Collect the missing signature of the patient's side or of the prescriber."
    ]


def test_the_survey_of_the_request_is_no_step_before_the_request(
    cast: builders.Cast, prescriber: Client
) -> None:
    """It comes with the request itself: nobody is sent to answer it a day before that."""
    patient = builders.enroll(cast.prescribing)
    page = prescriber.get(reverse("patient", args=[patient.pk]))
    assert page.context["status"].until  # The first test makes the request wait for its day.
    assert page.context["steps"]
    assert not [step for step in page.context["steps"] if "prescriber survey" in step.what]


def steps_of(browser: Client, patient: Patient, slug: str) -> list[str]:
    """The next steps on a patient's page that lead to one form."""
    page = browser.get(reverse("patient", args=[patient.pk]))
    url = reverse("record", args=[patient.pk, slug])
    return [step.what for step in page.context["steps"] if step.url == url]


def test_what_is_done_on_one_form_is_one_step_and_every_requirement_stays(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    assert steps_of(prescriber, patient, "contraception") == [
        (
            "Record two methods (one highly effective, one additional) or abstinence, and the day "
            "since which the methods are in use."
        )
    ]
    # Two tests at two times are two steps
    assert len(steps_of(prescriber, patient, "pregnancy-test")) == 2
    # The decision itself says all of it, and so does the list of requirements
    page = prescriber.get(reverse("patient", args=[patient.pk]))
    unmet = {"L-CON-1", "L-CON-2", "L-CON-3"}
    assert unmet <= set(page.context["decision"]["unmet"])
    assert unmet <= {each.rule for each in page.context["requirements"] if not each.met}
    told = [each["what"] for each in page.context["decision"]["next_actions"]]
    assert "Record an attestation of contraception." in told


def test_what_only_has_to_be_waited_for_leads_to_no_form(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, since=builders.program_day(clock.now()))
    page = prescriber.get(reverse("patient", args=[patient.pk]))
    (wait,) = [each for each in page.context["steps"] if "once 28 days" in each.what]
    assert (wait.url, bool(wait.not_before)) == ("", True)


def test_a_lapse_is_one_step_that_says_how_long_it_takes(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("record", args=[patient.pk, "contraception"])
    send(prescriber, url, lapse="yes", **instant_parts("attested_at", clock.now()))
    assert steps_of(prescriber, patient, "contraception") == [
        (
            "Counsel the patient and record a new attestation once contraception is adequate; "
            "28 days count from its beginning."
        )
    ]


def test_a_step_is_folded_only_into_the_same_persons_step_at_the_same_time() -> None:
    def step(reason: str, who: str = "Prescriber", until: datetime | None = None) -> Step:
        return Step(who, f"{reason}.", None, until, "", {reason: {"days": 28}})

    missing = step("CONTRACEPTION_ATTESTATION_MISSING")
    assert said_once([step("CONTRACEPTION_MISSING"), missing])[1:] == []
    for other in (
        step("CONTRACEPTION_MISSING", who="Patient"),
        step("CONTRACEPTION_MISSING", until=datetime(2026, 3, 1, tzinfo=UTC)),
        step("COUNSELING_MISSING"),
    ):
        assert said_once([other, missing]) == [other, missing]
    # What no reason is known for is left as it stands
    unknown = Step("Prescriber", "Ask.", None, None, "", {})
    assert said_once([unknown, missing]) == [unknown, missing]


def test_for_an_expired_authorization_a_new_one_is_asked_for_once(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    with time_machine.travel(authorization.expires_at + timedelta(hours=1)):
        check(browser_of(cast.dispensing), authorization)
        refusal = Decision.objects.get(act=Decision.Act.VERIFY)
        page = reverse("decision", args=[refusal.patient_id, refusal.pk])
        shown = browser_of(cast.prescribing).get(page)
        told = [step.what for step in shown.context["steps"]]
    assert {"AUTHORIZATION_NOT_IN_STATE", "AUTHORIZATION_EXPIRED"} <= {
        each["reason"] for each in refusal.document["requirements"]
    }
    assert sum("a new authorization" in what for what in told) == 1, told


def test_every_reason_that_is_folded_is_one_of_the_rules() -> None:
    named = {*DONE_WITH, *ADDS, *(code for codes in DONE_WITH.values() for code in codes)}
    assert named <= set(REASONS)
    assert set(ADDS) <= set(DONE_WITH)


def test_the_first_attestation_of_contraception_says_since_when(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("record", args=[patient.pk, "contraception"])
    typed = {
        "methods": ["hormonal_implant", "male_condom"],
        "lapse": "no",
        **instant_parts("attested_at", clock.now()),
    }
    refused = send(prescriber, url, **typed)
    assert "in_use_since" in refused.context["form"].errors
    asked = prescriber.get(reverse("request", args=[patient.pk])).context["form"]
    assert asked.fields["in_use_since"].required

    long = builders.program_day(clock.now()) - timedelta(days=40)
    send(prescriber, url, **typed, **date_parts("in_use_since", long))
    assert patient.contraceptionattestation_set.get().in_use_since == long

    # From then on it may be unchanged; and a lapse has no day since when it was none
    send(prescriber, url, **typed)
    assert patient.contraceptionattestation_set.count() == 2


def test_a_first_attestation_that_tells_of_a_lapse_has_no_beginning(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("record", args=[patient.pk, "contraception"])
    send(prescriber, url, lapse="yes", **instant_parts("attested_at", clock.now()))
    assert patient.contraceptionattestation_set.get().lapse


def test_on_a_hold_the_next_supply_waits(cast: builders.Cast, prescriber: Client) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    assert builders.dispense(cast.dispensing, held).allowed
    patient = held.authorization.patient
    page = reverse("patient", args=[patient.pk])
    waits = "Waits for the hold to end"
    assert waits not in prescriber.get(page).content.decode()
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    states = [row[2] for row in prescriber.get(page).context["obligations"]]
    assert waits in states


def test_on_a_hold_nobody_is_told_to_let_the_pharmacy_dispense(
    cast: builders.Cast, prescriber: Client
) -> None:
    authorization = builders.authorized_frp(cast)
    page = reverse("patient", args=[authorization.patient_id])
    dispense = "Let the pharmacy dispense it, or cancel it with a reason."
    assert dispense in [each.what for each in prescriber.get(page).context["steps"]]
    evidence.report_bleeding(
        cast.prescribing,
        patient_id=authorization.patient_id,
        kind="missed_period",
        reported_at=clock.now(),
    )
    told = [each.what for each in prescriber.get(page).context["steps"]]
    assert WAIT_OR_CANCEL in told
    assert dispense not in told
