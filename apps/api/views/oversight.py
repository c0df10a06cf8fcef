"""The program's own work: queues and who works on their items, deviations, the report."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint, Pages, found
from apps.api.filters import OfDeviations
from apps.api.scopes import OFFICE, OVERSIGHT, Work
from apps.api.serializers import oversight as shapes
from apps.core import clock
from apps.evidence.models import Deviation as DeviationRow
from apps.oversight import selectors, services
from apps.oversight.assessment import assessment
from apps.oversight.assessment.rendering import as_document
from apps.rules.policy import policy_in_force, programs


class OfTheOffice(Endpoint):
    """An address of the program's own work."""

    area = OVERSIGHT
    to_read = OFFICE
    to_write = frozenset({Work.ADMINISTER})
    names_prescriber = False
    query: ClassVar[type[serializers.Serializer[Any]]] = shapes.ProgramQuery

    def asked(self, request: Request) -> dict[str, Any]:
        """What the query says, with the program. Raises ValidationError for anything else."""
        query = self.query(data=request.query_params.dict())
        unknown = set(request.query_params) - set(query.fields) - {"cursor", "limit"}
        if unknown:
            raise ValidationError({name: ["There is no such filter here."] for name in unknown})
        query.is_valid(raise_exception=True)
        return {"program": programs()[0], **query.validated_data}


class Queues(OfTheOffice):
    """Queues."""

    entry = shapes.QueuesEntry

    def get(self, request: Request) -> Response:
        """Show what waits: every kind of item with its owner, its count, and how many are late."""
        program = self.asked(request)["program"]
        found_queues = selectors.queues(self.actor(request), program=program, now=clock.now())
        self.saw(request, "queues_viewed")
        return self.answer({"results": found_queues})


class QueueItems(OfTheOffice):
    """Items of a queue."""

    entry = shapes.QueueItemEntry
    lists = True

    def get(self, request: Request, queue: str) -> Response:
        """List the items of one kind, those with the nearest target first."""
        program, now = self.asked(request)["program"], clock.now()
        rows = selectors.waiting(self.actor(request), queue, program=program, now=now)
        pages = Pages()
        pages.ordering = ("target_at", "pk")
        shown = pages.paginate_queryset(rows, request, view=self) or []
        items = selectors.items(shown, queue, program=program, now=now)
        self.saw(
            request,
            "queue_listed",
            patient_ids=[named for item in items for named in item.patient_ids],
            data={"kind": queue, "ids": [str(item.subject_id) for item in items]},
        )
        return pages.get_paginated_response(shapes.QueueItemEntry(items, many=True).data)


class Assignments(OfTheOffice):
    """Who works on an item."""

    form, entry = shapes.AssignmentForm, shapes.AssignmentEntry

    def post(self, request: Request, queue: str, subject_id: UUID) -> Response:
        """Give a waiting item to somebody of the office, or (without one) back to the queue."""
        given = self.given(request)
        assignee_id = given.pop("assignee_id")
        about = {"kind": queue, "subject_id": subject_id, **given}
        call = self.once(request)
        if assignee_id is None:
            return self.created(services.give_back(call, **about))
        return self.created(services.assign(call, assignee_id=assignee_id, **about))


class NoticeSettlement(OfTheOffice):
    """How somebody was told whom a message did not reach."""

    form, entry = shapes.SettlementForm, shapes.SettlementEntry

    def post(self, request: Request, entry_id: UUID) -> Response:
        """Take a message that could not be delivered off the list, saying what was done instead."""
        return self.created(
            services.settle(
                self.once(request),
                kind="undeliverable_notice",
                subject_id=entry_id,
                **self.given(request),
            )
        )


class OfDeviation(OfTheOffice):
    """An address below one deviation."""

    entry = shapes.DeviationEntry

    def deviation(self, request: Request, deviation_id: UUID) -> DeviationRow:
        """The deviation of the address. Raises NotFound unless the actor may see it."""
        rows = selectors.deviations_visible_to(self.actor(request))
        deviation: DeviationRow = found(rows, deviation_id)
        return deviation


class Deviations(OfTheOffice):
    """Deviations."""

    entry, filters, lists = shapes.DeviationEntry, OfDeviations, True

    def get(self, request: Request) -> Response:
        """List what was broken in the world, latest recorded first (rules §13)."""
        rows = selectors.deviations_visible_to(self.actor(request))
        return self.page(request, rows, saw="deviations_listed")


class Deviation(OfDeviation):
    """One deviation."""

    def get(self, request: Request, deviation_id: UUID) -> Response:
        """Show a deviation."""
        deviation = self.deviation(request, deviation_id)
        self.saw(request, "deviation_viewed", patient_id=deviation.patient_id, subject=deviation)
        return self.answer(deviation)


class DeviationReview(OfDeviation):
    """Review of a deviation."""

    form = shapes.DeviationReasonForm

    def post(self, request: Request, entry_id: UUID) -> Response:
        """Start the review of an open deviation (rules §13)."""
        deviation = self.deviation(request, entry_id)
        return self.created(
            services.start_review(
                self.once(request), deviation_id=deviation.pk, **self.given(request)
            )
        )


class DeviationCorrection(OfDeviation):
    """Correction of a deviation."""

    form = shapes.CorrectionForm

    def post(self, request: Request, entry_id: UUID) -> Response:
        """Close a reviewed deviation with its corrective action (rules §13)."""
        deviation = self.deviation(request, entry_id)
        return self.created(
            services.correct_deviation(
                self.once(request), deviation_id=deviation.pk, **self.given(request)
            )
        )


class DeviationAcceptance(OfDeviation):
    """Acceptance of a deviation."""

    form = shapes.DeviationReasonForm

    def post(self, request: Request, entry_id: UUID) -> Response:
        """Close a reviewed deviation without correction, as an administrator (rules §13)."""
        deviation = self.deviation(request, entry_id)
        return self.created(
            services.accept_deviation(
                self.once(request), deviation_id=deviation.pk, **self.given(request)
            )
        )


class Assessment(OfTheOffice):
    """The assessment report."""

    entry = shapes.AssessmentEntry
    query = shapes.AssessmentQuery

    def get(self, request: Request) -> Response:
        """Show the counts of a period: deviations, refusals, tests, cases and more (rules §13)."""
        asked, now = self.asked(request), clock.now()
        report = assessment(
            self.actor(request), now=now, **{**_month_so_far(asked["program"], now), **asked}
        )
        self.saw(request, "assessment_viewed")
        return Response(as_document(report))


def _month_so_far(program: str, now: datetime) -> dict[str, Any]:
    today = now.astimezone(policy_in_force(program, now).calendar.zone).date()
    return {"from_on": today.replace(day=1), "last_on": today}
