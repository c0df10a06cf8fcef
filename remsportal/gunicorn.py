"""How gunicorn serves the product: limits, patience at the end, figures shared by its workers.

`gunicorn remsportal.wsgi --config python:remsportal.gunicorn`; what the command line says wins.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from apps.core import logs

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "4"))
# A worker that does not answer for so long is ended; no statement of ours takes a tenth of it.
timeout = int(os.environ.get("WEB_TIMEOUT_SECONDS", "60"))
# After SIGTERM, requests under way have so long to be answered. Whoever stops the process (Docker,
# systemd) must wait longer than this before it kills.
graceful_timeout = int(os.environ.get("WEB_GRACEFUL_SECONDS", "30"))
keepalive = 5
# No header says under which path we are served: not every proxy keeps a client's own from coming
# through, and links in mails would begin with it.
forwarder_headers = ""
limit_request_line = 4_094
limit_request_fields = 60
limit_request_field_size = 8_190
control_socket_disable = True
logconfig_dict: dict[str, Any] = {
    **logs.LOGGING,
    "loggers": {
        "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
# Before anything imports prometheus_client: each worker writes its figures into a file here.
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
own_figures = FIGURES not in os.environ
if own_figures:
    os.environ[FIGURES] = tempfile.mkdtemp(prefix="remsportal-figures-")


def on_starting(server: Any) -> None:
    """Forget the figures of an earlier run: counters begin again at zero."""
    del server
    for file in Path(os.environ[FIGURES]).glob("*.db"):
        file.unlink(missing_ok=True)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker counted stays; what it measured of itself goes with it."""
    del server
    from prometheus_client import multiprocess  # noqa: PLC0415 - only once the folder is known

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Leave no files behind."""
    del server
    if own_figures:
        shutil.rmtree(os.environ[FIGURES], ignore_errors=True)
