"""A suite of cases, generated from a ruleset."""

import datetime as dt

from screening.core.model import compiled
from screening.core.ruleset import Ruleset
from screening.formats.examples.example_writer import write_cases
from screening.proof.cover import Cover, cover
from screening.words.auditor.covers import cover_lines


def generate_cases(ruleset: Ruleset, as_of: dt.date | None = None) -> tuple[str, Cover]:
    """A cases file as text, and what its cases cover; the same every time.

    Beside the cases of ``proof.cover`` it holds one with no answers at all, in which every
    criterion is open, if the ruleset has an outcome for that.

    Args:
        ruleset: one with outcomes.
        as_of: the screening date of the cases; by default the day on which the rules take effect.

    Raises:
        BudgetError: if the rules are too entangled.
    """
    day = as_of or ruleset.parts[0].effective_from
    found = cover(compiled(ruleset), day)
    cases = [*found.cases, {}] if ruleset.open_outcome else found.cases
    return write_cases(ruleset, day, found.base, cases, cover_lines(found)), found
