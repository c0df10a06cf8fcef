"""How a life is declared: who lives it, what it shows today, and the events that lead there."""

from collections.abc import Callable
from dataclasses import dataclass

from apps.simulation.life import Life
from apps.simulation.patient import Person

Events = Callable[[Life], None]


@dataclass(frozen=True, slots=True)
class LifeStory:
    """One life. `unmet`: the rules that stand against an authorization today, none when empty."""

    person: Person
    shows: str
    unmet: tuple[str, ...]
    tell: Events


def life(person: Person, *, shows: str, unmet: str = "") -> Callable[[Events], LifeStory]:
    """Declare a life; the function beneath tells its events."""

    def declare(tell: Events) -> LifeStory:
        return LifeStory(person=person, shows=shows, unmet=tuple(unmet.split()), tell=tell)

    return declare
