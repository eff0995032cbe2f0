import threading
from gettext import NullTranslations

import pytest

from screening.translation import Phrases, gettext, mark, mark_plural, ngettext, reading_in


class Marked(NullTranslations):
    """A language in which each message stands in brackets."""

    def __init__(self, brackets: str) -> None:
        super().__init__()
        self._left, self._right = brackets[0], brackets[1]

    def gettext(self, message: str) -> str:
        return f"{self._left}{message}{self._right}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


WORDS = Phrases({1: "first", 2: "second"})


def test_without_a_language_a_message_is_english() -> None:
    assert gettext("It ends {day}.", day="1 May") == "It ends 1 May."
    assert gettext("{} stays") == "{} stays"


def test_a_message_is_translated_before_facts_go_in() -> None:
    with reading_in(Marked("<>")):
        assert gettext("It ends {day}.", day="{x}") == "<It ends {x}.>"
    assert gettext("It ends {day}.", day=1) == "It ends 1."


@pytest.mark.parametrize(("count", "said"), [(0, "<0 days>"), (1, "<1 day>"), (2, "<2 days>")])
def test_a_number_chooses_the_message(count: int, said: str) -> None:
    with reading_in(Marked("<>")):
        assert ngettext("{count} day", "{count} days", count) == said


def test_a_table_is_translated_as_it_is_looked_up() -> None:
    with reading_in(Marked("<>")):
        assert [*WORDS.values()] == ["<first>", "<second>"]
        assert (len(WORDS), WORDS.get(3, "none")) == (2, "none")
    assert WORDS[1] == "first"


def test_a_marked_message_stays_as_it_is_until_it_is_said() -> None:
    with reading_in(Marked("<>")):
        assert mark("later") == "later"
        assert gettext(mark("later")) == "<later>"
        assert ngettext(*mark_plural("{count} day", "{count} days"), 2) == "<2 days>"


def test_two_threads_read_in_two_languages_at_once() -> None:
    both, said = threading.Barrier(2, timeout=10), dict[str, str]()

    def read(brackets: str) -> None:
        with reading_in(Marked(brackets)):
            both.wait()
            said[brackets] = gettext("word")
            both.wait()

    threads = [threading.Thread(target=read, args=(each,)) for each in ("<>", "()")]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert said == {"<>": "<word>", "()": "(word)"}
    assert gettext("word") == "word"
