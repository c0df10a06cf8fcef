"""Signatures of those who act for an organization: of its people, or of its system in its name."""

from uuid import UUID

from django.db.models import Model

from apps.accounts import selectors
from apps.audit.models import Meaning
from apps.audit.signatures import Content, sign
from apps.core.command import Run


def sign_for_organization(
    run: Run,
    *,
    meaning: Meaning,
    subject: Model,
    content: Content,
    patient_id: UUID | None = None,
) -> None:
    """Sign what was decided or reported; a system signs in its organization's name.

    Raises InvalidRequest for a person who did not prove who they are.
    """
    sign(
        run,
        meaning=meaning,
        subject=subject,
        content=content,
        named=selectors.organization_acted_for(run.actor),
        patient_id=patient_id,
    )
