"""The sweep that tells of events. One service call a notice, nothing else."""

from apps.core.sweeps import sweep
from apps.notices import sending, sweeping


@sweep("notices.sweep_due")
def sweep_due() -> int:
    """Send what is due; returns how many notices left."""
    return sweeping.each(sending.due(limit=sweeping.BATCH), sending.send)
