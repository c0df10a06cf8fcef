"""Numbers that people type: unguessable, and every slip of one character is noticed."""

from itertools import pairwise

import pytest

from apps.core import numbers

KINDS = [numbers.AUTHORIZATION, numbers.CONFIRMATION]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_number_is_valid_and_of_no_other_kind(kind: int) -> None:
    for _ in range(200):
        number = numbers.new_number(kind)
        assert numbers.is_valid(number, kind)
        assert not any(numbers.is_valid(number, other) for other in KINDS if other != kind)


def test_every_single_wrong_character_is_noticed() -> None:
    """L-AUT-6: a number has a check character."""
    number = numbers.new_number(numbers.AUTHORIZATION)
    for place, right in enumerate(number):
        for wrong in numbers.ALPHABET:
            typed = number[:place] + wrong + number[place + 1 :]
            assert numbers.is_valid(typed, numbers.AUTHORIZATION) == (wrong == right)


def test_every_swap_of_two_neighbors_is_noticed() -> None:
    for _ in range(50):
        number = numbers.new_number(numbers.AUTHORIZATION)
        for place, (one, other) in enumerate(pairwise(number)):
            typed = number[:place] + other + one + number[place + 2 :]
            assert numbers.is_valid(typed, numbers.AUTHORIZATION) == (one == other)


def test_numbers_do_not_repeat_themselves() -> None:
    made = {numbers.new_number(numbers.AUTHORIZATION) for _ in range(5000)}
    assert len(made) == 5000


@pytest.mark.parametrize(
    "typed",
    [
        "K7QM-2XRT-9HW4",
        "k7qm2xrt9hw4",
        " K7QM 2XRT 9HW4 ",
        "k7qm-2xrt 9hw4",
        "K7QM–2XRT‑9HW4\u200b",
    ],
)
def test_how_it_is_typed_does_not_matter(typed: str) -> None:
    assert numbers.normalize(typed) == "K7QM2XRT9HW4"


def test_characters_that_are_misread_are_mended() -> None:
    assert numbers.normalize("oOiIlL") == "001111"


def test_a_number_is_read_in_groups() -> None:
    assert numbers.grouped("K7QM2XRT9HW4") == "K7QM-2XRT-9HW4"


@pytest.mark.parametrize("typed", ["", "K7QM", "K7QM2XRT9HW4X", "K7QM2XRT9H\x00W", "ÄÖÜ" * 4])
def test_what_is_no_number_is_never_valid(typed: str) -> None:
    assert not any(numbers.is_valid(numbers.normalize(typed), kind) for kind in KINDS)
