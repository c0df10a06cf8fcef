"""Corrections: each action done by who may, refused with words, never with a traceback."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.core.cache import cache
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from oauth2_provider.models import Application

from apps.accounts.models import ApiClient, Membership, Organization, User
from apps.audit.models import Event
from apps.backoffice.shown import page_of
from apps.core import clock
from apps.core.call import Role
from apps.eligibility.services.verifying import MISS, keep_miss
from apps.evidence import services as evidence
from apps.evidence.models import ExceptionRequest, Intervention, PregnancyCase, RuleException
from apps.providers import services as providers
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.documents import document
from tests import browsers, builders
from tests.backoffice.conftest import PEOPLE, proof, signed_in
from tests.portal.people import NEW_YORK

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_counted_sign_ins() -> Iterator[None]:
    """The counts of earlier tests' sign-ins are not this test's."""
    cache.clear()
    yield
    cache.clear()


def page(record: Model, name: str) -> str:
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_do", args=[record.pk, name])


def act(client: Client, record: Model, name: str, **entered: Any) -> Any:
    """Open an action's page, fill it in, send it."""
    return send(client, page(record, name), **entered)


def send(client: Client, to: str, /, **entered: Any) -> Any:
    form = client.get(to).context["form"]
    typed = {**browsers.hidden_in(form), **proof(client, form), **entered}
    return client.post(to, typed)


def said(answer: Any) -> str:
    """What a page that came back with errors says."""
    assert answer.status_code == 200
    text: str = answer.content.decode()
    assert "<title>Error:" in text
    assert "Nothing was done" in text
    return text


def pending_prescriber(cast: builders.Cast) -> Prescriber:
    return providers.register_prescriber(
        cast.administrator,
        npi=builders.npi(77),
        given_name="Nora",
        family_name="New",
        specialty="Hematology",
        phone="212-555-0177",
        email="nora@practice.example",
        practice_name="Practice 77",
    )


# --- Standing -------------------------------------------------------------------------------------


def test_a_prescriber_is_certified_with_what_was_checked(
    cast: builders.Cast, staff: Client
) -> None:
    prescriber = pending_prescriber(cast)
    refused = act(staff, prescriber, "certify", reason="License looked up")
    assert "enrollment form is not signed yet" in said(refused)
    providers.sign_prescriber_enrollment(
        builders.prescribing_call(prescriber),
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "prescriber_enrollment").codes,
    )
    assert "This field is required" in said(act(staff, prescriber, "certify", reason=" "))
    answer = act(staff, prescriber, "certify", reason="License looked up")
    assert answer.status_code == 302
    prescriber.refresh_from_db()
    assert prescriber.state == "certified"
    event = Event.objects.get(code="prescriber_standing_changed", subject_id=str(prescriber.pk))
    assert (event.reason, event.role, event.channel) == ("License looked up", "staff", "portal")


def test_a_pharmacy_is_renewed_only_on_a_signed_form(
    cast: builders.Cast, administrator: Client
) -> None:
    entered = {"program": builders.PROGRAM, "reason": "Renewal form checked"}
    refused = act(administrator, cast.pharmacy, "certify", **entered)
    assert "No signed enrollment form" in said(refused)
    with time_machine.travel(clock.now() + timedelta(days=340), tick=True):
        providers.sign_pharmacy_enrollment(
            builders.pharmacy_call(
                cast.pharmacy, Role.REPRESENTATIVE, cast.pharmacy.representative_id
            ),
            program=builders.PROGRAM,
            attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
        )
        later = signed_in(PEOPLE["administrator"])
        assert cast.pharmacy.certifications.count() == 2
        assert "waits for approval" in said(act(later, cast.pharmacy, "certify", **entered))


@pytest.mark.parametrize("party", ["prescriber", "pharmacy"])
def test_a_party_is_suspended_reinstated_and_decertified(
    party: str, cast: builders.Cast, administrator: Client
) -> None:
    record: Prescriber | Pharmacy = getattr(cast, party)
    for event, state in [
        ("suspend", "suspended"),
        ("reinstate", "certified"),
        ("decertify", "decertified"),
    ]:
        answer = act(administrator, record, event, reason=f"To {event}")
        assert answer.status_code == 302
        record.refresh_from_db()
        assert record.state == state
    refused = act(administrator, record, "suspend", reason="Again")
    assert "cannot be moved" in said(refused)
    told = Event.objects.filter(code=f"{party}_standing_changed", reason="To suspend")
    assert told.get().data == {"event": "suspend", "from": "certified", "to": "suspended"}


