"""The sweep that seals the trail. One call, nothing else."""

from celery import shared_task

from apps.audit import sealing


@shared_task(name="audit.seal")
def seal() -> int:
    """Seal what is closed; returns how many seals were made."""
    return sealing.seal()
