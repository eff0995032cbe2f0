"""The benchmark of the pages still runs, and its bare pages show what ours do."""

import pytest
from bench import bench_pages
from bench.bare_pages import Content

PAGE = """<main><h1>Age</h1><form><fieldset><legend>Any fever?</legend>
<input type="radio" id="a" name="q-fever" value="yes"><label for="a">Yes</label></fieldset>
<input type="hidden" name="version" value="1"></form><table><tr><td>one</td></tr></table></main>"""


def test_every_page_is_measured_beside_a_bare_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_pages, "ROUNDS", 1)
    monkeypatch.setattr(bench_pages, "EACH", 1)
    monkeypatch.setattr(bench_pages, "AT_MOST", {"form": 1000.0, "text": 1000.0})
    assert bench_pages.main() == 0
    said = capsys.readouterr().out
    names = ("nurse's sheet, empty", "nurse's sheet, answered", "case page", "case result")
    for name in (*names, "letter", "worklist"):
        assert f"| {name} |" in said
    assert said.count(" met |") == said.count("≤") == 10


def test_a_page_that_costs_more_than_it_may_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_pages, "ROUNDS", 1)
    monkeypatch.setattr(bench_pages, "AT_MOST", {"form": 0.0, "text": 1000.0})
    page = bench_pages.Subject("form", lambda: "page")
    told = dict(bench_pages.lines({"a": page}, {"a": {"form": lambda: "page"}}))
    assert list(told) == [True]
    assert "≤ 0.0 **not met**" in told[True]


def test_a_page_is_read_as_its_words_and_the_controls_of_its_forms() -> None:
    read = Content(PAGE)
    assert read.words == ["Age", "Any", "fever?", "Yes", "one"]
    assert [len(row) for row in read.rows] == [3, 1, 0]
    assert read.controls["q-fever"].legend == "Any fever?"
    assert read.controls["q-fever"].choices == {"yes": "Yes"}
    assert read.controls["version"].kind == "hidden"


@pytest.mark.parametrize(
    ("what", "instead"),
    [("<h1>Age", "<h1>Pain"), ("q-fever", "q-chills"), ('value="yes"', 'value="no"')],
)
def test_a_bare_page_that_shows_something_else_is_refused(what: str, instead: str) -> None:
    bench_pages.check_same(Content(PAGE), Content(PAGE), words=True)
    with pytest.raises(AssertionError):
        bench_pages.check_same(Content(PAGE), Content(PAGE.replace(what, instead)), words=True)
