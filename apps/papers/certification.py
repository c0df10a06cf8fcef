"""The certification of a prescriber or pharmacy: its form, to be read or as it was signed."""

from collections.abc import Sequence

from apps.papers.documents import as_signed, texts_read, to_be_signed
from apps.papers.layout import Printing, SignatureLine, day_text, instant_text
from apps.providers.models import Prescriber
from apps.providers.selectors import CertificationStatus
from apps.rules.documents import document


def certification(
    program: str,
    status: CertificationStatus,
    signatures: Sequence[SignatureLine],
    printing: Printing,
) -> bytes:
    """Where the certification stands, with the last form; before one is signed, its text."""
    party, form = status.party, status.form
    is_prescriber = isinstance(party, Prescriber)
    kind = "prescriber_enrollment" if is_prescriber else "pharmacy_enrollment"
    facts = [("For", str(party)), ("NPI", party.npi), ("State", str(party.get_state_display()))]
    if status.last_day_on:
        lapsed = " (lapsed)" if status.has_lapsed else ", end of day"
        facts.append(("Certified until", f"{day_text(status.last_day_on)}{lapsed}"))
    if status.reason:
        facts.append(("Reason", status.reason))
    if form is None:
        side = "Prescriber" if is_prescriber else "Authorized representative"
        text = document(program, kind)
        return to_be_signed(text, printing, facts=facts, roles=[side], ticks=True)
    return as_signed(
        texts_read(program, kind, form.form_version, signatures),
        printing,
        number=f"Form {form.pk}",
        version=form.form_version,
        facts=[*facts, ("Form signed", instant_text(form.signed_at, printing.zone))],
        signatures=signatures,
        ticked=frozenset(form.attestations),
        warning="Signed; waiting for approval." if status.is_waiting else "",
    )
