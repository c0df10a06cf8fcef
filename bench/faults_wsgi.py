"""The product's WSGI application on a clock that can be stepped. Never deployed."""

from collections.abc import Iterable
from typing import Any

from bench.faults_clock import clock
from remsportal.wsgi import application as product


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The product's answer, at the time that this machine's clock shows."""
    clock.follow()
    return product(environ, start_response)