def test_staff_certify_but_do_not_suspend(cast: builders.Cast, staff: Client) -> None:
    assert staff.get(page(cast.prescriber, "suspend")).status_code == 403
    shown = staff.get(reverse("admin:providers_prescriber_change", args=[cast.prescriber.pk]))
    assert [action.name for action, *_ in shown.context["record_actions"]] == ["reminders"]


def test_nobody_is_reinstated_who_never_signed(cast: builders.Cast, administrator: Client) -> None:
    prescriber = pending_prescriber(cast)
    act(administrator, prescriber, "decertify", reason="Not a physician")
    refused = act(administrator, prescriber, "reinstate", reason="A mistake")
    assert "enrollment form is not signed yet" in said(refused)


def test_an_intervention_says_in_words_what_was_answered(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    evidence.record_patient_survey(
        cast.prescribing, patient_id=patient.pk, program=builders.PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "shared_drug": "yes"},
    )  # fmt: skip
    intervention = Intervention.objects.get()
    shown = staff.get(page_of(intervention)).content.decode()
    assert "Have you given any of your capsules to someone else?" in shown
    assert f">{intervention.cause}<" not in shown


def test_the_same_page_sent_twice_is_one_command(cast: builders.Cast, staff: Client) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, lapse=True)
    intervention = Intervention.objects.get()
    form = staff.get(page(intervention, "resolve")).context["form"]
    how = {"conclusion": "counseled", "contacted": "The patient"}
    entered = {
        "submission": form["submission"].value(),
        **proof(staff, form),
        **how,
        "outcome": "Methods in use",
    }
    for _ in range(2):
        assert staff.post(page(intervention, "resolve"), entered).status_code == 302
    assert Event.objects.filter(code="intervention_resolved").count() == 1
    other = staff.post(page(intervention, "resolve"), {**entered, "outcome": "Other words"})
    assert "sent before with other entries" in said(other)
    again = act(staff, intervention, "resolve", **how, outcome="Once more")
    assert "resolved already" in said(again)


# --- Evidence -------------------------------------------------------------------------------------


