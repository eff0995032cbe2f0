"""The two pictures of README, drawn from a demonstration with made-up cases.

Usage: python -m support.services.pictures CHROMIUM    writes docs/pictures/*.png
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright
from support.services.service import Service, environment, service
from support.services.soak import person

FOLDER = Path(__file__).parents[3] / "docs" / "pictures"
WORKLIST, QUESTION = "worklist.png", "question.png"
DESKTOP, PHONE = ViewportSize(width=1280, height=960), ViewportSize(width=360, height=760)


def draw(browser: Browser, running: Service, folder: Path) -> None:
    """Write both pictures into a folder."""
    folder.mkdir(exist_ok=True)
    draw_worklist(browser, running, folder / WORKLIST)
    draw_question(browser, running, folder / QUESTION)


def draw_worklist(browser: Browser, running: Service, file: Path) -> None:
    """A nurse's worklist, on a wide screen."""
    email, password = person(running, "nurse")
    with browser.new_page(viewport=DESKTOP) as page:
        page.goto(f"{running.address}account/sign-in")
        page.locator("[name=email]").fill(email)
        page.locator("[name=password]").fill(password)
        page.locator("main button[type=submit]").click()
        page.get_by_label("Shortcut keys").wait_for()  # the script of the page puts it there
        page.screenshot(path=file)


def draw_question(browser: Browser, running: Service, file: Path) -> None:
    """A patient's first question, on a phone."""
    with browser.new_page(viewport=PHONE, device_scale_factor=2) as page:
        page.goto(f"{running.address}patient/")
        page.get_by_role("button", name="Start now").click()
        page.get_by_role("button", name="Continue").wait_for()
        page.screenshot(path=file)


def main(chromium: str) -> None:
    """Draw them for README."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with service(folder, environment(folder), str(folder / "demo"), command="demo") as running:
            draw(browser, running, FOLDER)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
