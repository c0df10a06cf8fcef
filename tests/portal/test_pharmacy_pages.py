"""The pharmacy's pages: check, confirm, counsel, dispense, cancel, return; bad input; limits."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.core import clock, numbers
from apps.core.call import Role
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.rules.policy import policy_in_force
from tests import browsers, builders
from tests.portal.people import (
    browser_of,
    date_parts,
    instant_parts,
    member,
    people,
    proof,
    send,
    signed_in,
)
from tests.second_factors import have_components, new_code

pytestmark = pytest.mark.django_db

KINDS = (numbers.AUTHORIZATION, numbers.CONFIRMATION)


@pytest.fixture
def authorization(cast: builders.Cast) -> Authorization:
    return builders.authorized_frp(cast)


def check(browser: Client, authorization: Authorization, **typed: Any) -> Any:
    """Send the short form as the prescription says, but for `typed`."""
    born_on = typed.pop("born_on", authorization.patient.born_on)
    defaults = {"number": str(authorization), "risk_category": authorization.risk_category}
    return send(browser, "/check/", **{**defaults, **typed}, **date_parts("born_on", born_on))


def package(**typed: Any) -> dict[str, Any]:
    """What is handed over, with the whole checklist."""
    return {
        "lot_number": "LOT-7",
        "ndc": "59572-0425-21",
        "quantity": "21",
        "days_supply": "28",
        "counselor": "Phil Pharmacist",
        "checklist": list(builders.checklist("adult_frp")),
        **typed,
    }


def test_check_confirm_dispense_takes_three_pages(
    pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization, number=str(authorization).lower())
    page = pharmacist.get(answer["Location"]).content.decode()
    assert "Eligible – not yet confirmed" in page
    assert "The authorization expires" in page

    confirmed = send(pharmacist, answer["Location"], handover="pickup", days_supply="28")
    confirmation = Confirmation.objects.get()
    assert confirmed["Location"] == reverse("confirmation", args=[confirmation.pk])
    page = pharmacist.get(confirmed["Location"]).content.decode()
    assert "Confirmed: hand over by" in page
    assert numbers.grouped(confirmation.number) in page

    dispensed = send(pharmacist, confirmed["Location"], **package())
    made = Dispense.objects.get()
    assert dispensed["Location"] == reverse("receipt", args=[made.pk])
    assert (made.counselor, made.lot_number) == ("Phil Pharmacist", "LOT-7")
    assert made.medication_guide_given
    receipt = pharmacist.get(dispensed["Location"]).content.decode()
    assert "Given: the Medication Guide." in receipt


def test_who_was_slower_than_a_colleague_is_led_to_what_is_dispensed(
    pharmacist: Client, cast: builders.Cast, authorization: Authorization
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    made = builders.dispense(cast.dispensing, held).dispense
    assert made is not None
    answer = send(pharmacist, reverse("confirmation", args=[held.pk]), **package())
    assert answer["Location"] == reverse("receipt", args=[made.pk])
    assert "Do not hand it out twice" in pharmacist.get(answer["Location"]).content.decode()
    assert Dispense.objects.get() == made


def test_an_unknown_number_and_a_wrong_date_of_birth_read_alike(
    pharmacist: Client, authorization: Authorization
) -> None:
    def errors(**typed: Any) -> Any:
        return check(pharmacist, authorization, **typed).context["form"].non_field_errors()

    unknown = errors(number=numbers.new_number(numbers.AUTHORIZATION))
    wrong = errors(born_on=authorization.patient.born_on - timedelta(days=1))
    assert unknown == wrong
    assert "No authorization matches" in unknown[0]


def test_a_mistyped_number_is_told_by_its_check_character_and_costs_no_try(
    pharmacist: Client, authorization: Authorization
) -> None:
    number = authorization.number
    valid = {numbers.check_character(number[:-1], kind) for kind in KINDS}
    mistyped = number[:-1] + next(each for each in numbers.ALPHABET if each not in valid)
    for _ in range(11):
        check(pharmacist, authorization, number=mistyped)
    refused = check(pharmacist, authorization, number=mistyped)
    assert "a character is wrong or missing" in refused.content.decode()
    assert mistyped in refused.content.decode()
    assert check(pharmacist, authorization).status_code == 302


def test_a_confirmations_number_is_recognized(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    refused = check(pharmacist, authorization, number=decision.confirmation.number)
    assert "This is a confirmation’s number" in refused.content.decode()


def test_repeated_misses_must_wait(pharmacist: Client, authorization: Authorization) -> None:
    for _ in range(10):
        check(pharmacist, authorization, number=numbers.new_number(numbers.AUTHORIZATION))
    refused = check(pharmacist, authorization)
    assert "Too many checks found no match" in refused.content.decode()


def test_another_category_on_the_prescription_means_do_not_dispense(
    pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization, risk_category="adult_male")
    page = pharmacist.get(answer["Location"]).content.decode()
    assert "Do not dispense" in page
    assert "(L-DSP-4)" in page
    assert "Get the confirmation" not in page
    # Whom to call
    prescriber = authorization.prescriber
    assert prescriber.full_name in page
    assert f"tel:{prescriber.phone}" in page


def test_a_check_of_what_is_confirmed_here_leads_to_the_confirmation(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    answer = check(pharmacist, authorization)["Location"]
    page = pharmacist.get(answer).content.decode()
    assert "Confirmed here already" in page
    assert reverse("confirmation", args=[held.pk]) in page
    assert "Do not dispense" not in page

    eligibility.reverse_confirmation(cast.dispensing, confirmation_id=held.pk, reason="Another day")
    assert "Do not dispense" in pharmacist.get(answer).content.decode()


def test_what_changed_since_the_check_refuses_the_confirmation(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)
    shown = pharmacist.get(answer["Location"])
    builders.pregnancy_test(cast.prescribing, authorization.patient, result="positive")

    refused = pharmacist.post(
        answer["Location"],
        {
            "submission": shown.context["form"]["submission"].value(),
            "handover": "pickup",
            "days_supply": "28",
        },
        follow=True,
    )

    assert "Do not dispense" in refused.content.decode()
    assert not Confirmation.objects.exists()


def test_a_confirmation_and_a_dispense_sent_twice_are_one(
    pharmacist: Client, authorization: Authorization
) -> None:
    url = check(pharmacist, authorization)["Location"]
    key = pharmacist.get(url).context["form"]["submission"].value()
    asked = {"submission": key, "handover": "pickup", "days_supply": "28"}
    first, second = pharmacist.post(url, asked), pharmacist.post(url, asked)
    assert first["Location"] == second["Location"]
    assert Confirmation.objects.count() == 1

    url = first["Location"]
    form = pharmacist.get(url).context["form"]
    sent = {**browsers.hidden_in(form), **proof(pharmacist, form), **package()}
    first, second = pharmacist.post(url, sent), pharmacist.post(url, sent)
    assert first["Location"] == second["Location"]
    assert Dispense.objects.count() == 1


def test_an_incomplete_checklist_is_refused_and_the_package_stays(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    url = reverse("confirmation", args=[decision.confirmation.pk])

    refused = send(
        pharmacist,
        url,
        **package(checklist=["birth_defects"], ndc="\u0665\u0669\u0665\u0667\u0662-0425-21"),
    )

    page = refused.content.decode()
    assert "Not ticked yet: Given: the Medication Guide." in page
    assert "Enter the NDC as on the bottle" in page
    assert 'value="LOT-7"' in page
    assert not Dispense.objects.exists()


def test_more_days_than_authorized_are_refused_and_nothing_is_dispensed(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    url = reverse("confirmation", args=[decision.confirmation.pk])

    refused = send(pharmacist, url, **package(days_supply="29"))

    page = pharmacist.get(refused["Location"]).content.decode()
    assert "Do not dispense" in page
    assert "(L-DSP-6)" in page
    assert not Dispense.objects.exists()


def test_days_beyond_any_supply_are_refused_beside_their_field(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)["Location"]
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    for typed in ("9" * 21, "1000", "9" * 5000):
        confirm = send(pharmacist, answer, handover="pickup", days_supply=typed)
        dispense = send(
            pharmacist, reverse("confirmation", args=[held.pk]), **package(days_supply=typed)
        )
        for refused in (confirm, dispense):
            assert refused.status_code == 200
            assert "days_supply" in refused.context["form"].errors


def test_a_technician_names_the_pharmacist_who_counseled(
    cast: builders.Cast, authorization: Authorization
) -> None:
    technician = signed_in(
        member(Role.TECHNICIAN, cast.pharmacy.organization, "technician@pharmacy.example")
    )
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    url = reverse("confirmation", args=[decision.confirmation.pk])

    refused = send(technician, url, **package(counselor="Robin Example"))
    assert "counselor" in refused.context["form"].errors

    # The pharmacist signs at the technician's screen; a slip of the technician's costs no code.
    counselor = builders.person_of(cast.dispensing)
    have_components(counselor)
    proved = {"password": builders.PASSWORD, "code": new_code(counselor)}
    for slip in ({"quantity": "22"}, {"lot_number": "LOT\u200b7"}):
        refused = send(technician, url, **package(**slip), **proved)
        assert refused.context["form"].errors.keys() == slip.keys()
    assert send(technician, url, **package(), **proved).status_code == 302
    assert Dispense.objects.get().counselor == "Phil Pharmacist"


def test_a_confirmation_is_cancelled_with_a_reason(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    url = reverse("cancel_confirmation", args=[decision.confirmation.pk])

    assert "reason" in send(pharmacist, url, reason=" ").context["form"].errors
    send(pharmacist, url, reason="The patient did not come")

    authorization.refresh_from_db()
    assert authorization.state == "issued"
    again = send(pharmacist, url, reason="Once more")
    assert again.context["form"].non_field_errors() == [
        "The confirmation is cancelled by the pharmacy: this cannot be done with it."
    ]


def test_what_never_left_is_returned_to_stock(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    dispense = builders.dispense(cast.dispensing, decision.confirmation).dispense
    assert dispense is not None

    answer = send(
        pharmacist,
        reverse("return_to_stock", args=[dispense.pk]),
        never_left_premises="on",
        reason="Not picked up",
    )

    page = pharmacist.get(answer["Location"]).content.decode()
    assert "Returned to stock" in page
    assert "Not picked up" in page
    assert "Returned to stock" in pharmacist.get("/dispenses/").content.decode()


def test_a_pharmacy_reports_a_suspected_pregnancy(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    dispense = builders.dispense(cast.dispensing, decision.confirmation).dispense
    assert dispense is not None
    url = reverse("report_pregnancy", args=[dispense.pk])
    assert url in pharmacist.get(reverse("receipt", args=[dispense.pk])).content.decode()

    send(
        pharmacist, url, subject="patient", source="The patient by phone",
        **instant_parts("reported_at", clock.now() - timedelta(minutes=2)),
    )  # fmt: skip

    case = authorization.patient.pregnancycase_set.get()
    assert (case.subject, case.source) == ("patient", "The patient by phone")


def test_what_comes_out_when_counseling_is_reported_before_anything_is_handed_over(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    url = reverse("report_pregnancy_when_counseling", args=[held.pk])
    page = reverse("confirmation", args=[held.pk])
    assert url in pharmacist.get(page).content.decode()

    answer = send(
        pharmacist, url, subject="patient", source="The patient at the counter",
        **instant_parts("reported_at", clock.now() - timedelta(minutes=2)),
    )  # fmt: skip

    assert answer["Location"] == page
    assert "This confirmation is over" in pharmacist.get(page).content.decode()
    authorization.refresh_from_db()
    assert authorization.state == "void"
    assert authorization.patient.pregnancycase_set.get().source == "The patient at the counter"


def test_of_fewer_days_the_page_suggests_no_quantity(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    fewer = {"days_supply": 14}
    held = builders.confirm(cast.dispensing, authorization, prescription=fewer).confirmation
    assert held is not None
    form = pharmacist.get(reverse("confirmation", args=[held.pk])).context["form"]
    assert (form["quantity"].value(), form["days_supply"].value()) == (None, 14)


def test_a_confirmation_that_is_over_says_so_before_any_sweep(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization, settings: LazySettings
) -> None:
    settings.DEMO_CLOCK = True
    decision = builders.confirm(cast.dispensing, authorization)
    assert decision.confirmation is not None
    clock.set_demo_time(decision.confirmation.expires_at + timedelta(seconds=1))

    page = pharmacist.get(reverse("confirmation", args=[decision.confirmation.pk]))
    assert "This confirmation is over" in page.content.decode()
    assert "seconds left" not in page.content.decode()
    listed = pharmacist.get("/confirmations/").content.decode()
    assert "No confirmation is valid now" in listed
    assert "Expired" in listed
    assert reverse("confirmation", args=[decision.confirmation.pk]) in listed


def test_a_shipment_on_the_pregnancy_path_is_promised_its_day_and_no_longer(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization, settings: LazySettings
) -> None:
    settings.DEMO_CLOCK = True
    held = builders.confirm(cast.dispensing, authorization, handover="ship").confirmation
    assert held is not None
    calendar = policy_in_force(authorization.program, held.issued_at).calendar
    midnight = calendar.end_of_day(calendar.day(held.issued_at))
    assert midnight < held.expires_at
    url = reverse("confirmation", args=[held.pk])

    assert pharmacist.get(url).context["until"] == midnight
    assert [each[1] for each in pharmacist.get("/confirmations/").context["valid"]] == [midnight]

    clock.set_demo_time(midnight + timedelta(seconds=1))
    page = pharmacist.get(url).content.decode()
    assert "Too late to ship on this confirmation" in page
    assert "Confirmed: ship by" not in page
    assert reverse("cancel_confirmation", args=[held.pk]) in page
    assert "Too late to ship: cancel it" in pharmacist.get("/confirmations/").content.decode()


def test_a_confirmation_says_that_something_was_recorded_since(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    url = reverse("confirmation", args=[held.pk])
    since = "Something was recorded about the patient since"
    assert since not in pharmacist.get(url).content.decode()
    builders.pregnancy_test(cast.prescribing, authorization.patient, result="indeterminate")
    assert since in pharmacist.get(url).content.decode()


def test_a_pick_up_is_promised_as_long_as_its_confirmation_lasts(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    page = pharmacist.get(reverse("confirmation", args=[held.pk]))
    assert page.context["until"] == held.expires_at


def test_the_lists_show_only_the_own_pharmacys(cast: builders.Cast) -> None:
    other = builders.certified_pharmacy(cast.administrator, 2)
    stranger = browser_of(builders.pharmacist_call(cast.administrator, other))
    decision = builders.confirm(cast.dispensing, builders.authorized_frp(cast))
    assert decision.confirmation is not None

    assert str(decision.confirmation) not in stranger.get("/confirmations/").content.decode()


def test_the_lists_ask_the_database_as_often_for_one_as_for_many(
    cast: builders.Cast,
    pharmacist: Client,
    authorization: Authorization,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(4):
        decision = builders.confirm(cast.dispensing, authorization)
        assert decision.confirmation is not None
        if number < 3:
            eligibility.reverse_confirmation(
                cast.dispensing, confirmation_id=decision.confirmation.pk, reason="Not yet"
            )
    for url in ("/confirmations/", "/dispenses/"):
        pharmacist.get(url)
        with django_assert_max_num_queries(12):
            pharmacist.get(url)


def test_no_address_of_the_counter_tells_a_number_or_a_birth_date(
    pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)
    page = pharmacist.get(answer["Location"]).content.decode()

    addresses = [answer["Location"], *re.findall(r'(?:href|action)="([^"]*)"', page)]
    for told in (authorization.number, str(authorization), "1986", "Synthetic"):
        assert not any(told.lower() in address.lower() for address in addresses)


def test_a_pharmacy_learns_no_name_from_a_check(
    pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)

    page = pharmacist.get(answer["Location"]).content.decode()

    assert authorization.patient.family_name not in page
    assert Decision.objects.filter(act="verify").count() == 1


def test_the_pharmacys_people_each_see_their_part(cast: builders.Cast) -> None:
    everybody = people(cast)
    decision = builders.confirm(everybody.cast.dispensing, builders.authorized_frp(everybody.cast))
    assert decision.confirmation is not None
    link = reverse("confirmation", args=[decision.confirmation.pk])

    assert link in everybody["technician"].get("/confirmations/").content.decode()
    assert link not in everybody["representative"].get("/confirmations/").content.decode()
