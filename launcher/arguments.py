"""The command line of `rems`: what may be asked for, and the words to ask for it."""

import argparse
import sys
from pathlib import Path

from launcher import environment
from launcher.console import Failure
from launcher.processes import Stop, stop_on_signals

STOPPED = 130
UNPRIVILEGED_PORTS = range(1024, 65536)


def parser() -> argparse.ArgumentParser:
    """Everything that `rems` understands."""
    rems = argparse.ArgumentParser(
        prog="rems",
        description="Run remsportal, its tests and its checks.",
        epilog="Servers come from DATABASE_URL and REDIS_URL when set, else rems starts its own.",
    )
    commands = rems.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser("demo", help="run the product with synthetic people; Ctrl-C ends it")
    demo.add_argument("--port", type=port, help="where to listen (default: 8000, or the next free)")
    demo.add_argument("--fresh", action="store_true", help="forget what was done in earlier runs")
    manage = commands.add_parser(
        "manage", help="run a command of manage.py on the demo that runs", usage="rems manage …"
    )
    manage.add_argument("rest", nargs="*", help="as manage.py takes it; without: what there is")
    commands.add_parser("test", help="run the tests; further arguments go to pytest")
    commands.add_parser("check", help="run all checks of style, types, layers and documents")
    validation = commands.add_parser(
        "validation", help="run the tests and write the dated package for the operator's validation"
    )
    validation.add_argument("folder", nargs="?", type=Path, help="where to (default: in .rems)")
    services = commands.add_parser(
        "services", help="run a command on throw-away services", usage="rems services -- COMMAND …"
    )
    services.add_argument("run", nargs="+", metavar="COMMAND", help="what to run")
    commands.add_parser("lock", help="write the requirements files anew from requirements/*.in")
    commands.add_parser("help", help="show this")
    return rems


def port(text: str) -> int:
    """A port that an ordinary account may listen on."""
    number = int(text) if text.isdecimal() else 0
    if number not in UNPRIVILEGED_PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1024 to 65535")
    return number


def read(arguments: list[str]) -> argparse.Namespace:
    """What was asked for; nonsense ends the program with exit code 2."""
    command, rest = arguments[:1], arguments[1:]
    if command == ["test"]:
        return argparse.Namespace(command="test", pytest=rest)
    if command == ["manage"]:
        return argparse.Namespace(command="manage", rest=rest)
    if command == ["services"] and rest and not rest[0].startswith("-"):
        return argparse.Namespace(command="services", run=rest)
    return parser().parse_args(arguments or ["help"])


def main(arguments: list[str]) -> int:
    """Do what was asked for; the exit code."""
    wanted = read(arguments)
    if wanted.command == "help":
        parser().print_help()
        return 0
    stop_on_signals()
    try:
        environment.ensure("demo" if wanted.command in {"demo", "manage"} else "dev")
        environment.run_inside(arguments)
        return run(wanted)
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr, flush=True)
        return 1
    except Stop:
        print("Stopped.", flush=True)
        return STOPPED


def run(wanted: argparse.Namespace) -> int:
    """Hand over to the command, inside the environment: only there its imports exist."""
    from launcher import checks, demo, managing, testing  # noqa: PLC0415

    if wanted.command == "demo":
        return demo.run(port=wanted.port, fresh=wanted.fresh)
    if wanted.command == "manage":
        return managing.run(wanted.rest)
    if wanted.command == "test":
        return testing.run(wanted.pytest)
    if wanted.command == "validation":
        return testing.run_validation(wanted.folder)
    if wanted.command == "services":
        return testing.run_on_services(wanted.run)
    return checks.run() if wanted.command == "check" else checks.lock()
