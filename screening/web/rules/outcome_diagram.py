"""The picture of how an outcome is reached: shapes and words with their places, drawn by Jinja.

A spine of steps runs down; each has a way out to its outcome. Words are broken here, because SVG
does not. All lengths are in units of the picture, which is as wide as a small phone's page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from screening.core.rules.ruleset import Outcome, Ruleset, Trigger
from screening.core.values.truth import Truth
from screening.translation import gettext, mark
from screening.words.shared.labels import TIER_WORDS

# How many letters surely fit on a line, bold and small, even in a wide typeface.
QUESTION_LETTERS = (13, 19)
OUTCOME_LETTERS = (15, 21)
OPEN_LETTERS = (34, 42)
LINE = 18
PAD = 13
GAP = 28
START = 34


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one line, by the height of their baseline."""

    words: str
    y: int
    small: bool = False


@dataclass(frozen=True, slots=True)
class DiagramStep:
    """A step with the outcome that it leads to; ``look`` is the outcome's manner in the design."""

    outcome: Outcome
    look: str
    favourable: bool
    top: int
    height: int
    asks: tuple[Line, ...]
    leads: tuple[Line, ...]

    @property
    def middle(self) -> int:
        """The height of the way out."""
        return self.top + self.height // 2

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class OutcomeDiagram:
    """The whole picture. ``still_open`` are the words of the side branch, if it is declared."""

    steps: tuple[DiagramStep, ...]
    still_open: tuple[Line, ...]
    open_top: int
    height: int


def count_of(ruleset: Ruleset, outcome: Outcome) -> int:
    """The number of criteria that can lead to an outcome."""
    return sum(criterion.tier is outcome.looks_at for criterion in ruleset.criteria)


def question_of(ruleset: Ruleset, outcome: Outcome) -> str:
    """The question at an outcome's step."""
    if outcome.trigger is Trigger.OTHERWISE:
        return gettext("None of the above")
    tier = outcome.looks_at
    unmet = tier and tier.raises_flag_when is Truth.FALSE
    asked, unmet_asked = mark("Is any of the {count} met?"), mark("Is any of the {count} not met?")
    return gettext(unmet_asked if unmet else asked, count=count_of(ruleset, outcome))


def draw_outcomes(ruleset: Ruleset) -> OutcomeDiagram:
    """Lay out the picture of a ruleset's outcomes."""
    steps = tuple(_steps(ruleset))
    end = steps[-1].bottom
    words: list[Line] = []
    if ruleset.open_outcome:
        note = gettext("While missing answers leave more than one of these outcomes possible")
        words = _lines([(ruleset.open_outcome.name, False), (note, True)], OPEN_LETTERS)
    height = len(words) * LINE + 2 * PAD
    words = [Line(each.words, each.y + end + GAP + PAD, each.small) for each in words]
    bottom = end + GAP + height if words else end
    return OutcomeDiagram(steps, tuple(words), end + GAP, bottom + 4)


def _steps(ruleset: Ruleset) -> Iterator[DiagramStep]:
    top = START + GAP
    for outcome in ruleset.outcomes:
        favourable = outcome.id in ruleset.favourable
        asks = _lines(
            [(_heading(outcome), False), (question_of(ruleset, outcome), True)], QUESTION_LETTERS
        )
        note = [(gettext("favourable"), True)] if favourable else []
        leads = _lines([(outcome.name, False), *note], OUTCOME_LETTERS)
        height = max(len(asks), len(leads)) * LINE + 2 * PAD
        yield DiagramStep(
            outcome=outcome,
            look=(tier.value if (tier := outcome.looks_at) else "otherwise"),
            favourable=favourable,
            top=top,
            height=height,
            asks=_centred(asks, top, height),
            leads=_centred(leads, top, height),
        )
        top += height + GAP


def _heading(outcome: Outcome) -> str:
    tier = outcome.looks_at
    return TIER_WORDS[tier].capitalize() if tier else gettext("Otherwise")


def _lines(paragraphs: list[tuple[str, bool]], letters: tuple[int, int]) -> list[Line]:
    """Paragraphs broken into lines, by the letters that fit, bold and small."""
    broken = [(words, small) for text, small in paragraphs for words in wrap(text, letters[small])]
    return [Line(words, place * LINE + 13, small) for place, (words, small) in enumerate(broken)]


def _centred(lines: list[Line], top: int, height: int) -> tuple[Line, ...]:
    start = top + (height - len(lines) * LINE) // 2
    return tuple(Line(each.words, each.y + start, each.small) for each in lines)
