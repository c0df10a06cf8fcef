"""The endpoints, one module a domain: parse, check the right to enter, one call, present."""
