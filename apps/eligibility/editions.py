"""The ledger of policy editions: recording the files, and comparing them with what decided.

An edition that decided anything never changes: this module only finds out, and refuses.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from apps.audit import texts
from apps.audit.models import TextVersion
from apps.core import clock
from apps.eligibility.models import Decision, PolicyEdition
from apps.rules.calendar import date_of
from apps.rules.edition import Policy
from apps.rules.policy import policies


class EditionRefused(Exception):
    """An edition that must not be recorded, or the file of one that decided; says what to do."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the ledger has that it had not before, and what it has no more."""

    added: list[PolicyEdition]
    withdrawn: list[PolicyEdition]
    texts: list[TextVersion]


def record() -> Recorded:
    """Write the served editions that the ledger does not have yet, and their programs' texts.

    Raises EditionRefused, or TextRefused for texts that must not be recorded as they are.
    One whose file is gone, and which decided nothing, is withdrawn: the ledger would say that it
    is in force. Run by the owner of the tables after every migration, before the new files decide.
    """
    now = clock.real_now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {PolicyEdition._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        withdrawn = [_replace(gone, now) for gone in _without_file()]
        added = [
            _add(policy, now)
            for policy in policies().served()
            if not _present().filter(version=policy.version, digest=policy.digest).exists()
        ]
        words = texts.record()
    return Recorded(added, withdrawn, words)


def _without_file() -> list[PolicyEdition]:
    versions = [policy.version for policy in policies().everything()]
    return list(_present().exclude(version__in=versions))


def _present() -> QuerySet[PolicyEdition]:
    return PolicyEdition.objects.filter(replaced_at__isnull=True)


def _add(policy: Policy, now: datetime) -> PolicyEdition:
    if policy.approved_on > date_of(policy.calendar.day(now)):
        raise EditionRefused(
            f"Edition {policy.version} is approved on {policy.approved_on}, which is still to "
            f"come: correct approved_on in {policy.file_name}, or record it on that day."
        )
    recorded = _present().filter(version=policy.version).first()
    if recorded is not None:
        _replace(recorded, now, policy)
    return PolicyEdition.objects.create(
        digest=policy.digest,
        program=policy.program,
        version=policy.version,
        effective_from=policy.effective_from,
        effective_to=policy.effective_to,
        approved_by=policy.approved_by,
        approved_on=policy.approved_on,
        came_into_force_at=max(policy.in_force_from, now),
        recorded_at=now,
    )


def _replace(recorded: PolicyEdition, now: datetime, policy: Policy | None = None) -> PolicyEdition:
    with connection.cursor() as cursor:
        # No decision may slip in between the count and the replacement.
        cursor.execute(f"LOCK TABLE {Decision._meta.db_table} IN SHARE MODE")
    decided = _decisions(recorded)
    if decided:
        raise EditionRefused(_changed(recorded, policy, decided))
    recorded.replaced_at = now
    recorded.save(update_fields=["replaced_at"])
    return recorded


def problems() -> list[str]:
    """What forbids to decide under the files as they are, in sentences; empty when nothing does."""
    recorded = {edition.version: edition for edition in _present()}
    files = {policy.version: policy for policy in policies().everything()}
    found = []
    for version, edition in recorded.items():
        policy = files.get(version)
        if policy is not None and policy.digest == edition.digest:
            continue
        decided = _decisions(edition)
        if decided:
            found.append(_changed(edition, policy, decided))
        elif policy is not None:
            found.append(f"Edition {version} has changed since it was recorded. {texts.RECORD}")
    return found + [
        f"Edition {policy.version} is not recorded. {texts.RECORD}"
        for policy in policies().served()
        if policy.version not in recorded
    ]


def not_read() -> list[str]:
    """The editions in force by the ledger whose files were not there when this process started.

    Until it starts anew it decides under an older one.
    """
    known = {policy.version for policy in policies().everything()}
    begun = _present().filter(
        program__in=policies().programs, came_into_force_at__lte=clock.real_now()
    )
    return [
        f"Edition {edition.version} is in force, and this process has not read its file: "
        "restart web and worker where the file is."
        for edition in begun.order_by("came_into_force_at")
        if edition.version not in known
    ]


def _changed(edition: PolicyEdition, policy: Policy | None, decided: int) -> str:
    if policy is None:
        return (
            f"Edition {edition.version} decided {decided} times, and its file is gone: "
            "bring it back."
        )
    return (
        f"Edition {edition.version} decided {decided} times under another digest "
        f"({edition.digest[:12]}, recorded on {edition.recorded_at.date()}) than that of "
        f"{policy.file_name} now ({policy.digest[:12]}): bring the file back as it was, and add a "
        "new edition instead. The one before needs no `effective_to`: the new one takes over by "
        "its own `effective_from`."
    )


def _decisions(edition: PolicyEdition) -> int:
    return Decision.objects.filter(
        policy_version=edition.version, policy_digest=edition.digest
    ).count()


def refuse_changed_editions() -> None:
    """Raises ImproperlyConfigured where the files and the ledger disagree; for a process's start.

    Without the database nothing can be decided anyway: then the start is not held up.
    """
    try:
        found = [*problems(), *texts.problems()]
    except OperationalError:
        return
    finally:
        connection.close()
    if found:
        raise ImproperlyConfigured(
            "Nothing is decided or signed under these files.\n" + "\n".join(found)
        )
