"""Trainings on paper name a role: only a pharmacist counsels (L-ENR-2, L-DSP-6)."""

import pytest
from django.db import IntegrityError

from apps.core import clock
from apps.providers import selectors
from apps.providers import services as providers
from apps.providers.models import StaffTraining
from apps.providers.signed import staff_training
from tests import builders
from tests.builders import PROGRAM
from tests.providers.test_people import representing

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "counsels"), [("pharmacist", True), ("technician", False)])
def test_only_a_pharmacist_counsels_also_one_who_was_trained_on_paper(
    cast: builders.Cast, role: str, counsels: bool
) -> None:
    """L-ENR-2, L-DSP-6."""
    providers.record_staff_training(
        representing(cast.pharmacy),
        program=PROGRAM,
        name="Pat Paper",
        role=role,
        acknowledged_at=clock.now(),
    )
    named = selectors.names_of_counselors(cast.pharmacy.organization_id, PROGRAM)
    assert ("Pat Paper" in named) is counsels
    later = clock.now()
    assert selectors.may_have_counseled("Pat Paper", cast.pharmacy, PROGRAM, later) is counsels


def test_a_paper_that_names_no_role_is_no_pharmacists(cast: builders.Cast) -> None:
    """L-DSP-6: what is not on record is not so. Its signature holds as it was given."""
    trained = StaffTraining.objects.filter(pharmacy=cast.pharmacy).first()
    assert trained is not None
    paper = StaffTraining.objects.create(
        program=PROGRAM,
        pharmacy=cast.pharmacy,
        name="Pat Paper",
        text_version=trained.text_version,
        acknowledged_at=trained.acknowledged_at,
        recorded_at=trained.recorded_at,
        operation=trained.operation,
    )
    assert "Pat Paper" not in selectors.names_of_counselors(cast.pharmacy.organization_id, PROGRAM)
    assert "role" not in staff_training(paper)


def test_who_has_an_account_has_the_role_of_their_membership(cast: builders.Cast) -> None:
    trained = StaffTraining.objects.filter(pharmacy=cast.pharmacy).exclude(user=None).first()
    assert trained is not None
    with pytest.raises(IntegrityError, match="training_role_is_of_paper"):
        StaffTraining.objects.create(
            program=PROGRAM,
            pharmacy=cast.pharmacy,
            user=trained.user,
            name=trained.name,
            role="pharmacist",
            text_version="another",
            acknowledged_at=trained.acknowledged_at,
            recorded_at=trained.recorded_at,
            operation=trained.operation,
        )
