"""Every message: to whom, in which state, and why it went or did not. A person settles what nobody knows."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from crm.addresses import mask
from crm.admin import words
from crm.admin.audited import actor_of
from crm.admin.base import HistoryInline, ReadOnlyModelAdmin, moment_column, page_of, row_id
from crm.errors import DomainError
from crm.fields import opened, stored
from crm.queries import database_now
from notifications.domain import outbox
from notifications.enums import MessageState
from notifications.models import Message, MessageEvent

_S = MessageState
LABELS = {
    _S.QUEUED.label: "info",
    _S.CLAIMED.label: "info",
    _S.HANDED.label: "info",
    _S.SENT.label: "success",
    _S.DELIVERED.label: "success",
    _S.UNKNOWN.label: "warning",
    "Held": "warning",
    _S.FAILED.label: "danger",
    _S.BOUNCED.label: "danger",
}
WORDS_LIMIT = 500
WORDS_PLACE = "notifications.messageevent.words"
SETTLED = {
    _S.SENT: "Noted: it went.",
    _S.QUEUED: "It is in the queue again and leaves in a moment.",
    _S.FAILED: "Given up: it is not sent.",
}


class NeedsFilter(admin.SimpleListFilter):
    """What a person has to look at."""

    title = "needs a person"
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("unknown", "Not known if it went"), ("failed", "Failed"), ("held", "Held back")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        if self.value() == "held":
            return queryset.filter(state=_S.QUEUED).exclude(held_reason="")
        return queryset.filter(state=self.value()) if self.value() in {"unknown", "failed"} else queryset


class EventInline(HistoryInline):
    model = MessageEvent
    verbose_name_plural = "what happened to it"
    ordering = ("at", "id")

    def get_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        return ("moment", "step", "why_and_words" if _may_read(request, obj) else "reason", "by_whom")

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    @admin.display(description="When")
    def moment(self, event: MessageEvent) -> str:
        return words.moment(event.at, event.message.location.time_zone)

    @admin.display(description="By")
    def by_whom(self, event: MessageEvent) -> str:
        return event.actor_label

    @admin.display(description="Reason")
    def why_and_words(self, event: Any) -> SafeString | str:
        typed = opened(event.sealed_words, place=WORDS_PLACE)
        return format_html("{}<div>“{}”</div>", event.reason, typed) if typed else event.reason

    @admin.display(description="Became")
    def step(self, event: MessageEvent) -> str:
        return event.get_to_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageEvent]:
        rows: QuerySet[MessageEvent] = super().get_queryset(request)
        return _unopened(rows).select_related("message__location")


@admin.register(Message)
class MessageAdmin(ReadOnlyModelAdmin):
    search_fields = ("=delivery_id", "=about_ref", "=address__value")
    search_help_text = "A whole e-mail address or phone number, or a reference"
    list_filter = (NeedsFilter, "state", "channel", "purpose", "location")
    ordering = ("-created_at", "-id")
    inlines = (EventInline,)
    change_form_outer_before_template = "admin/notifications/message_settle.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        rows = super().get_queryset(request).select_related("address", "contact", "staff", "location")
        # Encrypted texts are opened on the page of one message only, not on a list.
        return (
            rows if request.resolver_match and "object_id" in request.resolver_match.kwargs else _light(rows)
        )

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [
            "what",
            "shown_state",
            "to_whom",
            "why",
            moment_column(request, "created_at", "Wished"),
            "where",
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Message | None = None) -> list[tuple[Any, Any]]:
        fieldsets: list[tuple[Any, Any]] = [
            (None, {"fields": ("what", "shown_state", "why", "to_whom", "subject_link", "where")}),
            ("When", {"fields": ("wished", "due", "expires", "handed", "settled", "attempts")}),
        ]
        if _may_read(request, obj):
            fieldsets.append(("What it says", {"fields": ("subject", "text")}))
        return fieldsets

    @admin.display(description="Subject")
    def subject(self, message: Message) -> str:
        return message.rendered_subject or "–"

    @admin.display(description="Text")
    def text(self, message: Message) -> SafeString | str:
        if not message.rendered_body:
            return "Not written yet: it is written when it leaves."
        return format_html('<div style="white-space: pre-wrap">{}</div>', message.rendered_body.strip())

    def get_readonly_fields(self, request: HttpRequest, obj: Message | None = None) -> list[str]:
        return [name for _, options in self.get_fieldsets(request, obj) for name in options["fields"]]

    @admin.display(description="Message", ordering="template_code")
    def what(self, message: Message) -> str:
        name = message.template_code.replace("-", " ").capitalize()
        return f"{name} · {message.get_channel_display()}"

    @display(description="State", ordering="state", label=LABELS)
    def shown_state(self, message: Message) -> str:
        if message.state == _S.QUEUED and message.held_reason:
            return "Held"
        return message.get_state_display()

    @admin.display(description="To")
    def to_whom(self, message: Message) -> str:
        if message.staff is not None:
            return message.staff.full_name
        if message.address is None or message.contact is None:
            return "–"
        return f"{message.contact} · {mask(message.address.kind, message.address.value)}"

    @admin.display(description="Why")
    def why(self, message: Message) -> str:
        waits = f"Leaves {_local(message, 'due_at')}" if message.state == _S.QUEUED else "–"
        return message.held_reason or message.reason or waits

    @admin.display(description="Location", ordering="location")
    def where(self, message: Message) -> str:
        return message.location.name

    @admin.display(description="About")
    def subject_link(self, message: Message) -> SafeString | str:
        page = page_of(message.about_kind, message.about_ref)
        name = message.get_about_kind_display()
        if page is None:
            return name
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', page, name)

    @admin.display(description="Wished")
    def wished(self, message: Message) -> str:
        return f"{_local(message, 'created_at')} by {message.actor_label}"

    @admin.display(description="Due")
    def due(self, message: Message) -> str:
        return _local(message, "due_at")

    @admin.display(description="Too late after")
    def expires(self, message: Message) -> str:
        return _local(message, "expires_at")

    @admin.display(description="Handed over")
    def handed(self, message: Message) -> str:
        return _local(message, "handed_at")

    @admin.display(description="Settled")
    def settled(self, message: Message) -> str:
        return _local(message, "settled_at")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one message; that its text was shown to somebody is noted."""
        message = Message.objects.filter(pk=row_id(object_id)).first()
        acts = request.user.has_perm("notifications.change_message")
        context: dict[str, Any] = {
            "title": self.what(message) if message else "Message",
            "can_settle": acts and message is not None and message.state == _S.UNKNOWN,
            "can_release": acts and message is not None and bool(message.held_reason),
            "settle_url": reverse("admin:notifications_message_settle", args=[row_id(object_id)]),
            "release_url": reverse("admin:notifications_message_release", args=[row_id(object_id)]),
        }
        with transaction.atomic():
            answer: HttpResponse = super().change_view(
                request, object_id, form_url, (extra_context or {}) | context
            )
            if message is not None and (shown := _private_words(request, message)):
                self.record(request, message, "viewed", fields=shown)
        return answer

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/settle/", view(self.settle), name="notifications_message_settle"),
            path("<int:pk>/release/", view(self.release), name="notifications_message_release"),
            *super().get_urls(),
        ]

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Settle a message of which nobody knows whether it went: it did, send again, or give up."""
        message = _to_act_on(request, pk)
        to = request.POST.get("to", "")
        if to not in SETTLED:
            raise Http404
        words = request.POST.get("reason", "").strip()[:WORDS_LIMIT]
        try:
            with transaction.atomic():
                outbox.settle_unknown(pk, to=to, words=words, actor=actor_of(request), now=database_now())  # type: ignore[arg-type]  # one of the three, see above
                self.record(request, message, "settled", fields=[to])
        except DomainError as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, SETTLED[MessageState(to)])
        return redirect("admin:notifications_message_change", pk)

    def release(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let what was held for this person take its turn again."""
        message = _to_act_on(request, pk)
        if message.contact_id is None:
            raise Http404
        with transaction.atomic():
            count = outbox.release_held(
                contact_id=message.contact_id, actor=actor_of(request), now=database_now()
            )
            self.record(request, message, "released")
        messages.success(request, f"Let go: {count}. Each is judged once more before it leaves.")
        return redirect("admin:notifications_message_change", pk)


