"""`manage.py rotate_client_secret CLIENT_ID`: a new secret, the old one valid for a while."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import selectors, services
from apps.core import errors
from apps.core.call import SYSTEM_CALL


class Command(BaseCommand):
    help = "Give an API client a new secret, printed once; the old one opens for a while more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("client_id", help="the OAuth client id")
        parser.add_argument(
            "--overlap-hours", type=float, default=72, help="how long the old one opens (0: ends)"
        )
        parser.add_argument("--reason", required=True)

    def handle(self, *_: Any, **options: Any) -> None:
        client = selectors.client_with_id(options["client_id"])
        if client is None:
            raise CommandError("There is no API client with this id.")
        secret = services.new_client_secret()
        try:
            services.rotate_client_secret(
                SYSTEM_CALL,
                client_id=client.pk,
                secret=secret,
                overlap=timedelta(hours=options["overlap_hours"]),
                reason=options["reason"],
            )
        except errors.CommandError as error:
            raise CommandError(error.message) from error
        self.stdout.write(secret)
