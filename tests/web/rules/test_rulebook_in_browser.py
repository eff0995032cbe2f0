"""The document in a real browser: accessible, never wider than the screen, fit for paper."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

OUTSIDE = """() => {
  const svg = document.querySelector("svg.diagram");
  const {width, height} = svg.viewBox.baseVal;
  return [...svg.querySelectorAll("text, rect")].filter((shape) => {
    const box = shape.getBBox();
    return box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height;
  }).map((shape) => shape.outerHTML);
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll("svg.diagram text")].map(
  (text) => text.getBoundingClientRect().height))"""


@pytest.fixture(params=[1280, 360], ids=["wide", "narrow"])
def opened(request: pytest.FixtureRequest, new_context: Callable[..., BrowserContext]) -> Page:
    page = new_context(viewport={"width": request.param, "height": 800}).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto("/rules", wait_until="networkidle")
    assert said == []
    return page


def test_axe_finds_nothing(opened: Page) -> None:
    found = Axe().run(opened)
    assert found.violations_count == 0, found.generate_report()


def test_nothing_is_wider_than_the_screen(opened: Page) -> None:
    width = opened.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]


def test_words_and_boxes_of_the_picture_stay_inside_it_and_are_readable(opened: Page) -> None:
    assert opened.evaluate(OUTSIDE) == []
    assert opened.evaluate(SMALLEST) >= 12


def test_a_link_to_a_criterion_brings_it_into_view(opened: Page) -> None:
    opened.goto("/rules#criterion-severe_lung_disease.limit")
    name = opened.get_by_text("Severe lung disease and more than two levels").first
    assert name.is_visible()
    top = name.evaluate("(found) => found.getBoundingClientRect().top")
    assert 0 <= top < 800


def test_the_picture_follows_forced_colours(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(forced_colors="active", color_scheme="dark").new_page()
    page.goto("/rules")
    colours = page.evaluate(
        """() => ["rect", "text"].map((name) => getComputedStyle(
             document.querySelector(`svg.diagram ${name}`)).fill)"""
    )
    assert len(set(colours)) == 2
    assert "rgb(8, 63, 66)" not in colours, "the box keeps our colour on the reader's ground"


def test_paper_shows_the_text_and_not_the_controls(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = new_context().new_page()
    page.goto("/rules")
    page.emulate_media(media="print")
    assert page.locator(".diagram").is_visible()
    assert page.locator(".passage").first.is_visible()
    assert not page.locator("nav").first.is_visible()
    assert not page.get_by_role("button", name="Print").is_visible()
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_the_w3c_checker_finds_nothing(
    html: str, html_problems: Callable[[Mapping[str, str]], list[str]]
) -> None:
    found: Any = html_problems({"rules": html})
    assert found == []
