"""Check eligibility: the pharmacy's question, answered and kept, changing nothing (L-DSP-1).

The busiest path of the product: one statement asks, one keeps. Neither takes a lock, so nothing
would be gained by a transaction around both; each is one by itself.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.core import clock, numbers, origin
from apps.core.call import DISPENSING, ActorKind, Call
from apps.core.errors import InvalidRequest, NotAllowed, NotFound, TooManyRequests
from apps.eligibility import deciding, facts, figures
from apps.eligibility.facts import Prescription
from apps.patients.models import RiskCategory
from apps.rules import ENGINE_VERSION
from apps.rules.policy import policy_in_force

RISK_CATEGORIES = frozenset(RiskCategory.values)
MISS = "eligibility_check_missed"
# Of one person; and of all people of a pharmacy, or of a system that asks for many of them: neither
# who mistypes again and again nor a system that goes wrong may stop the people at the counter.
MISSES_ALLOWED = 10
MISSES_ALLOWED_TOGETHER = 50
MISSES_WITHIN_MINUTES = 15
NO_MATCH = (
    "No authorization matches this number and date of birth. Compare both with the prescription; "
    "if they agree with it, call the prescriber."
)


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer to one check, and the decision row that keeps it."""

    decision_id: UUID
    authorization_id: UUID
    patient_id: UUID
    decision: dict[str, Any]
    text: str
    """The decision as JSON, as it is stored."""


def verify(
    call: Call, *, pharmacy_id: UUID, number: str, born_on: date, prescription: Prescription
) -> Verification:
    """Whether this prescription may be dispensed now, with every requirement (L-DSP-1, L-DSP-4).

    Raises NotFound alike for an unknown number and a wrong date of birth, TooManyRequests after
    repeated misses, NotAllowed for another role, InvalidRequest for an impossible prescription,
    Unavailable on a machine whose clock is wrong.
    """
    if call.actor.role not in DISPENSING:
        raise NotAllowed("Only a pharmacy checks eligibility.")
    check_prescription(prescription)
    now, asked_at = clock.now(), clock.real_now()
    with connection.cursor() as cursor:
        cursor.execute(
            ASK,
            {
                **_missing(call, now),
                **facts.asked_for_dispense(
                    number=numbers.normalize(number),
                    born_on=born_on,
                    pharmacy=pharmacy_id,
                    organization=call.actor.own_organization,
                    prescription=prescription,
                    now=now,
                ),
            },
        )
        theirs, own, together, *row = cursor.fetchone() or (asked_at, 0, 0)
        clock.refuse_if_astray(theirs, asked_at=asked_at)
        _refuse_after(call, own, together)
        found = facts.found_for_dispense(row)
        if found is not None:
            return _keep(cursor, call, found)
    keep_miss(call)
    raise NotFound(NO_MATCH)


def check_prescription(prescription: Prescription) -> None:
    """Raises InvalidRequest for what no prescription can say; whatever the number turns out to be.

    Any number of days may be asked about: it is judged, not refused.
    """
    wrong = {}
    if prescription.risk_category not in RISK_CATEGORIES:
        wrong["risk_category"] = "Choose one of the list."
    if prescription.strength_mg is not None:
        strength = Decimal(str(prescription.strength_mg))
        if not strength.is_finite() or strength <= 0:
            wrong["strength_mg"] = "Enter the strength on the prescription, in mg."
    if wrong:
        raise InvalidRequest("The prescription cannot be read.", wrong)


def check_misses(call: Call) -> None:
    """Raises TooManyRequests for too many misses of this person, all here, or this system."""
    with connection.cursor() as cursor:
        cursor.execute(MISSES, _missing(call, clock.now()))
        own, together = cursor.fetchone() or (0, 0)
    _refuse_after(call, own, together)


def _refuse_after(call: Call, own: int, together: int) -> None:
    """`together` are the misses of all people of the organization, or of this one system."""
    is_person = call.actor.kind is ActorKind.PERSON
    if together >= MISSES_ALLOWED_TOGETHER or (is_person and own >= MISSES_ALLOWED):
        raise TooManyRequests(
            f"Too many checks found no match. Wait {MISSES_WITHIN_MINUTES} minutes, or call the "
            "program: it sees these checks and can help.",
            retry_after=MISSES_WITHIN_MINUTES * 60,
        )


def _keep(cursor: CursorWrapper, call: Call, found: facts.DispenseFacts) -> Verification:
    document = found.document
    at = datetime.fromisoformat(document["as_of"])
    policy = policy_in_force(document["program"], at)
    decision = deciding.ask(document, policy)
    verification = Verification(
        decision_id=uuid4(),
        authorization_id=found.authorization_id,
        patient_id=found.patient_id,
        decision=decision,
        text=orjson.dumps(decision).decode(),
    )
    canonical = deciding.canonical(document)
    cursor.execute(
        KEEP,
        {
            **_who(call),
            "operation": uuid4(),
            "real_now": clock.real_now(),
            "now": at,
            "decision": verification.decision_id,
            "digest": deciding.digest_of(canonical),
            "facts": canonical,
            "document": verification.text,
            "allowed": decision["allowed"],
            "program": document["program"],
            "patient": found.patient_id,
            "authorization": found.authorization_id,
            "policy_version": policy.version,
            "policy_digest": policy.digest,
            "engine_version": ENGINE_VERSION,
        },
    )
    figures.count("verify", decision)
    return verification


