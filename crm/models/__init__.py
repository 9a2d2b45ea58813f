"""The clinic's tables."""

from crm.models.appointment import Appointment, AppointmentEvent, Payment
from crm.models.audit import AuditEntry
from crm.models.catalogue import Service
from crm.models.clinic import ClosedDay, Location, OpeningHours
from crm.models.contact import Address, Contact, ContactPoint
from crm.models.heartbeat import Heartbeat
from crm.models.safety import SafetyHold
from crm.models.staff import ApiToken, Staff

__all__ = [
    "Address",
    "ApiToken",
    "Appointment",
    "AppointmentEvent",
    "AuditEntry",
    "ClosedDay",
    "Contact",
    "ContactPoint",
    "Heartbeat",
    "Location",
    "OpeningHours",
    "Payment",
    "SafetyHold",
    "Service",
    "Staff",
]
