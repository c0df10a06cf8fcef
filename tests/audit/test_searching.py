"""The auditor's search and exports: what is found, who may, and that each is an event itself."""

import csv
import html
import io
import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit import sealing, verdicts
from apps.audit import services as audit
from apps.audit.models import Event, Seal
from apps.backoffice import trail
from apps.backoffice.shown import page_of
from apps.core.call import Actor, ActorKind, Call, Channel, Role
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization
from tests.audit.seeing import body
from tests.backoffice.conftest import SignIn
from tests.builders import program_day

TRAIL = "/admin/trail/"


def search(client: Client, **typed: Any) -> Any:
    """Type, send, and follow to what was found."""
    answer = client.post(TRAIL, typed)
    assert answer.status_code == 302
    assert not any(str(value) in answer["Location"] for value in typed.values() if value)
    return client.get(answer["Location"])


def export(client: Client, kind: str, **typed: Any) -> str:
    """What a search gives as a file."""
    key = search(client, **typed).context["key"]
    answer = client.post(TRAIL, {"export": kind, "q": key})
    assert answer.status_code == 200
    assert f".{kind}" in answer["Content-Disposition"]
    return body(answer)


@pytest.mark.parametrize(
    ("who", "status"),
    [("auditor", 200), ("administrator", 200), ("staff", 403), ("pharmacist", 403)],
)
def test_auditors_and_administrators_search_the_trail(
    who: str, status: int, sign_in: SignIn
) -> None:
    client = sign_in(who)
    assert client.get(TRAIL).status_code == status
    front = client.get(reverse("admin:index"))
    assert (TRAIL in front.content.decode()) is (status == 200)
    assert client.post(TRAIL, {"export": "csv", "q": ""}).status_code == status


def test_events_are_shown_in_words(sign_in: SignIn) -> None:
    shown = search(sign_in("auditor"), code="authorization_issued").content.decode()
    assert "Authorization issued" in shown
    assert "Prescriber" in shown
    assert "Robin" in shown or "Paula" in shown or "Synthetic" in shown


def test_a_patient_is_found_by_name_by_number_and_by_id(sign_in: SignIn) -> None:
    client, authorization = sign_in("auditor"), Authorization.objects.earliest("issued_at")
    patient = authorization.patient
    for typed in (str(patient.pk), authorization.number):
        rows = search(client, patient=typed).context["rows"]
        assert rows
        assert all(str(patient.pk) in {row["patient_id"], *row["patient_ids"]} for row in rows)
    named = search(client, patient=f"{patient.given_name} {patient.family_name}").context["rows"]
    assert str(patient.pk) in {row["patient_id"] for row in named}
    assert search(client, patient="Nobody at all").context["rows"] == []


def test_a_patient_who_acts_is_found_as_who_did_it(sign_in: SignIn) -> None:
    client, patient = sign_in("auditor"), Patient.objects.earliest("registered_at")
    actor = Actor(ActorKind.PERSON, patient.pk, Role.PATIENT, patient_id=patient.pk)
    seen = audit.record_view(Call(actor, Channel.PORTAL), "own_record_viewed")
    for typed in (str(patient.pk), str(patient)):
        rows = search(client, person=typed).context["rows"]
        assert [row["event"] for row in rows] == [seen.pk]


def test_whoever_is_looked_for_in_vain_is_not_told_as_anybody(sign_in: SignIn) -> None:
    told = search(sign_in("auditor"), patient="Nobody at all").content.decode()
    assert "Nobody on record fits what is typed under Patient" in told
    assert "No event fits" not in told
    assert Event.objects.latest("pk").data == {"sought": {"patients": ""}, "events": 0}


