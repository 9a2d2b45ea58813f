"""`manage.py create_api_token`: makes a bearer token for an outside program and prints it once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from crm.actors import Actor
from crm.domain import tokens
from crm.enums import Scope
from crm.errors import DomainError
from crm.queries import database_now


class Command(BaseCommand):
    help = "Makes a bearer token for an outside program and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the program, as the audit trail will call it")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=[*Scope.values, "all"],
            help="what it may do; repeat for several",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        scopes = Scope.values if "all" in options["scope"] else options["scope"]
        try:
            _, raw = tokens.create(
                name=options["name"], scopes=scopes, actor=Actor.system("command line"), now=database_now()
            )
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stderr.write("Keep it now: it cannot be shown again.")
        self.stdout.write(raw)
