"""What makes a production start unsafe, read from the environment: every fault at once, in words.

Never repeats a value that may be a secret. What only the database knows: apps/ops/starting.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

UNSAFE_SECRET_KEY = "not-secret-for-demo-and-tests-only"  # noqa: S105
SHORTEST_SECRET_KEY = 50
FEWEST_CHARACTERS = 10
SHORTEST_TOKEN = 32
LONGEST_CODE = timedelta(days=7)
OFF = frozenset({"", "0", "false", "no", "off"})
# Mail that goes nowhere would be marked as sent; mail on a terminal shows addresses in the logs.
NO_MAIL = ("dummy", "locmem", "console")
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})


def refuse_unsafe(given: Mapping[str, str]) -> None:
    """Raises ImproperlyConfigured with all that is unsafe in an environment of production."""
    found = list(unsafe(given))
    if found:
        raise ImproperlyConfigured("This is no safe production start.\n" + "\n".join(found))


def unsafe(given: Mapping[str, str]) -> Iterator[str]:
    """Each fault as a sentence that says what to do."""
    yield from _switches(given)
    yield from _secrets(given)
    yield from _addresses(given)
    yield from _transport(given)
    yield from _mail(given)


def _switches(given: Mapping[str, str]) -> Iterator[str]:
    for name in ("DEBUG", "DJANGO_DEBUG"):
        if given.get(name, "").lower() not in OFF:
            yield f"{name} is set: production never shows its insides. Unset it."
    if given.get("DEMO_CLOCK", "").lower() not in OFF:
        yield "DEMO_CLOCK is set: production never moves its clock. Unset it."


def _secrets(given: Mapping[str, str]) -> Iterator[str]:
    key = given.get("SECRET_KEY", "")
    if (
        key == UNSAFE_SECRET_KEY
        or len(key) < SHORTEST_SECRET_KEY
        or len(set(key)) < FEWEST_CHARACTERS
    ):
        yield f"SECRET_KEY must be random and at least {SHORTEST_SECRET_KEY} characters long."
    token = given.get("METRICS_TOKEN", "")
    if token and len(token) < SHORTEST_TOKEN:
        yield (
            f"METRICS_TOKEN must be random and at least {SHORTEST_TOKEN} characters long; without "
            "it /metrics answers nobody."
        )


def _addresses(given: Mapping[str, str]) -> Iterator[str]:
    hosts = _items(given.get("ALLOWED_HOSTS", ""))
    yield from _hosts(hosts)
    portal = urlsplit(given.get("PORTAL_URL", ""))
    if portal.scheme != "https" or not portal.hostname:
        yield "PORTAL_URL must begin with https://: mails link to it, and cookies need TLS."
    elif portal.hostname not in {host.strip("[]") for host in hosts}:
        yield f"PORTAL_URL leads to {portal.hostname}, which ALLOWED_HOSTS does not name."
    for origin in _items(given.get("CSRF_TRUSTED_ORIGINS", "")):
        if not origin.startswith("https://") or "*" in origin:
            yield f"CSRF_TRUSTED_ORIGINS takes whole https:// origins only: not {origin!r}."


def _hosts(hosts: list[str]) -> Iterator[str]:
    if not hosts:
        yield "ALLOWED_HOSTS is empty: name the hosts that people reach the product by."
    for host in hosts:
        if "*" in host or host.startswith("."):
            yield f"ALLOWED_HOSTS must name the hosts: {host!r} is refused in production."
        elif "/" in host or (":" in host and not host.startswith("[")):
            yield f"ALLOWED_HOSTS takes bare host names: {host!r} has a scheme or a port."


def _transport(given: Mapping[str, str]) -> Iterator[str]:
    behind, proxies = given.get("TLS_PROXY_HEADER", ""), given.get("PROXY_COUNT", "0") or "0"
    if behind not in {"0", "1"}:
        yield (
            "TLS_PROXY_HEADER must say who ends TLS: 1 when a proxy of yours does and always "
            "overwrites X-Forwarded-Proto, 0 when gunicorn itself does."
        )
    if not proxies.isdecimal():
        yield "PROXY_COUNT must be a number: how many proxies stand before the product."
    elif behind == "1" and int(proxies) == 0:
        yield (
            "TLS_PROXY_HEADER says that a proxy stands before the product, but PROXY_COUNT says "
            "that none does: failed sign-ins would all count for the proxy's address."
        )
    if not _is_private(given.get("DATABASE_URL", "")):
        yield (
            "DATABASE_URL crosses a network, and does not say how: end it with "
            "?sslmode=verify-full (or require), or, on a private network of one host only, "
            "?sslmode=disable."
        )


def _is_private(url: str) -> bool:
    """Whether a database is asked within this machine, or by a URL that decides about TLS."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host = unquote(parts.hostname or "") or options.get("host", "")
    if not host or host.startswith("/") or _is_loopback(host):
        return True
    return options.get("sslmode", "") in ENCRYPTED | {"disable"}


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mail(given: Mapping[str, str]) -> Iterator[str]:
    backend = given.get("EMAIL_BACKEND", "")
    if any(f"backends.{name}." in backend for name in NO_MAIL):
        yield f"EMAIL_BACKEND is {backend}: its mail reaches nobody, and is marked as sent."
    security = given.get("EMAIL_SECURITY", "")
    if security not in {"none", "starttls", "tls"}:
        yield "EMAIL_SECURITY must be starttls or tls; none only for a mail server on this host."
    elif security == "none" and given.get("EMAIL_HOST_PASSWORD", ""):
        yield "EMAIL_HOST_PASSWORD would be sent in the clear: set EMAIL_SECURITY."


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def refuse_lasting_codes(lengths: Iterable[timedelta], wrong_codes: int) -> None:
    """Raises ImproperlyConfigured for patients' codes that could be guessed at leisure."""
    are_short = all(timedelta(0) < length <= LONGEST_CODE for length in lengths)
    if not are_short or wrong_codes not in range(1, 11):
        raise ImproperlyConfigured(
            "A one-time code is right for 7 days and 10 wrong tries, no more."
        )
