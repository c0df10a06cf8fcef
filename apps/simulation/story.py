"""Tells a story: events in order of time, each on the virtual clock. Knows nothing of who or what.

Events are planned while lives are written down and happen only when the story is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from apps.core import clock
from apps.rules.calendar import Calendar
from apps.simulation.moments import Moment, Today

Act = Callable[[], object]
"""What happens at an event: a command, or a few."""


class StoryError(Exception):
    """The story does not go as it is written: the program answered otherwise."""


@dataclass(slots=True)
class Story:
    """A plan of events that end today."""

    today: Today
    events: list[tuple[datetime, int, Act]] = field(default_factory=list)

    def plan(self, moment: Moment, act: Act) -> None:
        """Let `act` happen at `moment`. Raises StoryError for a moment that has not come yet."""
        at = moment(self.today).astimezone(UTC)
        if at > self.today.now:
            raise StoryError(f"{at} has not come yet.")
        # Events of one instant happen in the order in which they were planned.
        self.events.append((at, len(self.events), act))

    def tell(self) -> int:
        """Let everything happen, then let the program's time be real time; how many events."""
        for at, _, act in sorted(self.events, key=lambda event: event[:2]):
            clock.set_demo_time(at)
            act()
        clock.follow_real_time()
        return len(self.events)


def story_ending_at(now: datetime, calendar: Calendar) -> Story:
    """An empty story whose last instant is `now`."""
    return Story(Today(now=now.astimezone(UTC), calendar=calendar))
