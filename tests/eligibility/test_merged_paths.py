"""L-PAT-1: of two records of one person the path is the stricter one (L-AUT-1)."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from apps.eligibility import selectors
from apps.evidence import services as evidence
from apps.evidence.models import ContraceptionAttestation
from apps.patients.models import Patient
from apps.patients.services import NotDuplicate
from tests import builders
from tests.eligibility.test_merging import merge
from tests.eligibility.test_paths import supply

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

DAY = timedelta(days=1)


def path_of(cast: builders.Cast, patient: Patient) -> str:
    outlook = selectors.outlook(cast.staff.actor, [patient.pk], builders.PROGRAM)[patient.pk]
    path: str = outlook["path"]
    return path


def twin_of(cast: builders.Cast, patient: Patient, category: str = "adult_frp") -> Patient:
    """The same person, enrolled a second time."""
    identity = replace(builders.IDENTITY, given_name="Greta")
    alike = (NotDuplicate(patient.pk, "She says so"),)
    return builders.enroll(cast.prescribing, category, identity, not_duplicates=alike)


def make_ready(cast: builders.Cast, patient: Patient) -> None:
    builders.make_ready_frp(cast.prescribing, patient)


@pytest.mark.parametrize("kept_is", ["who lapsed", "who was supplied"])
def test_a_lapse_of_one_record_is_not_cleared_by_a_dispense_under_the_other_l_pat_1(
    cast: builders.Cast, kept_is: str
) -> None:
    with time_machine.travel(builders.START, tick=True):
        lapsed = builders.ready_frp(cast.prescribing)
        supply(cast, lapsed, "adult_frp")
        supplied = twin_of(cast, lapsed)
    with time_machine.travel(builders.START + DAY, tick=True):
        builders.contraception(cast.prescribing, lapsed, lapse=True)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        make_ready(cast, supplied)
        supply(cast, supplied, "adult_frp")
    with time_machine.travel(builders.START + 3 * DAY, tick=True):
        assert path_of(cast, lapsed) == "initiation"
        assert path_of(cast, supplied) == "continuing"
        both = (lapsed, supplied) if kept_is == "who lapsed" else (supplied, lapsed)
        merge(cast, *both)
        kept = both[0]
        assert path_of(cast, kept) == "initiation"
        anew = ContraceptionAttestation.objects.get(patient=kept, operation__name="merge_patients")
        assert anew.lapse
    with time_machine.travel(builders.START + 4 * DAY, tick=True):
        # A merge that was a slip of the pen: the staff withdraw what it recorded.
        evidence.withdraw_contraception(
            cast.staff, attestation_id=anew.pk, reason="The lapse itself was a mistake"
        )
        assert path_of(cast, kept) == "continuing"


def test_supplies_off_the_path_under_one_record_are_not_cleared_under_the_other_l_pat_1(
    cast: builders.Cast,
) -> None:
    with time_machine.travel(builders.START, tick=True):
        on_path = builders.ready_frp(cast.prescribing)
        supply(cast, on_path, "adult_frp")
        off_path = twin_of(cast, on_path, "adult_fnrp")
    with time_machine.travel(builders.START + 21 * DAY, tick=True):
        builders.negative_test(cast.prescribing, on_path)
        builders.contraception(cast.prescribing, on_path)
        builders.counseling(cast.prescribing, on_path)
        builders.survey(cast.prescribing, on_path, "adult_frp")
        supply(cast, on_path, "adult_frp")
    with time_machine.travel(builders.START + 22 * DAY, tick=True):
        assert path_of(cast, on_path) == "continuing"
        merge(cast, on_path, off_path)
        assert path_of(cast, on_path) == "initiation"


def test_what_the_own_record_cleared_restarts_nobody(cast: builders.Cast) -> None:
    with time_machine.travel(builders.START, tick=True):
        first = builders.enroll(cast.prescribing)
        builders.contraception(cast.prescribing, first, lapse=True)
        other = twin_of(cast, first)
        evidence.resolve_intervention(
            cast.staff,
            intervention_id=first.intervention_set.get().pk,
            conclusion="counseled",
            contacted="The patient",
            outcome="Taught anew",
        )
        builders.contraception(cast.prescribing, first)
    with time_machine.travel(builders.START + 29 * DAY, tick=True):
        make_ready(cast, first)
        supply(cast, first, "adult_frp")
        make_ready(cast, other)
    with time_machine.travel(builders.START + 29 * DAY + timedelta(hours=1), tick=True):
        supply(cast, other, "adult_frp")
        merge(cast, first, other)
        assert path_of(cast, first) == "continuing"
        assert not ContraceptionAttestation.objects.filter(operation__name="merge_patients")
