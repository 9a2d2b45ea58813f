"""What can be booked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Service(models.Model):
    """Something the clinic does. `slug` is the stable code that pack, website and API use."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120, help_text="For staff and reports; never in a message")
    public_label = models.CharField(
        max_length=120, default="your visit", help_text="Safe for messages: names no service and no condition"
    )
    duration_minutes = models.PositiveSmallIntegerField()
    price_minor = models.PositiveIntegerField(help_text="In the smallest coin: 4500 is $45.00")
    currency = models.CharField(max_length=3, default="USD")
    prerequisites = models.JSONField(default=list, blank=True, help_text="What a visit needs before it")
    recall_days = models.PositiveSmallIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(duration_minutes__gte=1), name="service_takes_time"),
        ]

    def __str__(self) -> str:
        return self.name
