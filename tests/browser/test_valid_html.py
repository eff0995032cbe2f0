from collections.abc import Callable, Mapping

from support.pages.web_states import states
from support.rulesets import shipped

from screening.web import create_app

Check = Callable[[Mapping[str, str]], list[str]]


def test_every_page_is_valid_html(html_problems: Check) -> None:
    client = create_app(
        shipped.ruleset(), TODAY=shipped.as_of, WTF_CSRF_ENABLED=False
    ).test_client()
    pages = {}
    for name, state in states().items():
        posted = state.fields is not None
        answer = (
            client.post(state.address, data=state.fields) if posted else client.get(state.address)
        )
        assert answer.status_code == state.status
        pages[name] = answer.text
    assert html_problems(pages) == []


def test_invalid_html_is_seen(html_problems: Check) -> None:
    assert html_problems({"wrong": "<!DOCTYPE html><html lang=en><title>x</title><p><div></p>"})
