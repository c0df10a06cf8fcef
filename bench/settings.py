"""The production settings with the benchmark's addresses beside the product's. Never deployed."""

from remsportal.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
