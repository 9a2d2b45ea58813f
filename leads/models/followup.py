"""What staff must do for a lead, by when, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.fields import EncryptedTextField
from crm.models.references import ActedBy, ReferenceField
from leads.enums import MOVES_OF_CALLS, FollowUpKind, FollowUpState, LeadStatus
from leads.models.lead import Lead, LostReason


class CallOutcome(models.Model):
    """What a follow-up can end in. A pack row: labels and next steps may be edited, codes may not."""

    code = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=80)
    moves_to = models.CharField(
        max_length=12, choices=LeadStatus.choices, blank=True, help_text="Where the lead goes; empty: stays"
    )
    lost_reason = models.ForeignKey(LostReason, null=True, blank=True, on_delete=models.PROTECT)
    stops_clock = models.BooleanField(default=True, help_text="Counts as an attempt to answer")
    reached = models.BooleanField(default=False, help_text="We spoke with the person")
    next_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Suggested next step, in open days; 0 is later today"
    )
    next_time = models.TimeField(null=True, blank=True, help_text="Suggested local time of the next step")
    position = models.PositiveSmallIntegerField(default=100)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~models.Q(moves_to=LeadStatus.LOST) | models.Q(lost_reason__isnull=False),
                name="call_outcome_that_closes_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(moves_to__in=["", *MOVES_OF_CALLS]), name="call_outcome_moves_as_calls_do"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> FollowUpQuerySet:
        return self.filter(state=FollowUpState.OPEN)


class FollowUp(ActedBy):
    """Something staff must do for a lead by a due time. The actor is who planned it."""

    reference = ReferenceField()
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="follow_ups", db_index=False)
    kind = models.CharField(max_length=14, choices=FollowUpKind.choices, default=FollowUpKind.CALL)
    state = models.CharField(
        max_length=10, choices=FollowUpState.choices, default=FollowUpState.OPEN, editable=False
    )
    what = EncryptedTextField(blank=True, help_text="What to do, in a few words")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="follow_ups",
        db_index=False,
    )
    due_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    snoozed = models.PositiveSmallIntegerField(default=0)
    reminded_for = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The due time staff were reminded of"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.ForeignKey(CallOutcome, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    outcome_note = EncryptedTextField(blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=FollowUpState.values), name="follow_up_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=FollowUpState.OPEN, done_at__isnull=True)
                | (~models.Q(state=FollowUpState.OPEN) & models.Q(done_at__isnull=False)),
                name="follow_up_closed_has_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=FollowUpState.DONE) | models.Q(outcome__isnull=False),
                name="follow_up_done_has_an_outcome",
            ),
        ]
        indexes: ClassVar = [
            # Read by Today and by the reminder sweep.
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state=FollowUpState.OPEN),
                name="follow_up_due",
            ),
            # Read by the reminder sweep alone: open and not yet reminded. A snooze clears `reminded_for`.
            models.Index(
                fields=["due_at"],
                condition=models.Q(state=FollowUpState.OPEN, reminded_for__isnull=True),
                name="follow_up_to_remind",
            ),
            models.Index(fields=["lead", "due_at"], name="follow_up_by_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.due_at:%Y-%m-%d %H:%M} UTC"
