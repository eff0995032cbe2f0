"""Several questions answered with one "none of these", each recorded by itself as given so.

Never answered in this way are emergency signs, and those other warning signs that only a report, a
record or a clinician can rule out: a "no" there has to be read or judged sign by sign. Nor are
questions to which "no" is the graver answer, and those about what another answer says is there.
What was not on the page stays unknown.
"""

from collections.abc import Iterator

from werkzeug.datastructures import MultiDict

from screening.core.results.assess import is_called_for
from screening.core.rules.item import Finder, Item, ItemType
from screening.core.rules.ruleset import Ruleset, Tier
from screening.core.values.answer import Answer
from screening.web.forms.fields import PREFIX
from screening.web.questionnaire.nurse import Intake
from screening.web.shell.context import page_context

SECTION, LISTED, GIVEN = "none", "none-listed", "none-given"
"""Inputs: a section that is ticked, the questions that its tick box listed, and the questions that
a script has answered so already."""
FEWEST = 2
"""The questions of a section for which there is a tick box."""


def may_be_answered_together(item: Item, ruleset: Ruleset) -> bool:
    """True if a "none of these" may answer a question."""
    emergency, urgent = ruleset.items_of(Tier.EMERGENCY), ruleset.items_of(Tier.URGENT)
    return (
        item.type is ItemType.YES_NO
        and item.worse == "yes"
        and item.ask_if is None
        and item.link_id not in emergency
        and (item.link_id not in urgent or item.usual_finder is Finder.PATIENT)
    )


def groups_of(ruleset: Ruleset) -> dict[str, list[Item]]:
    """The questions that may be answered together, by the sections that have enough of them."""
    items = [item for item in ruleset.items.values() if may_be_answered_together(item, ruleset)]
    found = {
        each.id: [item for item in items if item.section == each.id] for each in ruleset.sections
    }
    return {section: group for section, group in found.items() if len(group) >= FEWEST}


def answer_together(
    posted: MultiDict[str, str],
) -> tuple[MultiDict[str, str], frozenset[str], frozenset[str]]:
    """A posted answer form with each "no" that a ticked "none of these" gives.

    Returns:
        The form, the questions that a tick box answers, and those that a script answered so before.
    """
    blank = tuple(_ticked(posted))
    filled = posted.copy()
    for link_id in blank:
        filled.setlist(PREFIX + link_id, ["no"])
    return filled, frozenset(blank), frozenset(_given(posted))


def _ticked(posted: MultiDict[str, str]) -> Iterator[str]:
    """The questions that a ticked box answers: listed by it, on the page, called for and blank."""
    sections = frozenset(posted.getlist(SECTION))
    if not sections:
        return
    intake, on_page = Intake.read(posted), _words(posted, "only")
    as_of = intake.day.day or page_context().today()
    answers: dict[str, Answer] = intake.form.answers
    for item in _named(posted, LISTED):
        if (
            item.section in sections
            and item.link_id in on_page
            and not any(intake.form.field(item.link_id).posted.values())
            and is_called_for(item, answers, as_of)
        ):
            yield item.link_id


def _given(posted: MultiDict[str, str]) -> Iterator[str]:
    """The questions that a script says it answered so, and whose answer still is "no"."""
    for item in _named(posted, GIVEN):
        if posted.getlist(PREFIX + item.link_id) == ["no"]:
            yield item.link_id


def _named(posted: MultiDict[str, str], name: str) -> Iterator[Item]:
    """The questions that an input names, as far as they may be answered together."""
    named, ruleset = _words(posted, name), page_context().ruleset
    for link_id, item in ruleset.items.items():
        if link_id in named and may_be_answered_together(item, ruleset):
            yield item


def _words(posted: MultiDict[str, str], name: str) -> frozenset[str]:
    return frozenset(word for text in posted.getlist(name) for word in text.split())
