"""A name in any script is on the paper as text; a letter that no font has is said to be missing."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]
from pypdf import PdfReader
from support.people.case_people import Nurse, assessed, form_with

from screening.web.shell import pdf

NAMES = {
    "Chinese": "王小明", "Japanese": "山田 はなこ", "Korean": "김철수", "Arabic": "محمد علي",
    "Cyrillic": "Иван Петров", "Greek": "Νίκος", "Devanagari": "रमेश", "Thai": "สมชาย",
    "Latin": "Zoë Ångström",
}  # fmt: skip
NOTICE = "This PDF shows an empty box in place of"
LATIN = frozenset([*range(0x20, 0x7F), *range(0xA0, 0x180), 0x2013, 0x2019, 0x201C, 0x201D, 0x2026])
needs_pango = pytest.mark.skipif(not pdf.can_write_pdf(), reason="this machine has no Pango")


def document(name: str) -> str:
    return f'<html lang="en"><head><title>x</title></head><body><p>{name}</p></body></html>'


def text_of(made: bytes) -> str:
    """The text of a PDF; the reader takes a code of two bytes for two where a box is drawn."""
    pages = PdfReader(io.BytesIO(made)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\0", "").split())


@pytest.fixture
def latin_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose one font has the letters of Western Europe, each as a square."""
    write_font(tmp_path / "latin.ttf", [chr(code) for code in LATIN])
    folders = f"<dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir>"
    (tmp_path / "fonts.conf").write_text(f"<fontconfig>{folders}</fontconfig>", "utf-8")
    with monkeypatch.context() as patch:
        patch.setenv("FONTCONFIG_FILE", str(tmp_path / "fonts.conf"))
        _forget()
        yield
    _forget()


def _forget() -> None:
    pdf.shelf.clear()
    pdf.shown_letters.clear()


def write_font(path: Path, letters: list[str]) -> None:
    names = [".notdef", *(f"u{ord(each):04X}" for each in letters)]
    pen = TTGlyphPen(None)
    for index, point in enumerate([(50, 0), (50, 700), (550, 700), (550, 0)]):
        (pen.lineTo if index else pen.moveTo)(point)
    pen.closePath()
    square = pen.glyph()
    made = FontBuilder(1000, isTTF=True)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({ord(each): f"u{ord(each):04X}" for each in letters})
    made.setupGlyf(dict.fromkeys(names, square))
    made.setupHorizontalMetrics(dict.fromkeys(names, (600, 50)))
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupNameTable({"familyName": "Latin Squares", "styleName": "Regular"})
    made.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    made.setupPost()
    made.save(path)


@needs_pango
@pytest.mark.parametrize("script", NAMES)
def test_a_name_is_on_the_paper_or_said_to_be_missing(script: str) -> None:
    name = NAMES[script]
    said = text_of(pdf.write_pdf(document(name), "letter.css"))
    missing = pdf.letters_without_font(name)
    assert (name in said, NOTICE in said) == (not missing, bool(missing))


@needs_pango
@pytest.mark.usefixtures("latin_only")
@pytest.mark.parametrize("script", NAMES)
def test_of_letters_without_a_font_paper_says_how_many(script: str) -> None:
    name = NAMES[script]
    missing = frozenset(each for each in name if each != " " and ord(each) not in LATIN)
    assert pdf.letters_without_font(name) == missing
    said = text_of(pdf.write_pdf(document(name), "letter.css"))
    words = f"{NOTICE} {pdf.words_of_letters(missing)}: this server has no font for it."
    assert (words in said) == (script != "Latin")


@needs_pango
@pytest.mark.usefixtures("latin_only")
def test_the_page_of_a_letter_says_that_its_pdf_has_empty_boxes(nora: Nurse) -> None:
    assessed(nora)
    words = "The PDF shows an empty box in place of"
    assert words not in nora.page("assessments/1/letter").text
    data = form_with(nora.page("referral"), "Save")
    data["person"] = NAMES["Chinese"]
    assert nora.post("referral", data).status_code == 303
    page = nora.page("assessments/1/letter")
    assert f"{words} 3 different letters" in page.text
    assert "fonts-noto-cjk" in page.text
    assert NOTICE in text_of(nora.get("assessments/1/letter.pdf").data)


@needs_pango
@pytest.mark.usefixtures("latin_only")
def test_no_letter_of_a_name_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        pdf.write_pdf(document(NAMES["Chinese"]), "letter.css")
    assert not any(letter in caplog.text for letter in NAMES["Chinese"])
