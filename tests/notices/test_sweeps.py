"""The queue of record is the database: no command talks to the broker, and every sweep exists."""

import ast

from django.conf import settings

from remsportal.celery import app
from tests.databases import ROOT

QUEUEING = {"delay", "apply_async", "send_task", "delay_on_commit"}


def test_every_sweep_of_beat_is_a_task_of_ours_without_arguments() -> None:
    app.loader.import_default_modules()

    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks
        assert not entry.get("args")
        assert not entry.get("kwargs")


def test_no_code_of_ours_puts_anything_on_the_broker() -> None:
    """Only beat does: so a command commits whether or not there is a broker."""
    for path in sorted((ROOT / "apps").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text()))
        calls = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert not calls & QUEUEING, path


def test_no_task_outlives_a_lease() -> None:
    assert settings.CELERY_TASK_TIME_LIMIT < settings.NOTICE_LEASE_SECONDS
