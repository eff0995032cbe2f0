"""The pages of an emergency access, for everybody."""

from collections.abc import Callable, Mapping
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Page as BrowserPage
from support.casework.referrals import referral

from screening.records.access import Actor, Role
from screening.records.casework.cases import add_case
from screening.records.ledger.records import Records

Look = Callable[..., BrowserPage]


@pytest.fixture
def pages(
    sqlite_records: Records, employ: Callable[..., Actor], enter: Callable[[Actor], FlaskClient]
) -> list[tuple[FlaskClient, str]]:
    """Each page with the browser of somebody who opens it."""
    north = employ(Role.LEAD_NURSE, "North", name="Lena Lead")
    (site,) = north.sites
    case_id = add_case(sqlite_records, north, site, referral(), uuid4().hex)
    sue = enter(employ(Role.NURSE, "South", name="Sue South"))
    data = {"reference": "R-1", "reason": "patient-here", "note": "Fell at night"}
    assert sue.post("/emergency/", data=data | {"once": uuid4().hex}).status_code == 303
    in_vain = data | {"reference": "R-10", "once": uuid4().hex}
    assert sue.post("/emergency/", data=in_vain).status_code == 422
    auditor = enter(employ(Role.AUDITOR, "North", name="Aud Itor"))
    return [
        (sue, "/emergency/"),
        (sue, f"/case/{case_id}/"),
        (enter(north), f"/case/{case_id}/history"),
        (enter(north), "/emergency/notices"),
        (auditor, "/emergency/list"),
    ]


def test_the_pages_are_valid_html(
    pages: list[tuple[FlaskClient, str]],
    html_problems: Callable[[Mapping[str, str]], list[str]],
) -> None:
    told = {f"page{at}": each[0].get(each[1]).text for at, each in enumerate(pages)}
    told["mistake"] = pages[0][0].post("/emergency/", data={"reference": "R-1"}).text
    assert html_problems(told) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_are_accessible_and_fit(
    pages: list[tuple[FlaskClient, str]], browse: Look, width: int
) -> None:
    for client, address in pages:
        page = browse(client, address, viewport={"width": width, "height": 900})
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
