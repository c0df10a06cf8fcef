"""Questions about decisions, and what the rules say of a patient now. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core import clock
from apps.core.call import DISPENSING, PRESCRIBING, Actor, Role
from apps.core.errors import InvalidRequest, NotFound
from apps.core.together import read_together
from apps.eligibility import deciding, facts
from apps.eligibility.beforehand import SIGNATURE_FIRST, Beforehand, to_be_done_first
from apps.eligibility.models import Decision
from apps.evidence import therapies
from apps.evidence.models import TherapyEvent
from apps.evidence.selectors import instants_told
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.standing import changes_that_wait
from apps.prescriptions.models import Authorization, Confirmation
from apps.rules import what_if
from apps.rules.calendar import date_of
from apps.rules.decision import decide_under, supply_opens_at
from apps.rules.facts import Facts, InvalidFacts, parse_facts
from apps.rules.obligation import Obligation
from apps.rules.policy import Policy, policy_in_force
from apps.rules.reasons import REASONS
from apps.rules.schedule import obligations
from apps.rules.terms import derive
from apps.rules.therapy import Therapy, therapy_of
from apps.rules.what_if import HORIZON_DAYS, Assumptions, Obstacle
from apps.rules.what_if import Plan as AuthorizationPlan

# What a request brings along is not a fact about the patient yet.
OF_THE_REQUEST = frozenset({"L-SUR-1", "L-AUT-5"})

# Which hold an unmet rule means (L-PT-5, L-PT-8, L-PRG-1). Derived each time, never stored.
HOLDS = {
    "L-PT-5": "pregnancy_hold",
    "L-PRG-1": "pregnancy_hold",
    "L-PT-8": "evaluation_hold",
}


def decisions_visible_to(actor: Actor) -> QuerySet[Decision]:
    """The program's people see all, a prescriber's side its patients', a pharmacy what it asked."""
    decisions = Decision.objects.select_related("authorization", "confirmation", "dispense")
    if actor.role in patients.SEES_ALL:
        return decisions
    if actor.role in PRESCRIBING:
        return decisions.filter(
            Q(patient__in=patients.visible_to(actor)) | patients.entered_before_moving(actor)
        )
    if actor.role in DISPENSING | {Role.REPRESENTATIVE}:
        return decisions.filter(operation__organization_id=actor.organization_id)
    return decisions.none()


def at_pharmacies() -> QuerySet[Decision]:
    """What pharmacies asked and were answered, whoever may see it."""
    return Decision.objects.exclude(act=Decision.Act.AUTHORIZE)


