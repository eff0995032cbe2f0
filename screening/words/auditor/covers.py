"""The findings of generated examples, in plain sentences that an auditor understands."""

from collections import Counter
from collections.abc import Iterable

from screening.proof.examples.cover import Cover
from screening.proof.examples.edit_effects import EditEffect, Visibility
from screening.translation import gettext


def cover_lines(cover: Cover) -> list[str]:
    """The points shown, how few examples could show them, and those proved to be seen nowhere."""
    return [*_on_obligations(cover), *_on_edits(cover)]


def _on_obligations(cover: Cover) -> Iterable[str]:
    tally = _tally(cover.obligations)
    at_outcome, at_flag = tally[Visibility.OUTCOME], tally[Visibility.FLAG]
    yield gettext(
        "{count} examples show each test of an answer deciding, once where it is met and once where"
        " it is not, and each boundary of a number or a date from both sides: {points} points"
        " (masking MC/DC with boundaries).",
        count=cover.needed,
        points=at_outcome + at_flag,
    )
    yield _bounded(cover.needed, len(cover.certificate))
    yield gettext(
        "{at_outcome} of the points are seen at the outcome, {at_flag} at a flag alone: it is"
        " proved that no complete answers show these at the outcome.",
        at_outcome=at_outcome,
        at_flag=at_flag,
    )
    if unseen := tally[Visibility.MISSING] + tally[Visibility.NOWHERE]:
        yield gettext(
            "Further points that are proved to be seen nowhere in complete answers: {points}.",
            points=unseen,
        )


def _on_edits(cover: Cover) -> Iterable[str]:
    tally = _tally(cover.edits)
    yield gettext(
        "All {count} examples together notice every single edit of the rules that complete answers"
        " can show: {at_outcome} at the outcome, {at_flag} at a flag alone.",
        count=len(cover.examples),
        at_outcome=tally[Visibility.OUTCOME],
        at_flag=tally[Visibility.FLAG],
    )
    yield _bounded(len(cover.examples), len(cover.whole_certificate))
    yield gettext(
        "{edits} edits were tried; {nowhere} are proved to change no outcome and not which criteria"
        " flag, on complete and on partial answers.",
        edits=len(cover.edits),
        nowhere=tally[Visibility.NOWHERE],
    )
    if missing := tally[Visibility.MISSING]:
        yield gettext(
            "Edits that are proved to be seen only while answers are missing: {edits}.",
            edits=missing,
        )


def _tally(listed: Iterable[EditEffect]) -> Counter[Visibility]:
    return Counter(each.visibility for each in listed)


def _bounded(size: int, bound: int) -> str:
    if size == bound:
        return gettext("It is proved that no fewer examples would do.")
    return gettext(
        "It is proved that fewer than {bound} would not do; whether {bound} would is not known.",
        bound=bound,
    )
