"""The prescriber's side: request an authorization, cancel one (rules §7)."""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from apps.audit import services as audit
from apps.core import numbers
from apps.core.call import PRESCRIBING
from apps.core.checks import one_line, required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.eligibility import deciding, facts
from apps.eligibility.beforehand import to_be_done_first
from apps.eligibility.models import Decision
from apps.evidence.services.surveys import (
    open_mismatch,
    record_prescriber_survey,
    use_patient_survey,
)
from apps.patients.models import Patient
from apps.patients.services import lock_patient, share_prescriber
from apps.prescriptions import selectors, services
from apps.prescriptions.models import Authorization
from apps.rules.advisories import regimen_advice
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force
from apps.rules.survey_comparison import statement

# Its form: a letter, a digit, a third character, and up to four more behind a point.
ICD_10_CM: Final = re.compile(r"[A-Z][0-9][0-9A-Z](\.?[0-9A-Z]{1,4})?", re.ASCII)


@command(by=PRESCRIBING)
def request_authorization(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    risk_category: str,
    product: str,
    strength_mg: Decimal,
    days_supply: int,
    quantity: int,
    directions: str,
    indication: str,
    survey_answers: Mapping[str, str],
) -> Decision:
    """Ask for an authorization, with the prescriber's survey (L-AUT-1 to 5, L-SUR-1).

    The result is the stored decision: its `authorization` when allowed, else the full list of what
    is not met. Raises InvalidRequest for a survey or prescription that is not complete, or a survey
    that is not signed.
    """
    patient = lock_patient(run, patient_id)
    prescriber = share_prescriber(run.actor.own_prescriber)
    indication = indication.strip().upper()
    _check_prescription(
        quantity=quantity, directions=directions, strength_mg=strength_mg, indication=indication
    )
    policy = policy_in_force(program, run.now)
    _refuse_without_therapy(patient, program)
    if risk_category not in policy.categories:
        raise InvalidRequest("Unknown risk category.", {"risk_category": "Choose one of the list."})
    services.write_overdue(run, patient)
    document = _facts(run, patient, program)
    survey = record_prescriber_survey(
        run,
        patient,
        program=program,
        risk_category=risk_category,
        answers=survey_answers,
        stated=statement(document, days_supply=days_supply),
        named=prescriber.full_name,
    )
    if open_mismatch(run, patient, survey, policy):
        document = _facts(run, patient, program)
    document["request"] = {
        "product": product,
        "strength_mg": _plain(strength_mg),
        "days_supply": days_supply,
        "indication": indication or None,
        "prescriber_survey": {
            "completed_at": survey.completed_at.isoformat(),
            "risk_category": risk_category,
        },
    }
    decision = deciding.ask(document, policy)
    _advise(decision, policy, indication=indication, quantity=quantity, days_supply=days_supply)
    authorization = None
    if decision["allowed"]:
        authorization = _issue(
            run,
            patient,
            program=program,
            risk_category=risk_category,
            product=product,
            strength_mg=strength_mg,
            days_supply=days_supply,
            quantity=quantity,
            directions=directions.strip(),
            indication=indication,
            expires_at=datetime.fromisoformat(decision["expires_at"]),
        )
        use_patient_survey(run, patient, authorization, policy)
    stored = deciding.keep(
        run,
        act=Decision.Act.AUTHORIZE,
        patient_id=patient.pk,
        facts=document,
        decision=decision,
        policy=policy,
        authorization=authorization,
    )
    audit.record(
        run,
        "authorization_issued" if authorization else "authorization_refused",
        subject=authorization or stored,
        patient_id=patient.pk,
    )
    return stored


@command(by=PRESCRIBING)
def cancel_authorization(run: Run, *, authorization_id: UUID, reason: str) -> Authorization:
    """Cancel an undispensed authorization with a reason (L-AUT-9).

    A pharmacy that holds a confirmation of it is told. Raises NotFound or Conflict.
    """
    found = selectors.authorizations_visible_to(run.actor).filter(pk=authorization_id).first()
    if found is None:
        raise NotFound("There is no such authorization among those that you may see.")
    cause = required_reason(reason)
    patient = lock_patient(run, found.patient_id)
    services.write_overdue(run, patient)
    return services.cancel(run, authorization_id=found.pk, reason=cause)


def _advise(decision: dict[str, Any], policy: Policy, **prescribed: Any) -> None:
    """Add what the quantity prescribed calls for; it informs and never blocks (§11)."""
    told = {each["code"] for each in decision["advisories"]}
    more = regimen_advice(policy, **prescribed)
    decision["advisories"] += [each.to_document() for each in more if each.code not in told]


def _facts(run: Run, patient: Patient, program: str) -> dict[str, Any]:
    return facts.for_authorize(
        [patient.pk], program=program, now=run.now, prescriber=run.actor.own_prescriber
    )[patient.pk]


def _issue(run: Run, patient: Patient, **terms: Any) -> Authorization:
    return Authorization.objects.create(
        patient=patient,
        prescriber_id=run.actor.own_prescriber,
        number=numbers.new_number(numbers.AUTHORIZATION),
        issued_at=run.now,
        recorded_at=run.now,
        operation_id=run.operation_id,
        **terms,
    )


def _refuse_without_therapy(patient: Patient, program: str) -> None:
    """Raises Conflict after the end of therapy, and while a stricter category waits.

    What is to be done first is said instead of an answer.
    """
    first = to_be_done_first(patient.pk, program)
    if first is not None:
        raise Conflict(first.message)


def _check_prescription(
    *, quantity: int, directions: str, strength_mg: Decimal, indication: str
) -> None:
    wrong = {}
    if quantity < 1:
        wrong["quantity"] = "Enter how many capsules."
    if not directions.strip():
        wrong["directions"] = "Enter the directions for use."
    if strength_mg <= 0:
        wrong["strength_mg"] = "Choose a strength of the list."
    if indication and not ICD_10_CM.fullmatch(indication):
        wrong["indication"] = "Enter a code of ICD-10-CM, such as C90.00, or leave it empty."
    if wrong:
        raise InvalidRequest("The prescription is not complete.", wrong)
    one_line(directions=directions)


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
