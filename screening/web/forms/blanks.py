"""Blanks in a rendered component, which are filled with what a person answered.

A question is rendered once with every box ticked and ``TEXT_BLANK`` in every text input. These
places are its blanks. So what is remembered of a question comes from the rules alone, and a
person's answer is only ever in that person's page.
"""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

TEXT_BLANK = "\ue000"
"""The value of a text input that is yet to be filled; a private character, which nobody types."""

# Both rest on a raw quotation mark beside them, and the macros escape those of every text.
_BLANK = re.compile(rf'(?<=[^=]") checked(?=[ >])|(?<=="){TEXT_BLANK}(?=")')
_TICK, _NO_TICK = Markup(" checked"), Markup("")


def fill_blanks(html: Markup, answers: Iterable[bool | str]) -> Markup:
    """Fill the blanks of a component, in the order of the page.

    Args:
        html: the component with its blanks, whose rendering rests on no person's answers.
        answers: whether each box is ticked, or what each text input holds.

    Raises:
        ValueError: if there are more or fewer answers than blanks.
    """
    first, *rest = map(Markup, _BLANK.split(html))
    filled = (part for pair in zip(map(_print, answers), rest, strict=True) for part in pair)
    return Markup("").join((first, *filled))


def _print(answer: bool | str) -> Markup:  # noqa: FBT001 - an answer, not a switch
    if isinstance(answer, str):
        return escape(answer)
    return _TICK if answer else _NO_TICK
