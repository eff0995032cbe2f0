"""The stored answers of a case, as far as the rules in use have their questions."""

from collections.abc import Mapping

from screening.core.values.answer import Answer
from screening.records.case.case_view import CaseView
from screening.records.case.history import AnswerEntry
from screening.web.shell.context import page_context


def current_answers(view: CaseView) -> dict[str, AnswerEntry]:
    """The current answers with their givers, by link id, in the order of the questionnaire."""
    given = view.history.current()
    return {link_id: given[link_id] for link_id in page_context().ruleset.items if link_id in given}


def plain_answers(given: Mapping[str, AnswerEntry]) -> dict[str, Answer]:
    """The answers alone."""
    return {link_id: each.answer for link_id, each in given.items()}