def test_a_case_is_closed_by_an_administrator_only(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    case = PregnancyCase.objects.get()
    assert staff.get(page(case, "close")).status_code == 403
    entered = {"outcome": "not_pregnant", "reason": "Two negative tests, adjudicated"}
    assert act(administrator, case, "close", **entered).status_code == 302
    case.refresh_from_db()
    assert (case.outcome, case.closing_reason) == tuple(entered.values())
    assert "closed already" in said(act(administrator, case, "close", **entered))


def test_withdrawals_keep_the_entry_and_their_reason(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    negative = builders.negative_test(cast.prescribing, patient)
    attestation = builders.contraception(cast.prescribing, patient)
    report = evidence.report_bleeding(
        cast.prescribing, patient_id=patient.pk, reported_at=clock.now(), kind="missed_period"
    )
    for entry in (negative, attestation, report):
        assert act(staff, entry, "withdraw", reason="Another patient's").status_code == 302
        entry.refresh_from_db()
        assert entry.withdrawal_reason == "Another patient's"
        assert "withdrawn already" in said(act(staff, entry, "withdraw", reason="Again"))
    positive = builders.pregnancy_test(cast.prescribing, patient, result="positive")
    refused = act(staff, positive, "withdraw", reason="Mixed up")
    assert "Only an administrator withdraws a positive result" in said(refused)
    assert act(administrator, positive, "withdraw", reason="Adjudicated").status_code == 302


def exception_fields(**changed: str) -> dict[str, str]:
    end = (clock.now() + timedelta(days=2)).astimezone(NEW_YORK)
    return {
        "program": builders.PROGRAM,
        "rule": "L-DSP-5",
        "expires_at_0": end.strftime("%Y-%m-%d"),
        "expires_at_1": end.strftime("%H:%M:%S"),
        "reason": "Travel abroad",
        **changed,
    }


def test_l_dsp_10_a_second_person_grants_an_exception_under_their_own_sign_in(
    cast: builders.Cast, staff: Client, administrator: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    assert "Select a valid choice" in said(
        act(staff, patient, "except", **exception_fields(rule="L-PT-4"))
    )
    assert act(staff, patient, "except", **exception_fields()).status_code == 302
    request = ExceptionRequest.objects.get()
    asked = staff.get(page(request, "grant")).content.decode()
    assert str(patient) in asked
    assert request.reason in asked
    assert "Another person" in said(act(staff, request, "grant", reason="Agreed"))
    assert not RuleException.objects.exists()
    assert act(administrator, request, "grant", reason="Agreed").status_code == 302
    exception = RuleException.objects.get()
    assert exception.requested_by_id == cast.staff.actor.id
    assert exception.granted_by_id == cast.administrator.actor.id


# --- People and systems ---------------------------------------------------------------------------


def test_a_registered_prescriber_gets_a_link_and_chooses_a_password(
    cast: builders.Cast, staff: Client
) -> None:
    entered = {
        "npi": builders.npi(78),
        "given_name": "Nora",
        "family_name": "New",
        "specialty": "Hematology",
        "phone": "212-555-0178",
        "email": "Nora@practice.example",
        "practice_name": "Practice 78",
    }
    add = reverse("admin:providers_prescriber_add")
    wrong = send(staff, add, **{**entered, "npi": "1234567890"})
    assert "check digit" in said(wrong)
    both = send(staff, add, **entered, practice=str(cast.prescriber.practice_id))
    assert "Choose a practice, or name a new one" in said(both)
    answer = send(staff, add, **entered)
    prescriber = Prescriber.objects.get(npi=entered["npi"])
    page_of = reverse("admin:providers_prescriber_change", args=[prescriber.pk])
    assert answer.headers["Location"] == page_of
    (message,) = mail.outbox
    assert message.to == ["nora@practice.example"]
    assert "Prescriber, Practice 78" in message.body
    link = re.search(r"http://127\.0\.0\.1:8000(/\S+)", str(message.body))
    assert link is not None
    visitor = Client()
    form = visitor.get(link[1], follow=True)
    chosen = {"password1": "a new long password", "password2": "a new long password"}
    assert visitor.post(form.request["PATH_INFO"], chosen).status_code == 302
    signed = visitor.post(
        reverse("account_login"),
        {"login": "nora@practice.example", "password": "a new long password"},
    )
    assert signed.status_code == 302
    assert Event.objects.filter(code="signed_in", subject_id=str(prescriber.user_id)).exists()


def test_a_registered_pharmacy_invites_its_representative(
    cast: builders.Cast, administrator: Client
) -> None:
    answer = send(
        administrator,
        reverse("admin:providers_pharmacy_add"),
        npi=builders.npi(5078),
        name="Oak Street Pharmacy",
        address="2 Oak Street",
        phone="212-555-0278",
        email="oak@pharmacy.example",
        representative_given_name="Rudi",
        representative_family_name="Representative",
        representative_email="rudi@pharmacy.example",
    )
    assert answer.status_code == 302
    assert Pharmacy.objects.get(npi=builders.npi(5078)).state == "pending"
    assert [message.to for message in mail.outbox] == [["rudi@pharmacy.example"]]
    user = User.objects.get(email="rudi@pharmacy.example")
    assert act(administrator, user, "invite").status_code == 302
    assert len(mail.outbox) == 2


def test_a_mail_server_that_is_down_is_told_and_undoes_nothing(
    cast: builders.Cast, administrator: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = invite(administrator, cast, follow_to_record=True)
    assert "did not take the invitation" in answer.content.decode()
    assert Membership.objects.filter(user__email="tess@pharmacy.example").exists()


def invite(client: Client, cast: builders.Cast, *, follow_to_record: bool = False) -> Any:
    answer = send(
        client,
        reverse("admin:accounts_membership_add"),
        organization=str(cast.pharmacy.organization_id),
        role="technician",
        email="tess@pharmacy.example",
        given_name="Tess",
        family_name="Technician",
    )
    return client.get(answer.headers["Location"]) if follow_to_record else answer


def test_a_member_is_invited_once_and_ended_with_a_reason(
    cast: builders.Cast, staff: Client
) -> None:
    assert invite(staff, cast).status_code == 302
    assert "already" in said(invite(staff, cast))
    membership = Membership.objects.get(user__email="tess@pharmacy.example")
    persons_page = page_of(membership.user)
    [present] = staff.get(persons_page).context["present"]
    assert present.startswith("Technician, ")
    assert f'<a href="{page_of(membership)}">its own page</a>' in present
    assert str(membership.user) in staff.get(page(membership, "end")).content.decode()
    assert act(staff, membership, "end", reason="Left the pharmacy").status_code == 302
    membership.refresh_from_db()
    assert staff.get(persons_page).context["present"] == []
    assert membership.ended_at is not None
    event = Event.objects.get(code="membership_ended")
    assert event.reason == "Left the pharmacy"


def test_staff_neither_invite_into_the_office_nor_end_anybody_there(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    office = Organization.objects.get(kind="program")
    refused = send(
        staff,
        reverse("admin:accounts_membership_add"),
        organization=str(office.pk),
        role="administrator",
        email="friend@program.example",
        given_name="A",
        family_name="Friend",
    )
    assert "Only an administrator invites" in said(refused)
    last = Membership.objects.get(role="administrator")
    assert "Only an administrator ends" in said(act(staff, last, "end", reason="A coup"))
    refused = act(administrator, last, "end", reason="Retired")
    assert "needs an administrator" in said(refused)


def test_an_api_client_shows_its_secret_once_and_ends_at_once(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    add = reverse("admin:accounts_apiclient_add")
    assert staff.get(add).status_code == 403
    entered = {
        "organization": str(cast.pharmacy.organization_id),
        "role": "pharmacist",
        "name": "Till 4",
    }
    wrong = send(administrator, add, **{**entered, "role": "prescriber"})
    assert "Not for a pharmacy" in said(wrong)
    stranger = send(administrator, add, **entered, prescriber_npi=cast.prescriber.npi)
    assert "has no such prescriber" in said(stranger)
    answer = send(administrator, add, **entered)
    secret = answer.context["secret"]
    assert "no-store" in answer.headers["Cache-Control"]
    client = ApiClient.objects.get()
    application = Application.objects.get(pk=client.application_id)
    assert secret not in application.client_secret
    assert check_password(secret, application.client_secret)
    assert application.authorization_grant_type == "client-credentials"
    shown = administrator.get(reverse("admin:accounts_apiclient_change", args=[client.pk]))
    assert secret not in shown.content.decode()
    assert "bears this name already" in said(send(administrator, add, **entered))
    assert act(administrator, client, "end", reason="Replaced").status_code == 302
    client.refresh_from_db()
    assert client.ended_at is not None


# --- What waits -----------------------------------------------------------------------------------


def test_checks_without_a_match_are_counted_by_pharmacy_and_day(
    cast: builders.Cast, staff: Client
) -> None:
    for _ in range(3):
        keep_miss(cast.dispensing)
    keep_miss(builders.call_of(cast.staff.actor))
    rows = staff.get(reverse("admin:misses")).context["rows"]
    assert [(row.organization, row.count) for row in rows] == [
        ("Elm Street Pharmacy 1", 3),
        ("Program office", 1),
    ]
    listed = staff.get(rows[0].url).context["cl"].result_list
    assert {event.code for event in listed} == {MISS}
    assert len(listed) == 3


def test_a_records_history_tells_who_did_what_and_what_changed(
    cast: builders.Cast, administrator: Client
) -> None:
    act(administrator, cast.prescriber, "suspend", reason="Complaint under review")
    address = reverse("admin:providers_prescriber_history", args=[cast.prescriber.pk])
    text = administrator.get(address).content.decode()
    assert "Complaint under review" in text
    assert "Robin Example" in text
    assert "<td>state</td><td>certified</td><td>suspended</td>" in text
