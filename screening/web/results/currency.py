"""What supersedes a kept result: a newer one, changed facts, its age, or other rules."""

from enum import Enum

from screening.core.decision import Grounds, outdated
from screening.records.casework.answers import history
from screening.records.casework.case_rows import Case
from screening.records.casework.newest import born_otherwise
from screening.records.results.assessments import Stored
from screening.web.accounts.authorization import actor
from screening.web.rules.recorded import Recalled
from screening.web.shell.context import desk, records
from screening.words.nurse.decision import words_of_refusal


class Overtaken(Enum):
    """What was done with a case since a result of it was recorded."""

    AGAIN = "assessed again"
    ANSWERS = "answers changed"
    BIRTH_YEAR = "birth year changed"

    @property
    def before(self) -> str:
        """The same, after "before"."""
        return _BEFORE[self]


_BEFORE = {
    Overtaken.AGAIN: "the case was assessed again",
    Overtaken.ANSWERS: "answers changed",
    Overtaken.BIRTH_YEAR: "the birth year changed",
}


def find_overtaken(case: Case, stored: Stored, newest: int) -> Overtaken | None:
    """What overtook a result, where ``newest`` is the number of the case's last one.

    Versions are compared, not answers: a person who changes an answer and changes it back has
    looked at it again, and an answer to a question that the rules no longer have is no change.
    Birth years have no versions, so the years themselves are compared.
    """
    if stored.number != newest:
        return Overtaken.AGAIN
    changes = history(records(), actor(), case.id)
    if any(change.version > stored.case_version for change in changes):
        return Overtaken.ANSWERS
    reborn = born_otherwise(stored.content, case.referral.birth_year)
    return Overtaken.BIRTH_YEAR if reborn else None


def grounds_of(recalled: Recalled, case: Case) -> Grounds:
    """A result as a decision on it sees it."""
    return Grounds.of(
        recalled.assessment,
        day=desk().today(),
        in_use=recalled.stored.ruleset_digest == desk().ruleset.digest,
        same=recalled.same_when_replayed,
        untold=case.untold,
    )


def words_of_age(recalled: Recalled, case: Case) -> str:
    """Why a result refers nobody; empty if it can."""
    grounds = grounds_of(recalled, case)
    found = outdated(grounds)
    return words_of_refusal(found, grounds) if found else ""
