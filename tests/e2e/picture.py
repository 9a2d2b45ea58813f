"""`python -m tests.e2e.picture`: takes the picture of *Today* that the README shows, on fresh demo data."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.e2e.chromium import ARGUMENTS, executable
from tests.e2e.people import Colleague
from tests.e2e.stack import ROOT, Stack, prepare, running

TARGET = ROOT / "docs" / "images" / "today.png"
SIZE = {"width": 1440, "height": 900}


def take(stack: Stack, target: Path) -> None:
    """Sign in as the front desk and take the picture, in light colours."""
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        context = browser.new_context(
            viewport={"width": SIZE["width"], "height": SIZE["height"]},
            color_scheme="light",
            reduced_motion="reduce",
            locale="en-US",
            timezone_id="America/Chicago",
        )
        page = context.new_page()
        Colleague(page, stack, "frontdesk")
        expect(page.get_by_role("region", name="To answer")).to_be_visible()
        page.evaluate("document.fonts.ready.then(() => document.activeElement.blur())")
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, animations="disabled")
        browser.close()


def main() -> int:
    """Prepare a clinic in a folder that goes away again, start it, and take the picture."""
    with tempfile.TemporaryDirectory(prefix="ivsuite-picture-") as folder:
        data_dir = Path(folder) / "data"
        prepare(data_dir)
        with running(Stack(data_dir)) as stack:
            stack.start_all()
            take(stack, TARGET)
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
