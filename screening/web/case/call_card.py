"""A call in words: the questions to one finder in one case, a message, and the last call."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from screening.core.rules.item import Finder
from screening.core.rules.ruleset import Tier
from screening.records.case.case_rows import Case
from screening.records.case.unreadable import UNREADABLE_CALL
from screening.records.casework.calls import Call, CallOutcome, LastCall, UnreadableCall
from screening.records.casework.chases import default_due
from screening.translation import Phrases, gettext, mark
from screening.web.case.due_days import within_window
from screening.web.case.links import case_address, question_address
from screening.web.shell.clock import today_at
from screening.web.shell.context import page_context
from screening.web.shell.dates import words_of_moment
from screening.web.shell.emergency_number import emergency_number
from screening.words.nurse.call_messages import words_of_message
from screening.words.shared.labels import WHO_WORDS

GONE_QUESTION = mark("a question that is no longer asked")
OUTCOME_WORDS = Phrases({CallOutcome.ASKED: "Asked", CallOutcome.NO_REPLY: "No reply"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """One question of a call."""

    name: str
    address: str
    sign: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCard:
    """A call in words. ``id`` is unlike that of any other call on the page."""

    id: str
    case: Case
    finder: Finder
    who: str
    questions: tuple[AskedQuestion, ...]
    message: str
    next_day: str
    last: str
    note: str
    unanswered: bool

    @classmethod
    def of(
        cls, case: Case, finder: Finder, links: Sequence[str], last: LastCall | None
    ) -> "CallCard":
        """The call about some questions; ``last`` is the last one that was recorded."""
        rules = page_context().ruleset
        signs = rules.items_of(Tier.EMERGENCY)
        first = sorted(links, key=lambda link: link not in signs)
        referral, today = case.referral, today_at(case.site_id)
        items = [item for link, item in rules.items.items() if link in links]
        return cls(
            id=f"{case.id}-{finder.value}",
            case=case,
            finder=finder,
            who=WHO_WORDS[finder],
            questions=tuple(_question(case, link) for link in first),
            message=words_of_message(
                finder,
                referral.reference,
                referral.birth_year,
                items,
                signs,
                emergency_number=emergency_number(),
            ),
            next_day=within_window(case, default_due(referral.priority, today), today).isoformat(),
            last=words_of_call(last, today) if last else "",
            note=last.note if isinstance(last, Call) else "",
            unanswered=last is not None and _may_be_unanswered(last),
        )

    @property
    def asks_sign(self) -> bool:
        """True if it is about an emergency sign."""
        return any(each.sign for each in self.questions)

    @property
    def can_wait(self) -> bool:
        """True if something is asked that can be put off to another day."""
        return not all(each.sign for each in self.questions)


def words_of_call(call: LastCall, today: dt.date) -> str:
    """The outcome of a call, its time, and who made it; a warning if it cannot be read."""
    if isinstance(call, UnreadableCall):
        return gettext(UNREADABLE_CALL)
    return gettext(
        "{outcome} {when} by {name}",
        outcome=OUTCOME_WORDS[call.outcome],
        when=words_of_moment(call.at, today),
        name=call.by,
    )


def _may_be_unanswered(call: LastCall) -> bool:
    """True also if nobody can read what came of the call."""
    return isinstance(call, UnreadableCall) or call.outcome is CallOutcome.NO_REPLY


def _question(case: Case, link_id: str) -> AskedQuestion:
    item = page_context().ruleset.items.get(link_id)
    return AskedQuestion(
        name=item.name if item else gettext(GONE_QUESTION),
        address=question_address(case.id, item) if item else case_address(case.id),
        sign=link_id in page_context().ruleset.items_of(Tier.EMERGENCY),
    )
