"""What the website and the visitor are answered, whatever is known and whatever is broken behind it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.html import escape

from crm.domain import safety_phrases
from leads import tasks
from leads.models import Submission
from tests import factories

pytestmark = pytest.mark.django_db

ANN = {"name": "Ann Smith", "email": "ann@example.com"}


@pytest.mark.parametrize(("language", "state"), [("en", "waiting"), ("es", "waiting"), ("es", "quarantined")])
def test_thank_you_page_shows_the_notice_of_a_known_arrival(language: str, state: str) -> None:
    form = factories.form()
    arrival = factories.arrival(form, language=language)
    Submission.objects.filter(pk=arrival.pk).update(state=state)

    page = Client().get(f"/forms/{form.slug}/thanks/?r={arrival.reference}").content.decode()

    assert page.count(escape(safety_phrases.notice(language))) == 1


@pytest.mark.parametrize("reference", ["", "0" * 32])
def test_thank_you_page_shows_the_notice_to_anybody(reference: str) -> None:
    form = factories.form()

    page = Client().get(f"/forms/{form.slug}/thanks/?r={reference}").content.decode()

    assert page.count(escape(safety_phrases.notice("en"))) == 1


def test_dead_queue_is_nobodys_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    form = factories.form()
    knocks: list[str] = []

    def send_task(name: str, **_options: object) -> None:
        knocks.append(name)
        raise ConnectionRefusedError

    dead = SimpleNamespace(conf=SimpleNamespace(broker_url="redis://dead"), send_task=send_task)
    monkeypatch.setattr(tasks, "current_app", dead)
    monkeypatch.setattr(tasks, "_quiet_until", 0.0)
    monkeypatch.setattr(tasks, "_nudged_until", 0.0, raising=False)
    answer = Client().post(
        "/api/v1/leads/", ANN, content_type="application/json", headers={"X-Form-Key": form.key}
    )

    assert (answer.status_code, Submission.objects.count()) == (201, 1)
    assert knocks == ["leads.tasks.look_for_arrivals"]
