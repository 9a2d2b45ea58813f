"""Staff: who signs in, by e-mail; and the tokens of outside programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from crm.actors import Actor
from crm.models.references import ReferenceField


class StaffManager(BaseUserManager["Staff"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> Staff:
        staff = self.model(email=email.strip().lower(), **extra)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> Staff:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(email=(username or "").strip().lower())


class Staff(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail. Staff are deactivated, never deleted: their acts stay named."""

    reference = ReferenceField()
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="America/Chicago")
    locations = models.ManyToManyField("crm.Location", blank=True, related_name="staff")
    is_staff = models.BooleanField("may sign in to the admin", default=True)
    is_active = models.BooleanField("active", default=True)
    is_demo = models.BooleanField(default=False, editable=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[StaffManager] = StaffManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = "member of staff"
        verbose_name_plural = "staff"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="staff_email_is_lower_case")
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0]

    @property
    def as_actor(self) -> Actor:
        return Actor.staff(self.pk, str(self))


class ApiToken(models.Model):
    """A bearer token of an outside program, hashed; what it may do is in its scopes."""

    name = models.CharField(max_length=120)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField()
    last_used_date = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return self.name

    @property
    def as_actor(self) -> Actor:
        return Actor.integration(self.name)
