"""`manage.py appoint_administrator EMAIL GIVEN_NAME FAMILY_NAME`: the first, by the operator."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import services
from apps.accounts.invitations import InvitationNotSent, send_invitation
from apps.core import errors
from apps.core.call import SYSTEM_CALL


class Command(BaseCommand):
    help = "Appoint an administrator of the program and mail them a link to choose a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("given_name")
        parser.add_argument("family_name")
        parser.add_argument("--office", default="Program office", help="the office's name")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            membership = services.appoint_administrator(
                SYSTEM_CALL,
                email=options["email"],
                given_name=options["given_name"],
                family_name=options["family_name"],
                office_name=options["office"],
            )
        except errors.CommandError as error:
            raise CommandError(error.message) from error
        try:
            invited = send_invitation(SYSTEM_CALL, membership.user)
        except InvitationNotSent as error:
            raise CommandError(
                "Appointed, but the mail server did not take the invitation. Mend its settings; "
                "then have the person ask for a link under “Forgot your password?”."
            ) from error
        self.stdout.write("Appointed; a mail is on its way." if invited else "Appointed.")
