"""A browser that goes to any state of the web."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from support.pages.web_states import State

POST = """([address, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  const token = document.querySelector("[name=csrf_token]").value;
  for (const [name, value] of [...fields, ["csrf_token", token]]) {
    const input = document.createElement("textarea");
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page on which no script may fail and nothing may be blocked by the policy."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda m: said.append(m.text) if "Failed to load" not in m.text else None)
    page.set_default_timeout(10_000)
    yield page
    assert said == []


@pytest.fixture
def visit(page: Page) -> Callable[[State], None]:
    """Goes to a state, by a form if it needs one."""
    return lambda state: go(page, state)


@pytest.fixture
def visit_with() -> Callable[[Page, State], None]:
    """The same with a page of one's own."""
    return go


def go(page: Page, state: State) -> None:
    if state.fields is None:
        answer = page.goto(state.address)
    else:
        page.goto("/patient/")
        with page.expect_navigation() as navigation:
            page.evaluate(POST, [state.address, list(state.fields.items(multi=True))])
        answer = navigation.value
    assert answer
    assert answer.status == state.status
    expect(page.locator("h1")).to_have_count(1)
