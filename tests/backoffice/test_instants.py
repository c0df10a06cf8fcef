"""What the office types is the program's time; an hour that is not one is asked for again."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from apps.backoffice.instants import InstantField


def test_an_instant_is_typed_in_the_programs_zone() -> None:
    field = InstantField(required=False)
    assert "New York" in field.help_text
    assert field.clean(["2026-01-05", "14:05"]) == datetime(2026, 1, 5, 19, 5, tzinfo=UTC)
    assert field.clean(["2026-07-05", "14:05"]) == datetime(2026, 7, 5, 18, 5, tzinfo=UTC)
    assert field.clean(["", ""]) is None
    for typed in (["2026-11-01", "01:30"], ["2026-03-08", "02:30"], ["2026-07-05", ""]):
        with pytest.raises(ValidationError):
            field.clean(typed)
