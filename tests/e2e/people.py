"""What people do in front of a screen: a visitor of the website, and those who work at the clinic."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.e2e.stack import Stack

PASSWORD = "drip-demo-2026"
CRISIS = "call or text 988"


class Visitor:
    """Somebody who reads the clinic's website."""

    def __init__(self, page: Page, stack: Stack) -> None:
        self.page = page
        self._stack = stack

    def read_about_magnesium(self) -> None:
        """Open the website and go to the article by its link."""
        self.page.goto(self._stack.url("/example/"))
        self.page.get_by_role("navigation", name="Main").get_by_role("link", name="Magnesium").click()
        expect(self.page).to_have_url(self._stack.url("/example/articles/magnesium/"))

    def fill(self, *, name: str, email: str) -> None:
        """Fill in "Reach out to us"."""
        self.page.get_by_label("Your name").fill(name)
        self.page.get_by_label("E-mail", exact=True).fill(email)
        self.page.get_by_label("What would you like to know?").fill("How long does a push take?")
        self.page.get_by_label("Call me").check()

    def send(self) -> None:
        self.page.get_by_role("button", name="Send my message").click()

    def see_thanks(self) -> str:
        """Read the thanks, the crisis notice among them, and give the reference."""
        expect(self.page.get_by_role("heading", name="Got it. Thank you.")).to_be_visible()
        expect(self.page.locator(".crisis").filter(has_text=CRISIS).last).to_be_visible()
        return self.page.locator("[data-reference]").get_attribute("data-reference") or ""


@dataclass(frozen=True)
class ReportRow:
    """One line of the report."""

    wrote: int
    reached: int
    booked: int
    came: int
    kept_minor: int


class Colleague:
    """Somebody who works at the clinic, signed in."""

    def __init__(self, page: Page, stack: Stack, role: str) -> None:
        self.page = page
        self._stack = stack
        page.goto(stack.url("/admin/"))
        page.get_by_label("E-mail", exact=True).fill(f"{role}@ivsuite.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name=re.compile("log in|sign in", re.IGNORECASE)).click()
        expect(page).to_have_url(stack.url("/admin/"))

    def today(self) -> None:
        """Open the page of the day."""
        self.page.goto(self._stack.url("/admin/"))

    def has_lead(self, reference: str) -> bool:
        """Ask for the lead of a reference, as the link in an alert does."""
        path = f"/admin/leads/lead/by-reference/{reference}/"
        return self.page.request.get(self._stack.url(path), max_redirects=0).status == 302

    def is_told(self, *words: str) -> bool:
        """Look at the page anew, and whether one entry of the lead's story holds all of these words."""
        self.page.reload()
        story = self.page.get_by_role("region", name="What happened").get_by_role("listitem")
        for word in words:
            story = story.filter(has_text=word)
        return story.count() == 1

    def said(self, sentence: str | re.Pattern[str]) -> None:
        """Read the sentence that answers a button."""
        expect(self.page.get_by_text(sentence).first).to_be_visible()

    def panel(self, name: str) -> Locator:
        """Open one of the panels of the lead's page."""
        panels = self.page.get_by_role("region", name="What to do")
        tab = panels.locator(".ivs-tabs").get_by_role("button", name=name, exact=True)
        if tab.get_attribute("aria-expanded") != "true":
            tab.click()
        return panels.locator(f"#{tab.get_attribute('aria-controls')}")

    def report(self, article: str) -> ReportRow:
        """Read one line of the report."""
        self.page.get_by_role("link", name="Report").first.click()
        row = self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=article))
        expect(row).to_be_visible()
        wrote, reached, booked, came = (
            _first_number(row, label) for label in ("Wrote", "Reached", "Booked", "Came")
        )
        kept = row.locator("td[data-label=Kept]").inner_text()
        return ReportRow(wrote, reached, booked, came, kept_minor=int(re.sub(r"\D", "", kept)))


def _first_number(row: Locator, label: str) -> int:
    return int(row.locator(f"td[data-label={label}]").inner_text().split()[0])
