"""The sweeps that plan reminders and send those that are due. One service call an item."""

from celery import shared_task

from apps.notices import sweeping
from apps.reminders import planning, selectors, sending


@shared_task(name="reminders.plan_stale_patients")
def plan_stale_patients() -> int:
    """Plan anew whatever is stale; returns for how many patients."""
    return sweeping.each(selectors.stale_batches(), planning.plan)


@shared_task(name="reminders.sweep_due")
def sweep_due() -> int:
    """Send the reminders that are due and still stand; returns how many left."""
    return sweeping.each(sending.due(limit=sweeping.BATCH), sending.send)
