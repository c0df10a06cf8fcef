"""What is known about safe use and waits: interventions, cases, deviations, evaluation holds."""

from datetime import datetime
from typing import Any

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from apps.evidence.models import (
    BleedingReport,
    CaseDetail,
    CaseStep,
    Counseling,
    Deviation,
    ExceptionRequest,
    Intervention,
    PregnancyCase,
    PregnancyTest,
)
from apps.oversight.queues.source import Source, person
from apps.patients.models import Agreement, CategoryAssignment, Patient
from apps.patients.standing import WITHOUT_EFFECT
from apps.rules.policy import Policy
from apps.rules.targets import SEVERITIES

AT_WORK = [Deviation.State.OPEN, Deviation.State.UNDER_REVIEW]


def _interventions(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    return Intervention.objects.filter(resolved_at__isnull=True)


def _cases(policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Open cases; of one that was taken up, the next step of its follow-up, or else its closing.

    It is taken up once something is known of it, or a step is done or waived (L-PRG-2).
    """
    of_case = {"case": OuterRef("pk")}
    details = CaseDetail.objects.filter(**of_case).order_by("-recorded_at")
    done = CaseStep.objects.filter(
        **of_case, ended_as__in=[CaseStep.End.DONE, CaseStep.End.WAIVED]
    ).order_by("-ended_at")
    owed = _owed(policy).filter(**of_case).order_by("due_at", "pk")
    span = Value(policy.targets["pregnancy_case"].span, output_field=DurationField())
    taken_up = Greatest(
        Subquery(details.values("recorded_at")[:1]), Subquery(done.values("ended_at")[:1])
    )
    return (
        PregnancyCase.objects.filter(closed_at__isnull=True)
        .annotate(
            taken_up_at=taken_up,
            next_step=Subquery(owed.values("title")[:1]),
            next_step_at=Subquery(owed.values("due_at")[:1]),
        )
        .annotate(
            next_owed_at=Case(
                When(
                    taken_up_at__isnull=False,
                    then=Coalesce(
                        F("next_step_at"),
                        ExpressionWrapper(F("taken_up_at") + span, output_field=DateTimeField()),
                    ),
                ),
                default=None,
                output_field=DateTimeField(),
            )
        )
    )


def _describe_case(case: Any, _policy: Policy) -> str:
    """A case with what comes next: it stays open until its outcome is known."""
    if case.taken_up_at is None:
        return f"{case}: not looked into yet"
    if case.next_step is None:
        return f"{case}: nothing more is planned, close it with its outcome"
    return f"{case}: followed until its outcome; next: {case.next_step}"


def _owed(policy: Policy) -> QuerySet[Any]:
    """Steps that are owed, with the last instant of their day in the program's zone."""
    end_of_day = Func(
        "due_on",
        Value(str(policy.calendar.zone)),
        template="(%(expressions)s)",
        arg_joiner=" + time '23:59:59.999999') AT TIME ZONE (",
        output_field=DateTimeField(),
    )
    return CaseStep.objects.filter(ended_at__isnull=True).annotate(due_at=end_of_day)


def _steps(policy: Policy, _now: datetime) -> QuerySet[Any]:
    return _owed(policy)


def _deviations(severity: str) -> Source:
    def waiting(_policy: Policy, _now: datetime) -> QuerySet[Any]:
        return Deviation.objects.filter(state__in=AT_WORK, severity=severity)

    return Source(
        kind=f"deviation_{severity}",
        title=f"{severity.capitalize()} deviations",
        task="Review what happened, then write down the corrective action.",
        model=Deviation,
        waiting=waiting,
        since="recorded_at",
        patient=person(),
        describe=describe_deviation,
    )


def describe_deviation(deviation: Deviation, policy: Policy) -> str:
    """A deviation as the policy calls its kind, with the rule and where it stands."""
    known = policy.deviations.get(deviation.kind)
    title = known.title if known else deviation.kind.replace("_", " ").capitalize()
    return f"{title} ({deviation.rule}, {deviation.get_state_display().lower()})"


def describe_request(request: ExceptionRequest, policy: Policy) -> str:
    """A request with the rule that it would except the patient from, by its name."""
    known = policy.rules.get(request.rule)
    return f"Exception from {request.rule}" + (f": {known.title}" if known else "")


def _evaluation_holds(policy: Policy, now: datetime) -> QuerySet[Any]:
    """Each person's latest report, unless what the category asks for came after it (L-PT-8).

    The same condition as the rule's, which decides; here in SQL, to find it among all patients.
    """
    path = [code for code, category in policy.categories.items() if category.pregnancy_path]
    whose = OuterRef(OuterRef("person"))
    records = Patient.objects.filter(Q(pk=whose) | Q(merged_into=whose)).values("pk")
    of_person = {"patient__in": records, "withdrawn_at__isnull": True}
    reported = OuterRef("reported_at")
    tested = PregnancyTest.objects.filter(
        **of_person,
        result=PregnancyTest.Result.NEGATIVE,
        sensitivity_miu_ml__lte=policy.parameters.test_sensitivity_max_miu_ml,
        collected_at__gt=reported,
    )
    counseled = Counseling.objects.filter(**of_person, given_at__gt=reported)
    reaffirmed = (
        Agreement.objects.annotate(
            completed_at=Greatest("patient_signed_at", "prescriber_signed_at")
        )
        .filter(
            **of_person,
            patient_signed_at__isnull=False,
            prescriber_signed_at__isnull=False,
            completed_at__gt=reported,
            risk_category=OuterRef("category"),
        )
        .exclude(category_change__state__in=WITHOUT_EFFECT)
    )
    category = CategoryAssignment.objects.filter(patient=OuterRef("person")).order_by(
        "-recorded_at"
    )
    standing = BleedingReport.objects.filter(withdrawn_at__isnull=True)
    later = standing.filter(patient__in=records, reported_at__gt=reported)
    on_path = Q(category__in=path)
    cleared = Q(on_path & Exists(tested) & Exists(counseled)) | Q(~on_path & Exists(reaffirmed))
    return (
        standing.annotate(person=person())
        .annotate(category=Subquery(category.values("risk_category")[:1]))
        .filter(~Exists(later), reported_at__lte=now)
        .exclude(cleared)
    )


def _requests(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    return ExceptionRequest.objects.filter(state=ExceptionRequest.State.REQUESTED)


SOURCES = (
    Source(
        kind="intervention",
        title="Interventions",
        task="Talk to the patient or the prescriber, and resolve it with a written outcome.",
        model=Intervention,
        waiting=_interventions,
        since="opened_at",
        patient=person(),
    ),
    Source(
        kind="pregnancy_case",
        title="Pregnancy cases",
        task="Find out what is so, follow the case up, and close it with its outcome.",
        model=PregnancyCase,
        waiting=_cases,
        since="recorded_at",
        patient=person(),
        describe=_describe_case,
        next_owed="next_owed_at",
        then="then by its next step",
    ),
    Source(
        kind="case_follow_up",
        title="Follow-up steps of pregnancy cases",
        task="Do the step by its day and write down what came of it, or waive it with a reason.",
        model=CaseStep,
        waiting=_steps,
        since="due_at",
        patient=person("case__patient"),
    ),
    *(_deviations(severity) for severity in reversed(SEVERITIES)),
    Source(
        kind="evaluation_hold",
        title="Evaluation holds",
        task="The prescriber tests and counsels the patient, or reaffirms or changes the category.",
        model=BleedingReport,
        waiting=_evaluation_holds,
        since="recorded_at",
        patient=person(),
    ),
    Source(
        kind="exception_request",
        title="Requests for exceptions",
        task="A second person grants or refuses it, with a reason.",
        model=ExceptionRequest,
        describe=describe_request,
        waiting=_requests,
        since="recorded_at",
        patient=person(),
    ),
)
