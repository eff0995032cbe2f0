"""What generated cases show, in plain sentences that an auditor understands."""

from collections import Counter
from collections.abc import Iterable

from screening.proof.cover import Cover
from screening.proof.sight import Seen, Sight


def cover_lines(cover: Cover) -> list[str]:
    """What is shown, how few cases could show it, and what is proved to be seen nowhere."""
    return [*_on_obligations(cover), *_on_edits(cover)]


def _on_obligations(cover: Cover) -> Iterable[str]:
    tally = _tally(cover.obligations)
    at_outcome, at_flag = tally[Sight.OUTCOME], tally[Sight.FLAG]
    yield (
        f"{cover.needed} cases show each test of an answer deciding, once where it holds and once"
        " where it does not, and each boundary of a number or a date from both sides:"
        f" {at_outcome + at_flag} points (masking MC/DC with boundaries)."
    )
    yield _bounded(cover.needed, len(cover.certificate))
    yield (
        f"{at_outcome} of the points are seen at the outcome, {at_flag} at a flag alone: it is"
        " proved that no complete answers show these at the outcome."
    )
    if unseen := tally[Sight.MISSING] + tally[Sight.NOWHERE]:
        yield f"Further points that are proved to be seen nowhere in complete answers: {unseen}."


def _on_edits(cover: Cover) -> Iterable[str]:
    tally = _tally(cover.edits)
    yield (
        f"All {len(cover.cases)} cases together notice every single edit of the rules that complete"
        f" answers can show: {tally[Sight.OUTCOME]} at the outcome, {tally[Sight.FLAG]} at a flag"
        " alone."
    )
    yield _bounded(len(cover.cases), len(cover.whole_certificate))
    yield (
        f"{len(cover.edits)} edits were tried; {tally[Sight.NOWHERE]} are proved to change no"
        " outcome and not which criteria flag, on complete and on partial answers."
    )
    if missing := tally[Sight.MISSING]:
        yield f"Edits that are proved to be seen only while answers are missing: {missing}."


def _tally(listed: Iterable[Seen]) -> Counter[Sight]:
    return Counter(each.sight for each in listed)


def _bounded(size: int, bound: int) -> str:
    if size == bound:
        return "It is proved that no fewer cases would do."
    return f"It is proved that fewer than {bound} would not do; whether {bound} would is not known."
