"""Without an account, the day is the day in the browser, whatever the server's clock says."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext

EAST, WEST = "Pacific/Kiritimati", "Etc/GMT+12"  # it is never the same day in both


def day_in(zone: str) -> str:
    return dt.datetime.now(ZoneInfo(zone)).date().isoformat()


@pytest.mark.parametrize("zone", [EAST, WEST])
def test_the_day_in_the_browser_is_shown_and_sent(
    new_context: Callable[..., BrowserContext], zone: str
) -> None:
    page = new_context(timezone_id=zone).new_page()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    before = day_in(zone)
    page.goto("/nurse/")
    shown = [page.locator(f"#as_of-{part}").input_value() for part in ("year", "month", "day")]
    page.get_by_role("button", name="Show result").click()
    page.wait_for_url("**/nurse/result*")
    assert "-".join(part.zfill(2) for part in shown) in {before, day_in(zone)}
    page.goto("/patient/")
    page.get_by_role("button", name="Start now").click()
    page.wait_for_url("**/patient/question*")  # "#page" is added to it
    posted = [data for data in sent if data]
    assert len(posted) == 2
    assert all(
        any(f"browser_day={day}" in data for day in (before, day_in(zone))) for data in posted
    )
