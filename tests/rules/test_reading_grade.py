"""What patients read can be read by a child: grade 3 in the middle, and nothing above grade 7."""

import re
from statistics import median

import pytest
from support.rulesets import shipped
from support.words import patient_texts
from support.words.reading_grade import count_syllables, reading_grade, words_of

HARDEST = 7
MIDDLE = 3.3
FEWEST_WORDS = 6
"""The words of a text that has a grade: one long word in two would make it a book."""
MOST_SYLLABLES = 4

KNOWN = {
    "emergency": "it is written on the building and on the phone, and no shorter word names either",
    "vertebral compression fracture": "the name that is on a report; the text says what it means",
}
"""Words beside the explained ones that are not measured, each with the reason."""


def unmeasured() -> re.Pattern[str]:
    forms = [form for term in shipped.ruleset().terms.values() for form in term.forms]
    longest = sorted([*forms, *KNOWN], key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)", re.IGNORECASE)


def measured(text: str) -> str:
    """A text with a short word in the place of each that the page explains."""
    return unmeasured().sub("bone", text)


TEXTS = [
    *patient_texts.texts_of_rules(shipped.ruleset()),
    *patient_texts.texts_of_pages(),
    *patient_texts.texts_of_sentences(),
]
LONG = [(place, text) for place, text in TEXTS if len(words_of(text)) >= FEWEST_WORDS]


def test_no_text_for_patients_is_hard_to_read() -> None:
    grades = [(round(reading_grade(measured(text)), 1), place, text) for place, text in LONG]
    assert [each for each in grades if each[0] > HARDEST] == []


def test_half_of_the_texts_can_be_read_in_the_third_year() -> None:
    assert len(LONG) > 300
    assert median(reading_grade(measured(text)) for _, text in LONG) <= MIDDLE
    rules = [text for _, text in patient_texts.texts_of_rules(shipped.ruleset())]
    assert median(map(reading_grade, rules)) <= MIDDLE


def test_no_short_text_has_a_long_word() -> None:
    short = [(place, measured(text)) for place, text in TEXTS if (place, text) not in LONG]
    long = [
        each for each in short for w in words_of(each[1]) if count_syllables(w) > MOST_SYLLABLES
    ]
    assert not long


def test_each_word_that_is_not_measured_is_in_a_text() -> None:
    every = " ".join(text for _, text in TEXTS).casefold()
    for term in shipped.ruleset().terms.values():
        assert any(form.casefold() in every for form in term.forms), term.id
    for word in KNOWN:
        assert word in every


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *(("bone", 1), ("asked", 1), ("needed", 2), ("changes", 2), ("websites", 2), ("table", 2)),
        *(("treatment", 2), ("medicine", 3), ("serious", 3), ("infection", 3), ("diagnosis", 4)),
        *(("emergency", 4), ("vertebra", 3), ("vertebroplasty", 5), ("area", 3), ("being", 2)),
        *(("people", 2), ("someone", 2), ("unsure", 2), ("14", 1), ("don\u2019t", 1), ("usual", 3)),
    ],
)
def test_syllables_are_counted_as_they_are_said(word: str, count: int) -> None:
    assert count_syllables(word) == count


def test_the_grade_is_that_of_flesch_and_kincaid() -> None:
    assert reading_grade("The cat sat on the mat.") == pytest.approx(-1.45, abs=0.01)
    long = "The present contraindications necessitate multidisciplinary deliberation."
    assert reading_grade(long) > HARDEST
