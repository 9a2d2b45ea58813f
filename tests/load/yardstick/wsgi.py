"""The yardstick as gunicorn starts it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.load.yardstick.settings")

application = get_wsgi_application()
