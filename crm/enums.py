"""The clinic's closed vocabularies. Values are stored: changing one needs a data migration."""

from __future__ import annotations

from django.db import models


class ActorKind(models.TextChoices):
    STAFF = "staff", "Staff"
    CONTACT = "contact", "Contact"
    SYSTEM = "system", "System"
    INTEGRATION = "integration", "Integration"


class AddressKind(models.TextChoices):
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    HANDLE = "handle", "Handle"


class ZoneSource(models.TextChoices):
    """Where we know a contact's time zone from, best first."""

    STATED = "stated", "Said so"
    BROWSER = "browser", "From the browser"
    PHONE = "phone", "From the phone number"
    LOCATION = "location", "The clinic's own"


class VisitsKept(models.TextChoices):
    HERE = "here", "Here"
    ELSEWHERE = "elsewhere", "In another calendar"


class RemindersBy(models.TextChoices):
    US = "us", "By us"
    THEM = "them", "By the other calendar"


class AppointmentStatus(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    CONFIRMED = "confirmed", "Confirmed"
    CHECKED_IN = "checked_in", "Checked in"
    COMPLETED = "completed", "Came"
    CANCELLED_BY_CLIENT = "cancelled_by_client", "Cancelled by client"
    CANCELLED_BY_CLINIC = "cancelled_by_clinic", "Cancelled by clinic"
    LATE_CANCELLED = "late_cancelled", "Cancelled late"
    NO_SHOW = "no_show", "Did not come"
    RESCHEDULED = "rescheduled", "Moved"


# A visit that is still going to happen (or is happening).
STANDING = frozenset({AppointmentStatus.SCHEDULED, AppointmentStatus.CONFIRMED, AppointmentStatus.CHECKED_IN})
# A visit that takes up its chair: standing, or already held in it.
OCCUPYING = STANDING | {AppointmentStatus.COMPLETED}


class PaymentKind(models.TextChoices):
    """How money (or its stand-in) came in. `refunded` is the only one that subtracts."""

    PAID = "paid", "Paid"
    REFUNDED = "refunded", "Refunded"
    PACKAGE = "package", "From a package"
    MEMBER = "member", "Member"
    COMPLIMENTARY = "complimentary", "Complimentary"


class HoldKind(models.TextChoices):
    """Why everything automatic to a contact waits for a person."""

    CRISIS = "crisis", "May be in crisis"
    EMERGENCY = "emergency", "May be a medical emergency"


class Scope(models.TextChoices):
    """What an API token may do."""

    LEADS_READ = "leads:read", "Read leads"
    LEADS_WRITE = "leads:write", "Write leads"
    LEADS_HEALTH = "leads:health", "Read what people wrote"
    CONTACTS_READ = "contacts:read", "Read contacts"
    APPOINTMENTS_WRITE = "appointments:write", "Write appointments"
    REPORTS_READ = "reports:read", "Read reports"


class Role(models.TextChoices):
    """The groups of staff. A role is a Django group of this name."""

    FRONT_DESK = "Front desk", "Front desk"
    NURSE = "Nurse", "Nurse"
    MANAGER = "Manager", "Manager"
    MARKETING = "Marketing", "Marketing"
    OWNER = "Owner", "Owner"
