"""A lead of 23 columns with six indexes, and one event. Its columns are named as the capture contract's."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower


class Lead(models.Model):
    objects: ClassVar[models.Manager[Lead]] = models.Manager()
    name = models.CharField(max_length=200)
    email = models.EmailField()
    phone = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)
    kind = models.CharField(max_length=16, default="new")
    service = models.CharField(max_length=100, blank=True)
    location = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=8, default="en")
    preferred_contact = models.CharField(max_length=8, blank=True)
    preferred_time = models.CharField(max_length=120, blank=True)
    voicemail_ok = models.BooleanField(default=False)
    consent_email = models.BooleanField(default=False)
    consent_sms = models.BooleanField(default=False)
    consent_marketing_email = models.BooleanField(default=False)
    page_url = models.CharField(max_length=500, blank=True)
    referrer = models.CharField(max_length=500, blank=True)
    article = models.CharField(max_length=100, blank=True)
    utm_source = models.CharField(max_length=300, blank=True)
    utm_medium = models.CharField(max_length=300, blank=True)
    utm_campaign = models.CharField(max_length=300, blank=True)
    utm_term = models.CharField(max_length=300, blank=True)
    gclid = models.CharField(max_length=300, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "yardstick"
        indexes: ClassVar = [
            models.Index(Lower("email"), name="yard_lead_by_email"),
            models.Index(fields=["phone"], name="yard_lead_by_phone"),
            models.Index(fields=["-created_at", "-id"], name="yard_lead_newest"),
            models.Index(fields=["kind", "created_at"], name="yard_lead_by_kind"),
            models.Index(fields=["article", "created_at"], name="yard_lead_by_article"),
        ]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    objects: ClassVar[models.Manager[Event]] = models.Manager()
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "yardstick"

    def __str__(self) -> str:
        return self.kind
