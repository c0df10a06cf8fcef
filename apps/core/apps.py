"""The app of what all others rest on: sets up each connection to the database."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from apps.core.connections import without_compiling


class CoreConfig(AppConfig):
    """Commands, clocks, sweeps, triggers."""

    name = "apps.core"

    def ready(self) -> None:
        """Listen for new connections."""
        connection_created.connect(without_compiling)
