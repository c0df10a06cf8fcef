"""Commands that take a registry in: one operation a prescriber, pharmacy or patient."""

from apps.importing.services.importing import Outcome, import_all

__all__ = ["Outcome", "import_all"]
