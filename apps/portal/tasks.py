"""The sweep that makes copies of complete records. One service call, nothing else.

One copy a run: so each has the whole time limit of a task for itself.
"""

from collections.abc import Mapping
from dataclasses import replace

from apps.core.sweeps import sweep
from apps.oversight.services import copying
from apps.papers import inspection
from apps.portal.printing import printing


@sweep("portal.make_record_copy")
def make_record_copy() -> int:
    """Make the copy that waits longest; returns how many were made."""
    return copying.make_next(lay_out)


def lay_out(order: copying.Order) -> Mapping[str, bytes]:
    """A record as both files, printed as of the moment in which it was read."""
    printed = replace(printing(), at=order.read_at)
    return {
        "pdf": inspection.as_pdf(
            order.record, why=order.why, printing=printed, row_done=order.row_done
        ),
        "json": inspection.as_json(order.record, why=order.why, printing=printed),
    }