def _light(rows: QuerySet[Message]) -> QuerySet[Message]:
    return rows.defer("params", "rendered_subject", "rendered_body")


def _may_read(request: HttpRequest, message: Message | None) -> bool:
    """Say whether somebody may read the words: those to a person only with the right to see leads."""
    return bool(request.user.has_perm("leads.view_lead")) or (
        message is not None and message.staff_id is not None and message.staff_id == request.user.pk
    )


def _private_words(request: HttpRequest, message: Message) -> list[str]:
    """Name the columns whose words somebody is shown on the page of a message."""
    if not _may_read(request, message):
        return []
    shown = ["rendered_subject", "rendered_body"] if message.rendered_body else []
    typed = _unopened(MessageEvent.objects.filter(message=message)).exclude(sealed_words="")
    return [*shown, "words"] if typed.exists() else shown


def _unopened(events: QuerySet[MessageEvent]) -> QuerySet[Any]:
    """Leave what people typed sealed, for the one column that shows it to whom may read it."""
    return events.defer("words").annotate(sealed_words=stored("words"))


def _to_act_on(request: HttpRequest, pk: int) -> Message:
    if request.method != "POST":
        raise Http404  # A link in a mail must never settle anything.
    if not request.user.has_perm("notifications.change_message"):
        raise PermissionDenied
    message = Message.objects.filter(pk=pk).first()
    if message is None:
        raise Http404
    return message


def _local(message: Message, name: str) -> str:
    return words.moment(getattr(message, name), message.location.time_zone)
