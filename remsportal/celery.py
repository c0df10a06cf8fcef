"""The Celery application and its beat schedule.

PostgreSQL is the queue of record: tasks only wake a sweep, so Redis may lose everything at any
moment and nothing is lost. No task has an eta or a countdown; due times live in the database.
"""

import logging.config
import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remsportal.settings")

app = Celery("remsportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# A task's log lines bear its id, and the id of the request that started it.
app.steps["worker"].add(DjangoStructLogInitStep)


@worker_init.connect
@beat_init.connect
def refuse_an_unsafe_start(**_: Any) -> None:
    """End at once where a start is unsafe; celery would swallow an exception."""
    try:
        import_module("apps.ops.starting").refuse_an_unsafe_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error


@setup_logging.connect
def configure_logging(**_: Any) -> None:
    """Log as the settings say: Celery would otherwise print task arguments its own way."""
    logging.config.dictConfig(settings.LOGGING)
