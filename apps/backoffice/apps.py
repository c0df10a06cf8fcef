"""Django's admin, with our site as its default and no other app's registrations."""

from importlib import import_module

from django.contrib.admin.apps import SimpleAdminConfig

DOMAINS = (
    "accounts",
    "audit",
    "cases",
    "clients",
    "core",
    "eligibility",
    "evidence",
    "exceptions",
    "importing",
    "intakes",
    "merging",
    "moving",
    "notices",
    "oversight",
    "outages",
    "patients",
    "prescriptions",
    "providers",
    "reminders",
    "scans",
    "sign_in",
    "legal_holds",
    "signatures",
    "standing",
    "texts",
)


class BackofficeConfig(SimpleAdminConfig):
    """Stock admin; `apps.backoffice.site` says who may enter and what the pages are called."""

    default_site = "apps.backoffice.site.ProgramAdmin"

    def ready(self) -> None:
        """Register every domain's records."""
        super().ready()
        for domain in DOMAINS:
            import_module(f"apps.backoffice.{domain}")
