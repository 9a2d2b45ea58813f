"""What is said, in which words."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from notifications.enums import Channel, Purpose


class Template(models.Model):
    """The wording of one message over one channel in one language. Placeholders come from a closed list."""

    code = models.SlugField(max_length=60)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=8, default="en")
    purpose = models.CharField(max_length=14, choices=Purpose.choices)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "channel", "language"], name="template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.get_channel_display()} · {self.language}"
