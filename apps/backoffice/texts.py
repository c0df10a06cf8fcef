"""Admin page of the texts' ledger: the words of each version that people signed or answered."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from apps.audit.models import TextVersion
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import in_words
from apps.patients.models import RiskCategory


@admin.display(description="sentences")
def sentences(text: TextVersion) -> str:
    """Its sentences in order; whose it is, where not everybody reads it."""
    lines = format_html_join(
        "",
        "<li>{}{}</li>",
        ((each["text"], _whose(each["categories"])) for each in text.items),
    )
    return format_html("<ol>{}</ol>", lines)


def _whose(categories: list[str] | None) -> str:
    if categories is None:
        return ""
    return f" ({', '.join(str(RiskCategory(each).label) for each in categories)})"


@admin.register(TextVersion)
class TextVersionAdmin(RecordAdmin[TextVersion]):
    """Agreements, surveys, checklists, trainings: what each version says, since when it is kept."""

    list_display = (
        "title",
        "version",
        "language",
        in_words("kind", "kind"),
        "program",
        "recorded_at",
    )
    list_filter = ("program", "language", "kind")
    ordering = ("-recorded_at", "program", "kind", "language")
    search_fields = ("version", "title")
    search_help_text = "The version, or words of the title."
    instead = {"items": sentences}
