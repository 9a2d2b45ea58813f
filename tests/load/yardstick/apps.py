"""The yardstick as Django sees it."""

from __future__ import annotations

from django.apps import AppConfig


class YardstickConfig(AppConfig):
    name = "tests.load.yardstick"
    label = "yardstick"