def refused_at_pharmacies(actor: Actor, program: str) -> list[Decision]:
    """The latest refusal of each authorization that waits for a pharmacy, the latest first.

    Of the actor's own patients (`patients.registered_to`); each with its patient. None to which a
    pharmacy was answered yes since.
    """
    since = at_pharmacies().filter(
        authorization=OuterRef("authorization"),
        allowed=True,
        recorded_at__gt=OuterRef("recorded_at"),
    )
    found = at_pharmacies().filter(
        ~Exists(since),
        patient__in=patients.registered_to(actor),
        program=program,
        allowed=False,
        authorization__state=Authorization.State.ISSUED,
        authorization__expires_at__gte=clock.now(),
    )
    latest = found.select_related("patient").order_by("authorization", "-recorded_at", "-pk")
    return sorted(latest.distinct("authorization"), key=lambda each: each.recorded_at, reverse=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """One patient now: what the rules would say to a request, and what falls due when.

    `decision` is a decision document of the contract, without what a request brings along.
    """

    as_of: datetime
    risk_category: str
    decision: dict[str, Any]
    obligations: tuple[Obligation, ...]
    therapy: Therapy
    known: Facts
    first: str = ""
    """What must be done before anything can be asked for, whatever the rules say of the record."""
    supply_opens_at: datetime | None = None
    """From when a pharmacy may dispense what is authorized, where supply is left now (L-DSP-5)."""

    @property
    def can_be_requested(self) -> bool:
        """Whether an authorization could be had now."""
        allowed: bool = self.decision["allowed"]
        return allowed and not self.first and not self.therapy.is_over

    @property
    def contraception_since_on(self) -> date | None:
        """The first day of the run of contraception that still goes on (L-CON-1)."""
        policy = policy_in_force(self.known.program, self.as_of)
        run_started_on = derive(self.known, policy).run_started_on
        return None if run_started_on is None else date_of(run_started_on)


def outlook(actor: Actor, patient_ids: Iterable[UUID], program: str) -> dict[UUID, dict[str, Any]]:
    """What the rules would say to a request for each patient now: state, why, who must do what.

    Nothing is stored. Only patients whom the actor may see; one statement for all of them.
    """
    now = clock.now()
    found = _visible_facts(actor, patient_ids, program, now)
    return {patient_id: _hypothetical(document, now) for patient_id, document in found.items()}


def plans(
    actor: Actor, people: Iterable[Patient], program: str, *, untold: bool = False
) -> dict[UUID, Plan]:
    """The plan of each of these patients, whom the actor was found to see; two statements.

    A patient whose record cannot be read is left out: it must not hide the others; so is a merged
    record. `untold`: as if the patient had answered and reported nothing themself, for a guardian
    who does not read that.
    """
    found = facts.for_authorize(
        [each.pk for each in people],
        program=program,
        now=clock.now(),
        prescriber=actor.prescriber_id,
    )
    ids = list(found)
    said, waiting, merged = read_together(
        therapies.said_of(ids).filter(program__in=[program, ""]).order_by("recorded_at"),
        changes_that_wait(ids),
        Patient.objects.filter(merged_into__in=ids),
    )
    kept: dict[UUID, UUID] = {each.pk: each.merged_into_id for each in merged}
    events: dict[UUID, list[TherapyEvent]] = {}
    for event in said:
        events.setdefault(kept.get(event.patient_id, event.patient_id), []).append(event)
    unsigned = {kept.get(each.patient_id, each.patient_id) for each in waiting}
    return _plans(found, events, unsigned, program, untold=untold)


def plan_of(actor: Actor, patient: Patient, program: str, *, untold: bool = False) -> Plan | None:
    """The plan of one patient whom the actor was found to see; None where it cannot be read."""
    return plans(actor, [patient], program, untold=untold).get(patient.pk)


def _plans(
    found: Mapping[UUID, facts.Document],
    said: Mapping[UUID, list[TherapyEvent]],
    unsigned: set[UUID],
    program: str,
    *,
    untold: bool = False,
) -> dict[UUID, Plan]:
    policy = policy_in_force(program, clock.now())
    made = {}
    for patient_id, document in found.items():
        known = _known(document, policy)
        if not isinstance(known, InvalidFacts):
            known = _without_told(known, patient_id) if untold else known
            therapy = therapy_of(known, said.get(patient_id, []), policy)
            made[patient_id] = Plan(
                as_of=known.as_of,
                risk_category=known.patient.risk_category,
                decision=_of_the_record(decide_under(known, policy).to_document()),
                obligations=tuple(owed_under(therapy, known, policy)),
                therapy=therapy,
                known=known,
                first=SIGNATURE_FIRST if patient_id in unsigned else "",
                supply_opens_at=supply_opens_at(known, policy),
            )
    return made


def therapy_status(
    actor: Actor, patient_id: UUID, program: str, *, now: datetime | None = None
) -> Therapy:
    """Where a patient's therapy stands, and until when obligations last (L-END-1, L-CON-5).

    Raises NotFound for a patient whom the actor may not see, InvalidFacts for a record that cannot
    be read.
    """
    at = now or clock.now()
    policy = policy_in_force(program, at)
    found = _visible_facts(actor, [patient_id], program, at)
    if patient_id not in found:
        raise NotFound("There is no such patient among those that you may see.")
    known = _known(found[patient_id], policy)
    if isinstance(known, InvalidFacts):
        raise known
    said = therapies.said_by_patient([patient_id], program)
    return therapy_of(known, said.get(patient_id, []), policy)


def owed_under(therapy: Therapy, known: Facts, policy: Policy) -> list[Obligation]:
    """What falls due given where the therapy stands: after its end, only what outlives it.

    After a death, or where nothing was ever dispensed, nothing does (L-CON-5, L-END-3).
    """
    if not therapy.is_over:
        return obligations(known, policy)
    if therapy.obligations_until_on is None:
        return []
    return obligations(known, policy, discontinued_on=therapy.ended_on)


def authorization_plan(
    actor: Actor, patient_id: UUID, program: str, assumptions: Assumptions
) -> AuthorizationPlan:
    """From when a patient could have an authorization, under assumptions, and what it takes.

    None while therapy is over, or a stricter category waits: the obstacle says what comes first.
    Nothing is stored. Raises NotFound for a patient whom the actor may not see, InvalidRequest for
    a day so far away that no plan reaches it, InvalidFacts for a record that cannot be read.
    """
    now = clock.now()
    _within_reach(assumptions, policy_in_force(program, now), now)
    found = _visible_facts(actor, [patient_id], program, now)
    if patient_id not in found:
        raise NotFound("There is no such patient among those that you may see.")
    known = _known(found[patient_id], policy_in_force(program, now))
    if isinstance(known, InvalidFacts):
        raise known
    return _planned(known, assumptions, to_be_done_first(patient_id, program))


def plan_from(plan: Plan, assumptions: Assumptions) -> AuthorizationPlan:
    """`authorization_plan` of a patient whose plan was just read: the facts are not read again.

    While therapy goes on only. Raises InvalidRequest for a day so far away that no plan reaches it.
    """
    _within_reach(assumptions, policy_in_force(plan.known.program, plan.as_of), plan.as_of)
    first = Beforehand("L-CAT-3", plan.first) if plan.first else None
    return _planned(plan.known, assumptions, first)


def _within_reach(assumptions: Assumptions, policy: Policy, now: datetime) -> None:
    last_on = date_of(policy.calendar.day(now) + HORIZON_DAYS)
    late = {
        name: f"Choose a day until {last_on.isoformat()}: a plan looks no further ahead."
        for name in ("first_test_on", "contraception_since")
        if (on := getattr(assumptions, name)) is not None and on > last_on
    }
    if late:
        raise InvalidRequest("A plan cannot begin so late.", late)


def _planned(known: Facts, assumptions: Assumptions, first: Beforehand | None) -> AuthorizationPlan:
    made = what_if.plan(known, assumptions)
    if first is None:
        return made
    return replace(
        made,
        possible_from=None,
        possible_until=None,
        steps=(),
        obstacles=(Obstacle(first.rule, first.message, "prescriber"),),
        instead=None,
    )


def facts_of(
    patient_ids: Iterable[UUID], *, program: str, now: datetime
) -> dict[UUID, Facts | InvalidFacts]:
    """What is known of each patient, for working out obligations; one statement for all of them.

    A patient whose record cannot be read comes with the error: it must not hide the others.
    """
    found = facts.for_authorize(patient_ids, program=program, now=now)
    policy = policy_in_force(program, now)
    return {patient_id: _known(document, policy) for patient_id, document in found.items()}


def _known(document: facts.Document, policy: Policy) -> Facts | InvalidFacts:
    _suppose_request(document, policy)
    try:
        return parse_facts(document, policy)
    except InvalidFacts as error:
        return error


def _without_told(known: Facts, patient_id: UUID) -> Facts:
    told = instants_told(patient_id)
    return known._replace(
        contraception=tuple(
            each for each in known.contraception if each.recorded_at not in told["contraception"]
        ),
        bleeding_reports=tuple(
            each
            for each in known.bleeding_reports
            if each.reported_at not in told["bleeding_reports"]
        ),
        pregnancy_cases=tuple(
            each
            for each in known.pregnancy_cases
            if each.reported_at not in told["pregnancy_cases"]
        ),
        interventions=tuple(
            each for each in known.interventions if each.opened_at not in told["interventions"]
        ),
    )


def _visible_facts(
    actor: Actor, patient_ids: Iterable[UUID], program: str, now: datetime
) -> dict[UUID, facts.Document]:
    visible = patients.visible_to(actor).filter(pk__in=list(patient_ids))
    return facts.for_authorize(
        visible.values_list("pk", flat=True),
        program=program,
        now=now,
        prescriber=actor.prescriber_id,
    )


def holds(decision: dict[str, Any]) -> list[str]:
    """The holds that a patient is on, by an outlook or a decision."""
    return sorted({HOLDS[rule] for rule in decision["unmet"] if rule in HOLDS})


def _hypothetical(document: facts.Document, now: datetime) -> dict[str, Any]:
    policy = policy_in_force(document["program"], now)
    _suppose_request(document, policy)
    return _of_the_record(deciding.ask(document, policy))


def _of_the_record(decision: dict[str, Any]) -> dict[str, Any]:
    """A decision without what a request brings along: no requirement of it, and no step."""
    brought = [each for each in decision["requirements"] if each["rule"] in OF_THE_REQUEST]
    # A survey supposed now would have to be renewed for a later day: it always comes with the
    # request itself, so nobody is sent to do it before.
    renewals = {REASONS[each["reason"]].what for each in brought if each["met"]} - {""}
    decision["requirements"] = [
        each for each in decision["requirements"] if each["rule"] not in OF_THE_REQUEST
    ]
    decision["next_actions"] = [
        each for each in decision["next_actions"] if each["what"] not in renewals
    ]
    return decision


def _suppose_request(document: facts.Document, policy: Policy) -> None:
    """Complete the document by a request that is in order by itself."""
    product = next(iter(policy.products.values()))
    document["request"] = {
        "product": product.code,
        "strength_mg": product.strengths_mg[0],
        "days_supply": 1,
        "prescriber_survey": {
            "completed_at": document["as_of"],
            "risk_category": document["patient"]["risk_category"],
        },
    }


def patients_with_overdue(now: datetime, *, limit: int) -> list[UUID]:
    """The patients for whom an expiry has come about that nobody has written yet."""
    late_confirmation = Confirmation.objects.filter(
        authorization=OuterRef("pk"), state="valid", expires_at__lt=now
    )
    late = Authorization.objects.filter(state__in=["issued", "confirmed"]).filter(
        Q(expires_at__lt=now) | Exists(late_confirmation)
    )
    return list(late.values_list("patient_id", flat=True).distinct()[:limit])
