"""Several lists by one statement say the same as each list by itself."""

from typing import Any

import pytest
from django.db.models import Count, Model, Q, QuerySet
from pytest_django import DjangoAssertNumQueries

from apps.core.together import attach, attach_lists, read_together, totals
from apps.evidence.models import (
    ContraceptionAttestation,
    Counseling,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
)
from apps.patients.models import Agreement, CategoryAssignment, Patient
from apps.prescriptions.models import Authorization, Dispense, DispenseReturn
from apps.providers.models import Pharmacy
from tests import builders

pytestmark = pytest.mark.django_db


def told(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_each_list_is_what_it_would_be_by_itself(
    cast: builders.Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    made = builders.dispense(cast.dispensing, held).dispense
    assert made is not None
    wanted: list[QuerySet[Any]] = [
        PregnancyTest.objects.order_by("-collected_at", "-recorded_at"),
        ContraceptionAttestation.objects.order_by("-attested_at"),
        *(kind._default_manager.order_by("pk") for kind in (
            Agreement, Authorization, CategoryAssignment, Counseling, Dispense, Patient,
            PatientSurvey, PregnancyCase, Pharmacy)),
        DispenseReturn.objects.none(),
        Authorization.objects.select_related("patient").filter(patient__in=Patient.objects.all()),
    ]  # fmt: skip
    with django_assert_max_num_queries(1):
        found = read_together(*wanted)
    for rows, by_itself in zip(found, wanted, strict=True):
        assert [told(row) for row in rows] == [told(row) for row in by_itself]
    assert [len(rows) for rows in found[:2]] == [2, 1]
    assert found[9] == found[11] == []

    dispenses = found[6]
    with django_assert_max_num_queries(0):
        attach(dispenses, "pharmacy", found[10])
        attach_lists(dispenses, "returns", found[11], "dispense_id")
        assert [each.pharmacy.name for each in dispenses] == [cast.pharmacy.name]
        assert dispenses[0].return_entry is None


def test_counts_come_together_too_and_are_nought_where_nothing_is(
    cast: builders.Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    builders.enroll(cast.prescribing, "adult_male")
    men = CategoryAssignment.objects.values("risk_category").annotate(count=Count("pk"))
    certified = Q(state="certified")
    with django_assert_max_num_queries(1):
        found = read_together(
            men,
            totals(Pharmacy.objects.all(), every=Count("pk"), now=Count("pk", filter=certified)),
            totals(Dispense.objects.order_by("dispensed_at"), every=Count("pk")),
        )
    assert found[0] == [{"risk_category": "adult_male", "count": 1}]
    assert [(row["every"], row["now"]) for row in found[1]] == [(1, 1)]
    assert [row["every"] for row in found[2]] == [0]
