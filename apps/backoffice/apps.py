"""Django's admin, with our site as its default."""

from django.contrib.admin.apps import AdminConfig


class BackofficeConfig(AdminConfig):
    """Stock admin; `apps.backoffice.site` says who may enter and what the pages are called."""

    default_site = "apps.backoffice.site.ProgramAdmin"
