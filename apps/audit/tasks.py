"""The sweep that seals the trail. One call, nothing else."""

from apps.audit import sealing
from apps.core.sweeps import sweep


@sweep("audit.seal")
def seal() -> int:
    """Seal what is closed; returns how many seals were made."""
    return sealing.seal()
