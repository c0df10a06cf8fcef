"""Every kind of queue item and where its items come from, the gravest first. Reads only."""

from typing import Final

from apps.oversight.queues import evidence, office, parties, patients, sign_ins
from apps.oversight.queues.source import Source

SOURCES: Final[dict[str, Source]] = {
    source.kind: source
    for group in (evidence, patients, parties, office, sign_ins)
    for source in group.SOURCES
}
"""The source of each kind; the policy's [targets] say who owns it and by when, or itself."""