def keep_miss(call: Call) -> None:
    """Keep that a check found no match: counted for the throttle, visible to the staff."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            KEEP_MISS, {**_who(call), "operation": uuid4(), "now": clock.now(), "code": MISS}
        )


def _missing(call: Call, now: datetime) -> dict[str, Any]:
    return {
        "organization": call.actor.organization_id,
        "miss": MISS,
        "misser": call.actor.id,
        "misser_kind": call.actor.kind.value,
        "miss_now": now,
        "miss_minutes": MISSES_WITHIN_MINUTES,
    }


def _who(call: Call) -> dict[str, Any]:
    came = origin.present()
    return {
        "address": came.address,
        "credential": came.credential,
        "actor_kind": call.actor.kind.value,
        "actor": call.actor.id,
        "role": call.actor.role.value,
        "organization": call.actor.organization_id,
        "channel": call.channel.value,
    }


# A person's own wherever they work: who serves twenty sites may not guess twenty times as often.
MISSES = """
    SELECT CASE WHEN %(misser_kind)s = 'person' THEN (
        SELECT count(*) FROM audit_event
        WHERE actor_kind = 'person' AND actor_id = %(misser)s::uuid AND code = %(miss)s
            AND occurred_at > %(miss_now)s::timestamptz - make_interval(mins => %(miss_minutes)s)
    ) ELSE 0 END AS own, count(*) AS together
    FROM audit_event
    WHERE organization_id = %(organization)s AND code = %(miss)s
        AND actor_kind = %(misser_kind)s AND (actor_kind = 'person' OR actor_id = %(misser)s::uuid)
        AND occurred_at > %(miss_now)s::timestamptz - make_interval(mins => %(miss_minutes)s)
"""

# Always one row: the time, the misses of this person and their colleagues, and the facts or nulls.
ASK = f"""
    SELECT clock_timestamp(), m.own, m.together, f.patient_id, f.authorization_id, f.document
    FROM ({MISSES}) m LEFT JOIN ({facts.FOR_DISPENSE}) f ON true
"""  # noqa: S608 - composed of constants only

# The operation, the facts (unless they are stored already), the decision and the access event.
KEEP = """
    WITH told AS (
        SELECT set_config('remsportal.operation', %(operation)s::uuid::text, true)
    ), operation AS (
        INSERT INTO core_operation (id, name, actor_kind, actor_id, role, organization_id, channel,
            address, credential, started_at, performed_at, result_model, result_id)
        SELECT %(operation)s, 'verify', %(actor_kind)s, %(actor)s, %(role)s, %(organization)s,
            %(channel)s, %(address)s, %(credential)s, %(real_now)s, %(now)s,
            'eligibility.decision', %(decision)s::uuid::text
        FROM told
        RETURNING id
    ), facts AS (
        INSERT INTO eligibility_factsdocument (digest, document)
        VALUES (%(digest)s, %(facts)s::jsonb)
        ON CONFLICT (digest) DO NOTHING
    ), event AS (
        INSERT INTO audit_event (code, occurred_at, operation_id, actor_kind, actor_id, role,
            organization_id, channel, address, credential, patient_id, subject_model, subject_id,
            reason, data)
        VALUES ('eligibility_checked', %(now)s, %(operation)s, %(actor_kind)s, %(actor)s, %(role)s,
            %(organization)s, %(channel)s, %(address)s, %(credential)s, %(patient)s,
            'eligibility.decision', %(decision)s::uuid::text, '',
            jsonb_build_object('allowed', %(allowed)s::boolean))
    )
    INSERT INTO eligibility_decision (id, recorded_at, operation_id, program, act, patient_id,
        facts_id, document, allowed, policy_version, policy_digest, engine_version,
        authorization_id)
    SELECT %(decision)s, %(now)s, operation.id, %(program)s, 'verify', %(patient)s, %(digest)s,
        %(document)s::jsonb, %(allowed)s, %(policy_version)s, %(policy_digest)s,
        %(engine_version)s, %(authorization)s
    FROM operation
"""

KEEP_MISS = """
    INSERT INTO audit_event (code, occurred_at, operation_id, actor_kind, actor_id, role,
        organization_id, channel, address, credential, subject_model, subject_id, reason, data)
    VALUES (%(code)s, %(now)s, %(operation)s, %(actor_kind)s, %(actor)s, %(role)s,
        %(organization)s, %(channel)s, %(address)s, %(credential)s, '', '', '', '{}')
"""
