"""The product's addresses, and the floor under every one of them that writes. Never deployed."""

from uuid import uuid4

from django.db import connection
from django.urls import URLPattern, URLResolver, include, path
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint
from apps.api.scopes import CHECKS, Work

INSERT = """
    INSERT INTO core_operation (id, name, actor_kind, actor_id, role, channel, started_at)
    VALUES (%s, 'floor', 'client', %s, 'pharmacist', 'api', now())
"""


class Floor(Endpoint):
    """Middleware and authentication as the check has them, one SELECT, one committed INSERT."""

    area = CHECKS
    to_write = frozenset({Work.DISPENSE})
    schema = None

    def post(self, request: Request) -> Response:
        """The least that an answer on record can cost here."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM prescriptions_authorization LIMIT 1")
            (found,) = cursor.fetchone() or (None,)
            cursor.execute(INSERT, [uuid4(), self.actor(request).id])
        return Response({"id": str(found)})


urlpatterns: list[URLPattern | URLResolver] = [
    path("floor", Floor.as_view(), name="floor"),
    path("", include("remsportal.urls")),
]
