"""The controls of a question are in the language of the reader."""

from support.pages.page_text import words_of
from support.pages.pseudo_language import Pseudo

from screening import create_app
from screening.translation import reading_in


def test_answers_are_in_the_language_of_the_reader() -> None:
    client, said = create_app().test_client(), Pseudo().gettext
    english = words_of(client.get("/nurse/").text).splitlines()
    with reading_in(Pseudo()):
        other = words_of(client.get("/nurse/").text).splitlines()
    for before, words in (("( ) ", "Yes"), ("( ) ", "No"), ("( ) ", "Not known")):
        count = english.count(before + words)
        assert count
        assert other.count(before + said(words)) == count
        assert before + words not in other
    for lines, word in ((english, "Unknown"), (other, said("Unknown"))):
        assert any(line.startswith(f"{word} ") for line in lines)
    assert not any(line.startswith("Unknown ") for line in other)
