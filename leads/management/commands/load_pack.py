"""`manage.py load_pack`: what a clinic starts with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from crm.errors import DomainError
from crm.queries import database_now
from leads.domain import pack


class Command(BaseCommand):
    help = "Puts the clinic pack into the database where it is missing. Edits are never overwritten."

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            counts = pack.load(now=database_now())
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        new = [f"{count} {kind}" for kind, count in counts.items() if count]
        self.stdout.write(f"Clinic pack: {', '.join(new)} added." if new else "Clinic pack: complete.")
