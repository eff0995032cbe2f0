"""The stored answers of a case, as far as the rules at the desk have their questions."""

from collections.abc import Mapping

from screening.core.answer import Answer
from screening.records.casework.answers import Given, current_answers
from screening.web.accounts.authorization import actor
from screening.web.shell.context import desk, records


def given_now(case_id: str) -> dict[str, Given]:
    """The current answers with who gave them, in the order of the questionnaire."""
    given = current_answers(records(), actor(), case_id)
    return {link_id: given[link_id] for link_id in desk().ruleset.items if link_id in given}


def plain(given: Mapping[str, Given]) -> dict[str, Answer]:
    """The answers alone."""
    return {link_id: each.answer for link_id, each in given.items()}
