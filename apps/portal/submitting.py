"""Carrying out what a form asks for: once, and with a service's objections shown beside its fields.

It knows no command by name: views pass them in.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from apps.core.call import Call, IdempotencyKey
from apps.core.command import was_carried_out
from apps.core.errors import CommandError, KeyReused, NotAllowed, NotFound
from apps.core.overtaken import PageForm
from apps.portal.access import PortalRequest
from apps.portal.forms import PortalForm
from apps.portal.unsent import PROOF

T = TypeVar("T")

SENT_BEFORE = _(
    "This page was sent before with other entries, and those were recorded. Look at the record; "
    "if what stands here is to be recorded as well, send it again."
)


def once(request: PortalRequest, form: PortalForm, part: str = "") -> Call:
    """The request's call, under the one-time key of a valid form, with the form's signature.

    `part` tells several commands of one form apart.
    """
    key = form.cleaned_data["submission"]
    return request.call.signed(form.signing).once(
        IdempotencyKey(
            scope=_scope(request),
            key=f"{key}:{part}" if part else str(key),
            body_digest=digest_of(request, form),
        )
    )


def is_repeated(request: PortalRequest, form: PortalForm, command: Callable[..., object]) -> bool:
    """Whether a form was sent under whose one-time key the command was carried out before."""
    sent = str(form["submission"].value())
    key = IdempotencyKey(scope=_scope(request), key=sent, body_digest="")
    return form.is_bound and was_carried_out(key, command.__name__)


def attempt(
    form: PortalForm,
    command: Callable[[], T],
    own_names: Mapping[str, str] | None = None,
    *,
    through: tuple[type[CommandError], ...] = (),
) -> T | None:
    """What `command` makes; None when it objected, and then the form says why.

    What is not the actor's to see or do is no matter of the form: those errors pass, and so do
    those of `through`.
    """
    try:
        return command()
    except KeyReused:
        form.add_error(None, SENT_BEFORE)
        form.renew_submission()
    except CommandError as error:
        if isinstance(error, (NotFound, NotAllowed, *through)):
            raise
        form.add_service_error(error, own_names)
    return None


def _scope(request: PortalRequest) -> str:
    return f"portal:{request.call.actor.id}"


def digest_of(request: PortalRequest, form: PortalForm) -> str:
    """A digest of what was sent; without one-time key, CSRF token and what proves who signs.

    Of what was sent, not of what the form made of it: what a form asks for may have changed since.
    The address and the actor belong to it: one key never answers for two records, or two roles.
    """
    actor = request.call.actor
    by_whom = [actor.role, actor.organization_id, actor.prescriber_id, actor.patient_id]
    no_content = {"csrfmiddlewaretoken", form.add_prefix("submission"), *PROOF}
    if isinstance(form, PageForm):
        # What its page showed was compared before; by now the form bears what it would show.
        no_content.add(form.add_prefix("seen"))
    sent = {name: values for name, values in form.sent().lists() if name not in no_content}
    whole = [request.path, *map(str, by_whom), sent, *_digests(request)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _digests(request: PortalRequest) -> list[str]:
    """Those of the files that were sent, which are left to be read again."""
    found = []
    for name, files in request.FILES.lists():
        for file in files:
            found.append(f"{name}:{hashlib.sha256(file.read()).hexdigest()}")
            file.seek(0)
    return found
