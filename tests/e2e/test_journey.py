"""The journey in a real browser: from the article to the attended visit and the report, no command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import Page, Response, expect

from tests.e2e.people import CRISIS, Colleague, Visitor
from tests.e2e.stack import Stack, wait_for

OpenPage = Callable[..., Page]

LEAD_WITHIN = 2.0  # seconds after the thanks
ACKNOWLEDGED_WITHIN = 5.0
WORKED_OFF_WITHIN = 20.0
BAD_EMAIL = "=cmd@x.co"  # a browser lets it through, the clinic does not


def test_journey_from_the_article_to_the_report(
    stack: Stack, open_page: OpenPage, complaints: list[str]
) -> None:
    owner = Colleague(open_page(), stack, "owner")
    before = owner.report("magnesium")
    desk = Colleague(open_page(), stack, "frontdesk")
    visitor = Visitor(open_page(), stack)
    visitor.read_about_magnesium()
    visitor.fill(name="Mara Okafor", email="mara.okafor@example.com")

    visitor.send()
    reference = visitor.see_thanks()
    assert wait_for(lambda: desk.has_lead(reference), LEAD_WITHIN)
    find_on_today(desk, "Mara Okafor")
    assert wait_for(lambda: desk.is_told("acknowledgement", "Sent"), ACKNOWLEDGED_WITHIN)
    log_the_call(desk)
    book_for_now(desk)
    mark_as_come_and_paid(desk)

    after = owner.report("magnesium")
    assert after == replace(
        before,
        wrote=before.wrote + 1,
        reached=before.reached + 1,
        booked=before.booked + 1,
        came=before.came + 1,
        kept_minor=before.kept_minor + 4_500,
    )
    assert complaints == []


def find_on_today(desk: Colleague, name: str) -> None:
    desk.today()
    waiting = desk.page.get_by_role("region", name=re.compile("^To answer"))
    waiting.get_by_role("link", name=name, exact=True).first.click()
    expect(desk.page.locator(".ivs-head").get_by_role("heading", name=name)).to_be_visible()
    expect(desk.page.get_by_label("What they wrote last")).to_have_text("How long does a push take?")


def log_the_call(desk: Colleague) -> None:
    call = desk.panel("Call")
    call.get_by_label("Spoke: interested", exact=True).check()
    expect(call.get_by_label("Next step")).not_to_have_value("")
    call.get_by_label("Note").fill("Wants to come in right away")
    call.get_by_role("button", name="Save").click()
    desk.said(re.compile(r"Spoke: interested\. Next: \w"))


def book_for_now(desk: Colleague) -> None:
    book = desk.panel("Book")
    expect(book.get_by_label("Service").locator("option:checked")).to_have_text("Magnesium IV push")
    book.get_by_role("button", name="They are here now").click()
    book.get_by_role("button", name="Book", exact=True).click()
    desk.said(re.compile(r"Booked for \d"))


def mark_as_come_and_paid(desk: Colleague) -> None:
    visits = desk.page.get_by_role("region", name="Visits")
    visits.get_by_role("button", name="Attended").click()
    desk.said("Mara Okafor came.")
    visits.get_by_text("Payment", exact=True).first.click()
    visits.get_by_label("Amount").fill("45.00")
    visits.get_by_role("button", name="Note it").click()
    desk.said("Paid: $45.00.")


def test_form_with_javascript_says_what_is_wrong_beside_the_field(
    stack: Stack, open_page: OpenPage, complaints: list[str]
) -> None:
    visitor = Visitor(open_page(), stack)
    visitor.read_about_magnesium()
    visitor.fill(name="Mara Okafor", email=BAD_EMAIL)

    visitor.send()

    expect(visitor.page.get_by_label("E-mail", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.get_by_label("E-mail", exact=True)).to_have_value(BAD_EMAIL)
    expect(visitor.page.get_by_label("E-mail", exact=True)).to_be_focused()
    assert complaints == [refused(stack)]


def test_journey_without_javascript(stack: Stack, open_page: OpenPage, complaints: list[str]) -> None:
    desk = Colleague(open_page(), stack, "frontdesk")
    visitor = Visitor(open_page(java_script_enabled=False), stack)
    answers: list[tuple[str, int]] = []
    visitor.page.on("response", lambda answer: note_answer(answers, answer))
    visitor.read_about_magnesium()
    visitor.fill(name="Ines Duarte", email=BAD_EMAIL)

    visitor.send()
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    expect(visitor.page.get_by_text(CRISIS)).to_be_visible()
    email = visitor.page.get_by_label("E-mail", exact=True)
    expect(email).to_have_value(BAD_EMAIL)
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.get_by_label("Your name")).to_have_value("Ines Duarte")
    expect(visitor.page.get_by_label("What would you like to know?")).to_have_value(
        "How long does a push take?"
    )
    expect(visitor.page.get_by_label("Call me")).to_be_checked()
    email.fill("ines.duarte@example.com")
    visitor.send()
    reference = visitor.see_thanks()

    assert answers == [("/api/v1/leads/", 400), ("/api/v1/leads/", 303)]
    expect(visitor.page).to_have_url(stack.url(f"/forms/website/thanks/?r={reference}"))
    assert wait_for(lambda: desk.has_lead(reference), LEAD_WITHIN)
    find_on_today(desk, "Ines Duarte")
    expect(desk.page.get_by_label("About this person").get_by_text("magnesium", exact=True)).to_be_visible()
    assert complaints == [refused(stack)]


def test_hosted_form_and_its_thanks_with_javascript(
    stack: Stack, open_page: OpenPage, complaints: list[str]
) -> None:
    visitor = Visitor(open_page(), stack)
    visitor.page.goto(stack.url("/example/services/"))
    visitor.page.goto(stack.url("/forms/website/"))
    visitor.fill(name="Noor Haddad", email="noor.haddad@example.com")

    visitor.send()
    reference = visitor.see_thanks()

    expect(visitor.page).to_have_url(stack.url(f"/forms/website/thanks/?r={reference}"))
    assert complaints == []


def note_answer(answers: list[tuple[str, int]], answer: Response) -> None:
    if answer.request.method == "POST":
        answers.append((re.sub(r"^https?://[^/]+", "", answer.url), answer.status))


def refused(stack: Stack) -> str:
    """Give what a console says of a form that was refused: the one line there may be."""
    said = "Failed to load resource: the server responded with a status of 400 (Bad Request)"
    return f"error: {said} ({stack.url('/api/v1/leads/')})"


def test_worker_stopped_arrivals_wait_in_sight_until_it_is_back(
    new_stack: Stack, open_page: OpenPage, complaints: list[str]
) -> None:
    new_stack.start_web()
    names = ["Ada Kowalski", "Bo Larsen", "Cleo Ferrari"]
    references = []
    for name in names:
        visitor = Visitor(open_page(), new_stack)
        visitor.read_about_magnesium()
        visitor.fill(name=name, email=f"{name.replace(' ', '.').lower()}@example.com")
        visitor.send()
        references.append(visitor.see_thanks())

    desk = Colleague(open_page(), new_stack, "frontdesk")
    banner = desk.page.locator(".ivs-banner")
    expect(banner).to_contain_text(
        re.compile(r"3 arrivals wait since .*\d:\d\d [AP]M; the worker has not come round (yet|since .+)\.")
    )
    assert [desk.has_lead(reference) for reference in references] == [False, False, False]

    new_stack.start("manage.py", "sweep", "--loop")
    assert wait_for(lambda: all(desk.has_lead(reference) for reference in references), WORKED_OFF_WITHIN)
    desk.today()
    expect(banner).to_have_count(0)
    for name in names:
        expect(desk.page.get_by_role("link", name=name, exact=True)).to_be_visible()
    assert complaints == []
