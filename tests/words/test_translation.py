import datetime as dt
import threading
from gettext import NullTranslations

import pytest
from markupsafe import Markup
from support.rulesets import shipped

from screening.core.values.answer import Answer
from screening.core.values.span import month_of, year_of
from screening.core.values.wording import Audience
from screening.translation import (
    Language,
    Phrases,
    gettext,
    mark,
    mark_plural,
    ngettext,
    reader_conventions,
    reading_in,
)
from screening.words.shared.answers import words_of_answer
from screening.words.shared.days import words_of_day, words_of_days


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


class Ways:
    """A language that writes from right to left, as the program asks for its ways."""

    tag, name, direction = "xx", "Xx", "rtl"

    def plural(self, count: int) -> int:
        return min(count, 2)

    def day(self, day: dt.date) -> str:
        return f"day {day.toordinal()}"

    def month(self, day: dt.date) -> str:
        return f"month {day.month}"


OTHER = Language(
    Ways(), {"It ends {day}.": "{day} - end"}, {"{count} day": ("0", "1", "{count} d")}
)


def test_a_language_says_days_in_its_own_way() -> None:
    day = dt.date(2026, 10, 1)
    with reading_in(OTHER):
        assert words_of_day(day) == "day 739890"
        assert words_of_days(month_of(2026, 10)) == "month 10"
        assert words_of_days(year_of(2026)) == "2026"


def test_facts_keep_their_direction_in_a_language_from_right_to_left() -> None:
    with reading_in(OTHER):
        assert gettext("It ends {day}.", day="1 May") == "\u20681 May\u2069 - end"
        assert gettext("It ends {day}.", day=Markup("<b>1</b>")) == "<b>1</b> - end"
        assert ngettext("{count} day", "{count} days", 7) == "\u20687\u2069 d"
    assert reader_conventions() is None


def test_a_number_stands_alone_where_units_have_other_forms() -> None:
    age, answer = shipped.ruleset().items["age"], Answer(value=78)
    assert words_of_answer(age, answer, Audience.PATIENT) == "78 years"
    with reading_in(OTHER):
        assert words_of_answer(age, answer, Audience.PATIENT) == "78"
