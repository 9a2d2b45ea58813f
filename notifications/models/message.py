"""The outbox: one row for one thing said to one person over one channel."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.fields import EncryptedTextField
from crm.models.references import ActedBy, ReferenceField
from notifications.enums import AboutKind, Channel, MessageState, Purpose


class Message(ActedBy):
    """One thing said. The actor is who wished it; `delivery_id` is the same on every attempt.

    A message is written five times in its short life, and each index again each time. So the columns that
    only name its people have none: a contact's messages are found by address, by subject, or among the held.
    """

    delivery_id = ReferenceField()
    dedupe_key = models.CharField(max_length=160, editable=False)
    contact = models.ForeignKey(
        "crm.Contact",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
    )
    address = models.ForeignKey(
        "crm.Address",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
        db_index=False,
    )
    location = models.ForeignKey(
        "crm.Location", on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel.choices)
    purpose = models.CharField(max_length=14, choices=Purpose.choices)
    template_code = models.CharField(max_length=60)
    language = models.CharField(max_length=8, default="en")
    about_kind = models.CharField(max_length=14, choices=AboutKind.choices)
    about_ref = models.CharField(max_length=32)
    params = EncryptedTextField(default="{}", help_text="What fills the template, as JSON")

    state = models.CharField(max_length=12, choices=MessageState.choices, default=MessageState.QUEUED)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    held_reason = models.CharField(max_length=200, blank=True)
    token = models.CharField(max_length=32, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    handed_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When it was sent, or given up")
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=240, blank=True, help_text="Why it was sent or not, for staff")
    provider_id = models.CharField(max_length=200, blank=True)

    rendered_subject = EncryptedTextField(blank=True)
    rendered_body = EncryptedTextField(blank=True)
    template_version = models.PositiveIntegerField(null=True, blank=True)
    rendered_at = models.DateTimeField(
        null=True, blank=True, help_text="Its date on the e-mail, on every try"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            # Here and not as `unique=True`, which makes a second index for LIKE on PostgreSQL.
            models.UniqueConstraint(fields=["dedupe_key"], name="message_once_per_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=MessageState.values), name="message_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(contact__isnull=False, address__isnull=False, staff__isnull=True)
                | models.Q(contact__isnull=True, address__isnull=True, staff__isnull=False),
                name="message_to_a_contact_or_to_staff",
            ),
            models.CheckConstraint(
                condition=models.Q(staff__isnull=True, purpose__in=[Purpose.TRANSACTIONAL, Purpose.MARKETING])
                | models.Q(staff__isnull=False, purpose=Purpose.INTERNAL),
                name="message_internal_only_to_staff",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[MessageState.CLAIMED, MessageState.HANDED])
                | (models.Q(lease_until__isnull=False) & ~models.Q(token="")),
                name="message_in_work_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    state__in=[
                        MessageState.HANDED,
                        MessageState.SENT,
                        MessageState.DELIVERED,
                        MessageState.BOUNCED,
                        MessageState.UNKNOWN,
                    ]
                )
                | models.Q(handed_at__isnull=False),
                name="message_gone_out_was_handed",
            ),
        ]
        indexes: ClassVar = [
            # Read by outbox.claim: what may leave now.
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state=MessageState.QUEUED, held_reason=""),
                name="message_due",
            ),
            # Read by outbox.expire_overdue and release_held: what waits for a person and may become too late.
            models.Index(
                fields=["expires_at"],
                condition=models.Q(state=MessageState.QUEUED) & ~models.Q(held_reason=""),
                name="message_held",
            ),
            # Read by reconcile: leases that ran out.
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=[MessageState.CLAIMED, MessageState.HANDED]),
                name="message_leased",
            ),
            # Read by Today: what a person must settle.
            models.Index(
                fields=["state", "-created_at"],
                condition=models.Q(state__in=[MessageState.UNKNOWN, MessageState.FAILED]),
                name="message_needs_a_person",
            ),
            models.Index(fields=["about_kind", "about_ref"], name="message_by_subject"),
            models.Index(fields=["address", "template_code", "handed_at"], name="message_by_address"),
            models.Index(fields=["-created_at", "-id"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.template_code} · {self.get_channel_display()}"


class MessageEvent(ActedBy):
    """One step in a message's life: immutable."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, choices=MessageState.choices)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=240, blank=True, help_text="One of our own sentences, never typed")
    words = EncryptedTextField(blank=True, help_text="What a person typed about it")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["message", "at"], name="message_event_by_time")]

    def __str__(self) -> str:
        return f"{self.from_state}→{self.to_state}"
