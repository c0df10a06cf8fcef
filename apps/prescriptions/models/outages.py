"""Times in which the program could not be reached, and who checked what was entered afterwards."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.core.models import Operation, Recorded
from apps.core.triggers import Immutable, NoTruncate, Requires, Traced
from apps.rules.policy import editions, programs
from apps.rules.texts import instant_text


class Outage(Recorded):
    """A time in which some part of the program failed; nothing expires unnoticed in it.

    An administrator declares it, and ends it once. It extends no window by itself.
    """

    class Part(models.TextChoices):
        PAGES = "pages", "The pages for people"
        API = "api", "The connection for systems"
        AUTHORIZATIONS = "authorizations", "Requests for authorizations"
        CONFIRMATIONS = "confirmations", "Checks, confirmations and dispenses"
        EVIDENCE = "evidence", "Entry of tests, surveys and reports"
        NOTICES = "notices", "Messages and reminders"

    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    parts = ArrayField(models.CharField(max_length=20, choices=Part))
    description = models.CharField(max_length=1000, help_text="What could not be done, by whom.")
    ending_operation = models.ForeignKey(
        Operation, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(description=""), name="outage_is_described"),
            models.CheckConstraint(
                condition=Q(parts__len__gte=1)
                & Q(
                    parts__contained_by=[
                        "pages",
                        "api",
                        "authorizations",
                        "confirmations",
                        "evidence",
                        "notices",
                    ]
                ),
                name="outage_parts_are_known",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("from_at")), name="outage_recorded_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True, ending_operation__isnull=True)
                | Q(
                    until_at__isnull=False,
                    until_at__gt=F("from_at"),
                    ending_operation__isnull=False,
                ),
                name="outage_end_is_whole",
            ),
        ]
        triggers: ClassVar = [
            Immutable(closing=("until_at", "ending_operation_id")),
            NoTruncate(),
            Traced(),
        ]

    def __str__(self) -> str:
        calendar = editions(programs()[0])[-1].calendar
        return f"Outage from {instant_text(self.from_at, calendar)}"


class OutageCheck(Recorded):
    """A second person compared one entry of an outage with the paper that it came from."""

    outage = models.ForeignKey(Outage, on_delete=models.PROTECT, related_name="checks")
    subject_model = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    entered_by_id = models.UUIDField(null=True, help_text="Null: a system entered it.")
    checked_by_id = models.UUIDField()
    note = models.CharField(max_length=1000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["outage", "subject_model", "subject_id"], name="outage_entry_checked_once"
            ),
            models.CheckConstraint(
                condition=Q(entered_by_id__isnull=True) | ~Q(entered_by_id=F("checked_by_id")),
                name="outage_entry_checked_by_another",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="outage_check_has_note"),
        ]
        triggers: ClassVar = [
            Immutable(),
            NoTruncate(),
            Traced(),
            Requires(
                name="checker_is_who_did_it",
                holds="""EXISTS (SELECT FROM core_operation o
                    WHERE o.id = NEW.operation_id AND o.actor_kind = 'person'
                        AND o.actor_id = NEW.checked_by_id)""",
            ),
        ]

    def __str__(self) -> str:
        return f"Check of {self.subject_model}"
