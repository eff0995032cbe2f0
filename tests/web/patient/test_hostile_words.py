"""Own words that attack the page, the text or the PDF, and what is far too much."""

import pytest
from flask.testing import FlaskClient
from support.pages.web_states import patient

from screening.web.shell import pdf
from screening.web.shell.pdf import Paper

REMOTE = "http://127.0.0.1:9/x"
HOSTILE = [
    f"<img src={REMOTE}>",
    "<object data=file:///etc/passwd></object>",
    f"<style>@import url({REMOTE});</style>",
    '<img src="data:image/svg+xml,<svg/>">',
    f'</p><p style="background:url({REMOTE})">',
]
CONTROLS = "\u202e\u2066\u200f\u200e\x00\x01\x1b\x0b\u2028"


@pytest.fixture
def papers(monkeypatch: pytest.MonkeyPatch) -> list[Paper]:
    """Each paper that is laid out."""
    made: list[Paper] = []
    lay_out = pdf.lay_out

    def keep(html: str, stylesheet: str) -> Paper:
        made.append(lay_out(html, stylesheet))
        return made[-1]

    monkeypatch.setattr(pdf, "lay_out", keep)
    return made


@pytest.mark.parametrize("text", HOSTILE)
def test_a_pdf_asks_for_nothing(client: FlaskClient, papers: list[Paper], text: str) -> None:
    if not pdf.can_write_pdf():
        pytest.skip("this machine makes no PDF")
    fields = patient()
    fields["own"] = text
    assert client.post("/patient/sheet/pdf", data=fields).mimetype == "application/pdf"
    assert [each.asked for each in papers][-1:] == [()]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_page_shows_tags_as_text(client: FlaskClient, text: str) -> None:
    fields = patient()
    fields["own"] = text
    page = client.post("/patient/result", data=fields)
    assert page.status_code == 200
    assert text not in page.text


@pytest.mark.parametrize("address", ["/patient/result", "/patient/sheet/text"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_letters_that_show_nothing_or_turn_others_round_are_left_out(
    client: FlaskClient, address: str, language: str
) -> None:
    fields = patient()
    fields["language"], fields["own"] = language, f"left{CONTROLS}\u2069right\r\nX-Evil: 1"
    answer = client.post(address, data=fields)
    assert "left right X-Evil: 1" in answer.text
    assert "X-Evil" not in answer.headers
    assert not set(CONTROLS) & set(answer.text)


@pytest.mark.parametrize("language", ["es\r\nX-Evil: 1", "../../etc", "\u202e", "ar" * 3000])
def test_a_language_that_is_none_gets_into_no_header(client: FlaskClient, language: str) -> None:
    fields = patient()
    fields["language"] = language
    answer = client.post("/patient/sheet/text", data=fields)
    assert answer.headers["Content-Language"] == "en"
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize(
    ("name", "text", "status"),
    [
        ("own", "x" * 65_600, 413),
        ("own", "x" * 60_000, 422),
        ("own", "a\n" * 10_000, 422),
        ("own", "e\u0301" * 5_000, 422),
        ("own", "(" * 60_000, 422),
        ("q-age", "9" * 60_000, 422),
        ("q-onset_date-words", "about " * 9_000, 422),
    ],
)
def test_what_is_far_too_much_gets_a_page_that_says_so(
    client: FlaskClient, name: str, text: str, status: int
) -> None:
    fields = patient()
    fields[name] = text
    assert client.post("/patient/result", data=fields).status_code == status
