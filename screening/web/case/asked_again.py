"""Emergency signs that are asked about again on a later day, with the same answer.

A sign can appear in a night, so its answer grows old: after a week it refers nobody. An answer that
is still right need not be taken back and given again. It is recorded as given that day.
"""

from werkzeug.datastructures import MultiDict

from screening.core.rules.ruleset import Tier
from screening.records.case.history import AnswerEntry
from screening.translation import gettext
from screening.web.shell.clock import local_day
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_moment

AGAIN = "again-"
"""Begins the name of the tick box of a question."""


def links_asked_again(posted: MultiDict[str, str]) -> frozenset[str]:
    """The emergency signs whose boxes were ticked on a form."""
    signs = page_context().ruleset.items_of(Tier.EMERGENCY)
    return frozenset(link_id for link_id in signs if posted.get(AGAIN + link_id))


def words_to_ask_again(link_id: str, given: AnswerEntry) -> str:
    """The words of the box of a question; empty without one.

    Args:
        link_id: the question.
        given: its stored answer.
    """
    today, signs = page_context().today(), page_context().ruleset.items_of(Tier.EMERGENCY)
    if link_id not in signs or local_day(given.at) >= today:
        return ""
    return gettext("Asked again, same as {when}", when=words_of_moment(given.at, today))
