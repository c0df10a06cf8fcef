#!/usr/bin/env python
"""Django's command line for remsportal: `python manage.py help` lists the commands."""

import os
import signal
import sys

ENDED_BY_SIGNAL = 128


def main() -> None:
    """Run one command; what the operator has to mend is told in one line, not as a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remsportal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    if sys.argv[1:2] == ["evaluate"]:
        evaluate()
        return
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"remsportal: {problem}")
    except OperationalError as problem:
        if "--traceback" in sys.argv:
            raise
        told = str(problem).partition("\n")[0]
        sys.exit(f"remsportal: The database cannot be used ({told}). Look at DATABASE_URL.")
    except BrokenPipeError:
        # Whoever reads has seen enough, such as `| head`; Python must not flush what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ENDED_BY_SIGNAL + signal.SIGPIPE)
    except KeyboardInterrupt:
        sys.exit(ENDED_BY_SIGNAL + signal.SIGINT)


def evaluate() -> None:
    """Ask the rules alone: they need no settings, no secrets and no database."""
    from django.conf import settings

    from apps.eligibility.management.commands.evaluate import Command

    settings.configure(USE_TZ=True)
    Command().run_from_argv(sys.argv)


if __name__ == "__main__":
    main()
