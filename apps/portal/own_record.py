"""What a patient's own pages show of the record: the next steps, what waits for a signature.

Presentation only: it words what the rules said. A guardian sees nothing of a minor's answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise

from apps.core import clock
from apps.core.call import Call
from apps.core.together import read_together
from apps.eligibility import selectors as eligibility
from apps.eligibility.selectors import Plan
from apps.evidence import selectors, services
from apps.evidence.models import Intervention, PregnancyCase
from apps.evidence.services.surveys import may_answer_survey
from apps.evidence.unsigned import Unsigned, unsigned
from apps.patients import selectors as patients
from apps.patients.models import Agreement, Patient
from apps.portal import agenda, own_language
from apps.portal.own_access import OwnRequest, patient_of
from apps.portal.own_words import OBLIGATIONS
from apps.portal.program import PROGRAM, present_policy
from apps.rules.documents import Document, document
from apps.rules.guidance import guidance
from apps.rules.obligation import AUTHORIZATION_EXPIRES, Obligation

SOURCE = "The patient, or who speaks for them, on the portal"
# What stands on the record, and the question of the survey that asks the same.
ASKED: Final = {
    "pregnancy_hold": "may_be_pregnant",
    "evaluation_hold": "missed_period",
    "contraception_inadequate": "contraception_lapse",
    PregnancyCase.Subject.PATIENT: "may_be_pregnant",
    PregnancyCase.Subject.PARTNER: "partner_may_be_pregnant",
}
OF_THE_NEXT_SUPPLY: Final = frozenset({"supply_ends", "patient_survey_due"})
# What falls due after this would hide what is to be done now.
SOON: Final = timedelta(days=35)
LEADS_TO: Final = {"patient_survey_due": "own_survey"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `from_at`: not before; `until`: nor after; `is_later`: not these weeks."""

    text: str | Promise
    from_at: datetime | None
    until: datetime | None
    is_overdue: bool
    url: str
    is_later: bool = False


def category_of(request: OwnRequest) -> str:
    """The risk category that the patient has now."""
    return patients.current_category(patient_of(request)).risk_category


def may_answer(request: OwnRequest, category: str) -> bool:
    """Whether who visits answers the survey of a patient of this category."""
    return may_answer_survey(request.call.actor, category)


def plan_of(request: OwnRequest, *, untold: bool) -> Plan | None:
    """What the rules say of the patient now; None for a record that cannot be read.

    `untold`: as if the patient had answered and reported nothing. A minor's guardian sees it so:
    what falls due would betray it.
    """
    return eligibility.plan_of(request.call.actor, patient_of(request), PROGRAM, untold=untold)


def steps(plan: Plan, *, supply_waits: bool) -> list[Step]:
    """What the patient has to do, what is due first on top.

    `supply_waits`: something must be settled before a next supply, so nobody is called to one.
    """
    left_out = OF_THE_NEXT_SUPPLY if supply_waits else frozenset()
    made = [
        _step(each.kind, _opens(plan, each), each.due_at or each.closes_at, plan.as_of)
        for each in plan.obligations
        if each.kind in OBLIGATIONS and each.kind not in left_out and _may_be_done(plan, each)
    ]
    return sorted(made, key=_due)


def _may_be_done(plan: Plan, each: Obligation) -> bool:
    """Nobody is sent to a pharmacy that would refuse: on a hold, or while too much is left."""
    return each.kind != AUTHORIZATION_EXPIRES or agenda.dispensable_from(plan, each) is not None


def _opens(plan: Plan, each: Obligation) -> datetime | None:
    is_supply = each.kind == AUTHORIZATION_EXPIRES
    return agenda.dispensable_from(plan, each) if is_supply else each.opens_at


def unsigned_agreements(request: OwnRequest) -> Unsigned:
    """The latest agreement that waits for the signature of who visits, and of somebody else."""
    return unsigned(request.call.actor, patient_of(request), PROGRAM)


def latest_agreement(request: OwnRequest) -> Agreement | None:
    """The agreement that the patient's side signed last."""
    return (
        patients.agreements_visible_to(request.call.actor)
        .filter(program=PROGRAM, withdrawn_at=None, patient_signed_at__isnull=False)
        .order_by("-recorded_at")
        .first()
    )


def reportable(category: str) -> tuple[str, ...]:
    """What a patient of this risk category may report."""
    policy = present_policy().categories[category]
    if policy.pregnancy_path:
        return ("may_be_pregnant", "missed_period", "abnormal_bleeding", "lapse")
    if policy.female:
        return ("may_be_pregnant", "abnormal_bleeding")
    return ("partner_may_be_pregnant",)


def reporting(person: Patient, kind: str) -> Callable[[Call], Model]:
    """The command that takes such a report, as of now."""
    if kind == "lapse":
        return services.report_lapse
    if kind in {"missed_period", "abnormal_bleeding"}:
        return partial(
            services.report_bleeding, patient_id=person.pk, kind=kind, reported_at=clock.now()
        )
    subjects = {"may_be_pregnant": PregnancyCase.Subject.PATIENT}
    return partial(
        services.report_pregnancy,
        patient_id=person.pk,
        subject=subjects.get(kind, PregnancyCase.Subject.PARTNER),
        source=SOURCE,
        reported_at=clock.now(),
    )


def called_for(request: OwnRequest, plan: Plan | None, *, untold: bool) -> Document | None:
    """What to do at once for all that is open; None where nothing is. `untold`: see `plan_of`."""
    actor = request.call.actor
    cases = selectors.visible_to(actor, PregnancyCase).filter(closed_at=None)
    opened = selectors.visible_to(actor, Intervention).filter(resolved_at=None)
    if untold:
        cases = cases.exclude(selectors.told_by_themself())
        opened = opened.exclude(selectors.told_by_themself())
    open_cases, interventions = read_together(cases, opened)
    codes = set(eligibility.holds(plan.decision)) if plan else set()
    codes |= {case.subject for case in open_cases}
    for intervention in interventions:
        codes |= {intervention.cause, *intervention.questions}
    asked = {ASKED.get(code, code) for code in codes}
    items = document(PROGRAM, "patient_survey").items
    answers = {each.code: each.at_risk for each in items if each.at_risk and each.code in asked}
    return guidance(PROGRAM, answers, language=own_language.present())


def _step(kind: str, opens: datetime | None, until: datetime | None, now: datetime) -> Step:
    return Step(
        text=OBLIGATIONS[kind],
        from_at=opens if opens is not None and opens > now else None,
        until=until,
        is_overdue=until is not None and until < now,
        url=reverse(LEADS_TO[kind]) if kind in LEADS_TO else "",
        is_later=until is not None and until > now + SOON,
    )


def _due(step: Step) -> tuple[bool, float]:
    at = step.until or step.from_at
    return not step.is_overdue, at.timestamp() if at else float("inf")
