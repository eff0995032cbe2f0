"""Every patient page and state in every language: what axe finds, what fits, what can be hit."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from browser.test_accessible import OPEN_ALL, findings
from browser.test_patient_looks import PATIENT, SMALL, WIDER
from playwright.sync_api import BrowserContext, Page
from support.pages.web_states import Fields, State, states
from support.rulesets import shipped

from screening.web import create_app

VisitWith = Callable[[Page, State], None]
NewContext = Callable[..., BrowserContext]
TAGS = ("en", "es", "ar")
ON_PHONE = {"viewport": {"width": 320, "height": 640}}  # WCAG 1.4.10: 400 % of 1280
EXPIRED = State("/patient/question", Fields({"csrf_token": "old", "q-leg_weakness": "no"}), 400)
STATES = {name: states()[name] for name in PATIENT if states()[name].address != "/"}


def in_language(state: State, tag: str) -> State:
    """The same state, as somebody sees it who reads another language."""
    if state.fields is None:
        return replace(state, address=f"{state.address}?language={tag}")
    fields = state.fields.copy()
    fields["language"] = tag
    return replace(state, fields=fields)


def small_screen(page: Page) -> list[str]:
    """What is wrong with a page on the smallest screen, everything on it open."""
    page.evaluate(OPEN_ALL)
    by = page.evaluate(WIDER)
    small = page.evaluate(SMALL, 44)
    return [*findings(page), *([f"wider by {by}"] if by else []), *(f"small: {s}" for s in small)]


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tag", TAGS)
def test_nothing_is_wrong_with_any_page_on_a_small_screen(
    new_context: NewContext, visit_with: VisitWith, tag: str, scheme: str
) -> None:
    page = new_context(color_scheme=scheme, **ON_PHONE).new_page()
    wrong = {}
    for name, state in {**STATES, "expired": EXPIRED}.items():
        visit_with(page, in_language(state, tag))
        assert page.locator("html").get_attribute("lang") == tag
        wrong[name] = small_screen(page)
    assert {name: found for name, found in wrong.items() if found} == {}


def test_every_page_is_valid_in_every_language(
    html_problems: Callable[[Mapping[str, str]], list[str]],
) -> None:
    app = create_app(shipped.ruleset(), TODAY=shipped.as_of, WTF_CSRF_ENABLED=False)
    client = app.test_client()
    pages = {}
    for tag in TAGS:
        for name, state in STATES.items():
            there = in_language(state, tag)
            posted = there.fields is not None
            answer = (
                client.post(there.address, data=there.fields)
                if posted
                else client.get(there.address)
            )
            assert answer.status_code == there.status
            assert f'<html lang="{tag}"' in answer.text
            pages[f"{tag}-{name}"] = answer.text
    assert html_problems(pages) == []
