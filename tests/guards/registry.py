"""A prescriber of another registry, for the world of the guards."""

import tempfile
from pathlib import Path

from apps.importing.services import import_all
from tests import builders
from tests.importing.files import PRESCRIBER, write


def take_in(cast: builders.Cast) -> None:
    """Make a row by the real command."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), {"prescribers": [PRESCRIBER], "patients": []})
        for outcome in import_all(cast.administrator, Path(folder), "guards", rehearse=False):
            assert not outcome.problems
