"""The follow-up of pregnancies as policy data: what it must say, and what is refused (L-PRG-2)."""

from pathlib import Path

import pytest

from apps.rules.policy import POLICY_DIRECTORY, PolicyFileError
from apps.rules.policy_file import load_policy_file

TEXT = (POLICY_DIRECTORY / "lenalidomide.toml").read_text()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[follow_up]\n", "[afterwards]\n", "follow_up"),
        ("report_days = {", "reporting_days = {", "report_days"),
        ('value = 266, unit = "days"', 'value = 9, unit = "months"', "unit"),
        ('relative_to = "conceived"', 'relative_to = "wedding"', "relative_to"),
        ('kind = "one_year"', 'kind = "birth"', "named twice"),
        ('title = "Outcome of the birth"\n', "", "title"),
        ("days = 365", 'days = "365"', "days"),
    ],
)
def test_a_follow_up_that_is_not_whole_is_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in TEXT
    path = tmp_path / "edition.toml"
    path.write_text(TEXT.replace(before, after, 1))
    with pytest.raises(PolicyFileError, match=message):
        load_policy_file(path)
