"""The sweep that removes the files of copies whose day is over. One call, nothing else."""

from apps.core.sweeps import sweep
from apps.oversight.services import copying


@sweep("oversight.empty_record_copies")
def empty_record_copies() -> int:
    """Empty what nobody can fetch any more; returns how many copies."""
    return copying.empty_old()
