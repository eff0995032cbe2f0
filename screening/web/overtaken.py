"""What has overtaken a kept result: a newer one, other answers, its age, or other rules."""

from enum import Enum

from screening.core.explain import words_of_day
from screening.records.answers import history
from screening.records.assessments import Stored
from screening.records.reviews import LASTS
from screening.web.desk import desk, records
from screening.web.gate import actor
from screening.web.stored import Recalled

OTHER_RULES = (
    "this result was computed by other rules than those in use now. Assess the case again for today"
)
OTHER_RESULT = (
    "judged again by the same rules, the stored answers give something else than this result."
    " Assess the case again for today"
)
OTHER_DAY = "this result is for {}, more than {} days ago. Assess the case again for today"


class Overtaken(Enum):
    """What was done with a case since a result of it was recorded."""

    AGAIN = "assessed again"
    ANSWERS = "answers changed"

    @property
    def before(self) -> str:
        """The same, after "before"."""
        return "the case was assessed again" if self is Overtaken.AGAIN else self.value


def find_overtaken(case_id: str, stored: Stored, newest: int) -> Overtaken | None:
    """What overtook a result, where ``newest`` is the number of the case's last one.

    Versions are compared, not answers: who changes an answer to and fro has looked at it anew, and
    an answer to a question that the rules no longer have is no change.
    """
    if stored.number != newest:
        return Overtaken.AGAIN
    changes = history(records(), actor(), case_id)
    later = any(change.version > stored.case_version for change in changes)
    return Overtaken.ANSWERS if later else None


def words_of_age(recalled: Recalled) -> str:
    """Why nobody is referred upon a result, as it is too old; empty if it is not."""
    stored = recalled.stored
    if not recalled.same_when_replayed:
        return OTHER_RESULT
    if stored.ruleset_digest != desk().ruleset.digest:
        return OTHER_RULES
    if desk().today() - stored.as_of > LASTS:
        return OTHER_DAY.format(words_of_day(stored.as_of), LASTS.days)
    return ""
