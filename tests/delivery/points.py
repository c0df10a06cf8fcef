"""Where a worker can be made to fail, and which of its processes dies there."""

PLANNING = "while planning, before its commit"
BEFORE_CLAIM = "before the claim"
IN_CLAIM = "in the claim, before its commit"
BEFORE_HAND_OVER = "after the claim, before the hand-over"
IN_HAND_OVER = "in the hand-over, which never ends"
AFTER_HAND_OVER = "after the hand-over, before the mark"
AFTER_MARK = "after the mark"
BEFORE_KEEPING = "when a copy of a record is laid out, before it is kept"

WHOLE_WORKER = "the worker with all its processes"
ONE_PROCESS = "the process that does the work"
NOBODY = "nobody: it stops moving"
