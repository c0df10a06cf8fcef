"""The commands by which somebody says how they wish to be reminded.

They change channels, quiet hours and language, and leave out what is optional; nothing else.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM, Role
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotFound
from apps.core.overtaken import refuse_overtaken
from apps.notices.messages import LANGUAGES
from apps.notices.models import Notice
from apps.patients.services import lock_patient
from apps.providers import selectors as providers
from apps.reminders.models import Plan, ReminderPreference
from apps.rules.edition import ReminderPolicy
from apps.rules.policy import policy_in_force, programs


@dataclass(frozen=True, slots=True)
class Wishes:
    """How somebody wishes to be reminded; what is empty follows the policy."""

    channels: Sequence[str] = ()
    quiet_from: time | None = None
    quiet_until: time | None = None
    language: str = "en"
    opted_out: Sequence[str] = ()

    @classmethod
    def of(cls, said: ReminderPreference) -> "Wishes":
        """What is on record."""
        return cls(**{each.name: getattr(said, each.name) for each in fields(cls)})


@command(by=PRESCRIBING | PROGRAM | {Role.PATIENT})
def set_patient_preferences(
    run: Run, *, patient_id: UUID, wishes: Wishes, seen: str = ""
) -> ReminderPreference:
    """Record how a patient, or whoever speaks for them, wishes to be reminded (§12).

    Raises NotFound for a patient whom the actor may not see, InvalidRequest for a wish that cannot
    be granted, Overtaken where other wishes stand than the mark `seen` tells.
    """
    patient = lock_patient(run, patient_id)
    said = _set(run, ReminderPreference(pk=patient.pk, patient=patient), wishes, seen)
    audit.record(run, "reminder_preferences_set", subject=said, patient_id=patient.pk)
    return said


@command(by=PRESCRIBING | PROGRAM)
def set_prescriber_preferences(
    run: Run, *, prescriber_id: UUID, wishes: Wishes, seen: str = ""
) -> ReminderPreference:
    """Record how a prescriber wishes to be reminded (§12); their patients' plans follow.

    `seen` as for a patient's.
    """
    visible = providers.prescribers_visible_to(run.actor)
    if run.actor.role in PRESCRIBING:
        visible = visible.filter(pk=run.actor.own_prescriber)
    prescriber = visible.filter(pk=prescriber_id).first()
    if prescriber is None:
        raise NotFound("There is no such prescriber whose preferences you may set.")
    run.read_clock()
    said = _set(run, ReminderPreference(pk=prescriber.pk, prescriber=prescriber), wishes, seen)
    _plan_anew(run, Q(patient__prescriber=prescriber))
    audit.record(run, "reminder_preferences_set", subject=said)
    return said


@command(by=PROGRAM | {Role.REPRESENTATIVE})
def set_pharmacy_preferences(
    run: Run, *, pharmacy_id: UUID, wishes: Wishes, seen: str = ""
) -> ReminderPreference:
    """Record how a pharmacy wishes to be reminded (§12); `seen` as for a patient's."""
    pharmacy = providers.pharmacies_visible_to(run.actor).filter(pk=pharmacy_id).first()
    if pharmacy is None:
        raise NotFound("There is no such pharmacy whose preferences you may set.")
    run.read_clock()
    said = _set(run, ReminderPreference(pk=pharmacy.pk, pharmacy=pharmacy), wishes, seen)
    _plan_anew(run, Q(pharmacy=pharmacy))
    audit.record(run, "reminder_preferences_set", subject=said)
    return said


def _set(run: Run, new: ReminderPreference, wishes: Wishes, seen: str) -> ReminderPreference:
    """Make or change the one row of an owner."""
    stands = ReminderPreference.objects.select_for_update().filter(pk=new.pk).first()
    refuse_overtaken(seen, asdict(Wishes.of(stands or new)))
    _check(wishes, policy_in_force(programs()[0], run.now).reminders)
    said = {
        "channels": list(wishes.channels),
        "quiet_from": wishes.quiet_from,
        "quiet_until": wishes.quiet_until,
        "language": wishes.language,
        "opted_out": sorted(wishes.opted_out),
        "set_at": run.now,
    }
    owner = {name: getattr(new, name) for name in ("patient", "prescriber", "pharmacy")}
    kept, _ = ReminderPreference.objects.update_or_create(
        pk=new.pk, defaults=said, create_defaults={**said, **owner}
    )
    return kept


def _check(wishes: Wishes, policy: ReminderPolicy) -> None:
    """Raise InvalidRequest for what cannot be granted, all of it at once."""
    wrong = {}
    if unknown := set(wishes.channels) - set(Notice.Channel.values):
        wrong["channels"] = f"There is no such channel: {', '.join(sorted(unknown))}."
    elif len(set(wishes.channels)) < len(wishes.channels):
        wrong["channels"] = "Name each channel once."
    if wishes.language not in LANGUAGES:
        wrong["language"] = f"Choose one of {', '.join(LANGUAGES)}."
    if needed := set(wishes.opted_out) - policy.optional:
        wrong["opted_out"] = f"Everybody is reminded of this: {', '.join(sorted(needed))}."
    wrong |= _quiet_hours(wishes, policy)
    if wrong:
        raise InvalidRequest("This cannot be done.", wrong)


def _quiet_hours(wishes: Wishes, policy: ReminderPolicy) -> dict[str, str]:
    begins, ends = wishes.quiet_from, wishes.quiet_until
    if begins is None and ends is None:
        return {}
    if begins is None or ends is None:
        return {"quiet_until": _("Give both ends of the quiet hours, or none.")}
    day = datetime(2000, 1, 1, tzinfo=UTC)
    length = datetime.combine(day, ends) - datetime.combine(day, begins)
    length %= timedelta(days=1)
    if not timedelta(0) < length <= timedelta(hours=policy.longest_quiet_hours):
        longest = policy.longest_quiet_hours
        return {
            "quiet_until": _(
                "Quiet hours last some minutes at least and %(longest)s hours at most."
            )
            % {"longest": longest}
        }
    return {}


def _plan_anew(run: Run, whose: Q) -> None:
    """Make plans stale: a planner that has one in hand ends first, then plans it again."""
    Plan.objects.filter(whose).update(replan_at=run.now)
