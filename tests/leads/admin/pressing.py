"""Pressing the buttons of the lead page."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from leads.models import Lead


def page_of(lead: Lead) -> str:
    return reverse("admin:leads_lead_change", args=[lead.pk])


def press(at_desk: Client, lead: Lead, button: str, **fields: object) -> Any:
    url = reverse("admin:leads_lead_act", args=[lead.pk, button])
    return at_desk.post(url, {name: str(value) for name, value in fields.items()})


def pressed_well(at_desk: Client, lead: Lead, button: str, **fields: object) -> str:
    """Press a button, follow where it leads, and give the one sentence it says."""
    response = press(at_desk, lead, button, **fields)
    assert (response.status_code, response["Location"]) == (302, page_of(lead)), response.content.decode()
    after = at_desk.get(page_of(lead))
    lead.refresh_from_db()
    [sentence] = [str(message) for message in after.context["messages"]]
    return sentence
