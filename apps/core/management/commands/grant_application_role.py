"""`manage.py grant_application_role ROLE`: run by the owner after every migration."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from apps.core.grants import statements


class Command(BaseCommand):
    help = "Grant the application's database role exactly what it needs on every table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="The role that the product connects as; it must exist.")

    def handle(self, *_: Any, **options: Any) -> None:
        role = options["role"]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_user, EXISTS (SELECT FROM pg_roles WHERE rolname = %s)", [role]
            )
            owner, exists = cursor.fetchone()
        if not exists:
            raise CommandError(
                f"There is no database role {role!r}. Create it: CREATE ROLE … LOGIN."
            )
        if role == owner:
            raise CommandError(
                f"{role!r} owns the tables. The product must connect as another role, so that "
                "history is out of its reach: create one and name it here."
            )
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements(role):
                cursor.execute(statement)
        self.stdout.write(f"Granted to {role}.")
