"""The steps of the ladder for what a patient owes: who is told, when, at which address.

Pure: the policy's reminder data applied to the rules' obligations. It neither reads nor writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.patients.models import Patient
from apps.providers import selectors as providers
from apps.rules.calendar import date_of
from apps.rules.edition import Policy, ReminderPolicy, ReminderStep
from apps.rules.obligation import Obligation

RUNGS = ("patient", "prescriber", "staff")


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder that should be or have been sent, to one recipient.

    `key` names it for good; `obligation_key` the obligation that it tells of. `at` is when it is
    meant for, `awake_at` the first instant from then on outside the recipient's quiet hours.
    """

    key: str
    obligation_key: str
    at: datetime
    awake_at: datetime
    recipient: Recipient
    notice: Notice


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps for one patient in one program, as seen at `now`."""

    policy: Policy
    patient: Patient
    staff: Sequence[Recipient]
    now: datetime

    def steps(self, obligations: Sequence[Obligation]) -> Iterator[Step]:
        """Every step of every obligation, whether its time has come or not."""
        for obligation in obligations:
            for rung in self.policy.reminders.steps[obligation.kind]:
                at = _instant(obligation, rung)
                if at is None or Notice.Channel.EMAIL not in rung.channels:
                    continue
                name = f"{rung.to}:{rung.relative_to}{rung.hours:+d}"
                for recipient in self._recipients(rung.to):
                    yield self._step(obligation, name, at, recipient)

    def _recipients(self, rung: str) -> Sequence[Recipient]:
        """Those on a rung; where nobody there has an address, those on the next one."""
        for each in RUNGS[RUNGS.index(rung) :]:
            reachable = [recipient for recipient in self._on(each) if recipient.address]
            if reachable:
                return reachable
        return ()

    def _on(self, rung: str) -> Sequence[Recipient]:
        if rung == "patient":
            kind = Notice.RecipientKind.PATIENT
            return [Recipient(kind, self.patient.pk, self.patient.email)]
        if rung == "prescriber":
            return [providers.prescriber_recipient(self.patient.prescriber)]
        return self.staff

    def _step(self, obligation: Obligation, name: str, at: datetime, recipient: Recipient) -> Step:
        about = obligation_key(self.patient, self.policy, obligation)
        key = f"{about}:{name}:{recipient.id}"
        zone = zone_of(recipient.kind, self.patient, self.policy)
        quiet = self.policy.reminders
        notice = Notice(
            key=key,
            purpose=Notice.Purpose.REMINDER,
            template=f"reminder_to_{recipient.kind}",
            patient_id=self.patient.pk,
            recipient_kind=recipient.kind,
            recipient_id=recipient.id,
            address=recipient.address,
            params=self._params(obligation),
            due_at=awake(max(at, self.now), zone, quiet),
            created_at=self.now,
        )
        return Step(key, about, at, awake(at, zone, quiet), recipient, notice)

    def _params(self, obligation: Obligation) -> dict[str, str]:
        params = {"program": self.policy.program, "obligation": obligation.kind}
        until_at = obligation.due_at or obligation.closes_at
        if until_at is not None:
            until_on = date_of(self.policy.calendar.day(until_at))
            params["until_on"] = until_on.isoformat()
        return params


def obligation_key(patient: Patient, policy: Policy, obligation: Obligation) -> str:
    """What names an obligation for good: patient, program, kind and occurrence."""
    return f"reminder:{patient.pk}:{policy.program}:{obligation.kind}:{obligation.anchor}"


def awake(at: datetime, zone: tzinfo, policy: ReminderPolicy) -> datetime:
    """The first instant from `at` on that lies outside the quiet hours of a zone."""
    local = at.astimezone(zone)
    begins, ends = policy.quiet_from, policy.quiet_until
    time = local.time()
    over_midnight = begins > ends
    is_late, is_early = time >= begins, time < ends
    is_quiet = (is_late or is_early) if over_midnight else (is_late and is_early)
    if not is_quiet:
        return at
    on = local.date() + timedelta(days=1 if over_midnight and is_late else 0)
    return datetime.combine(on, ends, zone).astimezone(UTC)


def zone_of(kind: str, patient: Patient, policy: Policy) -> tzinfo:
    """The recipient's zone: the patient's own; for all others the program's."""
    if kind == Notice.RecipientKind.PATIENT:
        try:
            return ZoneInfo(patient.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            # No misspelled zone is worth a lost reminder.
            return policy.calendar.zone
    return policy.calendar.zone


def _instant(obligation: Obligation, rung: ReminderStep) -> datetime | None:
    """When a rung is meant for; None where the obligation has no such instant."""
    base = {
        "opens": obligation.opens_at,
        "due": obligation.due_at,
        "closes": obligation.closes_at,
    }[rung.relative_to]
    return None if base is None else base + timedelta(hours=rung.hours)
