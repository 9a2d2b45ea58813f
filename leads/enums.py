"""The lead's vocabularies. Values are stored: changing one needs a data migration."""

from __future__ import annotations

from django.db import models


class LeadStatus(models.TextChoices):
    NEW = "new", "New"
    ATTEMPTING = "attempting", "Trying to reach"
    CONTACTED = "contacted", "Contacted"
    QUALIFIED = "qualified", "Qualified"
    NURTURING = "nurturing", "Later"
    BOOKED = "booked", "Booked"
    ATTENDED = "attended", "Came"
    LOST = "lost", "Closed"


CLOSED = frozenset({LeadStatus.LOST, LeadStatus.ATTENDED})
OPEN = frozenset(LeadStatus) - CLOSED

# Where talking alone can take a lead. Booked, came and set aside each need more than a word: a visit, a day.
MOVES_OF_CALLS = (LeadStatus.ATTEMPTING, LeadStatus.CONTACTED, LeadStatus.QUALIFIED, LeadStatus.LOST)

# The five words of the screens.
SCREEN_WORD: dict[str, str] = {
    LeadStatus.NEW: "new",
    LeadStatus.ATTEMPTING: "in touch",
    LeadStatus.CONTACTED: "in touch",
    LeadStatus.QUALIFIED: "in touch",
    LeadStatus.NURTURING: "in touch",
    LeadStatus.BOOKED: "booked",
    LeadStatus.ATTENDED: "came",
    LeadStatus.LOST: "closed",
}


class LeadKind(models.TextChoices):
    NEW = "new", "New enquiry"
    ABOUT_VISIT = "about_visit", "About a visit"
    EXISTING_CLIENT = "existing_client", "Existing client"
    BILLING = "billing", "Billing"
    CARE_CONCERN = "care_concern", "Care concern"
    NOT_A_LEAD = "not_a_lead", "Not a lead"


class PreferredContact(models.TextChoices):
    EMAIL = "email", "E-mail"
    PHONE = "phone", "Phone"
    SMS = "sms", "Text message"


class SubmissionState(models.TextChoices):
    WAITING = "waiting", "Waits"
    PROCESSED = "processed", "Became a lead"
    PARKED = "parked", "Needs a look"
    QUARANTINED = "quarantined", "Quarantined"


class MissingProof(models.TextChoices):
    """What a form makes of a post without proof of work."""

    ACCEPT = "accept", "Accept"
    SCORE = "score", "Count against it"
    QUARANTINE = "quarantine", "Quarantine"


class FollowUpKind(models.TextChoices):
    CALL = "call", "Call"
    TEXT = "text", "Text"
    EMAIL = "email", "E-mail"
    REVIEW = "review", "Read and judge"
    VISIT_OUTCOME = "visit_outcome", "Say whether they came"
    OTHER = "other", "To do"


class FollowUpState(models.TextChoices):
    OPEN = "open", "Open"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "No longer needed"


class TouchKind(models.TextChoices):
    FIRST = "first", "First"
    LAST = "last", "Last"


class LeadEventKind(models.TextChoices):
    STATUS = "status", "Status"
    OWNER = "owner", "Owner"
    ARRIVAL = "arrival", "Wrote"
    CLOCK = "clock", "Answered"
    SAFETY = "safety", "Safety"
