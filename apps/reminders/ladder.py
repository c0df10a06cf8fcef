"""The steps of the ladder for what is owed: who is told, when, through which channel.

Pure: the policy's reminder data applied to the rules' obligations. It neither reads nor writes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from apps.notices.models import Notice
from apps.reminders.contacts import LADDERS, Contact, Used, Way
from apps.reminders.quiet import QuietHours, awake, zone_named
from apps.rules.calendar import date_of
from apps.rules.edition import Policy, ReminderStep
from apps.rules.obligation import Obligation

Rungs = Mapping[str, Sequence[Contact]]
Failed = Mapping[str, Used]


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
    contact: Contact
    notice: Notice


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose plan it is: a patient or a pharmacy, and who stands on each rung for them.

    `failed`: by the key of a step, the ways on which it did not arrive.
    """

    kind: Notice.RecipientKind
    id: UUID
    rungs: Rungs
    failed: Failed = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps for one owner in one program, as seen at `now`.

    `began_at`: when a patient was enrolled in the program.
    """

    owner: Owner
    policy: Policy
    now: datetime
    began_at: datetime | None = None

    def steps(self, obligations: Sequence[Obligation]) -> list[Step]:
        """Every step of every obligation, whether its time has come or not."""
        found = [step for each in obligations for step in self._steps(each)]
        return found if self.began_at is None else self._after_grace(found, self.began_at)

    def _steps(self, obligation: Obligation) -> Iterator[Step]:
        for rung in self.policy.reminders.steps[obligation.kind]:
            at = _instant(obligation, rung)
            if at is None:
                continue
            for contact, way in self._reached(obligation, rung):
                yield self._step(obligation, rung, at, contact, way)

    def _reached(self, obligation: Obligation, rung: ReminderStep) -> Iterator[tuple[Contact, Way]]:
        """Those on a rung who can be reached; where nobody there can, those on the next one.

        Who opted out of what is optional is not told, nor is anybody in their stead.
        """
        ladder = LADDERS[self.owner.kind]
        start = ladder.index(rung.to) if rung.to in ladder else len(ladder)
        for each in ladder[start:]:
            standing = self.owner.rungs.get(each, ())
            willing = [
                contact
                for contact in standing
                if contact.wants(obligation.kind, self.policy.reminders.optional)
            ]
            if standing and not willing:
                return
            ways = [(contact, self._way(obligation, rung, contact)) for contact in willing]
            reached = [(contact, way) for contact, way in ways if way is not None]
            if reached:
                yield from reached
                return

    def _way(self, obligation: Obligation, rung: ReminderStep, contact: Contact) -> Way | None:
        key = self._key(obligation, rung, contact)
        return contact.way(rung.channels, self.owner.failed.get(key, ()))

    def _key(self, obligation: Obligation, rung: ReminderStep, contact: Contact) -> str:
        about = obligation_key(self.owner.id, self.policy, obligation)
        return f"{about}:{rung.to}:{rung.relative_to}{rung.hours:+d}:{contact.recipient.id}"

    def _step(
        self, obligation: Obligation, rung: ReminderStep, at: datetime, contact: Contact, way: Way
    ) -> Step:
        is_patients = self.owner.kind == Notice.RecipientKind.PATIENT
        notice = Notice(
            key=self._key(obligation, rung, contact),
            purpose=Notice.Purpose.REMINDER,
            template=f"reminder_to_{contact.kind}",
            patient_id=self.owner.id if is_patients else None,
            pharmacy_id=None if is_patients else self.owner.id,
            recipient_kind=contact.kind,
            recipient_id=contact.recipient.id,
            address=way.address,
            channel=way.channel,
            passed_over=way.passed_over,
            language=contact.language,
            params=self._params(obligation),
            created_at=self.now,
        )
        about = obligation_key(self.owner.id, self.policy, obligation)
        return self._timed(Step(notice.key, about, at, at, contact, notice), at)

    def _timed(self, step: Step, at: datetime) -> Step:
        """The step, meant for another instant."""
        step.notice.due_at = awake_for(step.contact, max(at, self.now), self.policy)
        return replace(step, at=at, awake_at=awake_for(step.contact, at, self.policy))

    def _after_grace(self, steps: Iterable[Step], began_at: datetime) -> list[Step]:
        """Leave a patient alone right after the enrollment, then tell of one thing at a time.

        What was just entered is not asked for in the same hour. Of one obligation's steps that
        fall into the grace the last goes out; the obligations follow each other, most urgent first.
        """
        grace = timedelta(hours=self.policy.reminders.grace_hours)
        ends_at = began_at + grace
        every = list(steps)
        early = [
            step
            for step in every
            if step.contact.kind == Notice.RecipientKind.PATIENT and step.at < ends_at
        ]
        kept = [step for step in every if step not in early]
        last = [
            max(of_one, key=lambda step: step.at)
            for _, of_one in groupby(early, key=lambda step: step.obligation_key)
        ]
        last.sort(key=lambda step: (step.notice.params.get("until_on", "9999"), step.key))
        return [
            *(self._timed(step, ends_at + grace * turn) for turn, step in enumerate(last)),
            *kept,
        ]

    def _params(self, obligation: Obligation) -> dict[str, str]:
        params = {"program": self.policy.program, "obligation": obligation.kind}
        until_at = obligation.due_at or obligation.closes_at
        if until_at is not None:
            until_on = date_of(self.policy.calendar.day(until_at))
            params["until_on"] = until_on.isoformat()
        return params


def awake_for(contact: Contact, at: datetime, policy: Policy) -> datetime:
    """The first instant from `at` on at which a recipient is not to be left in peace."""
    zone = zone_named(contact.time_zone, policy.calendar.zone)
    return awake(at, zone, quiet_hours(contact, policy))


def quiet_hours(contact: Contact, policy: Policy) -> QuietHours:
    """The recipient's own quiet hours, else the policy's."""
    wishes = contact.wishes
    if wishes is None or wishes.quiet_from is None or wishes.quiet_until is None:
        return policy.reminders
    return replace(policy.reminders, quiet_from=wishes.quiet_from, quiet_until=wishes.quiet_until)


def obligation_key(owner: UUID, policy: Policy, obligation: Obligation) -> str:
    """What names an obligation for good: whose it is, program, kind and occurrence."""
    return f"reminder:{owner}:{policy.program}:{obligation.kind}:{obligation.anchor}"


def overtaken(steps: Collection[Step], now: datetime) -> set[str]:
    """The keys of steps by which somebody would learn of one obligation twice in one moment.

    Of several steps whose time had passed before they could be planned, the last one goes out.
    """
    latest: dict[tuple[str, UUID | None], datetime] = {}
    for step in steps:
        if step.at <= now:
            about = (step.obligation_key, step.contact.recipient.id)
            latest[about] = max(step.at, latest.get(about, step.at))
    return {
        step.key
        for step in steps
        if step.at < latest.get((step.obligation_key, step.contact.recipient.id), step.at)
        and step.at <= now
    }


def _instant(obligation: Obligation, rung: ReminderStep) -> datetime | None:
    """When a rung is meant for; None where the obligation has no such instant."""
    base = {
        "opens": obligation.opens_at,
        "due": obligation.due_at,
        "closes": obligation.closes_at,
    }[rung.relative_to]
    return None if base is None else base + timedelta(hours=rung.hours)
