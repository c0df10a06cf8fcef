"""The ids of the program's rules, as the program's owner wrote them: copied, never derived."""

# How many rules each chapter has; they are numbered from one.
CHAPTERS = {
    "SRC": 3,
    "CAT": 4,
    "ENR": 6,
    "PAT": 1,
    "PT": 9,
    "CON": 7,
    "SUR": 4,
    "AUT": 9,
    "DSP": 10,
    "PRG": 3,
    "END": 3,
}
PROGRAM_RULES = frozenset(
    f"L-{chapter}-{number}" for chapter, last in CHAPTERS.items() for number in range(1, last + 1)
)
# The rule that only the second program, the one for tests, has.
OF_THE_SECOND_PROGRAM = frozenset({"L-WIN-1"})
