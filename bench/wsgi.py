"""The product's WSGI application with a bare view before it: no middleware at all."""

import os
from collections.abc import Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

from django.core.wsgi import get_wsgi_application
from django.db import connection

product = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """`/bare` answers after one SELECT; everything else is the product's."""
    if environ["PATH_INFO"] != "/bare":
        return product(environ, start_response)
    environ["wsgi.input"].read()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM prescriptions_authorization LIMIT 1")
        (found,) = cursor.fetchone() or (None,)
    body = b'{"id": "%s"}' % str(found).encode()
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]
