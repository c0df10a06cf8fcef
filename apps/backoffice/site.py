"""The admin site of the program's staff, administrators and auditors."""

from django.contrib.admin import AdminSite


class ProgramAdmin(AdminSite):
    """Every record findable; regulated rows read-only; actions call services."""

    site_title = "remsportal administration"
    site_header = "remsportal administration"
    index_title = "The program"
