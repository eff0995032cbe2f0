"""The main pages say what they said."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from support import golden
from support.pages import golden_pages
from support.pages.page_text import words_of
from support.storage import databases


@pytest.fixture(scope="module")
def texts(sqlite_pattern: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The words of each page, by its name."""
    address = databases.sqlite_copy(sqlite_pattern, tmp_path_factory.mktemp("pages"))
    with databases.open_records(address) as records:
        return dict(golden_pages.texts(golden_pages.application(records)))


@pytest.mark.parametrize("name", golden_pages.NAMES)
def test_a_page_says_what_is_kept(texts: Mapping[str, str], name: str) -> None:
    golden.check(golden.page(name), texts[name])


def test_nothing_else_is_kept() -> None:
    assert {path.name for path in golden.PAGES.iterdir()} == {
        golden.page(name).name for name in golden_pages.NAMES
    }


def test_every_page_that_is_kept_was_there() -> None:
    first = {path.name: path.read_text("utf-8").split()[0] for path in golden.PAGES.iterdir()}
    assert [name for name, word in first.items() if word.isdigit()] == []


def test_what_is_read_and_what_fields_hold_stand_in_lines() -> None:
    html = """<title>T</title><script>no</script><h1>Big <b>one</b></h1>
        <input type=hidden value=secret><div><input type=radio checked> Yes</div>
        <div hidden>no<p>no</div><p><input type=checkbox> <span>S</span><span>o</span>
        <p><input value=72><select><option>a<option selected>b</select><p>id 0123456789abcdef"""
    assert words_of(html).splitlines() == [
        *("T", "# Big one", "(x) Yes", "[ ] S o", "[72]", "o a", "x b", "id …"),
    ]


def test_a_difference_is_shown_with_the_command_that_keeps_it() -> None:
    kept = golden.page("start")
    with pytest.raises(AssertionError, match=r"(?s)\n-.*\n\+other\n.*python -m support.golden"):
        golden.check(kept, "other\n")
