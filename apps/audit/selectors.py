"""Questions about the trail. Reads only."""

from datetime import datetime
from uuid import UUID

from apps.audit.models import Event


def times_within(organization_id: UUID, code: str, *, since: datetime) -> int:
    """How often something happened to an organization's people since an instant."""
    return Event.objects.filter(
        organization_id=organization_id, code=code, occurred_at__gt=since
    ).count()
