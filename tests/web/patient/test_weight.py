"""The first page of a patient is light, with all that it asks for, as it is served."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support.pages.web_states import states

STATIC = Path(__file__).parents[3] / "screening" / "web" / "static"
MOST = 60_000
ASKS = {"Accept-Encoding": "gzip"}
PAGES = ("/patient/", "/")
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def served(client: FlaskClient, address: str) -> tuple[int, str]:
    """The bytes of an answer as it is sent, with its headers, and its text."""
    answer = client.get(address, headers=ASKS, buffered=True)
    assert answer.status_code == 200
    packed = answer.headers.get("Content-Encoding") == "gzip"
    content = gzip.decompress(answer.data) if packed else answer.data
    return len(answer.data) + len(str(answer.headers)), content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_the_first_page_is_light_with_its_style_script_and_icon(
    client: FlaskClient, page: str
) -> None:
    size, html = served(client, page)
    linked = sorted(set(LINKED.findall(html)))
    kinds = {each.partition("?")[0].rpartition(".")[2] for each in linked}
    assert kinds == {"css", "js", "svg"}
    sizes = {each: served(client, each)[0] for each in linked}
    assert size + sum(sizes.values()) < MOST
    assert size + sum(sizes.values()) < 20_000  # what it is today, with some room


def test_the_style_within_a_page_is_the_file_and_the_policy_allows_no_other(
    client: FlaskClient,
) -> None:
    page = client.get("/patient/")
    (style,) = re.findall(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style == (STATIC / "patient.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    styles = f"style-src 'self' 'sha256-{digest}';"
    for answer in (page, client.post("/patient/question"), client.get("/nurse/")):
        assert styles in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", [each for each in states() if not each.startswith("nurse")])
def test_a_patients_page_loads_its_own_style_and_script_alone(
    client: FlaskClient, name: str
) -> None:
    state = states()[name]
    if not (state.address == "/" or state.address.startswith("/patient")) or state.status == 405:
        return
    posted = state.fields is not None
    page = client.post(state.address, data=state.fields) if posted else client.get(state.address)
    named = {each.partition("?")[0] for each in LINKED.findall(page.text)}
    assert {"/static/patient.css", "/static/patient.js", "/static/mark.svg"} <= named
    assert not any("vendor" in each or "screening." in each for each in named)
    assert 'content="light dark"' in page.text
    assert ("<style>" in page.text) is not posted  # only the first page may not wait for it
