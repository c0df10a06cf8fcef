"""Ask the rules and keep the answer: facts and decision, exactly as the contract writes them."""

import hashlib
from typing import Any
from uuid import UUID

import orjson

from apps.core.command import Run
from apps.eligibility.figures import count_once_kept
from apps.eligibility.models import Decision, FactsDocument
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.rules import ENGINE_VERSION
from apps.rules.decision import decide_under
from apps.rules.facts import parse_facts
from apps.rules.policy import Policy, policy_by_version


def ask(document: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """The rules' decision on a facts document that we built ourselves.

    Raises InvalidFacts when the tables hold what the contract calls invalid: no answer is safer
    than a guess.
    """
    return decide_under(parse_facts(document, policy), policy).to_document()


def canonical(document: dict[str, Any]) -> str:
    """The one way to write a facts document: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()


def digest_of(text: str) -> str:
    """SHA-256 over the canonical JSON of a facts document."""
    return hashlib.sha256(text.encode()).hexdigest()


def keep(
    run: Run,
    *,
    act: str,
    patient_id: UUID,
    facts: dict[str, Any],
    decision: dict[str, Any],
    policy: Policy,
    authorization: Authorization | None = None,
    confirmation: Confirmation | None = None,
    dispense: Dispense | None = None,
) -> Decision:
    """Store a decision with its facts; equal facts are stored once."""
    digest = digest_of(canonical(facts))
    FactsDocument.objects.bulk_create(
        [FactsDocument(digest=digest, document=facts)], ignore_conflicts=True
    )
    count_once_kept(act, decision)
    return Decision.objects.create(
        program=facts["program"],
        act=act,
        patient_id=patient_id,
        facts_id=digest,
        document=decision,
        allowed=decision["allowed"],
        policy_version=policy.version,
        policy_digest=policy.digest,
        engine_version=ENGINE_VERSION,
        authorization=authorization,
        confirmation=confirmation,
        dispense=dispense,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )


def replay(decision: Decision, under: Policy | None = None) -> dict[str, Any]:
    """The decision that the recorded facts give under the recorded edition, today.

    Only texts (`message`, `next_actions`, `advisories`) may differ from what is stored. With
    `under`, what that edition says of the same facts.
    """
    policy = under or policy_by_version(decision.policy_version)
    return ask(decision.facts.document, policy)
