"""One label a concept: pages, letter, worklist, history and export call a thing the same."""

import re
from itertools import chain

import pytest
from support.rulesets import shipped

from screening.core.rules.condition import items_in
from screening.core.values.wording import Audience
from screening.formats.referrals.text import FIELD_WORDS
from screening.resources import templates_folder
from screening.web.worklist.export_file import HEADING

LABELS = {
    "Reference": (
        (
            "results/letter_body worklist/fields worklist/import worklist/list worklist/chase"
            " worklist/preview worklist/duplicates case/emergency_access/list"
        ),
        "Referral|Reference number|Referral number|Reference of the case|Referral and result",
    ),
    "Patient": ("results/letter_body worklist/fields worklist/import worklist/preview", "Person"),
    "Referring clinic": (
        "results/letter_body worklist/fields worklist/list worklist/duplicates",
        "Clinic|Referred by|Clinic that refers",
    ),
    "Hospital number": (
        "results/letter_body worklist/fields worklist/import",
        "MRN|Hospital no.|Medical record number",
    ),
    "Date received": ("worklist/fields worklist/import", "Received on|Referral date|Arrived"),
    "Birth year": ("worklist/fields worklist/list worklist/preview", "Born"),
    "Waiting for": ("worklist/list", "Waits for"),
    "Last updated": ("worklist/list worklist/duplicates", "Last touched"),
    "Due": ("worklist/chase", "Until"),
    "Who finds out": ("questionnaire/result/reasons case/missing worklist/chase", "Who can tell"),
    "Computed outcome": (
        "results/letter_body results/assessments audit/list",
        "Computed by the published rules",
    ),
    "Decision": ("results/result results/assessments audit/trace", "Decided by a person"),
    "Missing answers, the most important first": (
        "results/letter_body questionnaire/result/reasons",
        "Still needed, the most consequential first|Still missing",
    ),
    "What decides the result": (
        "results/letter_body questionnaire/result/reasons",
        "What decides it",
    ),
    "What the sources leave out": (
        "questionnaire/sources/silent rules/rulebook/rules",
        "What none of them says|What the sources say nothing about",
    ),
    "Screening date": ("results/letter_body results/assessments audit/trace", "Screened"),
}
"""The labels, the templates that show them, and words that none uses for the same."""

ABOUT = {"result", "kind", "onset", "healing", "comes", "course", "have"}
"""Words of the names of questions that say which kind of thing is asked."""
SMALL = {"the", "and", "for", "was", "not", "one"}


def _labels(text: str) -> set[str]:
    """The texts that a template shows alone, in an element or by a component."""
    return {found.strip() for found in re.findall(r'(?<=[>"])[^<>"{}]+(?=[<"])', text)}


def _stems(text: str) -> set[str]:
    """The first letters of the words, which "pregnant" and "pregnancy" share."""
    words = re.findall(r"[a-z]{3,}", text.lower())
    return {word[:5] for word in words if word not in SMALL}


@pytest.mark.parametrize("label", LABELS)
def test_a_concept_has_one_label_on_every_page(label: str) -> None:
    shown_by, others = LABELS[label]
    for name in shown_by.split():
        assert label in _labels((templates_folder() / f"{name}.html").read_text("utf-8")), name
    for path in templates_folder().rglob("*.html"):
        found = _labels(path.read_text("utf-8")) & set(others.split("|"))
        assert not found, path


def test_the_files_name_their_columns_as_the_pages_do() -> None:
    known = {"Reference", "Patient", "Birth year", "Referring clinic", "Priority"}
    known |= {"Hospital number", "Date received"}
    assert set(FIELD_WORDS.values()) == known
    shown = {"Waiting for", "Due", "Computed outcome", "Decision", "Last updated"}
    assert known | shown <= set(HEADING)


def test_a_nurse_is_asked_in_the_words_of_the_name() -> None:
    for item in shipped.ruleset().items.values():
        missing = _stems(item.name) - _stems(item.ask.to(Audience.NURSE))
        assert missing <= _stems(" ".join(ABOUT)), item.link_id


def test_a_criterion_names_its_questions_or_their_choices_as_they_are_named() -> None:
    rules = shipped.ruleset()
    for criterion in rules.criteria:
        items = [rules.items[each] for each in items_in(criterion.condition)]
        choices = chain.from_iterable(item.choices.values() for item in items)
        names = [item.name for item in items] + [each.to(Audience.NURSE) for each in choices]
        said = criterion.say.to(Audience.NURSE)
        assert _stems(" ".join(names)) & _stems(said), criterion.id
