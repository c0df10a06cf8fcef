"""`manage.py sweep [NAME …]`: run sweeps here and now, without beat, worker or broker."""

from argparse import ArgumentParser
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Run the sweeps of the schedule once, in this process, beside any that run already."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="which; without: all")

    def handle(self, *_: Any, **options: Any) -> None:
        unknown = sorted(set(options["names"]) - set(settings.SWEEPS))
        if unknown:
            raise CommandError(
                f"There is no sweep {', '.join(unknown)}. There are: {', '.join(settings.SWEEPS)}."
            )
        current_app.loader.import_default_modules()
        for name in options["names"] or settings.SWEEPS:
            handled = current_app.tasks[name]()
            self.stdout.write(f"{name}: {handled}")
