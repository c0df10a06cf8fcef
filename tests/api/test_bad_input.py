"""Bad input: a clear refusal in the door's own form, and nothing half-written."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client as Browser

from apps.accounts import services as accounts
from apps.accounts.models import Membership
from apps.audit import services as audit
from apps.audit.models import Event
from apps.core import clock, numbers
from apps.core.call import Role
from apps.core.models import Operation
from apps.eligibility.services.verifying import MISS, MISSES_ALLOWED_TOGETHER
from apps.evidence.models import PregnancyTest
from apps.patients.models import Patient
from apps.patients.services import Identity
from apps.patients.showing import SHOWN, SHOWN_ALLOWED
from tests import builders
from tests.api.clients import System, system
from tests.browsers import signed_in

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def practice(cast: builders.Cast) -> System:
    return system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)


@pytest.fixture
def pharmacy(cast: builders.Cast) -> System:
    return system(cast.pharmacy.organization_id, Role.PHARMACIST)


@pytest.fixture
def tests_path(cast: builders.Cast) -> str:
    return f"patients/{builders.enroll(cast.prescribing).pk}/pregnancy-tests"


def a_test(**changes: Any) -> dict[str, Any]:
    now = clock.now().isoformat()
    return {
        "collected_at": now,
        "resulted_at": now,
        "result": "negative",
        "sensitivity_miu_ml": 25,
        "specimen": "serum",
        **changes,
    }


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document, after a look at its form."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    content: dict[str, Any] = answer.json()
    assert content["code"] == code
    assert content["status"] == status
    assert content["type"] == f"urn:remsportal:problem:{code}"
    assert content["title"]
    assert content["detail"]
    return content


def pointers(content: dict[str, Any]) -> set[str]:
    return {error["pointer"] for error in content["errors"]}


@pytest.mark.parametrize(
    "body",
    [
        '{"result": "negative"',
        "",
        '{"result": "negative", "result": "positive"}',
        '{"sensitivity_miu_ml": NaN}',
        b'{"laboratory": "\xff"}',
        "[" * 100_000,
    ],
)
def test_what_is_not_json_is_refused_and_nothing_is_written(
    practice: System, tests_path: str, body: str | bytes
) -> None:
    answer = practice.post(tests_path, body)
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"
    assert not PregnancyTest.objects.exists()


def test_each_wrong_value_is_named_with_its_pointer(practice: System, tests_path: str) -> None:
    wrong = a_test(
        collected_at="2026-06-01T10:00:00",
        resulted_at="yesterday",
        result="Negative",
        sensitivity_miu_ml="25",
        specimen=None,
        colour="red",
    )
    content = problem(practice.post(tests_path, wrong), 422, "invalid_request")
    assert pointers(content) == {
        "/collected_at",
        "/resulted_at",
        "/result",
        "/sensitivity_miu_ml",
        "/specimen",
        "/colour",
    }
    naive = next(error for error in content["errors"] if error["pointer"] == "/collected_at")
    assert "offset" in naive["message"]
    assert not PregnancyTest.objects.exists()


@pytest.mark.parametrize("sensitivity", [0, -5, 25.123, 10_000, True, 1e400])
def test_a_sensitivity_is_a_number_that_can_be_stored(
    practice: System, tests_path: str, sensitivity: float
) -> None:
    body = json.dumps(a_test()).replace("25,", f"{json.dumps(sensitivity)},", 1)
    answer = practice.post(tests_path, body.replace("Infinity", "1e400"))
    assert pointers(problem(answer, 422, "invalid_request")) == {"/sensitivity_miu_ml"}


def test_a_list_is_not_an_object(practice: System, tests_path: str) -> None:
    content = problem(practice.post(tests_path, "[]"), 422, "invalid_request")
    assert pointers(content) == {""}


def test_a_specimen_of_tomorrow_is_refused(practice: System, tests_path: str) -> None:
    late = (clock.now() + timedelta(days=1)).isoformat()
    answer = practice.post(tests_path, a_test(collected_at=late, resulted_at=late))
    assert pointers(problem(answer, 422, "invalid_request")) == {"/collected_at", "/resulted_at"}
    assert not PregnancyTest.objects.exists()


def test_another_content_type_is_refused(practice: System, tests_path: str) -> None:
    answer = practice.browser.post(
        f"/api/v1/{tests_path}",
        {"result": "negative"},
        headers=practice.headers(**{"Idempotency-Key": str(uuid4())}),
    )
    problem(answer, 415, "unsupported_media_type")


def test_a_body_beyond_the_limit_is_refused(practice: System, tests_path: str) -> None:
    problem(practice.post(tests_path, " " * 1_000_001), 413, "content_too_large")


@pytest.mark.parametrize(
    "path",
    ["nowhere", "patients/42", "patients/", "../api/v2/patients", "patients/%00", "patients/%0A"],
)
def test_an_unknown_address_answers_with_a_problem(practice: System, path: str) -> None:
    problem(practice.get(path), 404, "not_found")
    problem(practice.post(path, {}), 404, "not_found")


def test_a_wrong_method_says_which_are_right(practice: System, tests_path: str) -> None:
    answer = practice.browser.delete(f"/api/v1/{tests_path}", headers=practice.headers())
    problem(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]


def test_an_unknown_filter_is_refused_instead_of_showing_more(practice: System) -> None:
    content = problem(practice.get("authorizations", stat="issued"), 422, "invalid_request")
    assert pointers(content) == {"/stat"}
    content = problem(practice.get("authorizations", state="open"), 422, "invalid_request")
    assert pointers(content) == {"/state"}


def test_a_cursor_that_we_never_gave_leads_nowhere(practice: System) -> None:
    for place in ("p=x", "p=2026-99-99", "p=2026-01-01%00", "r=1&p="):
        cursor = base64.b64encode(place.encode()).decode()
        problem(practice.get("authorizations", cursor=cursor), 404, "not_found")


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic x"}]
)
def test_without_a_valid_token_there_is_a_challenge(header: dict[str, str]) -> None:
    answer = Browser().get("/api/v1/patients", headers=header)
    problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer realm=")


def test_an_expired_token_opens_nothing(practice: System) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1), tick=False):
        problem(practice.get("patients"), 401, "unauthenticated")


def test_the_token_of_an_ended_client_opens_nothing(practice: System) -> None:
    practice.client.ended_at = clock.now()
    practice.client.save()
    problem(practice.get("patients"), 401, "unauthenticated")
    practice.authenticate()
    problem(practice.get("patients"), 401, "unauthenticated")


def test_a_signed_in_session_is_no_way_in(cast: builders.Cast, practice: System) -> None:
    browser = signed_in(builders.user("person@program.example"))
    problem(browser.get("/api/v1/patients"), 401, "unauthenticated")


def test_tokens_are_stored_as_digests_only(practice: System) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM oauth2_provider_accesstoken t")
        rows = [row for (row,) in cursor.fetchall()]
    assert rows
    assert not any(practice.token in row for row in rows)


def test_a_client_gets_no_token_beyond_its_role(pharmacy: System) -> None:
    assert pharmacy.authenticate("dispense").status_code == 200
    assert pharmacy.authenticate("prescribe").status_code == 400
    assert pharmacy.authenticate("dispense administer").status_code == 400


def test_a_practice_names_a_prescriber_of_its_own(cast: builders.Cast, practice: System) -> None:
    stranger = builders.certified_prescriber(cast.administrator, serial=2)
    practice.prescriber = stranger.pk
    problem(practice.get("patients"), 403, "prescriber_not_named")
    practice.prescriber = None
    problem(practice.get("patients"), 403, "prescriber_not_named")
    assert practice.get("prescribers").status_code == 200
    # Nor one who has left, as certified as before (L-ENR-5).
    practice.prescriber = cast.prescriber.pk
    assert practice.get("patients").status_code == 200
    own = Membership.objects.get(user=cast.prescriber.user, role="prescriber")
    accounts.end_membership(cast.staff, membership_id=own.pk, reason="Retired")
    problem(practice.get("patients"), 403, "prescriber_not_named")


def test_a_creating_call_needs_a_key(practice: System, tests_path: str) -> None:
    for key in (" ", "short", "x" * 101):
        answer = practice.post(tests_path, a_test(), key=key)
        problem(answer, 400, "idempotency_key_missing")
    assert not PregnancyTest.objects.exists()


def test_a_double_submit_is_one_record_and_one_answer(practice: System, tests_path: str) -> None:
    key, content = str(uuid4()), a_test()
    first, second = (practice.post(tests_path, content, key=key) for _ in range(2))
    assert (first.status_code, first.json()) == (201, second.json())
    assert second.status_code == 201
    assert PregnancyTest.objects.count() == 1


def test_a_key_with_other_content_or_for_another_patient_is_refused(
    cast: builders.Cast, practice: System, tests_path: str
) -> None:
    key, content = str(uuid4()), a_test()
    assert practice.post(tests_path, content, key=key).status_code == 201
    changed = practice.post(tests_path, {**content, "specimen": "urine"}, key=key)
    problem(changed, 422, "idempotency_key_reused")
    identity = Identity("Greta", "Other", date(1980, 1, 1), "90210")
    other = builders.enroll(cast.prescribing, identity=identity)
    elsewhere = practice.post(f"patients/{other.pk}/pregnancy-tests", content, key=key)
    problem(elsewhere, 422, "idempotency_key_reused")
    assert PregnancyTest.objects.count() == 1


def test_two_clients_may_use_the_same_key(
    cast: builders.Cast, practice: System, tests_path: str
) -> None:
    twin = system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)
    key = str(uuid4())
    assert practice.post(tests_path, a_test(), key=key).status_code == 201
    assert twin.post(tests_path, a_test(specimen="urine"), key=key).status_code == 201


def test_a_likely_duplicate_can_be_decided_by_what_is_shown(
    cast: builders.Cast, practice: System, tests_path: str
) -> None:
    now = clock.now().isoformat()
    form = {
        "program": builders.PROGRAM,
        "given_name": "Fiona",
        "family_name": "Synthetic",
        "born_on": "1986-04-05",
        "postal_code": "10001",
        "risk_category": "adult_frp",
        "signer": "patient",
        "signer_name": "Fiona Synthetic",
        "patient_signed_at": now,
        "prescriber_signed_at": now,
    }
    content = problem(practice.post("patients", form), 409, "likely_duplicates")
    (candidate,) = content["candidates"]
    assert set(candidate) == {"patient_id", "initials", "year_of_birth", "alike_in", "practice"}
    assert candidate["initials"] == "F. S."
    (shown,) = Event.objects.get(code="likely_duplicates_shown").patient_ids or []
    assert str(shown) == candidate["patient_id"]
    decided = [{"patient_id": candidate["patient_id"], "reason": "A cousin of the same name"}]
    assert practice.post("patients", {**form, "not_duplicates": decided}).status_code == 201
    assert Patient.objects.count() == 2
    for _ in range(SHOWN_ALLOWED):
        audit.record_view(cast.prescribing, SHOWN, patient_ids=[shown])
    problem(practice.post("patients", {**form, "given_name": "New"}), 429, "too_many_requests")


def test_a_wrong_check_character_is_told_apart_from_a_wrong_number(pharmacy: System) -> None:
    number = numbers.new_number(numbers.AUTHORIZATION)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    asked = {"number": wrong, "born_on": "1986-04-05", "risk_category": "adult_frp"}
    for path, more in (("eligibility-checks", {}), ("confirmations", {"handover": "pickup"})):
        content = problem(pharmacy.post(path, {**asked, **more}), 422, "invalid_request")
        assert pointers(content) == {"/number"}
        assert "check character" in content["errors"][0]["message"]
        problem(pharmacy.post(path, {**asked, **more, "number": number}), 404, "not_found")


def test_repeated_misses_are_throttled_and_visible(pharmacy: System) -> None:
    """As many as of a whole pharmacy: behind a system stand all its people."""
    asked = {"born_on": "1986-04-05", "risk_category": "adult_frp"}
    number = numbers.new_number(numbers.AUTHORIZATION)
    for _ in range(MISSES_ALLOWED_TOGETHER):
        problem(pharmacy.post("eligibility-checks", {**asked, "number": number}), 404, "not_found")
    answer = pharmacy.post("eligibility-checks", {**asked, "number": number})
    problem(answer, 429, "too_many_requests")
    assert int(answer["Retry-After"]) > 0
    assert Event.objects.filter(code=MISS).count() == MISSES_ALLOWED_TOGETHER


def test_broken_facts_are_refused_as_the_contract_says(pharmacy: System) -> None:
    before = Operation.objects.count()
    content = problem(pharmacy.post("evaluations", {"program": "other"}), 422, "invalid_facts")
    assert content["error"] == "invalid_facts"
    assert "/program" in pointers(content)
    assert pointers(problem(pharmacy.post("evaluations", "{"), 422, "invalid_facts")) == {""}
    nothing = pharmacy.browser.post("/api/v1/evaluations", headers=pharmacy.headers())
    problem(nothing, 415, "unsupported_media_type")
    unsaid = pharmacy.browser.generic("POST", "/api/v1/evaluations", headers=pharmacy.headers())
    assert pointers(problem(unsaid, 422, "invalid_facts")) == {""}
    assert Operation.objects.count() == before


def test_an_evaluation_answers_as_the_command_does_and_stores_nothing(pharmacy: System) -> None:
    path = builders.__file__.replace("builders.py", "rules/data/scenarios.jsonl")
    with open(path, encoding="utf-8") as lines:  # noqa: PTH123
        scenario = json.loads(next(lines))
    before = Operation.objects.count()
    answer = pharmacy.post("evaluations", scenario["facts"])
    assert answer.status_code == 200
    for key, value in scenario["expected"].items():
        assert answer.json()[key] == value
    assert Operation.objects.count() == before
