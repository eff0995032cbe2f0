"""The style sheet of the patient's pages: light, readable, and for any direction of writing."""

import re
from pathlib import Path

import pytest
from support.pages.style_colours import contrast, schemes

STATIC = Path(__file__).parents[3] / "screening" / "web" / "static"
CSS = (STATIC / "patient.css").read_text("utf-8")
COLOURS = schemes(CSS)
GROUNDS = ("ground", "card", "pale", "alarm-pale", "care-pale")
READ = [
    *((words, ground) for words in ("ink", "soft", "deep", "deeper") for ground in GROUNDS),
    *((words, ground) for words in ("alarm",) for ground in ("ground", "card", "alarm-pale")),
    *(("on-deep", "deep"), ("on-deep", "deeper"), ("on-band", "band")),
]
"""What is read, each on what it lies on: AAA, for text of any size."""
SEEN = [
    *((edge, ground) for edge in ("edge", "deep", "focus") for ground in ("ground", "card")),
    *(("focus", ground) for ground in GROUNDS),
    *(("alarm", "ground"), ("alarm", "card"), ("care", "ground")),
    *(("drawn", "bone"), ("drawn", "disc"), ("cement", "bone"), ("ink", "card")),
]
"""What has to be seen: the borders of controls, the focus, the lines and parts of pictures."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), READ)
def test_what_is_read_has_the_contrast_of_aaa(scheme: str, words: str, ground: str) -> None:
    assert contrast(COLOURS[scheme][words], COLOURS[scheme][ground]) >= 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), SEEN)
def test_a_border_is_seen(scheme: str, edge: str, ground: str) -> None:
    assert contrast(COLOURS[scheme][edge], COLOURS[scheme][ground]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_outline_of_a_bone_is_seen(scheme: str) -> None:
    colours = COLOURS[scheme]
    assert max(contrast(colours[each], colours["card"]) for each in ("drawn", "bone")) >= 3


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_colour_is_named_once_and_used() -> None:
    outside = re.sub(r":root \{.*?\}", "", CSS, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", outside) == []
    assert set(COLOURS["light"]) <= set(re.findall(r"var\(--([\w-]+)", CSS))


def test_nothing_in_it_depends_on_the_direction_of_writing() -> None:
    text = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)
    assert re.findall(r"[^{};\n]*\b(?:left|right)\b[^;]*;", text) == []
    boxes = re.findall(r"(?:margin|padding|inset): ([^;]+);", text)
    for four in (each.split() for each in boxes if len(each.split()) == 4):
        assert four[1] == four[3]


def test_it_holds_no_words() -> None:
    shown = re.findall(r"[ {]content: ([^;]+);", CSS)
    assert set(shown) <= {'""', "open-quote", "close-quote"}


@pytest.mark.parametrize(("name", "most"), [("patient.css", 16_000), ("patient.js", 5_000)])
def test_a_file_stays_small(name: str, most: int) -> None:
    assert len((STATIC / name).read_bytes()) <= most


def test_what_moves_asks_first_and_the_dark_scheme_is_not_printed() -> None:
    before, _, after = CSS.partition("@media (prefers-reduced-motion: no-preference)")
    assert "transition" not in before
    assert "transition" not in after.partition("\n}\n")[2]
    assert "animation" not in CSS
    assert "@media screen and (prefers-color-scheme: dark)" in CSS
