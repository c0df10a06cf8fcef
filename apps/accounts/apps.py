"""The app of people: connects what sign-ins leave behind."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, organizations, memberships and API clients."""

    name = "apps.accounts"

    def ready(self) -> None:
        """Listen to the framework's sign-in signals."""
        from apps.accounts import sign_ins  # noqa: PLC0415 - needs the models

        sign_ins.listen()
