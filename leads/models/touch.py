"""How the person came to us: one attribution fact each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from leads.enums import TouchKind
from leads.models.capture import Submission
from leads.models.lead import Lead


class Touch(models.Model):
    """One attribution fact of one arrival: where they first came from, or last."""

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="touches", db_index=False)
    submission = models.ForeignKey(
        Submission,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="touches",
        db_index=False,
    )
    kind = models.CharField(max_length=6, choices=TouchKind.choices)
    at = models.DateTimeField()
    article = models.CharField(max_length=100, blank=True)
    cta = models.CharField(max_length=100, blank=True)
    landing_page = models.CharField(max_length=500, blank=True)
    referrer = models.CharField(max_length=500, blank=True)
    utm_source = models.CharField(max_length=300, blank=True)
    utm_medium = models.CharField(max_length=300, blank=True)
    utm_campaign = models.CharField(max_length=300, blank=True)
    utm_term = models.CharField(max_length=300, blank=True)
    utm_content = models.CharField(max_length=300, blank=True)
    utm_id = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "touches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "kind"], name="touch_once_per_arrival"),
        ]
        indexes: ClassVar = [models.Index(fields=["lead", "at"], name="touch_by_lead")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.article or self.utm_source or 'direct'}"


class ClickId(models.Model):
    """An advertiser's click identifier, kept apart from the touch so that it can go earlier."""

    touch = models.ForeignKey(Touch, on_delete=models.PROTECT, related_name="click_ids", db_index=False)
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["touch", "kind"], name="click_id_once_per_touch"),
        ]

    def __str__(self) -> str:
        return self.kind
