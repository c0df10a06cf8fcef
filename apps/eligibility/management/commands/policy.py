"""manage.py policy list|show|diff: read the policy editions. Needs no database, changes nothing."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.rules.calendar import utc_text
from apps.rules.edition import Policy
from apps.rules.edition_lines import Change, changes, lines
from apps.rules.policy import NoPolicyInForce, policies

FILES_ONLY = (
    "These are the files. A new edition decides only once `manage.py record_policy_editions` has "
    "recorded it: /readyz tells, and the policy editions in the administration."
)


class Command(BaseCommand):
    """Prints which editions there are, what one says, or what another one says differently."""

    help = "Read the policy editions: list them, show one, or compare two."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """list, show VERSION, diff OLD NEW."""
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="every edition, and which is in force")
        show = acts.add_parser("show", help="everything that an edition says")
        show.add_argument("version")
        diff = acts.add_parser("diff", help="what the second edition says differently")
        diff.add_argument("old")
        diff.add_argument("new")

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints; raises CommandError for an edition that there is not."""
        if options["act"] == "list":
            self._list()
        elif options["act"] == "show":
            self._show(_edition(options["version"]))
        else:
            self._diff(_edition(options["old"]), _edition(options["new"]))

    def _list(self) -> None:
        rows = [("EDITION", "STATE", "IN FORCE FROM", "APPROVED", "UNVERIFIED")]
        for policy in policies().everything():
            since, approved = utc_text(policy.in_force_from), str(policy.approved_on)
            unverified = str(len(policy.unverified_numbers) or "–")
            rows.append((policy.version, _state(policy), since, approved, unverified))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())
        self.stdout.write(f"\n{FILES_ONLY}")

    def _show(self, policy: Policy) -> None:
        self.stdout.write(f"{policy.version}: {_state(policy)}")
        self.stdout.write(f"{policies().directory / policy.file_name}")
        self.stdout.write(f"SHA-256 {policy.digest}")
        self.stdout.write(FILES_ONLY)
        for table, of_table in groupby(lines(policy), attrgetter("table")):
            self.stdout.write(f"\n[{table}]")
            for line in of_table:
                self.stdout.write(f"  {line.name}: {line.said}")

    def _diff(self, old: Policy, new: Policy) -> None:
        found = changes(old, new)
        if not found:
            self.stdout.write(f"{old.version} and {new.version} say the same.")
            return
        self.stdout.write(f"{old.version} -> {new.version}")
        for table, of_table in groupby(found, attrgetter("table")):
            self.stdout.write(f"\n[{table}]")
            self._tell(of_table)

    def _tell(self, found: Iterable[Change]) -> None:
        for change in found:
            self.stdout.write(f"  {change.name}")
            self.stdout.write(f"    - {change.before or '(not there)'}")
            self.stdout.write(f"    + {change.after or '(not there)'}")


def _edition(version: str) -> Policy:
    try:
        return policies().by_version(version)
    except NoPolicyInForce:
        known = ", ".join(policy.version for policy in policies().everything())
        raise CommandError(f"There is no edition {version}. There are: {known}.") from None


def _state(policy: Policy) -> str:
    now = clock.real_now()
    if policy.program not in policies().programs:
        return "not served"
    try:
        present = policies().in_force(policy.program, now)
    except NoPolicyInForce:
        present = None
    if policy is present:
        return "in force"
    return "to come" if policy.in_force_from > now else "over"
