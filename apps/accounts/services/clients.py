"""Commands on the systems that call the API: who may, with which secret or keys."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from oauth2_provider.models import get_access_token_model, get_application_model

from apps.accounts import keys
from apps.accounts.models import ApiClient, ClientKeys, EarlierSecret, Organization
from apps.accounts.scopes import OPEN_TO, WORK_OF
from apps.accounts.services.people import PLACES
from apps.audit import services as audit
from apps.core import clock
from apps.core.call import Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.core.overtaken import refuse_overtaken

ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
OPERATED = ADMINISTRATOR | {Role.SYSTEM}
# What a system can act as: never as who signs for a pharmacy, nor as a patient.
ROLES_OF_SYSTEMS = frozenset(WORK_OF) - {Role.REPRESENTATIVE}


def new_client_secret() -> str:
    """A secret for an API client: only its holder ever sees it, the database keeps a hash."""
    return secrets.token_urlsafe(48)


@command(by=ADMINISTRATOR)
def register_api_client(
    run: Run,
    *,
    organization_id: UUID,
    role: Role,
    name: str,
    secret: str,
    prescriber_id: UUID | None = None,
    scopes: Collection[str] | None = None,
) -> ApiClient:
    """Let a system call the API as an organization, in one role (OAuth client credentials).

    `secret` is from `new_client_secret`; only its hash is stored. `prescriber_id` fixes the
    prescriber for whom a practice's system acts; `scopes` are what its tokens may be for, all that
    the role may if None. Raises NotFound, InvalidRequest, or Conflict when a client of this
    organization bears the name already.
    """
    organization = (
        Organization.objects.select_for_update(no_key=True).filter(pk=organization_id).first()
    )
    if organization is None:
        raise NotFound("There is no such organization.")
    if role not in PLACES[Organization.Kind(organization.kind)] & ROLES_OF_SYSTEMS:
        raise InvalidRequest(
            "No system acts in this role for this organization.",
            {"role": f"Not for a {organization.get_kind_display().lower()}."},
        )
    chosen = _open_to(role, scopes)
    run.read_clock()
    same_name = ApiClient.objects.filter(
        organization=organization, application__name=name, ended_at__isnull=True
    )
    if same_name.exists():
        raise Conflict("A client of this organization bears this name already: end that one first.")
    application_model = get_application_model()  # type: ignore[no-untyped-call]
    application = application_model.objects.create(
        name=name,
        client_secret=secret,
        client_type=application_model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=application_model.GRANT_CLIENT_CREDENTIALS,
    )
    client = ApiClient.objects.create(
        application=application,
        organization=organization,
        role=role.value,
        prescriber_id=prescriber_id,
        scopes=chosen,
    )
    audit.record(run, "api_client_registered", subject=client, data={"scopes": chosen})
    return client


@command(by=ADMINISTRATOR)
def end_api_client(run: Run, *, client_id: UUID, reason: str) -> ApiClient:
    """End a system's access at once, its tokens included. Raises NotFound or Conflict."""
    client = _locked(client_id)
    client.ended_at = run.read_clock()
    client.save(update_fields=["ended_at"])
    tokens = get_access_token_model().objects  # type: ignore[no-untyped-call]
    tokens.filter(application_id=client.application_id).delete()
    audit.record(run, "api_client_ended", subject=client, reason=required_reason(reason))
    return client


@command(by=ADMINISTRATOR)
def set_client_scopes(
    run: Run, *, client_id: UUID, scopes: Collection[str] | None, reason: str, seen: str = ""
) -> ApiClient:
    """Choose what a system's tokens may be for; None: all that its role may.

    It holds at once, for the tokens that are out, too. `seen` is the mark of what the sender saw.
    Raises NotFound, Conflict or InvalidRequest; Overtaken where the scopes are others by now.
    """
    client = _locked(client_id)
    refuse_overtaken(seen, {"scopes": client.scopes})
    run.read_clock()
    before, client.scopes = client.scopes, _open_to(Role(client.role), scopes)
    client.save(update_fields=["scopes"])
    audit.record(
        run,
        "client_scopes_set",
        subject=client,
        reason=required_reason(reason),
        data={"from": before, "to": client.scopes},
    )
    return client


