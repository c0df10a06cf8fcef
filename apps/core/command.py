"""The one wrapper of every command: transaction, actor, idempotency, locks first, then the clock.

A command is a keyword-only service whose first argument is a `Run`; callers pass a `Call`.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID, uuid4

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from apps.core import clock, origin
from apps.core.call import Actor, Call, IdempotencyKey, Role
from apps.core.errors import KeyReused, NotAllowed
from apps.core.models import Operation

P = ParamSpec("P")
R = TypeVar("R", bound=Model)

MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class Run:
    """One execution of a command, inside its transaction."""

    call: Call
    operation_id: UUID = field(default_factory=uuid4)
    _now: datetime | None = None

    @property
    def actor(self) -> Actor:
        return self.call.actor

    @property
    def now(self) -> datetime:
        """The command's one instant. Raises RuntimeError while the locks are not yet taken."""
        if self._now is None:
            raise RuntimeError("Take the locks, then read the clock: `now` is not known yet.")
        return self._now

    def read_clock(self, *, later_than: datetime | None = None) -> datetime:
        """Fix `now`, once, after the locks: strictly after the patient's latest recorded instant.

        So a decision cannot miss what was committed while it waited, whatever the servers' clocks.
        """
        if self._now is None:
            self._now = clock.now()
            if later_than is not None and self._now <= later_than:
                self._now = later_than + MICROSECOND
        return self._now


def command(
    *, by: frozenset[Role]
) -> Callable[[Callable[Concatenate[Run, P], R]], Callable[Concatenate[Call, P], R]]:
    """Make a service a command that only the roles in `by` may call.

    Raises NotAllowed for another role and KeyReused for an idempotency key with another body.
    A repeated call under one key returns the first one's result and does nothing else.
    """

    def decorate(service: Callable[Concatenate[Run, P], R]) -> Callable[Concatenate[Call, P], R]:
        name = service.__name__

        @functools.wraps(service)
        def carry_out(call: Call, /, *args: P.args, **kwargs: P.kwargs) -> R:
            if call.actor.role not in by:
                raise NotAllowed(f"Your role ({call.actor.role.value}) cannot do this.")
            with transaction.atomic(durable=True):
                run = Run(call)
                if not begin(run, name):
                    return first_result(call, name)  # type: ignore[return-value]
                result = service(run, *args, **kwargs)
                finish(run, result)
                return result

        carry_out.allowed_roles = by  # type: ignore[attr-defined]
        return carry_out

    return decorate


def body_of(
    command: Callable[Concatenate[Call, P], R],
) -> Callable[Concatenate[Run, P], R]:
    """The service behind a command, to be run inside another one, which checks who may."""
    body: Callable[Concatenate[Run, P], R] = command.__wrapped__  # type: ignore[attr-defined]
    return body


def carry_out_within(run: Run, call: Call, name: str, service: Callable[[Run], R]) -> R:
    """A second operation inside a command, at its instant: what was entered before takes effect.

    Its rows bear who entered it, for whom and through which channel; the running command's bear
    who let it take effect.
    """
    inner = Run(replace(call, idempotency=None, signing=None), _now=run.now)
    begin(inner, name)
    result = service(inner)
    finish(inner, result)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('remsportal.operation', %s, true)", [str(run.operation_id)]
        )
    return result


def begin(run: Run, name: str) -> bool:
    """Record the operation, tell the triggers of it, and claim the idempotency key.

    False when the key was claimed before. A simultaneous call with the same key waits here until
    the first one ends. Raises Unavailable on a machine whose clock is wrong.
    """
    actor, key, came = run.actor, run.call.idempotency, origin.present()
    started_at = clock.real_now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH told AS (SELECT set_config('remsportal.operation', %(id)s, true))
            INSERT INTO core_operation (id, name, actor_kind, actor_id, role, organization_id,
                prescriber_id, channel, address, credential, started_at, scope, key,
                body_digest)
            SELECT %(id)s::uuid, %(name)s, %(kind)s, %(actor)s, %(role)s, %(organization)s,
                %(prescriber)s, %(channel)s, %(address)s, %(credential)s, %(started_at)s,
                %(scope)s, %(key)s, %(digest)s
            FROM told
            ON CONFLICT (scope, key) DO NOTHING
            RETURNING clock_timestamp()
            """,
            {
                "id": str(run.operation_id),
                "name": name,
                "kind": actor.kind.value,
                "actor": actor.id,
                "role": actor.role.value,
                "organization": actor.organization_id,
                "prescriber": actor.prescriber_id,
                "channel": run.call.channel.value,
                "address": came.address,
                "credential": came.credential,
                "started_at": started_at,
                "scope": _scope(key, name) if key else None,
                "key": key.key if key else None,
                "digest": key.body_digest if key else None,
            },
        )
        claimed = cursor.fetchone()
    if claimed is None:
        return False
    clock.refuse_if_astray(claimed[0], asked_at=started_at)
    return True


def finish(run: Run, result: Model) -> None:
    """Close the operation with its instant and a reference to its result."""
    Operation.objects.filter(pk=run.operation_id).update(
        performed_at=run.read_clock(),
        result_model=result._meta.label_lower,
        result_id=str(result.pk),
    )


def first_result(call: Call, name: str) -> Model:
    """What the first call under this idempotency key made.

    Raises KeyReused when the first call's body was another one.
    """
    key = call.idempotency
    if key is None:
        raise RuntimeError("An operation without a key cannot have been claimed before.")
    operation = Operation.objects.get(scope=_scope(key, name), key=key.key)
    if operation.body_digest != key.body_digest:
        raise KeyReused(
            "This idempotency key was used for another request. Send a new key with new content."
        )
    result: Model = apps.get_model(operation.result_model or "")._default_manager.get(
        pk=operation.result_id
    )
    return result


def was_carried_out(key: IdempotencyKey, name: str) -> bool:
    """Whether the command of this name was carried out under this key, whatever its body was."""
    return Operation.objects.filter(scope=_scope(key, name), key=key.key).exists()


def _scope(key: IdempotencyKey, name: str) -> str:
    """One key may be used for two commands of one route; each claims it for itself."""
    return f"{key.scope}:{name}"
