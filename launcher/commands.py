"""Each command of `rems`, step by step."""

import argparse
from pathlib import Path

from launcher import services
from launcher.processes import run_in_foreground


def run(wanted: argparse.Namespace) -> int:
    """Do what was asked for; the exit code."""
    return run_with_services(wanted.run)


def run_with_services(command: list[str]) -> int:
    """Run any command on throw-away services, where the caller stands."""
    with services.throw_away() as running:
        environment = running.environment(REMSPORTAL_ENV="test")
        return run_in_foreground(command, environment, Path.cwd())
