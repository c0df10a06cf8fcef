"""What sign-ins, systems and patients' visits leave, for the world of the guards."""

from dataclasses import replace
from datetime import date, timedelta

from django.test import Client

from apps.accounts import services
from apps.accounts.models import ApiClient, SignIn, UsedAssertion, User, WrongCode
from apps.core import clock
from tests import builders
from tests.api.keys import public_set, rsa_key
from tests.visitors import give_code, knock, visitor


def let_in(cast: builders.Cast) -> None:
    """A sign-in and a wrong code; a client with an earlier secret, keys and a used assertion."""
    user, now = User.objects.earliest("pk"), clock.real_now()
    SignIn.objects.create(
        user=user, session_key="a" * 32, browser="Firefox", began_at=now, last_seen_at=now
    )
    WrongCode.objects.create(user=user, entered_at=now)
    client = ApiClient.objects.earliest("pk")
    services.rotate_client_secret(
        cast.administrator,
        client_id=client.pk,
        secret=services.new_client_secret(),
        overlap=timedelta(hours=1),
        reason="A year has passed",
    )
    services.set_client_keys(
        cast.administrator, client_id=client.pk, jwks=public_set(rsa_key()), reason="Safer"
    )
    UsedAssertion.objects.create(client=client, jti="a" * 64, used_at=now)
    _visit(cast)


def _visit(cast: builders.Cast) -> None:
    """A visit that goes on, and one that ended; a code with a wrong try, and a replaced one."""
    identity = replace(
        builders.IDENTITY, given_name="Vera", family_name="Visitor", born_on=date(1969, 5, 6),
        postal_code="60601", phone="", email="",
    )  # fmt: skip
    patient = builders.enroll(cast.prescribing, "adult_male", identity=identity)
    for _ in range(2):
        visitor(cast.prescribing, patient)
        give_code(cast.prescribing, patient, purpose="sign")
    knock(Client(), give_code(cast.prescribing, patient), code="00000000")
