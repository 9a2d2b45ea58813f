"""When each kind of scheduled work last came round."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """One row for each sweep; `finished_at` older than a minute means nobody is working."""

    name = models.CharField(max_length=40, unique=True)
    finished_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
