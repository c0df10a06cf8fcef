"""The law of the program as pure functions: facts in, decision out.

No Django, no clock, no I/O but the package's own policy files. docs/rules.md lists every rule.
"""

from typing import Final

ENGINE_VERSION: Final = "1.0.0"
"""Recorded with each decision. It changes whenever the same facts could be answered differently."""
