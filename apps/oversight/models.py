"""Who in the program works on what. What waits is read from the records themselves, never here."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.models import Recorded
from apps.core.triggers import Immutable, NoTruncate, Traced
from apps.rules.targets import OFFICE_KINDS, TARGET_KINDS

# Every other kind ends with its record: resolved, closed, decided, certified.
SETTLED_BY_HAND = ["undeliverable_notice", "failed_sign_ins"]


class Assignment(Recorded):
    """A queue item was given to a person, or (without one) back to everybody; the latest holds.

    The subject is named as the trail names it, by model label and id, without a foreign key: items
    of every kind can be assigned.
    """

    kind = models.CharField(max_length=40, help_text="A kind of queue item of the policy.")
    subject_model = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="assignments",
        help_text="Nobody: given back to the queue.",
    )
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=TARGET_KINDS + OFFICE_KINDS), name="assignment_kind"
            ),
            models.CheckConstraint(
                condition=~Q(subject_model="") & ~Q(subject_id=""), name="assignment_has_subject"
            ),
            models.UniqueConstraint(
                fields=["kind", "subject_id", "recorded_at"], name="assignment_one_at_an_instant"
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.kind} assigned to {self.assignee or 'nobody'}"


class Settlement(Recorded):
    """An item that nothing else ends was dealt with by hand: once, and how.

    For a message that reached nobody: how the person was told instead. For failed sign-ins: who it
    was; the id then bears the instant of the lock-out as well, since another one is another item.
    """

    kind = models.CharField(max_length=40, help_text="A kind of queue item of the policy.")
    subject_model = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    note = models.CharField(max_length=1000)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=SETTLED_BY_HAND), name="settlement_kind_has_no_other_end"
            ),
            models.CheckConstraint(
                condition=~Q(subject_model="") & ~Q(subject_id=""), name="settlement_has_subject"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="settlement_has_note"),
            models.UniqueConstraint(
                fields=["kind", "subject_id"], name="settlement_of_an_item_is_one"
            ),
        ]
        triggers: ClassVar = [Immutable(), NoTruncate(), Traced()]

    def __str__(self) -> str:
        return f"{self.kind} settled"
