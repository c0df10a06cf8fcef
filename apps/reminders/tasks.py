"""The sweeps that plan reminders, send those that are due and list addresses that fail."""

from apps.core.sweeps import sweep
from apps.notices import sweeping
from apps.reminders import addresses, planning, selectors, sending


@sweep("reminders.plan_stale_patients")
def plan_stale_patients() -> int:
    """Plan anew whatever is stale; returns for how many patients."""
    return sweeping.each(selectors.stale_batches(), planning.plan)


@sweep("reminders.sweep_due")
def sweep_due() -> int:
    """Send the reminders that are due and still stand; returns how many left."""
    return sweeping.each(sending.due(limit=sweeping.BATCH), sending.send)


@sweep("reminders.plan_stale_pharmacies")
def plan_stale_pharmacies() -> int:
    """Plan anew whatever is stale; returns for how many pharmacies."""
    return sweeping.each(selectors.stale_batches_of_pharmacies(), planning.plan)


@sweep("reminders.list_failing_addresses")
def list_failing_addresses() -> int:
    """Record the addresses that were refused for good; returns how many."""
    return sweeping.each(addresses.refused(limit=sweeping.BATCH), addresses.record)
