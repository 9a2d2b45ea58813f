"""The clinic's sites: where, when, and under which name words go out."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.enums import RemindersBy, VisitsKept


class Location(models.Model):
    """A site of the clinic."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, help_text="IANA name, such as America/Chicago")
    chairs = models.PositiveSmallIntegerField(default=1, help_text="How many people can be treated at once")
    currency = models.CharField(max_length=3, default="USD")
    sender_name = models.CharField(
        max_length=60, help_text="The name messages go out under. It should not tell the service."
    )
    sender_phone = models.CharField(max_length=20, blank=True, help_text="Texts go out from this number")
    phone = models.CharField(max_length=20, help_text="The number people call")
    reply_email = models.EmailField(help_text="Where replies to our e-mails arrive")
    postal_address = models.CharField(max_length=200)
    directions = models.CharField(max_length=200, blank=True)
    visits_kept = models.CharField(max_length=10, choices=VisitsKept.choices, default=VisitsKept.HERE)
    reminders_by = models.CharField(max_length=10, choices=RemindersBy.choices, default=RemindersBy.US)
    booking_url = models.URLField("outside booking link", blank=True)
    answer_minutes = models.PositiveSmallIntegerField(
        default=5, help_text="Business minutes to answer a new enquiry"
    )
    answer_grace_minutes = models.PositiveSmallIntegerField(
        default=15, help_text="Minutes after opening to answer what came while closed"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(chairs__gte=1), name="location_has_a_chair"),
        ]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """One stretch of one weekday in which a location is open, in its own zone, `[opens, closes)`."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        verbose_name_plural = "opening hours"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["location", "weekday", "opens"], name="opening_hours_once"),
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens")), name="opening_hours_close_after_opening"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class ClosedDay(models.Model):
    """A date on which a location does not open."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="closed_days")
    date = models.DateField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["location", "date"], name="closed_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d}"
