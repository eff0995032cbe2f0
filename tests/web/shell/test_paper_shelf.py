"""Finished papers are found by their whole text alone, and there are never many of them."""

import pytest

from screening.web.shell import paper_shelf
from screening.web.shell.paper_shelf import PaperShelf


def test_a_paper_is_found_by_its_text_and_by_no_other() -> None:
    shelf = PaperShelf()
    shelf.put("A. Made-up, born 1951", b"%PDF of A")
    assert shelf.get("A. Made-up, born 1951") == b"%PDF of A"
    assert shelf.get("A. Made-up, born 1952") is None


def test_nothing_of_a_paper_or_its_text_can_be_read_on_the_shelf() -> None:
    shelf = PaperShelf()
    shelf.put("A. Made-up", b"%PDF of A. Made-up")
    ((name, sealed),) = shelf.papers.items()
    assert "Made-up" not in name
    assert b"Made-up" not in sealed
    assert b"%PDF" not in sealed


def test_another_process_has_another_name_for_a_paper() -> None:
    shelves = PaperShelf(), PaperShelf()
    for each in shelves:
        each.put("A. Made-up", b"%PDF")
    assert set(shelves[0].papers).isdisjoint(shelves[1].papers)


def test_the_paper_that_was_unused_for_longest_goes() -> None:
    shelf = PaperShelf(most=2)
    for text in ("one", "two"):
        shelf.put(text, text.encode())
    shelf.get("one")
    shelf.put("three", b"three")
    found = [text for text in ("one", "two", "three") if shelf.get(text)]
    assert (found, len(shelf)) == (["one", "three"], 2)


def test_a_large_paper_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_shelf, "LARGEST", 3)
    shelf = PaperShelf()
    shelf.put("small", b"123")
    shelf.put("large", b"1234")
    assert (shelf.get("small"), shelf.get("large")) == (b"123", None)
