"""The web application, as a WSGI server starts it."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django.setup(set_prefix=False)

# Only now can models and settings be imported.
from config.celery import app as queue  # noqa: E402
from config.handler import Handler  # noqa: E402
from config.start import refuse_demo_rows  # noqa: E402

queue.set_default()  # So that a request's "look now" finds the broker.
refuse_demo_rows()
application = Handler()
