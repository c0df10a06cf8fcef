"""The Celery application and its beat schedule.

PostgreSQL is the queue of record: tasks only wake a sweep, so Redis may lose everything at any
moment and nothing is lost. No task has an eta or a countdown; due times live in the database.
"""

import logging.config
import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remsportal.settings")

app = Celery("remsportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse_unsafe_start(**_: Any) -> None:
    """End at once without an anchor file, or where policy files and ledger disagree.

    Celery would swallow an exception.
    """
    try:
        import_module("apps.audit.checks").refuse_without_anchors()
        import_module("apps.eligibility.editions").refuse_changed_editions()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error


@setup_logging.connect
def configure_logging(**_: Any) -> None:
    """Log as the settings say: Celery would otherwise print task arguments its own way."""
    logging.config.dictConfig(settings.LOGGING)
