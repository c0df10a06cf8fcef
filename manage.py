#!/usr/bin/env python
"""Django's command line for remsportal: `python manage.py help` lists the commands."""

import os
import sys


def main() -> None:
    """Run one command; a setting that is missing or unsafe is told in one line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remsportal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    if sys.argv[1:2] == ["evaluate"]:
        evaluate()
        return
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"remsportal: {problem}")


def evaluate() -> None:
    """Ask the rules alone: they need no settings, no secrets and no database."""
    from django.conf import settings

    from apps.eligibility.management.commands.evaluate import Command

    settings.configure(USE_TZ=True)
    Command().run_from_argv(sys.argv)


if __name__ == "__main__":
    main()
