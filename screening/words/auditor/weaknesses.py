"""Weaknesses of rules in words, for their author."""

from screening.proof.checks.weakness import Fault, Weakness
from screening.translation import gettext, mark

FAULT_WORDS = {
    Fault.FAVOURABLE_WHILE_UNMET: mark(
        "a favourable outcome is reached while `{subject}` is false or unknown"
    ),
    Fault.FAVOURABLE_WHILE_TRUE: mark(
        "a favourable outcome is reached while `{subject}` is true or unknown"
    ),
    Fault.FAVOURABLE_OVER_CONTRADICTION: mark(
        "a favourable outcome is reached over a contradiction of `{subject}`"
    ),
    Fault.HIDDEN: mark("another outcome is reached although `{subject}` is true"),
    Fault.WORSE_IS_BETTER: mark("the worse answer to `{subject}` leads to a better outcome"),
    Fault.TRUTH_REVERSED: mark("a further answer can reverse `{subject}`"),
    Fault.OUTCOME_REVERSED: mark("a further answer can reverse a settled outcome"),
    Fault.OPEN_THOUGH_SETTLED: mark(
        "`{subject}` stays unknown although all ways to complete the answers agree"
    ),
    Fault.NO_LAST_OUTCOME: mark("the last outcome, and only the last, must be for everybody else"),
    Fault.UNREACHED: mark("no answers lead to `{subject}`"),
    Fault.NEVER_TRUE: mark("`{subject}` can never be true"),
    Fault.NEVER_FALSE: mark("`{subject}` can never be false"),
    Fault.NEVER_OPEN: mark("`{subject}` can never be unknown"),
    Fault.ITEM_IDLE: mark("no answer to `{subject}` changes any criterion"),
    Fault.NOT_IMPLIED: mark("`{other}` does not follow from `{subject}`"),
    Fault.SAME_TRUTH: mark("`{subject}` always has the truth of `{other}`"),
    Fault.IMPLIED_UNSAID: mark(
        "whenever `{subject}` is true, so is `{other}`: say `implies: [{other}]`"
    ),
    Fault.PART_ALWAYS_TRUE: mark("a part of `{subject}` could as well be always true"),
    Fault.PART_ALWAYS_FALSE: mark("a part of `{subject}` could as well be always false"),
    Fault.THRESHOLD_IDLE: mark("a threshold of `{subject}` makes no difference to any criterion"),
    Fault.SPAN_MISJUDGED: mark("`{subject}`: a span of days is not judged as all of its days are"),
    Fault.WINDOW_MISJUDGED: mark("`{subject}`: a length of time does not end on its closing day"),
}


def words_of_weakness(weakness: Weakness) -> str:
    """A weakness in words, with the ids of its subjects."""
    words = FAULT_WORDS[weakness.fault]
    return gettext(words, subject=weakness.subject, other=weakness.other)
