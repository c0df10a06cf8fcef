"""The app of the trail: registers its deployment check."""

from importlib import import_module

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The trail."""

    name = "apps.audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Checks register themselves when they are imported."""
        import_module("apps.audit.checks")
