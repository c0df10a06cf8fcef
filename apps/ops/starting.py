"""Whether this process may begin to serve: what the settings alone cannot tell.

Web, worker and beat ask when they start; /readyz asks on every call. Never changes anything.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection

from apps.audit.checks import refuse_without_anchors
from apps.eligibility import editions

EMBEDDED = ("rems-", ".rems")
ROLE = """
    SELECT r.rolsuper, r.rolcreaterole OR r.rolbypassrls OR r.rolreplication,
        EXISTS (
            SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'S')
                AND pg_has_role(r.oid, c.relowner, 'MEMBER')
        )
    FROM pg_roles r WHERE r.rolname = current_user
"""
# Without any of these, what was acknowledged may be gone after the server's crash.
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def refuse_an_unsafe_start() -> None:
    """Raises ImproperlyConfigured where this process must not serve.

    Without the database nothing can be decided anyway: then the start is not held up, and /readyz
    looks again.
    """
    refuse_without_anchors()
    editions.refuse_changed_editions()
    if not settings.PRODUCTION:
        return
    found = list(embedded_services())
    try:
        found += database_problems()
    except OperationalError:
        pass
    finally:
        connection.close()
    if found:
        raise ImproperlyConfigured("This is no safe production start.\n" + "\n".join(found))


def embedded_services() -> Iterator[str]:
    """The servers of `./rems` that production was pointed to: they keep nothing, and trust all."""
    database = settings.DATABASES["default"]
    if _is_embedded(str(database.get("HOST") or database.get("OPTIONS", {}).get("host", ""))):
        yield "DATABASE_URL leads to the embedded server of ./rems: production needs its own."
    if _is_embedded(_socket_of(settings.CELERY_BROKER_URL)):
        yield "REDIS_URL leads to the embedded server of ./rems: production needs its own."


def _socket_of(url: str) -> str:
    """The path of a broker's socket, however the URL spells it."""
    parts = urlsplit(url)
    if "socket" not in parts.scheme and parts.scheme != "unix":
        return parse_qs(parts.query).get("host", [""])[-1]
    return unquote(parts.netloc + parts.path)


def _is_embedded(host: str) -> bool:
    return host.startswith("/") and any(
        part.startswith(EMBEDDED) for part in PurePosixPath(host).parts
    )


def database_problems() -> list[str]:
    """What is wrong with the role that we connect as, and with the server's durability.

    Raises OperationalError without the database.
    """
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        is_superuser, is_special, owns = cursor.fetchone() or (True, True, True)
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'", [[*DURABLE]]
        )
        off = sorted(name for (name,) in cursor.fetchall())
    found = []
    if is_superuser or is_special or owns:
        found.append(
            "DATABASE_URL names a role that owns the tables or may change roles: history would be "
            "within its reach. Connect as the one that `manage.py grant_application_role` names."
        )
    if off:
        found.append(
            f"The database server runs with {', '.join(off)} off: what was acknowledged could be "
            "lost. Switch it on."
        )
    return found
