"""The facts document: reading it strictly into Facts, and writing Facts back.

shapes.py holds the evaluation contract's "Facts" table. No rule is judged here.
"""

from datetime import date, datetime
from functools import cache
from typing import Any, Final

from apps.rules.calendar import utc_text
from apps.rules.entries import Facts
from apps.rules.policy import (
    NoPolicyInForce,
    Policies,
    Policy,
    UnknownProgram,
)
from apps.rules.policy import (
    policies as policies_here,
)
from apps.rules.shapes import OF_THE_OTHER_QUESTION, Codes, build_shapes
from apps.rules.validation import (
    InvalidFacts,
    Problem,
    Shape,
    Wrong,
    load_document,
    read_instant,
    read_text,
)

__all__ = ["Facts", "InvalidFacts", "facts_to_document", "load_document", "parse_facts"]

_PLAIN: Final = frozenset({str, bool, int, float, type(None)})


def parse_facts(
    document: object, policy: Policy | None = None, policies: Policies | None = None
) -> Facts:
    """Reads a facts document; raises InvalidFacts with every error's pointer and message.

    A replay gives the recorded edition as `policy`; otherwise the one in force at `as_of` says
    which codes are valid: one of `policies`, or of those of this process. An error that compares
    two values of one entry is reported once the entry can be read, one that compares two objects
    once the two values can.
    """
    if type(document) is not dict:
        raise InvalidFacts([{"pointer": "", "message": "The facts must be a JSON object."}])
    problems: list[Problem] = []
    known = policies or policies_here()
    if policy is None:
        policy, problems = _policy_of(document, known)
    shapes = _shapes(policy) if policy is not None else _shapes_of_every_policy(known)
    question = document.get("question")
    shape = shapes.get(question if type(question) is str else None, shapes[None])
    facts: Facts | None = None
    try:
        facts = shape(document)
    except Wrong as error:
        problems += error.problems
    if facts is None or problems:
        raise InvalidFacts([{"pointer": at, "message": what} for at, what in problems])
    return facts


def facts_to_document(facts: Facts) -> dict[str, Any]:
    """The contract's JSON form of Facts: every key of the question, instants in UTC."""
    document: dict[str, Any] = _write_record(facts)
    for key in OF_THE_OTHER_QUESTION[facts.question]:
        del document[key]
    return document


def _policy_of(
    document: dict[str, object], policies: Policies
) -> tuple[Policy | None, list[Problem]]:
    """The edition in force; without a problem when program or `as_of` cannot be read at all."""
    try:
        program, as_of = read_text(document.get("program")), read_instant(document.get("as_of"))
        return policies.in_force(program, as_of), []
    except (Wrong, UnknownProgram):
        return None, []
    except NoPolicyInForce:
        return None, [("/as_of", "No policy of the program is in force at this instant.")]


@cache
def _shapes(policy: Policy) -> dict[object, Shape]:
    codes = Codes(
        programs=frozenset({policy.program}),
        categories=frozenset(policy.categories),
        methods=policy.methods,
        rules=frozenset(policy.rules),
        calendar=policy.calendar,
    )
    return build_shapes(codes)


@cache
def _shapes_of_every_policy(policies: Policies) -> dict[object, Shape]:
    """For a document without a policy: its other errors are still worth telling."""
    known = [policy for program in policies.programs for policy in policies.editions(program)]
    codes = Codes(
        programs=frozenset(policies.programs),
        categories=frozenset(code for policy in known for code in policy.categories),
        methods=frozenset(code for policy in known for code in policy.methods),
        rules=frozenset(rule for policy in known for rule in policy.rules),
        calendar=known[0].calendar,
    )
    return build_shapes(codes)


def _write_record(record: Any) -> dict[str, Any]:
    return {name: _write(getattr(record, name)) for name in record._fields}


def _write(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is datetime:
        return utc_text(value)
    if kind is date:
        return value.isoformat()
    if kind is tuple:
        return [_write(item) for item in value]
    return _write_record(value)
