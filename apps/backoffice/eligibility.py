"""Admin pages of decisions and the facts that they used: read-only, replayable."""

from uuid import UUID

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode

from apps.backoffice.naming import NAMES
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import document, link
from apps.core import clock
from apps.eligibility.models import Decision, FactsDocument, PolicyEdition
from apps.rules.policy import NoPolicyInForce, UnknownProgram, policies, policy_in_force


@admin.display(description="requirements")
def requirements(decision: Decision) -> str:
    """Each requirement in a sentence, those that are not met first."""
    found = sorted(decision.document["requirements"], key=lambda each: each["met"])
    rows = [(each["rule"], "met" if each["met"] else "NOT MET", each["message"]) for each in found]
    cells = format_html_join("", "<tr><th scope=row>{}</th><td>{}</td><td>{}</td></tr>", rows)
    return format_html("<table>{}</table>", cells)


@admin.register(Decision)
class DecisionAdmin(RecordAdmin[Decision]):
    """Every answer of the rules to a real question."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        "act",
        "allowed",
        link("patient", "patient"),
        link("authorization", "authorization"),
        "policy_version",
    )
    list_select_related = ("patient", "authorization")
    list_filter = ("act", "allowed", "policy_version", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = NAMES
    numbered = ("authorization__number", "confirmation__number")
    ids = ("patient__id",)
    search_help_text = "The patient's name, or an authorization or confirmation number."
    hidden = ("document",)
    also = (requirements, document("document", "as recorded"))


@admin.register(FactsDocument)
class FactsDocumentAdmin(RecordAdmin[FactsDocument]):
    """The facts of decisions; equal facts are one row. They name no person but ids.

    They are a patient's record all the same: who sees them, sees whom the decisions were about.
    """

    list_display = ("digest",)
    ordering = ("digest",)
    search_fields = ("digest",)
    ids = ("decisions__patient__id",)
    search_help_text = "The digest, or a patient's id."
    instead = {"document": document("document", "facts")}

    def others_on(self, record: FactsDocument) -> list[UUID]:
        """The patients about whom it was decided on them; a list of digests shows nobody."""
        return list(record.decisions.order_by().values_list("patient_id", flat=True).distinct())

    def patients_listed(self, rows: list[FactsDocument]) -> set[UUID]:
        """Nobody: see `others_on`."""
        return set()


@admin.display(description="decisions under it")
def decisions_under(edition: PolicyEdition) -> str:
    """How many decisions used this very text, and their list."""
    query = urlencode({"policy_version": edition.version})
    address = f"{reverse('admin:eligibility_decision_changelist')}?{query}"
    count = Decision.objects.filter(policy_digest=edition.digest).count()
    return format_html('<a href="{}">{}</a>', address, count)


@admin.display(description="state")
def state_of(edition: PolicyEdition) -> str:
    """Whether this text decides now: the column of an instant alone reads as if it did."""
    if edition.replaced_at is not None:
        return "Replaced or withdrawn"
    now = clock.now()
    if edition.came_into_force_at > now:
        return "To come"
    if edition.version not in {policy.version for policy in policies().everything()}:
        return "In force once the web is restarted: its file was not read yet"
    try:
        present = policy_in_force(edition.program, now)
    except (NoPolicyInForce, UnknownProgram):
        return "Over"
    return "In force" if present.version == edition.version else "Over"


@admin.display(description="the next edition")
def how_it_is_replaced(_edition: PolicyEdition) -> str:
    """An edition is a reviewed file: no page writes one."""
    return (
        "Is a new file beside this one, reviewed and approved outside these pages, with the day "
        "from which it holds. Whoever runs the installation compares it (manage.py policy diff), "
        "tries it on past decisions (manage.py replay) and puts it into force (manage.py "
        "record_policy_editions); then it stands in this list."
    )


@admin.register(PolicyEdition)
class PolicyEditionAdmin(RecordAdmin[PolicyEdition]):
    """Which text of which policy edition decides here, and since when."""

    list_display = (
        "version", state_of, "program", "came_into_force_at", "approved_by", "replaced_at",
    )  # fmt: skip
    list_filter = ("program", "came_into_force_at")
    ordering = ("-came_into_force_at",)
    search_fields = ("version", "digest", "approved_by")
    search_help_text = "The version, the digest, or who approved it."
    also = (state_of, decisions_under, how_it_is_replaced)