@command(by=OPERATED)
def rotate_client_secret(
    run: Run, *, client_id: UUID, secret: str, overlap: timedelta, reason: str
) -> ApiClient:
    """Give a system a new secret; the present one opens for `overlap` more, then never again.

    `secret` is from `new_client_secret`. A secret that was replaced earlier and still opens ends at
    once: no system ever has three. Raises NotFound, Conflict or InvalidRequest.
    """
    client = _locked(client_id)
    run.read_clock()
    ends_at = _replace_secret(client, secret, overlap)
    audit.record(
        run,
        "client_secret_rotated",
        subject=client,
        reason=required_reason(reason),
        data={"earlier_ends_at": ends_at.isoformat()},
    )
    return client


@command(by=OPERATED)
def end_earlier_secret(run: Run, *, client_id: UUID, reason: str) -> ApiClient:
    """End the secret that was replaced, before its time. Raises NotFound or Conflict."""
    client = _locked(client_id)
    run.read_clock()
    if not _end_earlier_secrets(client):
        raise Conflict("No earlier secret of this client opens anything any more.")
    audit.record(run, "earlier_secret_ended", subject=client, reason=required_reason(reason))
    return client


@command(by=OPERATED)
def set_client_keys(
    run: Run,
    *,
    client_id: UUID,
    jwks: Any = None,
    jwks_uri: str = "",
    overlap: timedelta = timedelta(0),
    reason: str,
) -> ApiClient:
    """Let a system sign its requests for tokens with a private key instead of sending a secret.

    Exactly one of `jwks` (a JSON Web Key Set of public keys) and `jwks_uri` (where the system
    publishes it, over https). With the first keys the secret ends after `overlap`. Raises NotFound,
    Conflict or InvalidRequest.
    """
    if (jwks is None) == (not jwks_uri):
        raise InvalidRequest(
            "Either the keys or their address is needed.", {"jwks": "One of the two."}
        )
    if jwks is not None:
        _check_keys(jwks)
    elif urlsplit(jwks_uri).scheme != "https" or not urlsplit(jwks_uri).hostname:
        raise InvalidRequest(
            "The address of the keys is not safe.", {"jwks_uri": "It must begin with https://."}
        )
    client = _locked(client_id)
    run.read_clock()
    _, is_first = ClientKeys.objects.update_or_create(
        client=client,
        defaults={"jwks": jwks, "jwks_uri": jwks_uri, "set_at": clock.real_now()},
    )
    if is_first:
        _replace_secret(client, new_client_secret(), overlap)
    audit.record(run, "client_keys_set", subject=client, reason=required_reason(reason))
    return client


def _open_to(role: Role, scopes: Collection[str] | None) -> list[str] | None:
    """The scopes in order. Raises InvalidRequest for none, or one that this role's work is not."""
    if scopes is None:
        return None
    strange = {*scopes} - OPEN_TO[WORK_OF[role]]
    if strange or not scopes:
        raise InvalidRequest(
            "A client of this role cannot hold these scopes.",
            {
                "scopes": f"Not for a {role.value}: {', '.join(sorted(strange))}."
                if strange
                else "Choose at least one, or leave it to the role."
            },
        )
    return sorted({*scopes})


def _replace_secret(client: ApiClient, secret: str, overlap: timedelta) -> datetime:
    """Put a secret in the place of the present one; when that one ends.

    Raises InvalidRequest for an overlap that is too long.
    """
    if not timedelta(0) <= overlap <= settings.LONGEST_SECRET_OVERLAP:
        days = settings.LONGEST_SECRET_OVERLAP.days
        raise InvalidRequest(
            "The old secret cannot stay valid that long.",
            {"overlap": f"From none up to {days} days."},
        )
    now = clock.real_now()
    _end_earlier_secrets(client)
    application = client.application
    EarlierSecret.objects.create(
        client=client, encoded=application.client_secret, replaced_at=now, ends_at=now + overlap
    )
    application.client_secret = secret
    application.save(update_fields=["client_secret", "updated"])
    return now + overlap


def _check_keys(jwks: Any) -> None:
    try:
        keys.read(jwks)
    except keys.UnfitKeys as error:
        raise InvalidRequest("These keys cannot be used.", {"jwks": str(error)}) from error


def _locked(client_id: UUID) -> ApiClient:
    """The client, locked, with its application. Raises NotFound, or Conflict for an ended one."""
    found = ApiClient.objects.select_for_update(no_key=True, of=("self",)).filter(pk=client_id)
    client = found.select_related("application").first()
    if client is None:
        raise NotFound("There is no such API client.")
    if client.ended_at is not None:
        raise Conflict("This client's access has ended already.")
    return client


def _end_earlier_secrets(client: ApiClient) -> int:
    now = clock.real_now()
    return client.earlier_secrets.filter(ends_at__gt=now).update(ends_at=now)
