"""Who signs in, and in which roles. Staff are deactivated, never deleted: their acts stay named."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminEmailInputWidget

from crm.admin import words
from crm.admin.base import NAMES, ClinicModelAdmin
from crm.admin.fields import ZoneField
from crm.enums import Role
from crm.models import Staff


def staff_names(references: Collection[str]) -> dict[str, str]:
    """Name members of staff by their references, for the audit trail."""
    return dict(Staff.objects.filter(reference__in=references).values_list("reference", "full_name"))


NAMES["staff"] = staff_names
admin.site.unregister(Group)  # Roles come with the clinic pack; who has which is said on the staff page.


class _ByEmail:
    """Mixin: an e-mail address is kept in lower case, as signing in looks for it."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class NewStaffForm(_ByEmail, UserCreationForm):
    time_zone = ZoneField(initial="America/Chicago")

    class Meta:
        model = Staff
        fields = ("email", "full_name", "time_zone")
        field_classes: ClassVar[dict[str, type[forms.Field]]] = {}
        widgets: ClassVar = {"email": UnfoldAdminEmailInputWidget}


class StaffForm(_ByEmail, forms.ModelForm[Staff]):
    time_zone = ZoneField(help_text="Times that belong to no location are shown in it.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_own_page = False

    def clean_is_active(self) -> bool:
        active = bool(self.cleaned_data["is_active"])
        if self.is_own_page and not active:
            raise ValidationError("You cannot deactivate yourself. Ask somebody else to.")
        return active


# Its types promise Django's log where ours writes the audit trail.
_UserAdmin: Any = UserAdmin


@admin.register(Staff)
class StaffAdmin(ClinicModelAdmin, _UserAdmin):
    form = StaffForm
    add_form = NewStaffForm
    add_form_template = "admin/change_form.html"
    change_password_form = AdminPasswordChangeForm
    list_display = ("full_name", "email", "roles", "in_use", "last_seen")
    list_filter = ("is_active", "groups")
    search_fields = ("full_name", "email")
    ordering = ("full_name", "email")
    filter_horizontal = ()
    readonly_fields = ("set_password", "last_seen")
    fieldsets: ClassVar = (
        (None, {"fields": ("full_name", "email", "set_password", "time_zone")}),
        ("What they do", {"fields": ("groups", "locations")}),
        ("Signing in", {"fields": ("is_active", "last_seen")}),
    )
    add_fieldsets: ClassVar = (
        (None, {"fields": ("full_name", "email", "time_zone", "password1", "password2")}),
        ("What they do", {"fields": ("groups", "locations")}),
    )

    @admin.display(description="Roles")
    def roles(self, staff: Staff) -> str:
        names = sorted(group.name for group in staff.groups.all())
        return ", ".join([*names, "Administrator"] if staff.is_superuser else names) or "–"

    @admin.display(description="Last signed in", ordering="last_login")
    def last_seen(self, staff: Staff) -> str:
        return words.moment(staff.last_login, staff.time_zone)

    @admin.display(description="Password")
    def set_password(self, staff: Staff) -> SafeString:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500" href="{}">Set a new password</a>',
            reverse("admin:auth_user_password_change", args=[staff.pk]),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        rows: QuerySet[Staff] = super().get_queryset(request).prefetch_related("groups")
        return rows

    def get_form(self, request: HttpRequest, obj: Staff | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        if obj is None or obj.pk != request.user.pk:
            return form

        class OwnForm(form):  # type: ignore[valid-type,misc]  # made for each request by the admin
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.is_own_page = True

        return OwnForm

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        """Show roles and locations as checkboxes; only an owner makes owners."""
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        if db_field.name == "groups":
            groups = Group.objects.order_by("name")
            kwargs["queryset"] = groups if _is_owner(request.user) else groups.exclude(name=Role.OWNER)
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups":
            field.label, field.help_text = "Roles", ""
        else:
            field.help_text = "None ticked: all locations"
        return field

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set a password; that it was set is written down in the same transaction."""
        with transaction.atomic():
            answer: HttpResponse = super().user_change_password(request, id, form_url)
        return answer

    def has_change_permission(self, request: HttpRequest, obj: Staff | None = None) -> bool:
        """Whoever is no owner changes no owner, so that nobody makes their way up through a password."""
        allowed = bool(super().has_change_permission(request, obj))
        return allowed and (obj is None or _is_owner(request.user) or not _is_owner(obj))


def _is_owner(staff: Any) -> bool:
    if not isinstance(staff, Staff):
        return False
    return staff.is_superuser or any(group.name == Role.OWNER for group in staff.groups.all())
