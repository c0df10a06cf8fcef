"""What the office types is the program's time; an hour that is not one is asked for again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Event
from apps.backoffice.instants import InstantField, program_zone, told
from apps.backoffice.shown import page_of
from apps.core import clock
from apps.evidence.models import PregnancyTest
from apps.patients.models import Patient
from tests.backoffice.conftest import SignIn


def test_an_instant_is_typed_in_the_programs_zone() -> None:
    field = InstantField(required=False)
    assert "Eastern, EST or EDT" in field.help_text
    assert field.clean(["2026-01-05", "14:05"]) == datetime(2026, 1, 5, 19, 5, tzinfo=UTC)
    assert field.clean(["2026-07-05", "14:05"]) == datetime(2026, 7, 5, 18, 5, tzinfo=UTC)
    assert field.clean(["", ""]) is None
    for typed in (["2026-11-01", "01:30"], ["2026-03-08", "02:30"], ["2026-07-05", ""]):
        # Whatever the zone of the page is.
        with pytest.raises(ValidationError), timezone.override(program_zone()):
            field.clean(typed)


def test_the_pages_show_the_programs_time(sign_in: SignIn) -> None:
    test = PregnancyTest.objects.earliest("collected_at")
    page = sign_in("auditor").get(page_of(test)).content.decode()
    assert told(test.collected_at) in page
    assert told(datetime(2026, 1, 5, 19, 5, tzinfo=UTC)) == "5 January 2026, 14:05 EST"
    assert " UTC" not in page
    # As do the lists, whose rows are written last.
    listed = sign_in("auditor").get(reverse("admin:evidence_pregnancytest_changelist"))
    assert " UTC" not in listed.content.decode()


def test_a_records_copy_to_be_read_bears_the_programs_times_and_names_their_zone(
    sign_in: SignIn,
) -> None:
    auditor = sign_in("auditor")
    enrolled = Event.objects.filter(code="patient_enrolled").earliest("pk")
    assert enrolled.patient_id is not None
    patient = Patient.objects.get(pk=enrolled.patient_id)
    page = page_of(patient).replace("/change/", "/copy/")
    made = auditor.get(page).context["copy"]
    local = clock.real_now().astimezone(program_zone())
    assert made["copied_at"].startswith(f"{local.day} {local:%B %Y}")
    assert made["copied_at"].endswith(f" {local:%Z}")
    assert all(each["occurred_at"].endswith(("EST", "EDT")) for each in made["events"])
    # The file keeps what is stored
    stored = auditor.get(page.replace("/copy/", "/copy.json")).json()["copy"]
    assert datetime.fromisoformat(stored["copied_at"]).utcoffset() == timedelta(0)


def test_a_records_history_says_in_words_what_was_done(
    sign_in: SignIn,
) -> None:
    auditor = sign_in("auditor")
    enrolled = Event.objects.filter(code="patient_enrolled").earliest("pk")
    assert enrolled.patient_id is not None
    patient = Patient.objects.get(pk=enrolled.patient_id)
    told = auditor.get(page_of(patient).replace("/change/", "/history/")).content.decode()
    assert "Patient enrolled" in told
    assert "patient_enrolled" not in told


@pytest.mark.parametrize("written", ["2026-06-01", "2026-06-01T00:00", "2026-06-01T04:00:00+00:00"])
def test_a_day_in_the_address_of_a_list_is_one_of_the_program(
    sign_in: SignIn, written: str
) -> None:
    listed = sign_in("auditor").get(
        reverse("admin:evidence_pregnancytest_changelist"), {"collected_at__gte": written}
    )
    (found,) = listed.context["cl"].filter_params["collected_at__gte"]
    assert datetime.fromisoformat(found) == datetime(2026, 6, 1, 4, tzinfo=UTC)


def test_what_is_no_day_in_the_address_of_a_list_is_refused(sign_in: SignIn) -> None:
    auditor, address = sign_in("auditor"), reverse("admin:evidence_pregnancytest_changelist")
    for wrong in ({"collected_at__gte": "soon"}, {"nothing__gte": "2026-06-01"}):
        assert auditor.get(address, wrong).status_code in {302, 400}
    assert auditor.get(address, {"collected_at__gte": "9999-12-31"}).status_code == 200
