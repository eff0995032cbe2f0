"""Every button of the pages without an account does something, and none is covered on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from support.pages.buttons import faulty_buttons
from support.pages.web_states import State, states

WITH_BUTTONS = (
    *("start", "question", "question-day", "question-changing", "error", "alarm", "check"),
    *("result-flagged", "nurse", "nurse-checked", "nurse-error", "nurse-open", "rules"),
)


@pytest.mark.parametrize("name", WITH_BUTTONS)
def test_every_button_does_something(
    page: Page, visit_with: Callable[[Page, State], None], name: str
) -> None:
    assert faulty_buttons(page, lambda each: visit_with(each, states()[name])) == []
