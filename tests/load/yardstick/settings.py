"""The least that a Django REST view needs; its database comes from `DATABASE_URL`."""

from __future__ import annotations

import os
from typing import Any

from config import env

SECRET_KEY = "a-key-of-the-yardstick-which-signs-nothing-that-anybody-reads"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["tests.load.yardstick"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.load.yardstick.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
_database = env.database(os.environ["DATABASE_URL"])
_database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
DATABASES: dict[str, dict[str, Any]] = {"default": _database}
