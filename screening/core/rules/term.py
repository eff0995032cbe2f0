"""Words of the field that a patient may not know, with what they mean."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word explained in a few plain ones.

    ``forms`` are the ways in which texts write it, such as one and several; the first is its name.
    """

    id: str
    forms: tuple[str, ...]
    say: str


def terms_in(terms: Mapping[str, Term], texts: Iterable[str]) -> tuple[Term, ...]:
    """The terms that texts contain, in the order of first mention.

    Capitals do not count, and a form is a whole word or several: where one form is a part of
    another, the longer one is found.
    """
    owners = {form.casefold(): term for term in terms.values() for form in term.forms}
    if not owners:
        return ()
    longest_first = sorted(owners, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    found = (owners[form] for text in texts for form in pattern.findall(text.casefold()))
    return tuple(dict.fromkeys(found))
