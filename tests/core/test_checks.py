"""What every command refuses as no reason, and as no line of text."""

import pytest

from apps.core.checks import one_line, required_reason
from apps.core.errors import InvalidRequest


@pytest.mark.parametrize(
    "text",
    [
        *("", " \n", "\u200b", "\u2060", "\ufeff \u00ad", "\u202e", "\u200d\u200c", "\u00a0"),
        # Fillers that are letters by name, Braille without a dot, marks without a letter.
        *("\u2800\u3164", "\u115f\u1160", "\uffa0", "\ufe0f", "\u0301"),
    ],
)
def test_what_nobody_can_see_is_no_reason(text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        required_reason(text)
    assert set(refusal.value.fields) == {"reason"}


@pytest.mark.parametrize("text", ["Lost", " Lost ", "می‌خواهم", "x\u200b", "?"])
def test_what_can_be_read_is_a_reason(text: str) -> None:
    assert required_reason(text) == text.strip()


@pytest.mark.parametrize("text", ["a\nb", "a\u202eb", "a\u200bb", "a\u2028b"])
def test_what_is_not_there_as_it_is_seen_is_no_line(text: str) -> None:
    with pytest.raises(InvalidRequest):
        one_line(carrier=text)


@pytest.mark.parametrize("text", ["\u200d", "\u2800", "\u3164 \u3164", "\u034f"])
def test_what_nobody_can_read_is_no_line(text: str) -> None:
    """A lot number or a carrier that is required would be there, and nobody could name it."""
    with pytest.raises(InvalidRequest) as refusal:
        one_line(lot_number=text, carrier="UPS")
    assert set(refusal.value.fields) == {"lot_number"}


@pytest.mark.parametrize("text", ["", " ", "LOT-1", "ñ", "می\u200cخواهم"])
def test_blanks_and_letters_pass_as_a_line(text: str) -> None:
    one_line(lot_number=text)
