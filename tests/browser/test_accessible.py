"""What machines can say of accessibility, on every page and state; people judge the rest."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from support.pages.web_states import State, states

Visit = Callable[[State], None]
HEAVY = {"nurse-met", "nurse-emergency", "nurse-unknown"}  # "nurse-open" shows the same trace
OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true; })"


VIOLATIONS: dict[str, Any] = {"resultTypes": ["violations"]}
"""Every rule is applied; what it found in order is not written down element by element."""
ON_PAPER = VIOLATIONS | {
    "rules": {"scrollable-region-focusable": {"enabled": False}}  # paper does not scroll
}


def findings(page: Page, options: dict[str, Any] = VIOLATIONS) -> list[str]:
    """What axe finds, all of its rules applied."""
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("name", states())
def test_axe_finds_nothing(page: Page, visit: Visit, name: str) -> None:
    visit(states()[name])
    if name not in HEAVY:
        page.evaluate(OPEN_ALL)
    wide = findings(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert (wide, findings(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize(
    "name", ["result-flagged", "nurse-met", "source", "about", "alarm", "options"]
)
def test_axe_finds_nothing_on_paper(page: Page, visit: Visit, name: str) -> None:
    page.set_viewport_size({"width": 794, "height": 1123})  # A4
    visit(states()[name])
    page.emulate_media(media="print")
    assert findings(page, ON_PAPER) == []


def test_axe_does_find_what_is_wrong(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.querySelector('html').removeAttribute('lang')")
    assert any(found.startswith("html-has-lang") for found in findings(page))


@pytest.mark.parametrize(
    "name", ["question", "check", "result", "nurse", "nurse-open", "home", "options"]
)
def test_a_page_stands_in_forced_colours_and_at_large_text(
    page: Page, visit: Visit, name: str
) -> None:
    visit(states()[name])
    page.emulate_media(forced_colors="active")
    page.set_viewport_size({"width": 320, "height": 640})  # WCAG 1.4.10: 400% of 1280
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(
    "name", ["error", "error-number", "error-day", "error-words", "nurse-error"]
)
def test_the_error_summary_has_the_focus_and_leads_to_the_field(
    page: Page, visit: Visit, name: str
) -> None:
    visit(states()[name])
    summary = page.locator("#error-summary")
    page.wait_for_function("document.activeElement.id === 'error-summary'")
    assert page.title().startswith("Error: ")
    link = summary.locator("a").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    page.wait_for_function("id => document.activeElement.id === id", arg=target)


@pytest.mark.parametrize("name", ["question", "check", "result", "nurse", "nurse-open"])
def test_a_control_is_large_enough_to_hit(page: Page, visit: Visit, name: str) -> None:
    visit(states()[name])
    page.set_viewport_size({"width": 360, "height": 740})
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, input:not([type=hidden])")]
        .filter(each => each.checkVisibility())
        .filter(each => { const box = each.getBoundingClientRect();
                          return Math.min(box.width, box.height) < 24; })
        .map(each => each.outerHTML.slice(0, 120))"""
    )
    assert small == []
