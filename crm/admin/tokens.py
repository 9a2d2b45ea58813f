"""The tokens of outside programs. The secret is shown once, on the page after the making of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from crm.admin.audited import actor_of
from crm.admin.base import ClinicModelAdmin, moment_column, row_id
from crm.domain import tokens
from crm.enums import Scope
from crm.fields import UnreadableValue, seal, unseal
from crm.models import ApiToken
from crm.queries import database_now

# Where the session keeps a fresh secret, sealed, until the page after has shown it.
_FRESH = "fresh_api_token"
_PLACE = "crm.apitoken.fresh"


class TokenForm(forms.ModelForm[ApiToken]):
    """A new token: which program it is for, and what that program may do."""

    name = forms.CharField(
        max_length=120,
        label="For which program",
        help_text="Its acts are recorded under this name.",
        widget=UnfoldAdminTextInputWidget,
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, f"{scope.label} ({scope.value})") for scope in Scope],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        label="May",
        help_text="As little as it needs. “Read what people wrote” opens health text.",
    )

    class Meta:
        model = ApiToken
        fields = ("name", "scopes")


@admin.register(ApiToken)
class ApiTokenAdmin(ClinicModelAdmin):
    audit_kind = "api_token"
    form = TokenForm
    ordering = ("-created_at",)
    change_form_outer_before_template = "admin/crm/token_revoke.html"
    fieldsets: ClassVar = ((None, {"fields": ("name", "scopes")}),)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["name", "may", "state", "last_used_date", moment_column(request, "created_at", "Made")]

    @admin.display(description="May")
    def may(self, token: ApiToken) -> str:
        return ", ".join(map(str, token.scopes))

    @display(description="State", label={"In use": "success", "Revoked": "danger"})
    def state(self, token: ApiToken) -> str:
        return "In use" if token.revoked_at is None else "Revoked"

    def get_fieldsets(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        made = moment_column(request, "created_at", "Made")
        revoked = moment_column(request, "revoked_at", "Revoked")
        return ((None, {"fields": ("name", "may", "state", made, "last_used_date", revoked)}),)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return () if obj is None else self.get_fieldsets(request, obj)[0][1]["fields"]

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False  # What a token may do is said when it is made; afterwards it can only be revoked.

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> ApiToken:
        token: ApiToken = form.save(commit=False)
        return token

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Make the token; its secret waits, sealed, for the page that shows it."""
        made, secret = tokens.create(
            name=obj.name, scopes=obj.scopes, actor=actor_of(request), now=database_now()
        )
        request.session[_FRESH] = [made.pk, seal(secret.encode(), place=_PLACE)]
        obj.pk, obj.created_at = made.pk, made.created_at

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Leave the record to `tokens.create`, which wrote it."""

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: Any = None
    ) -> HttpResponse:
        """Lead on to the page of the secret, so that loading it again makes no second token."""
        return redirect("admin:crm_apitoken_once", obj.pk)

    def once(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the secret of a token that was just made in this session, and forget it."""
        token = ApiToken.objects.filter(pk=pk).first()
        if token is None:
            raise Http404
        secret = _take_fresh(request, pk)
        if not secret:
            messages.info(
                request, "This token was shown already. If it was not copied, revoke it, make another."
            )
            return redirect("admin:crm_apitoken_change", pk)
        context = self.admin_site.each_context(request) | {
            "title": f"Token for {token.name}",
            "opts": self.opts,
            "token": token,
            "secret": secret,
        }
        answer = TemplateResponse(request, "admin/crm/token_once.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context: dict[str, Any] = {
            "can_revoke": request.user.has_perm("crm.change_apitoken"),
            "revoke_url": reverse("admin:crm_apitoken_revoke", args=[row_id(object_id)]),
        }
        answer: HttpResponse = super().change_view(
            request, object_id, form_url, (extra_context or {}) | context
        )
        return answer

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/revoke/", view(self.revoke), name="crm_apitoken_revoke"),
            path("<int:pk>/once/", view(self.once), name="crm_apitoken_once"),
            *super().get_urls(),
        ]

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End a token from now on."""
        if request.method != "POST":
            raise Http404
        if not request.user.has_perm("crm.change_apitoken"):
            raise PermissionDenied
        tokens.revoke(token_id=pk, actor=actor_of(request), now=database_now())
        messages.success(request, "Revoked. The program is refused from now on.")
        return redirect("admin:crm_apitoken_changelist")


def _take_fresh(request: HttpRequest, pk: int) -> str:
    """Take the secret of this token out of the session; "" when it is not there (any more)."""
    fresh_pk, sealed = request.session.get(_FRESH, (0, ""))
    if fresh_pk != pk:
        return ""
    del request.session[_FRESH]
    try:
        return unseal(sealed, place=_PLACE).decode()
    except UnreadableValue:
        return ""  # The keys changed in between: as good as shown.
