"""Search by number, NPI and name; what is typed never reaches an address."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.audit.models import Event, RowChange
from apps.core import numbers
from apps.eligibility.models import Decision
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation
from apps.providers.models import Pharmacy, Prescriber
from tests import builders
from tests.backoffice.conftest import PEOPLE, SignIn, signed_in

MISREADINGS = str.maketrans({"0": "o", "1": "l"})


def search(client: Client, page: str, typed: str) -> list[Any]:
    """The rows that a search finds."""
    answer = client.post(reverse(f"admin:{page}_changelist"), {"q": typed}, follow=True)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def spellings(number: str) -> list[str]:
    """How people write a number down."""
    groups = numbers.grouped(number)
    return [number, groups, groups.replace("-", " "), groups.lower().translate(MISREADINGS)]


def test_an_authorization_number_is_found_however_it_is_typed(sign_in: SignIn) -> None:
    client = sign_in("staff")
    for authorization in Authorization.objects.all():
        for typed in spellings(authorization.number):
            assert search(client, "prescriptions_authorization", typed) == [authorization]
            assert search(client, "patients_patient", typed) == [authorization.patient]


def test_a_confirmation_number_leads_to_confirmation_authorization_and_patient(
    sign_in: SignIn,
) -> None:
    client = sign_in("staff")
    confirmation = Confirmation.objects.select_related("authorization__patient").latest("issued_at")
    typed = numbers.grouped(confirmation.number).lower()
    assert search(client, "prescriptions_confirmation", typed) == [confirmation]
    assert search(client, "prescriptions_authorization", typed) == [confirmation.authorization]
    assert search(client, "patients_patient", typed) == [confirmation.authorization.patient]


def test_the_beginning_of_a_number_is_enough(sign_in: SignIn) -> None:
    authorization = Authorization.objects.latest("issued_at")
    typed = numbers.grouped(authorization.number)[:7]
    assert authorization in search(sign_in("staff"), "prescriptions_authorization", typed)


def test_npi_and_name_find_prescriber_pharmacy_and_patient(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    npi = builders.npi(1)
    found = search(client, "providers_prescriber", f"{npi[:4]} {npi[4:]}")
    assert [prescriber.npi for prescriber in found] == [npi]
    found = search(client, "providers_pharmacy", builders.npi(5001))
    assert [pharmacy.name for pharmacy in found] == ["Elm Street Pharmacy 1"]
    found = search(client, "patients_patient", "synthetic hanna")
    assert [patient.given_name for patient in found] == ["Hanna"]
    assert search(client, "patients_patient", "Nobody Ofthisname") == []


def test_a_phone_number_is_found_however_it_is_written(sign_in: SignIn) -> None:
    client = sign_in("staff")
    for model, page in ((Patient, "patients_patient"), (Prescriber, "providers_prescriber"),
                        (Pharmacy, "providers_pharmacy")):  # fmt: skip
        kept = model.objects.exclude(phone="").latest("pk")
        digits = "".join(each for each in kept.phone if each.isdigit())[-10:]
        area, exchange, line = digits[:3], digits[3:6], digits[6:]
        for typed in (digits, f"({area}) {exchange}-{line}", f"+1 {area}.{exchange}.{line}"):
            assert kept in search(client, page, typed)
        assert kept not in search(client, page, f"{area}{exchange}999")


@pytest.mark.parametrize(
    "asked",
    [
        {"family_name__regex": "["},
        {"family_name__iregex": "["},
        {"prescriber__npi__regex": "["},
        {"family_name__range": "a"},
        {"family_name__unaccent": "a"},
        {"family_name__trigram_similar": "a"},
        {"registered_at__contained_by": "a"},
        {"prescriber__state__range": "a"},
    ],
)
def test_nothing_is_looked_up_in_a_way_that_fails(sign_in: SignIn, asked: dict[str, str]) -> None:
    """One that the database cannot read would be an error of the page."""
    answer = sign_in("staff").get(reverse("admin:patients_patient_changelist"), asked)
    assert answer.status_code == 400


def test_an_id_is_found_and_nonsense_is_no_error(sign_in: SignIn) -> None:
    client = sign_in("staff")
    patient = Patient.objects.get(given_name="Hanna")
    assert search(client, "patients_patient", str(patient.pk)) == [patient]
    assert search(client, "evidence_pregnancytest", str(patient.pk)) != []
    for typed in ["\x00%_'\"", "💊", "-" * 300, "00000000-0000-0000-0000-000000000000"]:
        assert search(client, "patients_patient", typed) == []
    crafted = client.get(reverse("admin:patients_patient_changelist"), {"phone": "\x00"})
    assert crafted.status_code == 400


def test_a_year_of_no_calendar_and_a_key_of_no_database_are_no_errors(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    listed = reverse("admin:evidence_pregnancytest_changelist")
    for year in ("0", "99999"):
        answer = client.get(listed, {"recorded_at__year": year})
        assert (answer.status_code, answer["Location"]) == (302, f"{listed}?e=1")
    people = reverse("admin:accounts_user_changelist")
    answer = client.get(people, {"date_joined__year": "9" * 20})
    assert (answer.status_code, answer["Location"]) == (302, f"{people}?e=1")
    for page in ("change", "history", "copy"):
        address = reverse(f"admin:core_sweeprun_{page}", args=["x"]).replace("/x/", "/%00/")
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    ("record", "narrowed"),
    [
        ("core_democlock", {"ahead__exact": "k"}),
        ("prescriptions_outage", {"parts__exact": "(3,)"}),
        ("eligibility_factsdocument", {"document__x": "1"}),
    ],
)
def test_no_list_is_narrowed_by_what_an_address_cannot_write(
    sign_in: SignIn, record: str, narrowed: dict[str, str]
) -> None:
    listed = reverse(f"admin:{record}_changelist")
    assert sign_in("administrator").get(listed, narrowed).status_code == 400


def test_what_was_typed_stays_out_of_the_address_and_with_its_sign_in(sign_in: SignIn) -> None:
    client = sign_in("staff")
    address = reverse("admin:patients_patient_changelist")
    answer = client.post(f"{address}?registered_at__year=2020&p=3", {"q": "Fiona"})
    goal = answer.headers["Location"]
    assert "Fiona" not in goal
    assert "registered_at__year=2020" in goal
    assert "p=3" not in goal
    shown = client.get(goal)
    assert 'value="Fiona"' in shown.content.decode()
    elsewhere = signed_in(PEOPLE["auditor"]).get(goal)
    assert list(elsewhere.context["cl"].result_list) == []
    assert "Type it again" in elsewhere.content.decode()
    assert client.get(address, {"q": "Fiona"}).context["cl"].result_count == 0


def test_an_empty_search_shows_everything_again(sign_in: SignIn) -> None:
    address = reverse("admin:patients_patient_changelist")
    assert sign_in("staff").post(address, {"q": "  "}).headers["Location"] == f"{address}?"


def test_a_list_leaves_one_event_with_its_ids_and_a_page_names_its_patient(
    sign_in: SignIn,
) -> None:
    client = sign_in("auditor")
    patients = {str(pk) for pk in Patient.objects.values_list("pk", flat=True)}
    client.get(reverse("admin:patients_patient_changelist"))
    listed = Event.objects.latest("pk")
    assert (listed.code, listed.role) == ("records_listed", "auditor")
    assert set(listed.data["ids"]) == {str(pk) for pk in listed.patient_ids or []} == patients
    confirmation = Confirmation.objects.select_related("authorization").first()
    assert confirmation is not None
    for page, code in [("change", "record_viewed"), ("history", "record_history_viewed")]:
        client.get(reverse(f"admin:prescriptions_confirmation_{page}", args=[confirmation.pk]))
        seen = Event.objects.latest("pk")
        assert (seen.code, seen.subject_id) == (code, str(confirmation.pk))
        assert seen.patient_id == confirmation.authorization.patient_id


def test_no_count_beside_a_filter_tells_of_rows_that_no_event_names(sign_in: SignIn) -> None:
    patient = Patient.objects.get(given_name="Hanna")
    asked = {"given_name": "Hanna", "category": "nothing", "_facets": "True"}
    shown = sign_in("auditor").get(reverse("admin:patients_patient_changelist"), asked)
    assert list(shown.context["cl"].result_list) == []
    assert "(1)" not in shown.content.decode()
    assert Event.objects.latest("pk").data["narrowed_by"] == ["category", "given_name"]
    assert patient.given_name not in str(Event.objects.latest("pk").data)


def test_that_nothing_is_found_about_a_patient_is_an_answer_in_the_trail(sign_in: SignIn) -> None:
    client, patient = sign_in("auditor"), Patient.objects.get(given_name="Hanna")
    listed = reverse("admin:evidence_pregnancytest_changelist")
    for asked in ({"patient__id": str(patient.pk), "result": "nothing"}, None):
        if asked:
            client.get(listed, asked)
        else:
            search(client, "eligibility_factsdocument", str(patient.pk))
        seen = Event.objects.latest("pk")
        assert (seen.code, seen.role, seen.patient_ids) == (
            "records_listed",
            "auditor",
            [patient.pk],
        )


def test_a_list_of_what_was_done_names_the_patients_who_came_of_it(sign_in: SignIn) -> None:
    patient = Patient.objects.get(given_name="Hanna")
    address = reverse("admin:core_operation_changelist")
    sign_in("auditor").get(address, {"result_id": str(patient.pk)})
    assert Event.objects.latest("pk").patient_ids == [patient.pk]


def test_a_change_of_a_row_names_the_patient_to_whom_the_row_leads(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    change = RowChange.objects.filter(table_name="prescriptions_confirmation").latest("pk")
    about = Confirmation.objects.get(pk=change.row_id).authorization.patient_id
    client.get(reverse("admin:audit_rowchange_change", args=[change.pk]))
    assert Event.objects.latest("pk").patient_id == about
    client.get(reverse("admin:audit_rowchange_changelist"), {"row_id": change.row_id})
    assert Event.objects.latest("pk").patient_ids == [about]


def test_who_sees_the_facts_of_a_decision_sees_its_patient(sign_in: SignIn) -> None:
    client, decision = sign_in("staff"), Decision.objects.latest("recorded_at")
    page = reverse("admin:eligibility_factsdocument_change", args=[decision.facts_id])
    assert client.get(page).status_code == 200
    seen = Event.objects.latest("pk")
    assert (seen.code, seen.patient_ids) == ("record_viewed", [decision.patient_id])


@pytest.mark.parametrize(
    "page",
    [
        "patients_patient",
        "prescriptions_confirmation",
        "evidence_pregnancytest",
        "eligibility_decision",
        "audit_event",
        "core_operation",
    ],
)
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(
    page: str, sign_in: SignIn
) -> None:
    client = sign_in("administrator")
    address = reverse(f"admin:{page}_changelist")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for patient in Patient.objects.filter(merged_into=None).order_by("pk")[:2]:
        call = builders.prescribing_call(patient.prescriber)
        for days in range(1, 8):
            builders.negative_test(call, patient, ago=timedelta(days=days))
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_one_search_finds_everything_by_kind_and_is_in_the_trail(sign_in: SignIn) -> None:
    client, page = sign_in("administrator"), reverse("admin:find")
    authorization = Authorization.objects.select_related("patient").latest("issued_at")
    for typed, titles in (
        (numbers.grouped(authorization.number), {"Patients", "Authorizations"}),
        (authorization.patient.family_name, {"Patients", "Authorizations"}),
        (builders.npi(1), {"Prescribers"}),
        (builders.npi(5001), {"Pharmacies"}),
    ):
        found = client.post(page, {"q": typed}, follow=True)
        assert typed not in found.redirect_chain[-1][0]
        shown = [group.title for group in found.context["groups"]]
        assert titles <= set(shown), typed
        # Who bears the number, and after them whom it leads to
        assert shown[0] in titles, typed
    assert "Nothing fits" in client.post(page, {"q": "Ofthisname"}, follow=True).content.decode()
    client.post(page, {"q": str(authorization.pk)}, follow=True)
    told = Event.objects.filter(code="records_listed").latest("pk")
    assert told.data["ids"] == [f"prescriptions.authorization:{authorization.pk}"]
    assert told.patient_ids == [authorization.patient_id]
    assert "no longer known" in client.get(page, {"q": "elsewhere"}).content.decode()
