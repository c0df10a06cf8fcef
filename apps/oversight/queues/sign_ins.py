"""Accounts that were kept out after too many failed sign-ins, until somebody finds out who it was.

That the person signed in since ends nothing: it may have been somebody else.
"""

from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.fields import CharField, DateTimeField
from django.db.models.functions import Cast, Coalesce

from apps.accounts.models import User
from apps.audit.models import Event
from apps.oversight.models import Settlement
from apps.oversight.queues.source import Source, office_target
from apps.rules.policy import Policy
from apps.rules.targets import Target

KIND: Final = "failed_sign_ins"
LOCKED_OUT, SIGNED_IN = "sign_in_locked_out", "signed_in"
BEFORE_ALL: Final = datetime(2000, 1, 1, tzinfo=UTC)


def _locked_out(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Accounts with a lock-out after the last one that was settled, from the first such one on."""
    of_accounts = Event.objects.filter(subject_model=User._meta.label_lower)
    locked = of_accounts.filter(code=LOCKED_OUT)
    settled = Settlement.objects.filter(kind=KIND, subject_id__startswith=OuterRef("text_id"))
    since = locked.filter(subject_id=OuterRef("text_id"), occurred_at__gt=OuterRef("settled_at"))
    entered = of_accounts.filter(
        code=SIGNED_IN, subject_id=OuterRef("text_id"), occurred_at__gt=OuterRef("locked_at")
    )
    return (
        User.objects.annotate(text_id=Cast("pk", CharField()))
        .filter(text_id__in=locked.values("subject_id"))
        .annotate(
            settled_at=Coalesce(
                Subquery(settled.order_by("-recorded_at").values("recorded_at")[:1]),
                Value(BEFORE_ALL, output_field=DateTimeField()),
            )
        )
        .annotate(locked_at=Subquery(since.order_by("occurred_at").values("occurred_at")[:1]))
        .filter(locked_at__isnull=False)
        .annotate(signed_in_since=Exists(entered))
    )


def _describe(user: Any, _policy: Policy) -> str:
    since = "signed in since" if user.signed_in_since else "has not signed in since"
    return f"{user}: kept out after too many failed sign-ins, {since}"


def _settled_as(user: Any) -> str:
    """The account, and which lock-out of it."""
    return f"{user.pk}@{user.locked_at.timestamp():.0f}"


def _target() -> Target:
    return office_target(KIND, owner="administrator", hours=settings.SIGN_IN_REVIEW_HOURS)


SOURCES = (
    Source(
        kind=KIND,
        title="Failed sign-ins",
        task=(
            "Call the person on the number that the program knows. Was it they? The lock ends by "
            "itself, or at once with a new password, which they choose by e-mail at the sign-in. "
            "Was it not? Let them begin anew: that ends their sign-ins. Then settle it."
        ),
        model=User,
        waiting=_locked_out,
        since="locked_at",
        patient=None,
        describe=_describe,
        target=_target,
        settled_as=_settled_as,
    ),
)
