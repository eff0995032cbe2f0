"""What a browser leaves on the disk of a shared machine."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserType

CANARY = "73519184627305"


def _found_in(folder: Path) -> list[str]:
    wanted = (CANARY.encode(), CANARY.encode("utf-16-le"))
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path.name for path in files if any(word in path.read_bytes() for word in wanted)]


@pytest.mark.parametrize("kept_off", [True, False])
def test_typed_answers_are_not_written_to_the_profile(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    live_server: str,
    tmp_path: Path,
    kept_off: bool,  # noqa: FBT001 - a case of the table
) -> None:
    """Without the form's guard the same answers are found, so the search is one that can fail."""
    profile = tmp_path / "profile"
    context = browser_type.launch_persistent_context(profile, **browser_type_launch_args)
    page = context.new_page()
    page.goto(f"{live_server}/nurse/")
    if not kept_off:
        page.evaluate("document.querySelectorAll('[name=unkept]').forEach((e) => e.remove())")
    page.locator("[name=q-age]").fill(CANARY)
    page.get_by_role("button", name="Check the page so far").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    if not kept_off:
        page.evaluate("document.querySelectorAll('[name=unkept]').forEach((e) => e.remove())")
        page.get_by_role("button", name="Check the page so far").click()
        page.get_by_role("heading", name="There is a problem").wait_for()
    page.wait_for_timeout(3000)
    context.close()
    assert (_found_in(profile) == []) is kept_off
