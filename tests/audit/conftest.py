"""The program with a row of every kind, and its people at the pages: as in the office's tests."""

from tests.backoffice.conftest import filled, filled_once, sign_in, signs

__all__ = ["filled", "filled_once", "sign_in", "signs"]
