"""At start: which programs this installation serves, under which policy files.

Refuses a start with a wrong file, an unknown program, or numbers that nobody has checked.
"""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.rules.policy import Policies, PolicyFileError, UnknownProgram, use_policies


class EligibilityConfig(AppConfig):
    """The programs come from REMS_PROGRAMS, their policies from POLICY_DIRECTORY."""

    name = "apps.eligibility"

    def ready(self) -> None:
        """Make the served programs known to the rules; raises ImproperlyConfigured."""
        folder = Path(settings.POLICY_DIRECTORY)
        try:
            policies = use_policies(folder, settings.REMS_PROGRAMS)
        except PolicyFileError as error:
            raise ImproperlyConfigured(f"A policy file is wrong. {error}") from error
        except UnknownProgram as error:
            raise ImproperlyConfigured(
                f"REMS_PROGRAMS names {error}, but no policy file in {folder} does. Correct the "
                "name, or add the program's file."
            ) from error
        if not policies.programs:
            raise ImproperlyConfigured("REMS_PROGRAMS is empty: name the programs to serve.")
        if settings.PRODUCTION:
            refuse_unverified(policies)


def refuse_unverified(policies: Policies) -> None:
    """Raises ImproperlyConfigured for a served edition with numbers that nobody has checked."""
    problems = [
        f"{policies.directory / policy.file_name} ({policy.version}): "
        + ", ".join(policy.unverified_numbers)
        for policy in policies.served()
        if policy.unverified_numbers
    ]
    if problems:
        raise ImproperlyConfigured(
            "Production serves no program with unverified numbers. Check each against its source "
            "and take `unverified` away, or leave the program out of REMS_PROGRAMS.\n"
            + "\n".join(problems)
        )
