"""The lives of the demo's patients: one short function each, in events relative to today."""

from apps.simulation.lives.beside import BESIDE
from apps.simulation.lives.off_path import OFF_PATH
from apps.simulation.lives.starting import STARTING
from apps.simulation.lives.stopped import STOPPED
from apps.simulation.lives.telling import LifeStory
from apps.simulation.lives.treated import TREATED

LIVES: tuple[LifeStory, ...] = (*STARTING, *TREATED, *STOPPED, *OFF_PATH, *BESIDE)

__all__ = ["LIVES", "LifeStory"]
