"""Commands that evaluate facts; they parse, make one call and print."""
