"""Emergency signs that are asked about again on a later day, with the same answer.

A sign can appear overnight, so nobody is referred on an answer that is more than a week old. If a
nurse asks again and gets the same answer, a box or a key records it as given that day.
"""

import datetime as dt

from werkzeug.datastructures import MultiDict

from screening.core.rules.ruleset import Tier
from screening.records.case.history import AnswerEntry
from screening.translation import gettext
from screening.web.shell.clock import local_day
from screening.web.shell.context import page_context
from screening.web.shell.dates import short_day

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
    day, today = local_day(given.at), page_context().today()
    if link_id not in page_context().ruleset.items_of(Tier.EMERGENCY) or day == today:
        return ""
    if day == today - dt.timedelta(days=1):
        return gettext("Asked again, same as yesterday")
    return gettext("Asked again, same as on {day}", day=short_day(day, today))
