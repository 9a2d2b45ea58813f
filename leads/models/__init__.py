"""The lead's tables."""

from leads.models.capture import CaptureForm, FloodCount, Submission
from leads.models.followup import CallOutcome, FollowUp
from leads.models.lead import Lead, LeadEvent, LostReason, Note
from leads.models.touch import ClickId, Touch
from leads.models.visit import LeadVisit

__all__ = [
    "CallOutcome",
    "CaptureForm",
    "ClickId",
    "FloodCount",
    "FollowUp",
    "Lead",
    "LeadEvent",
    "LeadVisit",
    "LostReason",
    "Note",
    "Submission",
    "Touch",
]
