"""Wiring only: settings, URLs, Celery and WSGI. No app may import this package."""

from remsportal.celery import app as celery_app

__all__ = ["celery_app"]
