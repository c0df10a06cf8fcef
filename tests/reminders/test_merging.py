"""L-PAT-1: of a merged record nothing is owed any more; the kept one is reminded instead."""

import pytest

from apps.core import clock
from apps.evidence import services as evidence
from apps.notices.models import Notice
from apps.reminders import planning, selectors
from tests import builders
from tests.reminders import cases

pytestmark = pytest.mark.django_db


def test_the_reminders_of_a_merged_record_are_cancelled_and_the_kept_one_s_go_on(
    cast: builders.Cast,
) -> None:
    merged, kept = cases.on_therapy(cast, 1), cases.on_therapy(cast, 2)
    planning.plan([merged.pk, kept.pk])
    scheduled = Notice.objects.filter(purpose="reminder", state="scheduled")
    assert scheduled.filter(patient_id=merged.pk).exists()

    evidence.merge_patients(cast.staff, kept_id=kept.pk, merged_id=merged.pk, reason="One person")
    planning.plan([merged.pk, kept.pk])

    assert not scheduled.filter(patient_id=merged.pk).exists()
    assert scheduled.filter(patient_id=kept.pk).exists()
    assert not selectors.stale(clock.now()).filter(pk=merged.pk).exists()
