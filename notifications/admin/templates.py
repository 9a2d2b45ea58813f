"""The wording of messages. What could not be sent as it is meant is refused at save."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from crm.admin.base import ClinicModelAdmin
from crm.domain import safety_phrases
from crm.models import Location
from notifications.domain import moments, rendering, values
from notifications.domain.wording import FOLLOW_UP_DUE, PLACEHOLDERS, SHORT_NOTICE
from notifications.enums import Channel
from notifications.errors import TemplateNotUsable
from notifications.models import Template

# What stands in for a message's own words: said as the acts that queue messages say it.
SAMPLES = {
    "clinic": "Your clinic",
    "phone": "(512) 555-0140",
    "postal_address": "1 Main Street, Austin, TX 78701",
    "reference": "1042",
    "number": "1042",
    "location": "Downtown",
    "received_local": "Tue, Mar 10 at 11:00 AM",
    "who": "Dana Reyes",
    "how": "call",
    "promise": "today by 11:05 AM",
    "answer_by": "today by 11:05 AM",
    "link": "https://www.your-clinic.com/",
    "when": "Thu, Mar 12 at 4:30 PM",
    "place": "1 Main Street, Austin, TX 78701",
    "first_name": "Maria",
}
SAMPLES_ES = {
    "received_local": "el martes 10 de marzo a las 11:00 a. m.",
    "how": "le va a llamar",
    "promise": "hoy antes de las 11:05 a. m.",
    "answer_by": "hoy antes de las 11:05 a. m.",
    "when": "el jueves 12 de marzo a las 4:30 p. m.",
}


class TemplateForm(forms.ModelForm[Template]):
    """Words with placeholders from a closed list."""

    class Meta:
        model = Template
        fields = ("subject", "body")
        widgets: ClassVar = {
            "subject": UnfoldAdminTextInputWidget,
            "body": UnfoldAdminTextareaWidget(attrs={"rows": 16}),
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors:
            written = Template(
                code=self.instance.code,
                channel=self.instance.channel,
                language=self.instance.language,
                subject=self.cleaned_data.get("subject", self.instance.subject),
                body=self.cleaned_data["body"].replace("\r\n", "\n"),
            )
            self.cleaned_data["body"] = written.body
            try:
                rendering.check_template(written)
            except TemplateNotUsable as refused:
                raise forms.ValidationError(refused.message, code=refused.code) from refused
        return cleaned


@admin.register(Template)
class TemplateAdmin(ClinicModelAdmin):
    form = TemplateForm
    list_display = ("name", "channel", "language", "purpose", "version")
    list_filter = ("channel", "language")
    ordering = ("code", "channel", "language")
    list_per_page = 100
    readonly_fields = ("name", "channel", "language", "version", "placeholders", "example")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # Which messages there are is the program's business; how they sound is the clinic's.

    def get_fieldsets(self, request: HttpRequest, obj: Template | None = None) -> list[tuple[Any, Any]]:
        wording = ("body",) if obj and obj.channel == Channel.SMS else ("subject", "body")
        return [
            (None, {"fields": ("name", "channel", "language", "version")}),
            ("Wording", {"fields": (*wording, "placeholders")}),
            ("As it reads now", {"fields": ("example",)}),
        ]

    @admin.display(description="Message", ordering="code")
    def name(self, template: Template) -> str:
        return template.code.replace("-", " ").capitalize()

    @admin.display(description="You can use")
    def placeholders(self, template: Template) -> str:
        known = PLACEHOLDERS.get(template.code, frozenset())
        if template.channel == Channel.SMS:
            known -= {"first_name"}  # A phone may be shared.
        return "  ".join(f"{{{name}}}" for name in sorted(known))

    @admin.display(description="With example values")
    def example(self, template: Template) -> SafeString | str:
        try:
            rendered = rendering.render(template, _samples(template))
        except TemplateNotUsable as refused:
            return refused.message
        head = format_html("<strong>{}</strong>\n\n", rendered.subject) if rendered.subject else ""
        return format_html('<div style="white-space: pre-wrap">{}{}</div>', head, rendered.body)

    def save_model(self, request: HttpRequest, obj: Template, form: Any, change: bool) -> None:
        """Count the version up: a message remembers from which one it was made."""
        if form.changed_data:
            obj.version += 1
            obj.save(update_fields=["subject", "body", "version"])


def _samples(template: Template) -> dict[str, str]:
    """Fill every gap with an example; the clinic's own words are those of its first location in use."""
    language = moments.language_of(template.language)
    short = template.channel == Channel.SMS
    samples = SAMPLES | (SAMPLES_ES if language == "es" else {})
    samples["notice"] = SHORT_NOTICE[language] if short else safety_phrases.notice(language)
    if template.code == FOLLOW_UP_DUE:
        samples["answer_by"] = samples["received_local"]
    here = Location.objects.filter(is_active=True).order_by("pk").first()
    if here is not None:
        samples |= {
            **values.of_clinic(here),
            "place": here.postal_address,
            "location": here.name,
        }
    return samples
