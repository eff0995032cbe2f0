"""The things that matter most to a person: up to three, picked or in own words; never stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from screening.core.rules.ruleset import Matter
from screening.translation import gettext, mark
from screening.words.patient.matters import MATTER_WORDS

PICKED, OWN = "matters", "own"
MOST = 3
LONGEST = 100
_LONGEST_KEPT = 1000
"""Of a text that is too long, so much is given back to be shortened."""
_LONGEST_CARRIED = LONGEST + 10
"""Other pages carry less, so that they stay in their block; it is too long still, and asked for."""
TOO_MANY = mark("Choose up to three in all, with those in your own words")
TOO_LONG = mark("Shorten this to {most} letters or fewer")

Posted = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Matters:
    """The picked lines, and what was written in the fields for own words."""

    picked: tuple[Matter, ...] = ()
    own: tuple[str, ...] = ()

    @classmethod
    def of(cls, posted: Posted) -> "Matters":
        """Read a posted form; lines that are not on the page say nothing."""
        codes = set(posted.getlist(PICKED))
        own = (_plain(text) for text in posted.getlist(OWN))
        return cls(
            picked=tuple(each for each in Matter if each.value in codes),
            own=tuple(text for text in own if text)[:MOST],
        )

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """Each mistake, with the id of its field."""
        found = [
            (f"own-{number}", gettext(TOO_LONG, most=LONGEST))
            for number, text in enumerate(self.own, start=1)
            if len(text) > LONGEST
        ]
        too_many = len(self.picked) + len(self.own) > MOST
        return [*([("matters", gettext(TOO_MANY))] if too_many else []), *found]

    @property
    def lines(self) -> list[str]:
        """The things that matter, as they are on the sheet: never more than fit there."""
        words = [MATTER_WORDS[each] for each in self.picked]
        return [*words, *(text[:LONGEST] for text in self.own)][:MOST]

    @property
    def own_fields(self) -> Sequence[str]:
        """The three fields for own words, with what is in them."""
        return [*self.own, *[""] * MOST][:MOST]

    def carried(self) -> Iterator[tuple[str, str]]:
        """Names and values for hidden inputs."""
        yield from ((PICKED, each.value) for each in self.picked)
        yield from ((OWN, text[:_LONGEST_CARRIED]) for text in self.own)


def _plain(text: str) -> str:
    """A text in one line, without letters that show nothing or turn others round."""
    shown = "".join(each if each.isprintable() else " " for each in text[:_LONGEST_KEPT])
    return " ".join(shown.split())