def test_days_in_the_wrong_order_are_told(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    shown = search(client, from_on="2026-02-02", last_on="2026-02-01")
    assert "last_on" in shown.context["errors"]


@pytest.mark.parametrize("name", ["patient", "person", "organization"])
def test_whom_more_than_can_be_meant_fit_is_asked_for_again_and_nobody_left_out(
    sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    client, typed = sign_in("auditor"), {name: "e"}
    monkeypatch.setattr(trail, "AT_MOST", 1)
    # One letter may well stand in the key of the address, too.
    answer = client.post(TRAIL, typed, follow=True)
    assert "More than 1 fit" in answer.content.decode()
    assert answer.context["rows"] == []
    key = answer.context["key"]
    assert client.post(TRAIL, {"export": "csv", "q": key}).status_code == 404
    monkeypatch.setattr(trail, "AT_MOST", 1_000)
    answer = client.post(TRAIL, typed, follow=True)
    assert "fit: type more" not in answer.content.decode()


def test_a_list_on_which_a_patient_stood_is_one_of_the_patients_events(sign_in: SignIn) -> None:
    sign_in("staff").get(reverse("admin:patients_patient_changelist"))
    patient = Patient.objects.latest("registered_at")
    rows = search(sign_in("auditor"), patient=str(patient.pk), code="records_listed").context[
        "rows"
    ]
    assert rows
    assert rows[0]["listed"] > 1


@pytest.mark.parametrize("column", ["person", "organization", "channel", "operation", "from_on"])
def test_what_is_typed_narrows_what_is_found(column: str, sign_in: SignIn) -> None:
    client = sign_in("auditor")
    event: Any = Event.objects.filter(code="authorization_issued").earliest("pk")
    typed = {
        "person": User.objects.get(pk=event.actor_id).email,
        "organization": str(event.organization_id),
        "channel": event.channel,
        "operation": str(event.operation_id),
        "from_on": program_day(event.occurred_at).isoformat(),
    }[column]
    found = search(client, code="authorization_issued", **{column: typed}).context["rows"]
    assert event.pk in {row["event"] for row in found}
    nothing = {"channel": "fax", "from_on": "2100-01-01", "operation": str(UUID(int=7))}
    other = nothing.get(column, "Nobody at all")
    assert search(client, code="authorization_issued", **{column: other}).context["rows"] == []


def test_a_search_is_an_event_that_names_whom_it_showed(sign_in: SignIn) -> None:
    patient = Authorization.objects.earliest("issued_at").patient
    search(sign_in("auditor"), patient=f"{patient.given_name} {patient.family_name}")
    told: Any = Event.objects.filter(code="trail_searched").latest("pk")
    assert told.role == "auditor"
    assert patient.pk in told.patient_ids
    assert str(patient.pk) in told.data["sought"]["patients"]
    assert patient.family_name not in json.dumps(told.data)


def test_more_than_a_page_is_found_page_by_page(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    first = search(client)
    second = client.get(TRAIL + first.context["further"])
    assert len(first.context["rows"]) == 50
    assert second.context["rows"][0]["event"] < first.context["rows"][-1]["event"]


def test_exports_hold_all_that_fits_oldest_first(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    count = Event.objects.filter(role="prescriber", channel="portal").count()
    everything = json.loads(export(client, "json"))
    assert len(everything) > max(count, 50)
    assert [row["event"] for row in everything] == sorted(row["event"] for row in everything)
    rows = list(csv.DictReader(io.StringIO(export(client, "csv", code="authorization_issued"))))
    assert len(rows) == Event.objects.filter(code="authorization_issued").count()
    assert rows[0]["What"] == "Authorization issued"


def test_an_export_is_an_event_that_says_what_left(sign_in: SignIn) -> None:
    patient = Authorization.objects.earliest("issued_at").patient
    rows = json.loads(export(sign_in("administrator"), "json", patient=str(patient.pk)))
    told: Any = Event.objects.filter(code="trail_exported").latest("pk")
    assert (told.data["format"], told.data["events"]) == ("json", len(rows))
    assert patient.pk in told.patient_ids
    assert told.pk not in {row["event"] for row in rows}


def test_no_cell_of_a_spreadsheet_is_a_formula(sign_in: SignIn) -> None:
    event: Any = Event.objects.filter(code="authorization_issued").earliest("pk")
    client = sign_in("auditor")
    Event.objects.create(
        code="formula_typed",
        occurred_at=event.occurred_at,
        operation_id=event.operation_id,
        actor_kind="system",
        role="system",
        channel="system",
        reason="=HYPERLINK(1)",
    )
    (row,) = csv.DictReader(io.StringIO(export(client, "csv", code="formula_typed")))
    assert row["Reason"] == "'=HYPERLINK(1)"


def test_a_forgotten_search_says_so_and_exports_nothing_of_it(sign_in: SignIn) -> None:
    client = sign_in("auditor")
    of_a_list = client.post(reverse("admin:patients_patient_changelist"), {"q": "[1]"})
    for key in ("unknown", of_a_list["Location"].partition("q=")[2]):
        shown = client.get(f"{TRAIL}?q={key}")
        assert "no longer known" in shown.content.decode()
        assert shown.context["rows"] == []
        assert client.post(TRAIL, {"export": "csv", "q": key}).status_code == 404


def test_the_last_day_of_all_is_no_error(sign_in: SignIn) -> None:
    assert search(sign_in("auditor"), last_on="9999-12-31").context["rows"]


def test_a_wrong_operation_is_told_beside_its_field(sign_in: SignIn) -> None:
    shown = search(sign_in("auditor"), operation="12").content.decode()
    assert "Nothing was looked for" in shown
    assert "valid UUID" in shown


def test_an_auditor_reads_whether_the_trail_is_whole(sign_in: SignIn) -> None:
    auditor = sign_in("auditor")
    sealing.seal()
    seal = Seal.objects.earliest("number")
    pages = [reverse("admin:trail"), reverse("admin:audit_seal_changelist"), page_of(seal)]

    def each_says(told: str) -> None:
        for page in pages:
            assert told in html.unescape(auditor.get(page).content.decode()), page

    each_says("The whole trail was not verified yet.")
    verdicts.record(verdicts.WHOLE, "The trail is whole: 3 seals over 12 events")
    each_says(". The trail is whole: 3 seals over 12 events")
    verdicts.record(verdicts.BROKEN, "Event 6 was changed after seal 2 had closed its range.")
    each_says(". The trail is broken. Event 6 was changed after seal 2")
