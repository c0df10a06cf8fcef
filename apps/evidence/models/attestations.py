"""What a patient attests and is told: contraception, obligations, counseling, health status."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import localtime

from apps.evidence.models.base import Withdrawable, of_the_same_patient


class ContraceptionAttestation(Withdrawable):
    """What contraception is used, since when, and whether there was a lapse (L-CON-1 to 4)."""

    attested_at = models.DateTimeField()
    abstinence = models.BooleanField(help_text="No sex with a male partner.")
    methods = ArrayField(models.CharField(max_length=30), default=list)
    in_use_since = models.DateField(null=True)
    lapse = models.BooleanField()
    survey = models.ForeignKey(
        "evidence.PatientSurvey",
        null=True,
        on_delete=models.PROTECT,
        related_name="lapses",
        help_text="Whose answers told of the lapse, if a survey did.",
    )

    class Meta(Withdrawable.Meta):
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("attested_at")),
                name="contraception_instants_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "attested_at"], name="contraception_of")
        ]
        triggers: ClassVar = [*Withdrawable.Meta.triggers, of_the_same_patient("survey")]

    def __str__(self) -> str:
        return f"Contraception attested {localtime(self.attested_at):%-d %B %Y}"


class ObligationsAttestation(Withdrawable):
    """Condom or abstinence, no donation of sperm or blood, no sharing (L-CON-6)."""

    attested_at = models.DateTimeField()
    condom = models.BooleanField()
    abstinence = models.BooleanField()
    no_sperm_donation = models.BooleanField()
    no_blood_donation = models.BooleanField()
    no_sharing = models.BooleanField()

    class Meta(Withdrawable.Meta):
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("attested_at")), name="obligations_instants_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"Obligations attested {localtime(self.attested_at):%-d %B %Y}"


class Counseling(Withdrawable):
    """Counseling given by the prescriber for one supply (L-SUR-4)."""

    program = models.CharField(max_length=40)
    given_at = models.DateTimeField()
    topics = ArrayField(models.CharField(max_length=40), default=list)

    class Meta(Withdrawable.Meta):
        verbose_name_plural = "counseling"
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("given_at")), name="counseling_instants_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"Counseling {localtime(self.given_at):%-d %B %Y}"


class HealthStatus(Withdrawable):
    """Cycle, breastfeeding and what the advisories look at; the latest one holds (L-CON-7, §11)."""

    class Cycle(models.TextChoices):
        REGULAR = "regular", "Regular"
        IRREGULAR = "irregular", "Irregular"
        NONE = "none", "None"

    cycle = models.CharField(max_length=9, choices=Cycle, blank=True)
    breastfeeding = models.BooleanField()
    advisory_flags = ArrayField(models.CharField(max_length=40), default=list)

    class Meta(Withdrawable.Meta):
        verbose_name_plural = "health statuses"
        constraints: ClassVar = [
            *Withdrawable.Meta.constraints,
            models.CheckConstraint(
                condition=Q(cycle__in=["", "regular", "irregular", "none"]),
                name="health_cycle_is_known",
            ),
            models.UniqueConstraint(
                fields=["patient", "recorded_at"], name="health_one_at_an_instant"
            ),
        ]

    def __str__(self) -> str:
        return f"Health status {localtime(self.recorded_at):%-d %B %Y}"
