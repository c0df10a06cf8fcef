"""What docs/rules.md says of the program's own work, against the code."""

import pytest

from tests.rules.test_rules_page import ROOT, file_of, functions_of, names, table

ROWS = {row[0]: row for row in table("The program's own work")}


@pytest.mark.parametrize("what", ROWS)
def test_the_functions_and_tests_of_a_row_exist(what: str) -> None:
    _, _, functions, tests = ROWS[what]
    assert names(functions)
    assert names(tests)
    for dotted in names(functions):
        module, _, function = dotted.rpartition(".")
        assert function in functions_of(file_of(module)), dotted
    for test in names(tests):
        file, _, function = test.partition("::")
        assert function.startswith("test_")
        assert function in functions_of(ROOT / file), test
