"""The one way in which a row that turned out to be a mistake is withdrawn: once, with a reason."""

from apps.core.command import Run
from apps.core.errors import Conflict
from apps.core.models import Correctable


def write_withdrawal(run: Run, entry: Correctable, cause: str) -> None:
    """Withdraw a row inside a command, as of its instant. Raises Conflict for one that is."""
    if entry.withdrawn_at is not None:
        raise Conflict("This entry is withdrawn already.")
    entry.withdrawn_at, entry.withdrawal_reason = run.now, cause
    entry.withdrawal_operation_id = run.operation_id
    entry.save(update_fields=["withdrawn_at", "withdrawal_reason", "withdrawal_operation"])
