"""The figures of requests: counted in each process, added up over all of them when asked for.

With PROMETHEUS_MULTIPROC_DIR set (remsportal/gunicorn.py does it), processes share them in files.
Labels name routes and kinds; never an id, never a person.
"""

from typing import Final

from prometheus_client import Counter, Histogram

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("remsportal_requests", "Requests answered.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "remsportal_request_seconds", "Time to the answer.", ["route"], buckets=SECONDS
)
