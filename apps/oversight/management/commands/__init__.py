"""Commands that report on the program; they parse, make one call and print."""
