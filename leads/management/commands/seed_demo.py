"""`manage.py seed_demo`: a clinic to look at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.errors import DomainError
from crm.queries import database_now
from leads.domain import demo


class Command(BaseCommand):
    help = "Fills the database with an invented clinic and its last quarter, once. Needs DEV=1."

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            seeded = demo.seed(now=database_now())
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        if seeded is None:
            self.stdout.write("Demo data: there already.")
            return
        self.stdout.write(
            f"Demo data: {seeded.leads} leads, {seeded.visits} visits and {seeded.messages} messages made."
        )
