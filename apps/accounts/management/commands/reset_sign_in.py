"""`manage.py reset_sign_in EMAIL --reason TEXT`: for who lost password, phone and codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import selectors, services
from apps.accounts.invitations import InvitationNotSent, send_invitation
from apps.core import errors
from apps.core.call import SYSTEM_CALL


class Command(BaseCommand):
    help = "Void a person's password and second factors, end their sign-ins, and invite them anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="how you made sure who asks")

    def handle(self, *_: Any, **options: Any) -> None:
        person = selectors.person_with_email(options["email"])
        if person is None:
            raise CommandError("There is no account with this address.")
        try:
            user = services.reset_sign_in(SYSTEM_CALL, user_id=person.pk, reason=options["reason"])
            send_invitation(SYSTEM_CALL, user)
        except errors.CommandError as error:
            raise CommandError(error.message) from error
        except InvitationNotSent as error:
            raise CommandError(
                "Reset, but the mail server did not take the invitation. Mend its settings; then "
                "have the person ask for a link under “Forgot your password?”."
            ) from error
        self.stdout.write("Reset; a mail is on its way.")
