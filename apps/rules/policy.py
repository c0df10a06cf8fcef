"""Finding the policy edition in force at an instant, or by its id.

A policy is a reviewed data file in policies/; this module never holds a number of its own.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final

from apps.rules.edition import (
    Advisory,
    Category,
    NumberNotGiven,
    ParameterNote,
    Parameters,
    Policy,
    Product,
    ReminderPolicy,
    ReminderStep,
    RuleNote,
)
from apps.rules.policy_file import load_policy_file
from apps.rules.policy_table import PolicyFileError
from apps.rules.targets import DeviationKind, Target

__all__ = [
    "Advisory",
    "Category",
    "DeviationKind",
    "NoPolicyInForce",
    "NumberNotGiven",
    "ParameterNote",
    "Parameters",
    "Policies",
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
    "policies",
    "policy_by_version",
    "policy_in_force",
    "programs",
    "use_policies",
]

POLICY_DIRECTORY: Final = Path(__file__).parent / "policies"


class UnknownProgram(LookupError):
    """No policy file names this program, or it is not served here."""


class NoPolicyInForce(LookupError):
    """No edition of the program is in force at the instant, or none has the id."""


class Policies:
    """The editions of one folder of policy files, as far as their programs are enabled.

    An edition is in force from its first instant until the next one takes over, or until it ends.
    """

    def __init__(self, directory: Path, enabled: Iterable[str] | None = None) -> None:
        """Reads every file; `enabled`: the programs to serve, in order; None: all, sorted.

        Raises PolicyFileError for a wrong file, UnknownProgram for a program without one.
        """
        self.directory = directory
        self._editions = load_editions(directory)
        if not self._editions:
            raise PolicyFileError(f"{directory} has no policy file")
        self.programs: tuple[str, ...] = tuple(
            sorted(self._editions) if enabled is None else enabled
        )
        """The codes of the programs that are served."""
        for program in self.programs:
            if program not in self._editions:
                raise UnknownProgram(program)

    def everything(self) -> tuple[Policy, ...]:
        """Every edition of the folder, also of programs that are not served."""
        return tuple(policy for group in self._editions.values() for policy in group)

    def served(self) -> tuple[Policy, ...]:
        """Every edition of the programs that are served, by program, oldest first."""
        return tuple(policy for program in self.programs for policy in self._editions[program])

    def editions(self, program: str) -> tuple[Policy, ...]:
        """All editions of a program, oldest first; raises UnknownProgram."""
        if program not in self.programs:
            raise UnknownProgram(program)
        return self._editions[program]

    def in_force(self, program: str, at: datetime) -> Policy:
        """The edition in force at an aware instant; raises UnknownProgram or NoPolicyInForce."""
        for policy in reversed(self.editions(program)):
            if policy.in_force_from <= at:
                if at <= policy.in_force_until:
                    return policy
                break
        raise NoPolicyInForce(f"{program} at {at.astimezone(UTC).isoformat()}")

    def by_version(self, version: str) -> Policy:
        """The edition with this id, of whatever program and time; raises NoPolicyInForce."""
        for policy in self.everything():
            if policy.version == version:
                return policy
        raise NoPolicyInForce(version)


def load_editions(directory: Path) -> Mapping[str, tuple[Policy, ...]]:
    """All policy files of a folder by program, oldest first; raises PolicyFileError."""
    found: dict[str, list[Policy]] = {}
    versions: set[str] = set()
    for path in sorted(directory.glob("*.toml")):
        policy = load_policy_file(path)
        if policy.version in versions:
            raise PolicyFileError(f"{path.name}.version: another file is {policy.version} already")
        versions.add(policy.version)
        found.setdefault(policy.program, []).append(policy)
    for group in found.values():
        group.sort(key=lambda policy: policy.in_force_from)
        for earlier, later in pairwise(group):
            if earlier.in_force_from == later.in_force_from:
                raise PolicyFileError(
                    f"{earlier.version} and {later.version} begin at the same instant: "
                    "give the later one another effective_from, or a takes_over_at on that day"
                )
    return MappingProxyType({program: tuple(group) for program, group in found.items()})


_policies: Policies | None = None


def policies() -> Policies:
    """The policies that this process decides under: those of the package, unless told others."""
    return _policies if _policies is not None else use_policies()


def use_policies(
    directory: Path = POLICY_DIRECTORY, enabled: Iterable[str] | None = None
) -> Policies:
    """Makes a folder's policies the ones of this process; raises as Policies does."""
    global _policies  # noqa: PLW0603 - one process serves one set of programs
    _policies = Policies(directory, enabled)
    return _policies


def programs() -> tuple[str, ...]:
    """The codes of the programs that are served."""
    return policies().programs


def editions(program: str) -> tuple[Policy, ...]:
    """All editions of a program, oldest first; raises UnknownProgram."""
    return policies().editions(program)


def policy_in_force(program: str, at: datetime) -> Policy:
    """The edition in force at an aware instant; raises UnknownProgram or NoPolicyInForce."""
    return policies().in_force(program, at)


def policy_by_version(version: str) -> Policy:
    """The edition with this id, whether or not it is in force; raises NoPolicyInForce."""
    return policies().by_version(version)
