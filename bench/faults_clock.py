"""A machine's clock that is stepped while its processes run. Never deployed.

The file that CLOCK_STEP names holds the seconds; every process that loads this module sees its
whole clock (`time.time`, `datetime.now`) moved by as much from its next request or task on. The
database's clock stays right.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from celery.signals import task_prerun

CLOCK_STEP = "CLOCK_STEP"


class Clock:
    """This process's clock."""

    def __init__(self) -> None:
        self._moved: time_machine.travel | None = None

    def follow(self, **_: Any) -> None:
        """Move the clock, or put it right, as the file says."""
        file = Path(os.environ[CLOCK_STEP])
        if file.exists() and self._moved is None:
            seconds = float(file.read_text())
            moved = datetime.fromtimestamp(time.time(), UTC) + timedelta(seconds=seconds)
            self._moved = time_machine.travel(moved, tick=True)
            self._moved.start()
        elif not file.exists() and self._moved is not None:
            self._moved.stop()
            self._moved = None


clock = Clock()
# A worker loads this module with `--include`; a web process by bench/faults_wsgi.py.
task_prerun.connect(clock.follow, weak=False)
