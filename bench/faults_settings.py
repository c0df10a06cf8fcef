"""The demo's settings for the faults: pages need no collected static files. Never deployed."""

from remsportal.settings import *  # noqa: F403
from remsportal.settings import BASE_DIR as _BASE_DIR
from remsportal.settings import STORAGES as _STORAGES

# Passwords are not what is measured, and there are dozens of them.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = _BASE_DIR / ".rems" / "faults"  # Any folder that is there.
STORAGES = {
    **_STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
