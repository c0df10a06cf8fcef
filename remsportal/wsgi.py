"""The WSGI entry point that gunicorn serves."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remsportal.settings")

application = get_wsgi_application()
# Only now are the apps there to be imported.
import_module("apps.ops.starting").refuse_an_unsafe_start()
# The pages, which Django would load when the first of them is asked for: nobody waits for that.
import_module("remsportal.urls")
