"""Admin pages of electronic signatures: findable, read-only, each compared with its record."""

import json

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from apps.audit.models import Signature, TextVersion
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import page_of, person
from apps.oversight.signed_records import is_unchanged, signed_record


@admin.display(description="meaning", ordering="meaning")
def _meaning(signature: Signature) -> str:
    return signature.meaning_in_words


@admin.display(description="signed content")
def _content(signature: Signature) -> str:
    text = json.dumps(json.loads(signature.content), indent=2, ensure_ascii=False, sort_keys=True)
    return format_html('<pre class="document">{}</pre>', text)


@admin.display(description="does the record still say this?")
def _comparison(signature: Signature) -> str:
    record = signed_record(signature)
    if record is None:
        return "The record is not there any more."
    if is_unchanged(signature, record):
        return "Yes: content and digest are as they were signed."
    return "NO: the record, or the content kept here, is not what was signed."


@admin.display(description="the words that were read")
def _words(signature: Signature) -> str:
    """The ledger's row of the text that was signed, if one was and it is kept here."""
    text = json.loads(signature.content).get("text")
    if text is None:
        return "No text was signed: the content says what was."
    named = {name: text[name] for name in ("program", "kind", "version", "language")}
    kept = TextVersion.objects.filter(**named).first()
    if kept is None:
        return f"{text['version']} ({text['language']}), whose words are not kept here."
    return format_html('<a href="{}">{}</a>', page_of(kept), kept)


@admin.register(Signature)
class SignatureAdmin(RecordAdmin[Signature]):
    """Who signed what, when, meaning what, with what."""

    patient = "patient_id"
    list_display = ("signed_at", "printed_name", _meaning, "method", "channel", "about")
    list_filter = ("meaning", "method", "channel", "signed_at")
    ordering = ("-signed_at",)
    search_fields = ("printed_name",)
    ids = (
        "subject_id",
        "patient_id",
        "user_id",
        "operation_id",
        "organization_id",
        "prescriber_id",
    )
    search_help_text = "The printed name, or any id."
    instead = {"meaning": _meaning, "content": _content, "user_id": person("user_id")}
    also = (_words, _comparison)

    @admin.display(description="about")
    def about(self, signature: Signature) -> str:
        """The record that was signed, and its page."""
        app_label, _, name = signature.subject_model.partition(".")
        try:
            url = reverse(f"admin:{app_label}_{name}_change", args=[signature.subject_id])
        except NoReverseMatch:  # A signature outlives what it signed, a renamed model too.
            return name
        return format_html('<a href="{}">{}</a>', url, name)
