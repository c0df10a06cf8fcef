"""The program's texts of next year: every sentence in other words, every text of a new version."""

import re
import shutil
from pathlib import Path
from typing import Final

from apps.rules.documents import DIRECTORY, EARLIER
from apps.rules.policy import POLICY_DIRECTORY

NEXT: Final = "2027-01"
VERSION = re.compile(r'^(version = ".*)-20\d\d-\d\d"$', re.MULTILINE)
SENTENCE = re.compile(r'(text = "|^(?!version|title|language)\w+ = ")', re.MULTILINE)


def write_texts(folder: Path, *, version: str | None = NEXT, words: str = "Anew: ") -> Path:
    """The policies' folder of a copy, beside texts that begin with `words`; None: old versions."""
    shutil.copytree(POLICY_DIRECTORY, folder / "policies")
    shutil.copytree(DIRECTORY, folder / "documents")
    present = (each for each in (folder / "documents").rglob("*.toml") if EARLIER not in each.parts)
    for file in present:
        text = SENTENCE.sub(rf"\g<1>{words}", file.read_text(encoding="utf-8"))
        if version is not None:
            text = VERSION.sub(rf'\g<1>-{version}"', text)
        file.write_text(text, encoding="utf-8")
    return folder / "policies"
