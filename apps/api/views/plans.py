"""What if: from when an authorization is possible, as a dated plan. Stores the view alone."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.fields import Program
from apps.api.scopes import AUTHORIZATIONS
from apps.api.views.patients import OfPatient
from apps.eligibility import selectors as eligibility
from apps.rules.policy import programs
from apps.rules.what_if import Assumptions


class PlanQuery(serializers.Serializer[Any]):
    """What is supposed."""

    program = Program(default=lambda: programs()[0])
    first_test_on = serializers.DateField(required=False)
    contraception_since = serializers.DateField(required=False)


class AssumptionsEntry(serializers.Serializer[Any]):
    """What was supposed."""

    first_test_on = serializers.DateField(allow_null=True)
    contraception_since = serializers.DateField(allow_null=True)


class StepEntry(serializers.Serializer[Any]):
    """What somebody does between two days, both included, for the plan to hold."""

    step = serializers.CharField(source="code")
    who = serializers.CharField()
    what = serializers.CharField()
    not_before = serializers.DateField()
    not_after = serializers.DateField()


class ObstacleEntry(serializers.Serializer[Any]):
    """A requirement that is not met before then, or not at all."""

    rule = serializers.CharField()
    message = serializers.CharField()
    who = serializers.CharField()


class PlanEntry(serializers.Serializer[Any]):
    """From when until when an authorization is possible, and what it takes."""

    program = serializers.CharField()
    as_of = serializers.DateTimeField()
    assumptions = AssumptionsEntry()
    path = serializers.CharField()
    possible_from = serializers.DateField(allow_null=True)
    possible_until = serializers.DateField(allow_null=True)
    steps = StepEntry(many=True)
    obstacles = ObstacleEntry(many=True)


class PlanPage(PlanEntry):
    """A plan; `instead` is the one without assumptions, where these lead nowhere."""

    instead = PlanEntry(allow_null=True)


class AuthorizationPlan(OfPatient):
    """Plan of an authorization."""

    area = AUTHORIZATIONS
    entry = PlanPage
    query = PlanQuery

    def get(self, request: Request, patient_id: UUID) -> Response:
        """Show when a patient could have an authorization, under assumptions (what if)."""
        query = PlanQuery(data=request.query_params.dict())
        unknown = set(request.query_params) - set(query.fields)
        if unknown:
            raise ValidationError({name: ["There is no such assumption."] for name in unknown})
        query.is_valid(raise_exception=True)
        given = dict(query.validated_data)
        patient = self.patient(request, patient_id)
        program = given.pop("program")
        plan = eligibility.authorization_plan(
            self.actor(request), patient.pk, program, Assumptions(**given)
        )
        self.saw(request, "authorization_planned", patient_id=patient.pk, subject=patient)
        return self.answer(plan)
