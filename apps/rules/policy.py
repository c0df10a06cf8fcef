"""Finding the policy edition in force at an instant, or by its id.

A policy is a reviewed data file in policies/; this module never holds a number of its own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

from apps.rules.edition import (
    Advisory,
    Category,
    ParameterNote,
    Parameters,
    Policy,
    Product,
    ReminderPolicy,
    ReminderStep,
    RuleNote,
)
from apps.rules.policy_file import PolicyFileError, load_policy_file
from apps.rules.targets import DeviationKind, Target

__all__ = [
    "Advisory",
    "Category",
    "DeviationKind",
    "NoPolicyInForce",
    "ParameterNote",
    "Parameters",
    "Policy",
    "PolicyFileError",
    "Product",
    "ReminderPolicy",
    "ReminderStep",
    "RuleNote",
    "Target",
    "UnknownProgram",
    "editions",
    "load_editions",
    "policy_by_version",
    "policy_in_force",
    "programs",
]

POLICY_DIRECTORY: Final = Path(__file__).parent / "policies"


class UnknownProgram(LookupError):
    """No policy file names this program."""


class NoPolicyInForce(LookupError):
    """No edition of the program is in force at the instant, or none has the id."""


def load_editions(directory: Path) -> Mapping[str, tuple[Policy, ...]]:
    """All policy files of a folder by program, oldest first; raises PolicyFileError."""
    found: dict[str, list[Policy]] = {}
    for path in sorted(directory.glob("*.toml")):
        policy = load_policy_file(path)
        found.setdefault(policy.program, []).append(policy)
    for group in found.values():
        group.sort(key=lambda policy: policy.effective_from)
        for earlier, later in pairwise(group):
            if earlier.in_force_until >= later.in_force_from:
                raise PolicyFileError(f"{earlier.version} and {later.version} overlap in time")
    return MappingProxyType({program: tuple(group) for program, group in found.items()})


@cache
def _editions() -> Mapping[str, tuple[Policy, ...]]:
    return load_editions(POLICY_DIRECTORY)


def programs() -> tuple[str, ...]:
    """The codes of all programs that have a policy, sorted."""
    return tuple(sorted(_editions()))


def editions(program: str) -> tuple[Policy, ...]:
    """All editions of a program, oldest first; raises UnknownProgram."""
    try:
        return _editions()[program]
    except KeyError:
        raise UnknownProgram(program) from None


def policy_in_force(program: str, at: datetime) -> Policy:
    """The edition in force at an aware instant; raises UnknownProgram or NoPolicyInForce."""
    for policy in reversed(editions(program)):
        if policy.in_force_from <= at <= policy.in_force_until:
            return policy
    raise NoPolicyInForce(f"{program} at {at.astimezone(UTC).isoformat()}")


def policy_by_version(version: str) -> Policy:
    """The edition with this id, whether or not it is in force; raises NoPolicyInForce."""
    for group in _editions().values():
        for policy in group:
            if policy.version == version:
                return policy
    raise NoPolicyInForce(version)
